import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { fileOf, type Artifact } from '../src/artifact.ts'
import type { ImageRow } from '../src/bids/row.ts'
import { fail } from '../src/failure.ts'
import { defineNode, maybe, one, type Job, type Work } from '../src/node.ts'
import { checkHalvings } from '../src/net/halvings.ts'
import { models } from '../src/net/models/index.ts'
import { gridOf } from '../src/net/patch-params.ts'
import type { Net, Tensors as Weights } from '../src/net/net.ts'
import type { SampleRef } from '../src/net/samples.ts'
import { trainMeaning, trainParams, type TrainParams } from '../src/net/train-params.ts'
import type { TrainOptions, TrainResult } from '../src/net/training.ts'
import { index, model, split, tensors } from './artifacts.ts'

type Tensors = z.infer<typeof tensors.schema>
/** `index`: where samples are balanced by a column of it. `from`: a model to start from. `resume`: the part of this training before. */
const inputs = { tensors: one(tensors), split: one(split), index: maybe(index), from: maybe(model), resume: maybe(model) }
type TrainJob = Job<TrainParams, typeof inputs>
const files = {
  best: 'model.onnx',
  final: 'final.onnx',
  card: 'model.json',
  curves: 'curves.csv',
  checkpoint: 'training.checkpoint',
} as const

/** Half of the threads make batches beside the step, at least one: they mostly wait for it. */
const workersOf = (threads: number): number => Math.max(1, Math.min(8, threads >> 1))

export default defineNode({
  summary: 'Trains a network on the training slices; keeps the weights with the lowest validation loss, as ONNX.',
  version: 1,
  params: trainParams,
  inputs,
  output: model,
  seeded: true,
  computes: true,
  meaning: trainMeaning,
  parts: {
    ...{ total: 'training_time.num_epochs', until: 'training_time.until_epoch', from: 'resume' },
    scores: {
      validation_loss: { better: 'lower', of: part => part.bestValidationLoss },
      validation_dice: { better: 'higher', of: part => part.validationDice },
    },
  },
  reads: ({ transfer_learning: { retrain_model: path } }) => (path === null ? [] : [path]),
  checkReads([path]) {
    if (!existsSync(path!)) fail({ kind: 'file-missing', path: path!, role: 'the model of transfer_learning.retrain_model' })
  },

  async run(job) {
    const { describeTraining, initialise, loadEngine, patchesOf, Random, samplesOf, train } = await work()
    const { params, inputs, seed, compute, threads } = job
    const { value } = inputs.tensors
    const pathOf = (file: string) => fileOf(inputs.tensors, file).path
    const { patches } = params
    const samples = async (set: string, ids: readonly string[]) => {
      const slices = samplesOf(set, ids, value.images, pathOf)
      return patches ? patchesOf(set, slices, value.images, patches) : slices
    }
    const validation = await samples('validation', inputs.split.value.validation)
    const training = await samples('training', inputs.split.value.train)
    const net = netOf(params, value)
    checkHalvings(net, patches ? { patches: { shape: patches.length_2D } } : value.images)
    const fresh = initialise(net, new Random(seed, 'weights'))
    const start = await startOf(params, net, fresh, inputs.from)
    const sizes = { training: training.length, validation: validation.length }
    for (const line of describeTraining({ params, net, ...value, ...sizes, transfer: start.transfer })) job.log(line.text, line.level)

    const drawn = await balanced(job, training, validation)
    const watched = await watch(job, drawn.validation)
    const { training_time, scheduler, loss, batch_size } = params
    const { name: lossName, ...lossParams } = loss
    const options: TrainOptions = {
      engine: await loadEngine(compute.engine),
      net,
      initial: start.weights,
      plan: {
        ...{ loss: { name: lossName, params: lossParams }, optimiser: { name: 'adam' }, threads, device: compute.device },
        frozen: start.frozen,
      },
      train: training,
      ...drawn,
      chain: value.draw,
      soft: value.soft,
      mixupAlpha: params.mixup_alpha ?? undefined,
      inputDropout: params.is_input_dropout,
      watch: watched?.watch,
      batchSize: batch_size,
      epochs: training_time.num_epochs,
      until: training_time.until_epoch,
      resume: inputs.resume && checkpointOf(inputs.resume),
      keep: training_time.until_epoch === undefined ? undefined : join(job.dir, files.checkpoint),
      initialLr: scheduler.initial_lr,
      schedule: scheduler.lr_scheduler,
      earlyStopping: { patience: training_time.early_stopping_patience, epsilon: training_time.early_stopping_epsilon },
      seed,
      checkpoints: join(job.scratch, 'checkpoints'),
      workers: workersOf(threads),
      signal: job.signal,
      progress: p => {
        job.progress(p)
      },
      log: (line, level) => {
        job.log(line, level)
      },
    }
    const result = await train(options)
    if (options.mixupAlpha !== undefined && params.mixup_pictures > 0) await showMixup(job, options)
    const document = await publish(job, net, params, value, result)
    return { ...document, ...(watched && { gifs: await showEpochs(job, options, watched, document.epochs) }) }
  },
})

