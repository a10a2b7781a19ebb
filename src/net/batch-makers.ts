import { fail } from '../failure.ts'
import type { WorkerAnswer } from './augment-worker.ts'
import { makeBatch } from './augment.ts'
import type { BatchMaker } from './batch-stream.ts'
import { workerFile } from './worker-file.ts'

/** Makes each batch in this thread, when it is needed. */
export const inThisThread: BatchMaker = { make: makeBatch, ahead: 0, close: async () => undefined }

/**
 * Makes batches in worker threads, ahead of the steps. Every random number is drawn by the sample it is for, so the batches
 * are the same for any number of workers, and the same as `inThisThread` makes.
 */
export async function inWorkers(workers: number): Promise<BatchMaker> {
  const { Piscina } = await import('piscina')
  const each = 3
  const pool = new Piscina({
    filename: workerFile(import.meta.url, 'augment-worker'),
    minThreads: workers,
    maxThreads: workers,
    // Several at once, or the pool would hand a worker its next batch only when this thread is free, that is, after a step.
    concurrentTasksPerWorker: each,
    execArgv: [],
  })
  return {
    ahead: each * workers,
    async make(request) {
      const answer = (await pool.run(request)) as WorkerAnswer
      if ('failure' in answer) fail(answer.failure)
      return answer.batch
    },
    close: () => pool.destroy(),
  }
}

/** In so many worker threads; with none, in this one. */
export const batchMaker = async (workers: number): Promise<BatchMaker> => (workers > 0 ? inWorkers(workers) : inThisThread)
