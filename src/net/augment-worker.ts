import { FailureError, type Failure } from '../failure.ts'
import { makeBatch } from './augment.ts'
import type { Batch } from './batch-stream.ts'
import type { BatchRequest } from './batches.ts'

/** A batch, or the failure that there is instead: an error loses its class and its data on the way between threads. */
export type WorkerAnswer = { readonly batch: Batch } | { readonly failure: Failure }

/** What a thread of the pool does: one batch. Its arrays are handed over, not copied. */
export default async function answer(request: BatchRequest): Promise<unknown> {
  const { Piscina } = await import('piscina')
  try {
    const batch = await makeBatch(request)
    return Piscina.move({
      [Piscina.transferableSymbol]: [batch.x.data.buffer, batch.y.data.buffer],
      [Piscina.valueSymbol]: { batch } satisfies WorkerAnswer,
    } as never)
  } catch (error) {
    if (error instanceof FailureError) return { failure: error.failure } satisfies WorkerAnswer
    throw error
  }
}