/** What only a training needs: loaded with it, since `pipe plan` reads this file too. */
async function work() {
  const [describe, initial, engines, random, sets, loop, patches] = await Promise.all([
    import('../src/net/describe-training.ts'),
    import('../src/net/initialise.ts'),
    import('../src/net/engines.ts'),
    import('../src/random.ts'),
    import('../src/net/sets.ts'),
    import('../src/net/train.ts'),
    import('../src/net/patch-samples.ts'),
  ])
  return { ...describe, ...initial, ...engines, ...random, ...sets, ...loop, ...patches }
}

/** The network that the settings and the data ask for. */
function netOf({ network: { name, ...settings } }: TrainParams, { channels, targets }: Tensors): Net {
  const family = models[name as keyof typeof models]
  return family.net(family.params.parse({ ...settings, channels, classes: targets.length }))
}

/** Where the part before left off. */
function checkpointOf(part: Artifact<z.infer<typeof model.schema>>): NonNullable<TrainOptions['resume']> {
  const { checkpoint } = part.value
  if (checkpoint === undefined) return fail({ kind: 'no-checkpoint', input: 'resume' })
  return { path: fileOf(part, checkpoint).path, name: 'the model of the input "resume"' }
}

/** The weights to start from: new ones, or some of a model's. */
async function startOf(params: TrainParams, net: Net, fresh: Weights, from: Artifact<{ readonly onnx: string }> | undefined) {
  const { retrain_model: path, retrain_fraction: fraction, reset } = params.transfer_learning
  if (!from && path === null) return { weights: fresh, frozen: [], transfer: undefined }
  if (from && path !== null) fail({ kind: 'two-models', path })
  const [{ readWeightsFile }, { transfer }] = await Promise.all([import('../src/net/weights-file.ts'), import('../src/net/transfer.ts')])
  const file = from ? fileOf(from, from.value.onnx).path : path!
  const name = from ? 'the model of the input "from"' : file
  const given = { name, weights: await readWeightsFile(file) }
  const { weights, frozen, layers } = transfer(net, given, { fraction, reset }, fresh)
  return { weights, frozen, transfer: { from: name, frozen: frozen.length, layers } }
}

/** The slices of each epoch and the validation set, where they are balanced; else just the validation set. */
async function balanced(job: TrainJob, training: readonly SampleRef[], validation: readonly SampleRef[]) {
  const { params, inputs, seed } = job
  const { applied, type } = params.balance_samples
  if (!applied) return { validation }
  const { balance, columnOf, foregroundOf } = await import('../src/net/balance.ts')
  const { soft } = inputs.tensors.value
  const rows = inputs.index?.value.images as readonly ImageRow[] | undefined
  if (type !== 'gt' && !rows) fail({ kind: 'needs-index', column: type })
  const groupsOf = async (samples: readonly SampleRef[]) => (type === 'gt' ? foregroundOf(samples, soft) : columnOf(samples, rows!, type))
  return balance({ ...{ training, validation, groupsOf, seed }, say: (line, level) => job.log(line, level) })
}

