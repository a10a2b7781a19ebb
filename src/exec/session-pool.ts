import type { Session } from './job.ts'

/** The sessions of one step: opened as they are needed, used by one unit at a time, closed together. */
export class SessionPool {
  readonly #open: () => Promise<Session>
  readonly #idle: Session[] = []
  readonly #all: Promise<Session>[] = []

  constructor(open: () => Promise<Session>) {
    this.#open = open
  }

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    let session = this.#idle.pop()
    if (!session) {
      const opening = this.#open()
      this.#all.push(opening)
      session = await opening
    }
    try {
      return await work(session)
    } finally {
      this.#idle.push(session)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(async opening => (await opening).close()))
  }
}
