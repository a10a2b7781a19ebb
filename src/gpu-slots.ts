import PQueue from 'p-queue'

/** The GPUs of a run: a step that computes holds one from its start to its end, and the others wait. */
export class GpuSlots {
  readonly #free: string[]
  readonly #queue: PQueue

  constructor(gpus: readonly string[]) {
    this.#free = [...gpus]
    this.#queue = new PQueue({ concurrency: gpus.length })
  }

  /** Does work on the first GPU that is free. */
  use<T>(work: (gpu: string) => Promise<T>): Promise<T> {
    return this.#queue.add(async () => {
      const gpu = this.#free.shift()!
      try {
        return await work(gpu)
      } finally {
        this.#free.push(gpu)
      }
    })
  }
}
