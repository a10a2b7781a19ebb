import type { BatchRequest } from './batches.ts'
import type { Tensor } from './net.ts'

/** Samples stacked: x [N, C, H, W], y [N, K, H, W]. */
export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

/** What reads and transforms batches: in this thread, or in others. */
export interface BatchMaker {
  make(request: BatchRequest): Promise<Batch>
  /** How many batches to ask for before they are needed, so that the workers have something to do during a step. */
  readonly ahead: number
  close(): Promise<void>
}

/**
 * The batches of the requests, in their order, each asked for `ahead` batches before it is taken. A step of the network
 * blocks this thread, so what the workers are to do meanwhile must have been handed to them before it.
 */
export async function* inAdvance(requests: Iterable<BatchRequest>, maker: BatchMaker): AsyncGenerator<Batch, undefined> {
  const source = requests[Symbol.iterator]()
  const queue: Promise<Batch>[] = []
  for (;;) {
    while (queue.length <= maker.ahead) {
      const next = source.next()
      if (next.done) break
      const batch = maker.make(next.value)
      // A failure is for the one who takes this batch; until then it must not count as unhandled.
      batch.catch(() => undefined)
      queue.push(batch)
    }
    const first = queue.shift()
    if (!first) return undefined
    yield await first
  }
}
