import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { fileOf } from '../src/artifact.ts'
import { defineNode, one, type Work } from '../src/node.ts'
import { checkHalvings } from '../src/net/halvings.ts'
import { models } from '../src/net/models/index.ts'
import type { Net } from '../src/net/net.ts'
import { trainParams, type TrainParams } from '../src/net/train-params.ts'
import type { TrainResult } from '../src/net/training.ts'
import { model, split, tensors } from './artifacts.ts'

type Tensors = z.infer<typeof tensors.schema>
const files = { best: 'model.onnx', final: 'final.onnx', card: 'model.json', curves: 'curves.csv' } as const

/** Half of the threads make batches beside the step, at least one: they mostly wait for it. */
const workersOf = (threads: number): number => Math.max(1, Math.min(8, threads >> 1))

export default defineNode({
  summary: 'Trains a network on the training slices; keeps the weights with the lowest validation loss, as ONNX.',
  version: 1,
  params: trainParams,
  inputs: { tensors: one(tensors), split: one(split) },
  output: model,
  seeded: true,
  computes: true,

  async run(job) {
    const { describeTraining, initialise, loadEngine, Random, samplesOf, train } = await work()
    const { params, inputs, seed, compute, threads } = job
    const { value } = inputs.tensors
    const pathOf = (file: string) => fileOf(inputs.tensors, file).path
    const validation = samplesOf('validation', inputs.split.value.validation, value.images, pathOf)
    const training = samplesOf('training', inputs.split.value.train, value.images, pathOf)
    const net = netOf(params, value)
    checkHalvings(net, value.images)
    for (const line of describeTraining({ params, net, ...value, training: training.length, validation: validation.length }))
      job.log(line.text, line.level)

    const { training_time, scheduler, loss, batch_size } = params
    const { name: lossName, ...lossParams } = loss
    const result = await train({
      engine: await loadEngine(compute.engine),
      net,
      initial: initialise(net, new Random(seed, 'weights')),
      plan: { loss: { name: lossName, params: lossParams }, optimiser: { name: 'adam' }, threads, device: compute.device },
      train: training,
      validation,
      chain: value.draw,
      soft: value.soft,
      inputDropout: params.is_input_dropout,
      batchSize: batch_size,
      epochs: training_time.num_epochs,
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
    })
    return publish(job, net, params, value, result)
  },
})

/** What only a training needs: loaded with it, since `pipe plan` reads this file too. */
async function work() {
  const [describe, initial, engines, random, sets, loop] = await Promise.all([
    import('../src/net/describe-training.ts'),
    import('../src/net/initialise.ts'),
    import('../src/net/engines.ts'),
    import('../src/random.ts'),
    import('../src/net/sets.ts'),
    import('../src/net/train.ts'),
  ])
  return { ...describe, ...initial, ...engines, ...random, ...sets, ...loop }
}

/** The network that the settings and the data ask for. */
function netOf({ network: { name, ...settings } }: TrainParams, { channels, targets }: Tensors): Net {
  const family = models[name as keyof typeof models]
  return family.net(family.params.parse({ ...settings, channels, classes: targets.length }))
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
  return document
}
