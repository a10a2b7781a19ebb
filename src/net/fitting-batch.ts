import { FailureError } from '../failure.ts'
import type { Trainer } from './engine.ts'
import type { Tensor } from './net.ts'

type Step = Parameters<Trainer['step']>[0]

/**
 * A step of training. Where memory runs out, smaller batches are tried, half as large each time, and the failure says which
 * fitted. The trainer is of no use then: the training ends, and goes on from its checkpoint with other settings.
 */
export async function stepOrFitting(trainer: Trainer, batch: Step, learningRate: number): Promise<{ readonly loss: number }> {
  try {
    return await trainer.step(batch, learningRate)
  } catch (error) {
    if (!isOutOfMemory(error)) throw error
    const fits = await largestThatFits(trainer, batch)
    throw new FailureError({ ...error.failure, fits })
  }
}

/** 0: not even one image. */
async function largestThatFits(trainer: Trainer, { x, y, masks }: Step): Promise<number> {
  const all = x.shape[0]!
  for (let images = all >> 1; images >= 1; images >>= 1) {
    const part = { x: first(x, images), y: first(y, images), masks: masks.map(m => m.slice(0, (m.length / all) * images)) }
    try {
      await trainer.step(part, 0)
      return images
    } catch (error) {
      if (!isOutOfMemory(error)) throw error
    }
  }
  return 0
}

const first = ({ shape: [all, ...rest], data }: Tensor, images: number): Tensor => ({
  shape: [images, ...rest],
  data: data.slice(0, (data.length / all!) * images),
})

const isOutOfMemory = (error: unknown): error is FailureError & { readonly failure: { readonly kind: 'out-of-memory' } } =>
  error instanceof FailureError && error.failure.kind === 'out-of-memory'
