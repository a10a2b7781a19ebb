import { EventEmitter } from 'node:events'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyvStoreAdapter } from 'keyv'
import { codeOf, folderOf, makeFolder, writeAtomically } from './files.ts'
import { digestText } from './fingerprint.ts'
import { QuickDisk } from './quick-disk.ts'

/**
 * The default store for Keyv: one small file a key, written atomically. No server, no lock, no native code; any number of
 * processes, also over a network file system, where memory-mapped databases and SQLite must not be used.
 */
export class KeyvDir extends EventEmitter implements KeyvStoreAdapter {
  readonly opts = { dialect: 'directory', url: '' }
  namespace?: string
  readonly #dir: string
  readonly #disk = new QuickDisk()

  constructor(dir: string) {
    super()
    this.#dir = dir
  }

  async get<T>(key: string): Promise<T | undefined> {
    const path = this.#path(key)
    const text = await this.#disk.read(path)
    if (text === undefined) return undefined
    try {
      JSON.parse(text)
    } catch {
      // A damaged entry is as good as none; it is kept aside for whoever wants to know.
      await rename(path, `${path}.damaged`)
      return undefined
    }
    return text as T
  }

  async set(key: string, value: unknown): Promise<void> {
    const path = this.#path(key)
    await makeFolder(folderOf(path))
    await writeAtomically(path, String(value))
  }

  async delete(key: string): Promise<boolean> {
    try {
      await rm(this.#path(key))
      return true
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    }
  }

  async clear(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true })
  }

  /** Every key that there is an entry for. */
  async *keys(): AsyncGenerator<string> {
    for (const folder of await names(this.#dir))
      for (const name of await names(join(this.#dir, folder)))
        if (name.endsWith('.json')) yield decodeURIComponent(name.slice(0, -'.json'.length))
  }

  #path(key: string): string {
    return join(this.#dir, digestText(key).slice(0, 2), `${encodeURIComponent(key)}.json`)
  }
}

/** What is in a folder: nothing, where there is none. */
const names = (dir: string): Promise<string[]> =>
  readdir(dir).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return []
    throw error
  })
