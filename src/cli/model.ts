import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Predictor } from '../net/engine.ts'
import type { PackagedModel } from '../package/open.ts'
import { EXIT, UsageError, type Context } from './context.ts'
import { printFailures } from './print.ts'
import { writeAsked } from './write-file.ts'

export function addModel(program: Command, context: Context): void {
  const model = program
    .command('model')
    .summary('what a packaged model is, whether it is whole, and its weights to and from PyTorch')
    .addHelpText(
      'after',
      `
Examples:
  pipe model info my_model
  pipe model verify my_model
  pipe model export my_model -o weights.safetensors
  pipe model import weights.safetensors --settings my_model/my_model.json -o new_model`,
    )
  model
    .command('info')
    .argument('<folder>', 'the packaged model')
    .summary('its inputs, classes, training data, metrics and licence')
    .action(async (folder: string) => context.out(infoOf(await open(folder, context))))
  model
    .command('verify')
    .argument('<folder>', 'the packaged model')
    .summary('compares its files with their digests, and its answer to a made input with the stored one')
    .action(async (folder: string) => {
      process.exitCode = await verify(await open(folder, context), context)
    })
  model
    .command('export')
    .argument('<folder>', 'the packaged model')
    .summary("its weights as a PyTorch state_dict of ivadomed's Unet, in a safetensors file")
    .option('-o, --output <file>', 'the file (default: NAME.safetensors)')
    .action(async (folder: string, flags: { readonly output?: string }) => {
      await exportTo(await open(folder, context), flags.output, context)
    })
  model
    .command('import')
    .argument('<weights>', "a safetensors file: the state_dict of ivadomed's Unet")
    .summary('a packaged model of such weights and of settings')
    .requiredOption('--settings <json>', "the model's JSON: ivadomed's configuration, or that of a package")
    .requiredOption('-o, --output <folder>', 'the new packaged model')
    .action(async (weights: string, flags: { readonly settings: string; readonly output: string }) => {
      await importFrom(weights, flags, context)
    })
}

const open = async (folder: string, context: Context): Promise<PackagedModel> =>
  (await import('../package/open.ts')).openPackage(resolve(context.cwd, folder))

async function exportTo(model: PackagedModel, output: string | undefined, context: Context): Promise<void> {
  const { exportWeights } = await import('../package/weights.ts')
  const file = output ?? `${model.name}.safetensors`
  await writeAsked(file, await exportWeights(model), context)
  context.out(`${file}\n`)
}

async function importFrom(weights: string, { settings, output }: { settings: string; output: string }, context: Context): Promise<void> {
  const { importWeights } = await import('../package/weights.ts')
  const [file, json, folder] = [weights, settings, output].map(path => resolve(context.cwd, path)) as [string, string, string]
  await importWeights({ weights: file, json, folder }, onnx => predictorOnCpu(onnx, context))
  context.out(`${output}\n`)
}

async function predictorOnCpu(onnx: string, context: Context): Promise<Predictor> {
  const [{ chooseCompute, thisMachine }, { loadEngine }] = await Promise.all([import('./compute.ts'), import('../net/engines.ts')])
  const chosen = chooseCompute({ device: 'cpu' }, thisMachine(context.env))
  if (!chosen.ok) throw new UsageError(chosen.failures)
  const { engine, device } = chosen.value.compute
  return (await loadEngine(engine)).predictor(onnx, { threads: 1, device })
}

async function verify(model: PackagedModel, context: Context): Promise<number> {
  const { verifyPackage } = await import('../package/verify.ts')
  const predictor = await predictorOnCpu(model.onnx, context)
  const { problems, notes } = await verifyPackage(model, predictor)
  await predictor.close()
  for (const note of notes) context.out(`${note}\n`)
  if (problems.length > 0) {
    context.err(printFailures([{ kind: 'package-damaged', path: model.folder, problems }]))
    return EXIT.failed
  }
  context.out(`${model.name} is as it was made\n`)
  return EXIT.done
}

const gridWords = (what: string, grid: { readonly length: readonly number[]; readonly stride: readonly number[] } | undefined): string =>
  grid ? `, in ${what} of ${grid.length.join(' x ')}, one every ${grid.stride.join(' x ')}` : ''

/** One fact a line. */
function infoOf({ name, settings }: PackagedModel): string {
  const { axis, targets, contrasts, multichannel, chain, postprocessing, patch, volume, about } = settings
  const names = (entries: readonly { readonly name: string }[]) => entries.map(entry => entry.name).join(', ') || 'none'
  const rows: readonly (readonly [string, string])[] = [
    ['model', name],
    [
      'input',
      multichannel ? `${contrasts.length} channels: ${contrasts.join(', ')}` : `one channel: ${contrasts.join(' or ') || 'any contrast'}`,
    ],
    [volume ? 'volumes' : 'slices', `${axis}${gridWords('patches', patch)}${gridWords('sub-volumes', volume)}`],
    ['classes', targets.join(', ')],
    ['transforms', names(chain)],
    ['postprocessing', names(postprocessing)],
    ...(about ? aboutRows(about) : [['made by', 'ivadomed: its settings say no more'] as const]),
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}\n`).join('')
}

function aboutRows(about: NonNullable<PackagedModel['settings']['about']>): readonly (readonly [string, string])[] {
  const { data, metrics, training } = about
  const means = Object.entries(metrics?.means ?? {}).flatMap(([metric, mean]) => {
    if (mean === null) return []
    const interval = metrics?.intervals[metric]
    return [
      [metric, `${mean.toPrecision(4)}${interval ? ` (${interval.low.toPrecision(4)} to ${interval.high.toPrecision(4)})` : ''}`] as const,
    ]
  })
  return [
    ['licence', about.licence || 'not stated'],
    ['network', `${about.network.name}, ${about.parameters} parameters`],
    ['training', `${training.epochs} epochs, best at ${training.bestEpoch}; ${about.engine}`],
    [
      'data',
      `${data.subjects} subjects; ${data.split.train.length} images to train, ${data.split.validation.length} to validate, ${data.split.test.length} to test`,
    ],
    ['training files', `${Object.keys(about.trainingFiles).length}, each with its sha256 in the JSON`],
    ...Object.entries(about.provenance).map(([what, digest]) => [what, `sha256 ${digest}`] as const),
    ...(metrics ? means : [['metrics', 'not evaluated'] as const]),
  ]
}
