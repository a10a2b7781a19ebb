import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf, makeFolder } from './files.ts'
import { holderName, holderOf, lifeOf, thisHolder, type Holder } from './holder.ts'

/** How often a holder says that it lives. */
export const BEAT_MS = 10_000
/** How long a holder of another machine may be silent, by the clock of who waits. Longer than NFS keeps what it knows of a file. */
const SILENCE_MS = 120_000

/** A key that this process holds, until it gives it back. */
export interface Lease {
  readonly holder: Holder
  /** False when somebody took this process for dead. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/** What a waiter is told and may change. */
export interface WaitOptions {
  readonly signal: AbortSignal
  /** Called for every holder that is waited for. */
  readonly waits: (holder: Holder) => void
  readonly silenceMs?: number
}

/**
 * Who works on which key, of all processes that use a cache. A key is held by the one file in its folder, whose name is its
 * holder. It is taken by renaming a folder with such a file into place, which the system refuses where one with a file is; and
 * a dead holder's is removed by its name, which no other lease ever has. So neither can hit the wrong one, and there is nothing
 * to unlock by hand.
 */
export class Leases {
  readonly #dir: string
  readonly #tmp: string

  constructor(cacheDir: string) {
    this.#dir = join(cacheDir, 'leases')
    this.#tmp = join(cacheDir, 'tmp')
  }

  /** The key, or who has it. Holders of this machine that died are replaced at once. */
  async take(key: string, run: string): Promise<Lease | Holder> {
    const holder = thisHolder(run)
    const folder = this.#folder(key)
    for (;;) {
      if (await this.#place(folder, holder)) return this.#lease(folder, holder)
      const other = await this.holder(key)
      if (other && lifeOf(other) !== 'dead') return other
      if (other) await this.#remove(folder, other)
      // Where a folder cannot be renamed over an empty one (Windows).
      else await rmdir(folder).catch(() => undefined)
    }
  }

  /** Who has the key now. */
  async holder(key: string): Promise<Holder | undefined> {
    const names = await readdir(this.#folder(key)).catch(absent)
    return names.map(holderOf).find(found => found !== undefined)
  }

  /** Returns when nobody has the key. A holder of another machine that is silent for too long is taken for dead, and removed. */
  async whenFree(key: string, { signal, waits, silenceMs = SILENCE_MS }: WaitOptions): Promise<void> {
    let seen = ''
    let since = performance.now()
    let told: string | undefined
    for (let pause = 50; !signal.aborted; pause = Math.min(1000, pause * 1.5)) {
      const other = await this.holder(key)
      if (!other) return
      const life = lifeOf(other)
      const now = `${other.id} ${await this.#stamp(key, other)}`
      if (now !== seen) [seen, since] = [now, performance.now()]
      if (life === 'dead' || (life === 'unknown' && performance.now() - since > silenceMs)) await this.#remove(this.#folder(key), other)
      else if (told !== other.id) waits(other)
      told = other.id
      await sleep(pause, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Says that the holder of a key, which works for this run, still lives. */
  async beat(key: string, run: string): Promise<void> {
    const holder = await this.holder(key)
    if (holder?.run !== run) return
    const now = new Date()
    // Gone meanwhile: it was released.
    await utimes(join(this.#folder(key), holderName(holder)), now, now).catch(() => undefined)
  }

  /** Every key that somebody has who may live. */
  async all(): Promise<ReadonlyMap<string, Holder>> {
    const keys = await readdir(this.#dir).catch(absent)
    const found = new Map<string, Holder>()
    for (const key of keys) {
      const holder = await this.holder(key)
      if (holder && lifeOf(holder) !== 'dead') found.set(key, holder)
    }
    return found
  }

  async #place(folder: string, holder: Holder): Promise<boolean> {
    const made = join(this.#tmp, `${process.pid}-${randomBytes(6).toString('hex')}`)
    await makeFolder(made)
    try {
      await writeFile(join(made, holderName(holder)), '')
      await rename(made, folder).catch(async (error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error
        await makeFolder(this.#dir)
        await rename(made, folder)
      })
      return true
    } catch (error) {
      await rm(made, { recursive: true, force: true })
      if (['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) return false
      // What Windows says of a folder that is there; anywhere else there is none.
      if (codeOf(error) === 'EPERM' && (await stat(folder).catch(() => undefined))) return false
      throw error
    }
  }

  #lease(folder: string, holder: Holder): Lease {
    const file = join(folder, holderName(holder))
    return {
      holder,
      isHeld: () =>
        stat(file).then(
          () => true,
          () => false,
        ),
      release: () => this.#remove(folder, holder),
    }
  }

  /** By name: whoever else holds the key by now keeps it. */
  async #remove(folder: string, holder: Holder): Promise<void> {
    await unlink(join(folder, holderName(holder))).catch(unlessGone)
    await rmdir(folder).catch(unlessGone)
  }

  async #stamp(key: string, holder: Holder): Promise<string> {
    const found = await stat(join(this.#folder(key), holderName(holder)), { bigint: true }).catch(() => undefined)
    return found ? String(found.mtimeNs) : ''
  }

  #folder(key: string): string {
    return join(this.#dir, key)
  }
}

const absent = (error: unknown): string[] => {
  if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return []
  throw error
}

/** The key is free, which is what was wanted; or somebody has it again. */
const unlessGone = (error: unknown): void => {
  if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error
}
