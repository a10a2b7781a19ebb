import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the server said of the file that a partial download is part of. */
export interface Validator {
  /** A strong ETag, or the Last-Modified date: what If-Range takes. */
  readonly value: string
}

/**
 * A download that may be partial, in a folder that outlives a kill: `<name>.part` with its validator beside it, and
 * `<name>.whole` once complete. The name is made from the URL.
 */
export class Partial {
  readonly part: string
  readonly whole: string
  readonly #note: string

  constructor(folder: string, url: string) {
    const name = join(folder, `download-${createHash('sha256').update(url).digest('hex').slice(0, 16)}`)
    this.part = `${name}.part`
    this.whole = `${name}.whole`
    this.#note = `${name}.json`
  }

  isWhole(): boolean {
    return statSync(this.whole, { throwIfNoEntry: false }) !== undefined
  }

  /** How many bytes are there to go on from, and the validator to ask with; undefined: start anew. */
  resumable(): (Validator & { readonly bytes: number }) | undefined {
    const bytes = statSync(this.part, { throwIfNoEntry: false })?.size ?? 0
    const value = this.#validator()
    return bytes > 0 && value !== undefined ? { bytes, value } : undefined
  }

  /** Notes what the coming bytes are part of, before the first of them is written. */
  async begin(validator: Validator | undefined): Promise<void> {
    await rm(this.part, { force: true })
    await writeFile(this.#note, JSON.stringify(validator ?? {}))
  }

  async complete(): Promise<void> {
    await rename(this.part, this.whole)
    await rm(this.#note, { force: true })
  }

  async discard(): Promise<void> {
    for (const path of [this.part, this.whole, this.#note]) await rm(path, { force: true })
  }

  #validator(): string | undefined {
    try {
      const note: unknown = JSON.parse(readFileSync(this.#note, 'utf8'))
      return typeof note === 'object' && note !== null && 'value' in note && typeof note.value === 'string' ? note.value : undefined
    } catch {
      // No note, or one cut short by a kill: the download starts anew.
      return undefined
    }
  }
}
