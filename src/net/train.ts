import { copyFile, rm } from 'node:fs/promises'
import { fail } from '../failure.ts'
import { batchMaker } from './batch-makers.ts'
import { inAdvance } from './batch-stream.ts'
import { batchesOfEpochs } from './batches.ts'
import { loadCheckpoint, readCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.ts'
import { divergence, recordDivergence } from './divergence.ts'
import { afterEpoch, fresh, isOver } from './early-stopping.ts'
import type { Trainer } from './engine.ts'
import { runEpoch, type Batches } from './epoch.ts'
import type { TrainOptions, TrainResult } from './training.ts'
import { assertFits } from './transfer.ts'

/**
 * Trains a network, epoch by epoch as ivadomed's `training.train` does: the training batches, the validation set, then the best
 * weights by validation loss and early stopping. After every epoch a checkpoint is written; a training that was killed and is
 * started again goes on from it and ends with the same bytes, because every random number is drawn by (seed, epoch, sample). For
 * the same reason a training in parts (`until`, `resume`) ends with the bytes of one in one piece.
 */
export async function train(given: TrainOptions): Promise<TrainResult> {
  const options = { ...given, batchSize: usableBatchSize(given) }
  const { engine, net, initial, plan } = options
  const earlier = await divergence(options.checkpoints)
  if (earlier) fail(earlier)

  const trainer = await engine.trainer(net, initial, plan)
  try {
    const run = await epochsFrom(options, trainer, await resume(options, trainer))
    if (!run.best || !run.bestWeights || run.path === undefined) throw new Error(`a training of ${options.epochs} epochs has no best one`)
    if (options.keep !== undefined) await copyFile(run.path, options.keep)
    return {
      best: run.bestWeights,
      final: await trainer.weights(),
      bestEpoch: run.best.epoch,
      curves: run.curves,
      stopped: run.epoch < lastOf(options) ? 'early-stopping' : 'epochs',
    }
  } finally {
    await trainer.close()
  }
}

/** How far the training has come. `path`: the last checkpoint. */
type Run = Pick<Checkpoint, 'epoch' | 'curves' | 'patience'> &
  Partial<Pick<Checkpoint, 'best' | 'bestWeights'>> & { readonly path?: string }

/** The last epoch of this part. */
const lastOf = ({ until, epochs }: TrainOptions): number => until ?? epochs

/** Where the last checkpoint left off, with the trainer in that state; the beginning where there is none. */
async function resume(options: TrainOptions, trainer: Trainer): Promise<Run> {
  const found = (await ownCheckpoint(options)) ?? (await partBefore(options))
  if (!found) return { epoch: 0, curves: [], patience: fresh }
  const { state, ...run } = found.checkpoint
  await trainer.restore(state)
  options.log(`Going on from the checkpoint of epoch ${run.epoch}.`)
  return { ...run, path: found.path }
}

/** The last checkpoint of this part, unless what was kept beside it is not whole: then all of it is made again. */
async function ownCheckpoint({ checkpoints, watch, log }: TrainOptions): ReturnType<typeof loadCheckpoint> {
  const own = await loadCheckpoint(checkpoints, line => {
    log(line, 'warn')
  })
  if (!own || !watch || (await watch.holds(own.checkpoint.epoch))) return own
  log('some pictures of the epochs so far are lost or damaged: the training begins anew, and comes to the same', 'warn')
  await rm(checkpoints, { recursive: true })
  return undefined
}

/** Where the part before left off. */
async function partBefore(options: TrainOptions): Promise<{ readonly path: string; readonly checkpoint: Checkpoint } | undefined> {
  if (!options.resume) return undefined
  const { path, name } = options.resume
  const checkpoint = await readCheckpoint(path)
  if (typeof checkpoint === 'string') return fail({ kind: 'checkpoint-unreadable', path, detail: checkpoint })
  assertFits(options.net, { name, weights: checkpoint.bestWeights })
  if (checkpoint.epoch > lastOf(options)) fail({ kind: 'checkpoint-beyond', epoch: checkpoint.epoch, until: lastOf(options) })
  return { path, checkpoint }
}

/** The epochs after those of `run`, until the last or until early stopping. */
async function epochsFrom(options: TrainOptions, trainer: Trainer, run: Run): Promise<Run> {
  const maker = await batchMaker(options.workers)
  try {
    const last = lastOf(options)
    const batches = inAdvance(batchesOfEpochs({ ...options, epochs: last }, run.epoch + 1), maker)
    while (run.epoch < last && !isOver(run.patience, options.earlyStopping)) run = await oneEpoch(options, trainer, batches, run)
    return run
  } finally {
    await maker.close()
  }
}

/** An epoch, and what follows from it: the best weights, the patience, the checkpoint. */
async function oneEpoch(options: TrainOptions, trainer: Trainer, batches: Batches, run: Run): Promise<Run> {
  const epoch = run.epoch + 1
  const outcome = await runEpoch(options, trainer, batches, epoch)
  if (outcome.kind === 'diverged') return fail(await recordDivergence(options.checkpoints, outcome, run.path))

  const { record } = outcome
  const isBest = !run.best || record.validationLoss < run.best.loss
  const best = isBest ? { epoch, loss: record.validationLoss } : run.best!
  const bestWeights = isBest ? await trainer.weights() : run.bestWeights!
  const patience = afterEpoch(run.patience, options.earlyStopping, record.validationLoss)
  const curves = [...run.curves, record]
  await options.watch?.keep(epoch)
  const state = await trainer.state()
  const path = await saveCheckpoint(options.checkpoints, { epoch, curves, patience, best, bestWeights, state })
  return { epoch, curves, patience, best, bestWeights, path }
}

/** The batch size, or the whole set where that is smaller. */
function usableBatchSize({ batchSize, train, log }: TrainOptions): number {
  if (batchSize <= train.length) return batchSize
  log(`The batch size ${batchSize} is larger than the training set: batches of all its ${train.length} slices are used.`, 'warn')
  return train.length
}
