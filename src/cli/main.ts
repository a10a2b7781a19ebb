import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { addCache } from './cache.ts'
import { addCheck } from './check.ts'
import { addClean } from './clean.ts'
import { addCompare } from './compare.ts'
import { EXIT, UsageError, type Context } from './context.ts'
import { addDiff } from './diff.ts'
import { addGraph } from './graph.ts'
import { addImport } from './import.ts'
import { addModel } from './model.ts'
import { addNodes } from './nodes.ts'
import { addPlan } from './plan.ts'
import { addRun } from './run.ts'
import { addRuns } from './runs.ts'
import { addSchema } from './schema.ts'
import { addSegment } from './segment.ts'
import { addShowTransforms } from './show-transforms.ts'
import { addSweep } from './sweep.ts'
import { addVerify } from './verify.ts'
import { addWhy } from './why.ts'
import { addView } from './view.ts'

/** Given by the launcher of the packed command. */
declare const __build: string | undefined

const here = fileURLToPath(import.meta.url)

const context: Context = {
  registry: async () => (await import('../../nodes/index.ts')).nodes,
  main: here,
  version: packageVersion(),
  build: typeof __build === 'undefined' ? undefined : __build,
  env: process.env,
  cwd: process.cwd(),
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
}

/** The version in package.json, two folders above src/cli/ and dist/bundle/. */
function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(dirname(here), '../..', 'package.json'), 'utf8')) as { version: string }
  return version
}

function makeProgram(): Command {
  const program = new Command('pipe')
    .description('Reproducible medical-image segmentation pipelines: only what is stale runs.')
    .version(context.version)
    .exitOverride()
    .showHelpAfterError('(pipe --help shows the commands)')
    .addHelpText(
      'after',
      `
Examples:
  pipe run pipelines/quickstart.yaml                        make data, train, predict, evaluate
  pipe run pipelines/quickstart.yaml                        again: nothing to do
  pipe plan pipelines/quickstart.yaml --set masks.remove_small.thr=5
  pipe why pipelines/quickstart.yaml model                  what changed since the last time
  pipe why pipelines/quickstart.yaml --if masks.remove_small.thr=5
  pipe sweep pipelines/quickstart-sweep.yaml --dry-run      every value of a sweep: how much is to do
  pipe runs quickstart                                      what was run, and how it went
  pipe compare quickstart@2 quickstart                      the last run against the one before it
  pipe diff runs/quickstart/latest pipelines/quickstart.yaml
  pipe nodes train                                          the params of a stage`,
    )
  addRun(program, context)
  addSweep(program, context)
  addPlan(program, context)
  addWhy(program, context)
  addRuns(program, context)
  addCompare(program, context)
  addDiff(program, context)
  addGraph(program, context)
  addCheck(program, context)
  addImport(program, context)
  addNodes(program, context)
  addSchema(program, context)
  addShowTransforms(program, context)
  addSegment(program, context)
  addModel(program, context)
  addVerify(program, context)
  addCache(program, context)
  addView(program, context)
  addClean(program, context)
  program.command('exec', { hidden: true }).argument('<job>').action(execute)
  return program
}

/** The child process of a step. */
async function execute(jobFile: string): Promise<void> {
  const { serveJob } = await import('../exec/worker.ts')
  await serveJob(jobFile, async job => {
    if (job.nodeFile === undefined) {
      const node = (await context.registry())[job.nodeName]
      if (!node) throw new Error(`no node is called ${job.nodeName}`)
      return node
    }
    const { loadUserNode } = await import('../user-node.ts')
    const loaded = await loadUserNode(job.nodeFile)
    if (!loaded.ok) throw new Error(`${job.nodeFile} can no longer be loaded`)
    return loaded.value.node
  })
}

// `pipe plan ... | head`: whoever read our words has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.done)
})

// No await here: the packed command is a script, not a module.
makeProgram()
  .parseAsync()
  .catch(async (error: unknown) => {
    process.exitCode = await explain(error)
  })

async function explain(error: unknown): Promise<number> {
  // Commander has printed its sentence already; `--help` and `--version` are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  const { FailureError } = await import('../failure.ts')
  const failures = error instanceof UsageError ? error.failures : error instanceof FailureError ? [error.failure] : undefined
  if (failures) {
    const { printFailures } = await import('./print.ts')
    context.err(printFailures(failures))
    return EXIT.usage
  }
  const { failureOf } = await import('../exec/unit.ts')
  const { failure, trace } = failureOf(error, 'pipe')
  if (failure.kind === 'node-threw') context.err(`pipe stopped on an error of its own, which is a bug:\n${trace ?? failure.detail}\n`)
  else {
    const { printFailures } = await import('./print.ts')
    context.err(printFailures([failure]))
  }
  return EXIT.usage
}