async function showMixup({ params, inputs, dir }: TrainJob, plan: TrainOptions): Promise<void> {
  const { writeMixupPictures } = await import('../src/net/mixup-pictures.ts')
  await writeMixupPictures({ plan, axis: inputs.tensors.value.axis, count: params.mixup_pictures, dir: join(dir, 'mixup') })
}

/** The first epoch of this part of a training, and what keeps the slices that are to be shown of it; undefined where none is. */
async function watch(job: TrainJob, validation: readonly SampleRef[]) {
  const { params, inputs, seed, scratch } = job
  if (params.n_gif === 0) return undefined
  const { SliceWatch, watchedSlices } = await import('../src/net/slice-watch.ts')
  const places = watchedSlices(validation, params.n_gif, seed)
  if (places.length < params.n_gif) job.log(`n_gif: the validation set has ${places.length} slices, and all are shown.`, 'warn')
  const first = (inputs.resume?.value.epochs ?? 0) + 1
  return { first, samples: places.map(place => validation[place]!), watch: new SliceWatch(places, join(scratch, 'watched'), first) }
}

async function showEpochs(job: TrainJob, plan: TrainOptions, of: NonNullable<Awaited<ReturnType<typeof watch>>>, last: number) {
  const { writeGifs } = await import('../src/net/gifs.ts')
  const { resume, tensors } = job.inputs
  const before = resume?.value.gifs?.map(gif => ({ ...gif, planes: fileOf(resume, gif.planes).path })) ?? []
  const epochs = await of.watch.planes(last)
  return writeGifs({ plan, axis: tensors.value.axis, samples: of.samples, epochs, firstEpoch: of.first, before, dir: job.dir })
}

/** Writes the artifact's files, and gives its document. */
async function publish(job: Work, net: Net, params: TrainParams, data: Tensors, result: TrainResult) {
  const { dir, compute } = job
  const [{ parameterCount }, { loadEngine }, { modelCard }, { exportModel }, { curvesCsv }] = await Promise.all([
    import('../src/net/shapes.ts'),
    import('../src/net/engines.ts'),
    import('../src/net/model-card.ts'),
    import('../src/net/onnx/export.ts'),
    import('../src/net/curves.ts'),
  ])
  const { curves, bestEpoch, stopped } = result
  const best = curves[bestEpoch - 1]!
  const document = {
    onnx: files.best,
    channels: data.channels,
    ...(data.contrasts && { contrasts: data.contrasts }),
    targets: data.targets,
    axis: data.axis,
    ...(params.patches && { patch: gridOf(params.patches) }),
    parameters: parameterCount(net),
    epochs: curves.length,
    bestEpoch,
    bestValidationLoss: best.validationLoss,
    validationDice: best.validationDice,
    stopped,
  }
  const { version } = await loadEngine(compute.engine)
  const card = modelCard({ document, net, network: params.network, once: data.once, draw: data.draw, engine: version })
  await writeFile(join(dir, files.best), exportModel(net, result.best, card.metadata))
  await writeFile(join(dir, files.final), exportModel(net, result.final, card.metadata))
  await writeFile(join(dir, files.card), card.text)
  await writeFile(join(dir, files.curves), curvesCsv(curves))
  job.log(`Best epoch: ${bestEpoch} of ${curves.length}, validation loss ${best.validationLoss.toFixed(4)}.`)
  const isPart = params.training_time.until_epoch !== undefined
  return { ...document, ...(isPart && { checkpoint: files.checkpoint }) }
}
