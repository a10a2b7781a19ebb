import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { nodes } from '../../nodes/index.ts'
import { openPipeline, UsageError, type Context } from '../../src/cli/context.ts'
import { addImport } from '../../src/cli/import.ts'
import { printFailures } from '../../src/cli/print.ts'
import { set, tutorial, type Config } from './importing.ts'

interface World {
  readonly dir: string
  readonly context: Context
  /** What was printed so far. */
  readonly said: { out: string; err: string }
  readonly write: (name: string, what: Config | string) => void
  /** Runs `pipe import` with these arguments; gives what is printed of its mistakes. */
  readonly run: (...args: string[]) => Promise<string>
}

/** A folder of its own, and the command as the composition root puts it together. */
function world(): World {
  const dir = mkdtempSync(join(tmpdir(), 'import-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const said = { out: '', err: '' }
  const context: Context = {
    registry: () => Promise.resolve(nodes),
    main: '',
    version: '0',
    env: {},
    cwd: dir,
    out: text => void (said.out += text),
    err: text => void (said.err += text),
  }
  const mistakesOf = (error: unknown): string => {
    if (!(error instanceof UsageError)) throw error
    return printFailures(error.failures, { color: false, cwd: dir }).replaceAll(`${dir}/`, '')
  }
  return {
    dir,
    context,
    said,
    write: (name, what) => writeFileSync(join(dir, name), typeof what === 'string' ? what : JSON.stringify(what, undefined, 2)),
    async run(...args) {
      const program = new Command().exitOverride()
      addImport(program, context)
      try {
        await program.parseAsync(['import', ...args], { from: 'user' })
        return ''
      } catch (error) {
        return mistakesOf(error)
      }
    },
  }
}

test('pipe import prints the pipeline, and its notes apart from it', async () => {
  const { run, write, said } = world()
  write('config.json', tutorial())
  expect(await run('config.json')).toBe('')
  expect(said.out).toContain('name: spineGeneric # path_output\n')
  expect(said.err.split('\n')[0]).toMatch(/^config\.json:\d+:\d+ {2}training_parameters\.scheduler\.lr_scheduler\.base_lr has no effect/)
  expect(said.err).not.toContain('warning')
})

test('-o writes the pipeline, and says so', async () => {
  const { run, write, said, dir } = world()
  write('config.json', tutorial())
  expect(await run('config.json', '-o', 'p.yaml')).toBe('')
  expect(said.out).toBe('p.yaml is written; look at it, then: pipe run p.yaml\n')
  expect(readFileSync(join(dir, 'p.yaml'), 'utf8')).toContain('node: bids-index')
})

test('a file that cannot be written is named', async () => {
  const { run, write } = world()
  write('config.json', tutorial())
  expect(await run('config.json', '-o', 'no/such/p.yaml')).toMatch(/^error {2}cannot write no\/such\/p\.yaml/)
})

test('with mistakes nothing is written; --allow-unknown goes on with warnings', async () => {
  const { run, write, said, dir } = world()
  write('config.json', set(tutorial(), 'training_parameters.training_time.early_stoping_patience', 3))
  const text = await run('config.json', '-o', 'p.yaml')
  expect(text).toMatch(/^config\.json:\d+:\d+ {2}training_parameters\.training_time has no "early_stoping_patience"\n/)
  expect(text).toContain('"early_stoping_patience": 3')
  expect(text).toContain('did you mean "early_stopping_patience"?')
  expect(existsSync(join(dir, 'p.yaml'))).toBe(false)
  expect(await run('config.json', '-o', 'p.yaml', '--allow-unknown')).toBe('')
  expect(said.err).toContain('warning: training_parameters.training_time has no "early_stoping_patience": it is left out\n')
  expect(existsSync(join(dir, 'p.yaml'))).toBe(true)
})

test('a missing file, a folder, YAML, another file and broken JSON have five messages', async () => {
  const { run, write, dir } = world()
  mkdirSync(join(dir, 'run'))
  write('c.yaml', 'a: 1')
  write('c.txt', '{}')
  write('c.json', '{\n  "command": "train",\n}')
  expect((await run('nowhere.json')).split('\n')[0]).toBe('error  the configuration does not exist: nowhere.json')
  expect((await run('run')).split('\n')[0]).toBe('error  a folder, and not a configuration: run')
  expect((await run('c.yaml')).split('\n')[0]).toBe('error  a YAML file, and not a configuration of ivadomed: c.yaml')
  expect((await run('c.txt')).split('\n')[0]).toBe('error  the name of a configuration ends in .json, and this does not: c.txt')
  expect((await run('c.json')).split('\n')[0]).toBe('c.json:3:1  a comma too many before "}"')
})

test('a configuration opens as a pipeline, and --set applies to it', async () => {
  const { context, write, said, dir } = world()
  write('config.json', tutorial())
  const options = { set: ['model.batch_size=4'], engine: 'onnx', device: 'cpu' }
  const { pipeline, cache } = await openPipeline('config.json', options, context)
  await cache.close()
  expect(pipeline.name).toBe('spineGeneric')
  expect(pipeline.steps.get('model')?.params).toMatchObject({ batch_size: 4 })
  expect(said.err).toContain('has no effect, as in ivadomed')
  expect(existsSync(join(dir, 'config.yaml'))).toBe(false)
})
