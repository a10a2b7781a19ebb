import { Random } from '../random.ts'
import type { Chain } from '../transforms/chain.ts'
import type { SampleRef } from './samples.ts'

/** The order in which an epoch (counted from 1) takes the training samples: a shuffle of its own for each epoch. */
export const epochOrder = (seed: number, epoch: number, count: number): readonly number[] =>
  new Random(seed, 'order', epoch).permutation(count)

/** Consecutive groups of `size`; the last may be smaller, and is kept, as PyTorch's DataLoader does by default. */
export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/**
 * The masks of channel dropout for one batch: per layer [samples, channels] of 0 with probability `rate`, else 1/(1-rate).
 * Drawn by (seed, epoch, step), so that a resumed training draws the same.
 */
export function dropoutMasks(
  layers: readonly { readonly rate: number; readonly channels: number }[],
  samples: number,
  seed: number,
  epoch: number,
  step: number,
): readonly Float32Array[] {
  const random = new Random(seed, 'dropout', epoch, step)
  return layers.map(({ rate, channels }) => dropoutMask(rate, samples * channels, random))
}

/** 0 with probability `rate`, else 1/(1-rate): `count` times. */
export const dropoutMask = (rate: number, count: number, random: Random): Float32Array =>
  Float32Array.from({ length: count }, () => (random.uniform() < rate ? 0 : 1 / (1 - rate)))

/** One batch to be read and transformed: plain data, so that it can be sent to a worker. */
export interface BatchRequest {
  readonly seed: number
  /** Counted from 1; 0 where every draw of a sample is the same, as in validation. */
  readonly epoch: number
  readonly set: 'training' | 'validation'
  readonly chain: Chain
  readonly samples: readonly SampleRef[]
  /** Labels keep their values between 0 and 1. */
  readonly soft?: boolean | undefined
  /** The batch is mixed by this alpha; `step` counts the batches of the epoch from 1. */
  readonly mixup?: { readonly alpha: number; readonly step: number } | undefined
  /** Of the channels some become 0, in training. */
  readonly inputDropout?: boolean | undefined
}

/** How many batches a set makes. */
export const batchCount = (samples: number, batchSize: number): number => Math.ceil(samples / batchSize)

/** What the sequence of batches of a training is decided by. */
export interface BatchPlan {
  readonly train: readonly SampleRef[]
  readonly validation: readonly SampleRef[]
  readonly chain: Chain
  readonly batchSize: number
  readonly epochs: number
  readonly seed: number
  /** Labels keep their values between 0 and 1; else they are cut at 0.5. */
  readonly soft?: boolean | undefined
  /** Training batches are mixed, with lambda ~ Beta(alpha, alpha). */
  readonly mixupAlpha?: number | undefined
  /** Of the channels some become 0, in training. */
  readonly inputDropout?: boolean | undefined
  /** The samples of an epoch, by their places in `train`; some may come several times, others not at all. */
  readonly order?: ((epoch: number) => readonly number[]) | undefined
}

/** From epoch `first` to the last: its training batches, then the validation set in its own order. */
export function* batchesOfEpochs(plan: BatchPlan, first: number): Generator<BatchRequest> {
  const { train, validation, chain, batchSize, seed, soft, mixupAlpha: alpha, inputDropout } = plan
  for (let epoch = first; epoch <= plan.epochs; epoch++) {
    const order = plan.order?.(epoch) ?? epochOrder(seed, epoch, train.length)
    const batches = inBatches(repeated(order.map(i => train[i]!)), batchSize)
    for (const [i, samples] of batches.entries()) {
      const mixup = alpha === undefined ? undefined : { alpha, step: i + 1 }
      yield { seed, epoch, set: 'training', chain, samples, soft, mixup, inputDropout }
    }
    for (const samples of inBatches(validation, batchSize)) yield validationBatch(plan, samples)
  }
}

/** Samples as a validation pass draws them: the same in every epoch. */
export const validationBatch = ({ seed, chain, soft }: BatchPlan, samples: readonly SampleRef[]): BatchRequest => ({
  ...{ seed, epoch: 0, set: 'validation', chain, samples, soft },
})

/** Samples that come again say how many times they came before. */
function repeated(samples: readonly SampleRef[]): readonly SampleRef[] {
  const times = new Map<SampleRef, number>()
  return samples.map(sample => {
    const repeat = times.get(sample) ?? 0
    times.set(sample, repeat + 1)
    return repeat === 0 ? sample : { ...sample, repeat }
  })
}
