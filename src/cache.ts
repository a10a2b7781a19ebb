import { randomBytes } from 'node:crypto'
import { copyFile, link, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type Keyv from 'keyv'
import type { Artifact, Digest, FileEntry } from './artifact.ts'
import { fail } from './failure.ts'
import { codeOf, folderOf, listFiles, makeFolder, mapLimited, syncFolder, writeAtomically } from './files.ts'
import { canonical, digestText, type Fingerprint } from './fingerprint.ts'
import { isAlive } from './holder.ts'
import { Leases } from './lease.ts'
import { Memory } from './memory.ts'
import { QuickDisk } from './quick-disk.ts'
import { keysOf, openResults } from './results.ts'
import { closeFile, readArtifact, sealFile, type Inode } from './sealed.ts'

/** What is remembered under a key: what was made, from what, and how long it took. Written last, so that it never promises too much. */
export interface ResultRecord {
  readonly key: Digest
  readonly fingerprint: Fingerprint
  readonly artifact: Digest
  readonly kind: string
  /** Of the step that made it first; for messages and expected times, never for decisions. */
  readonly step: string
  readonly ms: number
  readonly made: string
  /** Of an `each` step: its elements' keys, by id. */
  readonly elements?: Readonly<Record<string, Digest>>
}

/** How many recent results of a node are kept at hand for `pipe why`. */
const RECENT = 24

/** What `open` found. */
export type Opened = { readonly artifact: Artifact<unknown> } | { readonly lost: string }

/**
 * Results by key (through Keyv), and artifacts by content on disk. Any number of processes may use one cache: everything is
 * written aside and renamed into place. Deleting any part of it is safe; what is missing is made again.
 */
export class Cache {
  readonly dir: string
  readonly resultsAt: string
  /** Who works on which key, of all who use the cache. */
  readonly leases: Leases
  /** What costs more to work out than to keep. */
  readonly memory: Memory
  readonly #results: Keyv
  readonly #opened = new Map<Digest, Artifact<unknown>>()
  readonly #disk = new QuickDisk()

  private constructor(dir: string, resultsAt: string, results: Keyv) {
    this.dir = dir
    this.resultsAt = resultsAt
    this.leases = new Leases(dir)
    this.memory = new Memory(results)
    this.#results = results
  }

  /** `resultsAt`: a Keyv address, or undefined for the folder `results` of the cache. */
  static async open(dir: string, resultsAt?: string): Promise<Cache> {
    const where = resultsAt ?? join(dir, 'results')
    return new Cache(dir, where, await openResults(where))
  }

  /** Fails at once where nothing can be kept, rather than after an hour of work. */
  async assertWritable(): Promise<void> {
    try {
      await rm(await this.workDir(), { recursive: true })
    } catch (error) {
      if (codeOf(error) === 'ENOSPC') fail({ kind: 'disk-full', path: this.dir, detail: (error as Error).message })
      fail({ kind: 'cannot-write', where: `the cache folder ${this.dir}`, detail: (error as Error).message })
    }
  }

  async close(): Promise<void> {
    await this.#results.disconnect()
  }

  async get(key: Digest): Promise<ResultRecord | undefined> {
    const found: unknown = await this.#results.get(`result:${key}`)
    return isRecord(found, key) ? found : undefined
  }

  /** Every key with its record, or without where that cannot be read; undefined where the store cannot list them. */
  records(): AsyncGenerator<readonly [Digest, ResultRecord | undefined]> | undefined {
    const keys = keysOf(this.#results)
    return keys && this.#recordsUnder(keys)
  }

  /** Removes the record of a key. */
  async forget(key: Digest): Promise<void> {
    await this.#results.delete(`result:${key}`)
  }

  /** Recent results of a node, newest first. */
  async recent(node: string): Promise<ResultRecord[]> {
    const keys = await this.#recentKeys(node)
    return (await Promise.all(keys.map(key => this.get(key)))).filter(record => record !== undefined)
  }

  /** Where the stat cache keeps its memory. */
  get stats(): string {
    return join(this.dir, 'stats')
  }

  /** An empty folder on the same file system as the artifacts, for work in progress. */
  async workDir(): Promise<string> {
    const dir = join(this.dir, 'tmp', `${process.pid}-${randomBytes(6).toString('hex')}`)
    await makeFolder(dir)
    return dir
  }

  /** The folder of a fingerprint's unfinished work. */
  async scratch(key: Digest): Promise<string> {
    const dir = this.#scratchDir(key)
    await makeFolder(dir)
    // It may be of an earlier run, and is used from now on.
    await this.#touch(dir)
    return dir
  }

  async dropScratch(key: Digest): Promise<void> {
    await rm(this.#scratchDir(key), { recursive: true, force: true })
  }

  /** An artifact by its digest, checked as far as can be without reading its files; damaged ones are set aside. */
  async open(digest: Digest): Promise<Opened> {
    const opened = this.#opened.get(digest)
    if (opened) return { artifact: opened }
    const dir = this.artifactDir(digest)
    for (let attempt = 0; ; attempt++) {
      const found = await readArtifact(dir, digest, this.#disk)
      if ('artifact' in found) {
        this.#opened.set(digest, found.artifact)
        return found
      }
      // Else another step or run has put the same bytes there meanwhile.
      if (found.damaged === undefined || attempt > 3 || (await this.setAside(digest, found.damaged)) !== undefined) return found
    }
  }

  /**
   * Makes the content of a work folder an artifact, and only then the result of `key`. `known` lists files that are hard
   * links of other artifacts' files (from `adopt`). The folder is gone afterwards.
   */
  async commit(
    work: string,
    result: { kind: string; value: unknown; known?: ReadonlyMap<string, FileEntry> },
    record: Omit<ResultRecord, 'artifact' | 'kind' | 'made'>,
  ): Promise<Artifact<unknown>> {
    const { kind, value, known = new Map<string, FileEntry>() } = result
    const paths = await listFiles(work)
    const files = await mapLimited(paths, 8, async path => known.get(path) ?? sealFile(work, path))
    const text = canonical({ format: 1, kind, value, files })
    const digest = digestText(text)
    await writeAtomically(join(work, 'artifact.json'), text)
    await syncFolder(work)
    await this.#publish(work, digest)
    const full: ResultRecord = { ...record, artifact: digest, kind, made: new Date().toISOString() }
    await this.#results.set(`result:${record.key}`, full)
    if (!record.fingerprint.element) await this.#remember(record.fingerprint.node, record.key)
    const artifact = { kind, digest, dir: this.artifactDir(digest), value, files }
    this.#opened.set(digest, artifact)
    return artifact
  }

  /** Puts an artifact's files into a work folder without copying bytes, where the file system can. */
  async adopt(work: string, from: Artifact<unknown>): Promise<readonly FileEntry[]> {
    for (const dir of new Set(from.files.map(f => folderOf(join(work, f.path))))) await makeFolder(dir)
    await mapLimited(from.files, 32, async f => {
      const [source, target] = [join(from.dir, f.path), join(work, f.path)]
      try {
        await link(source, target)
      } catch (error) {
        if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error
        await copyFile(source, target)
        await closeFile(target)
      }
    })
    return from.files
  }

  async #publish(work: string, digest: Digest): Promise<void> {
    const dir = this.artifactDir(digest)
    await makeFolder(folderOf(dir))
    for (let attempt = 0; ; attempt++) {
      try {
        await rename(work, dir)
        await syncFolder(folderOf(dir))
        return
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error) ?? '') || attempt > 3) throw error
        // The same bytes are there already, made by another step or another run; unless they are damaged.
        const there = await readArtifact(dir, digest, this.#disk)
        if ('artifact' in there) return await rm(work, { recursive: true, force: true })
        if (there.damaged !== undefined) await this.setAside(digest, there.damaged)
      }
    }
  }

  /**
   * Moves the very folder that was found damaged to where nothing looks for it, and gives the place; undefined where it is gone
   * already. One that was put in its place meanwhile stays.
   */
  async setAside(digest: Digest, damaged: Inode): Promise<string | undefined> {
    const dir = this.artifactDir(digest)
    this.#opened.delete(digest)
    const aside = join(this.dir, 'damaged', `${digest.slice(0, 16)}-${randomBytes(4).toString('hex')}`)
    await makeFolder(folderOf(aside))
    if ((await this.#disk.stat(dir))?.ino !== damaged) return undefined
    try {
      await rename(dir, aside)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
    if ((await this.#disk.stat(aside))?.ino === damaged) return aside
    await rename(aside, dir).catch((error: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error) ?? '')) throw error
    })
    return undefined
  }

  /** Says that artifacts are used now: what was not for longest goes first when space is needed. */
  async use(digests: readonly Digest[]): Promise<void> {
    // Gone meanwhile, or nothing may be written: then nothing is removed either.
    await mapLimited(digests, 32, async digest => this.#touch(this.artifactDir(digest)).catch(() => undefined))
  }

  /** Makes the time of a folder now; that of another user by changing what is in it, for which its owner need not be asked. */
  async #touch(dir: string): Promise<void> {
    await this.#disk.touch(dir).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EPERM') throw error
      const made = join(dir, `.used-${randomBytes(6).toString('hex')}`)
      await mkdir(made)
      await rmdir(made)
    })
  }

  async *#recordsUnder(keys: AsyncIterable<string>): AsyncGenerator<readonly [Digest, ResultRecord | undefined]> {
    for await (const key of keys) {
      const text = /^result:([0-9a-f]{64})$/.exec(key)?.[1]
      if (text === undefined) continue
      // One cast: the brand of what was just seen to be a digest.
      const digest = text as Digest
      yield [digest, await this.get(digest)]
    }
  }

  /** Two writers at once may lose an entry here; it only shortens what `pipe why` compares with. */
  async #remember(node: string, key: Digest): Promise<void> {
    const keys = await this.#recentKeys(node)
    await this.#results.set(`recent:${node}`, [key, ...keys.filter(k => k !== key)].slice(0, RECENT))
  }

  async #recentKeys(node: string): Promise<readonly Digest[]> {
    const found: unknown = await this.#results.get(`recent:${node}`)
    return Array.isArray(found) ? (found as unknown[]).filter((key): key is Digest => typeof key === 'string') : []
  }

  /** Where an artifact lies, if it is there. */
  artifactDir(digest: Digest): string {
    return join(this.dir, 'artifacts', digest.slice(0, 2), digest)
  }

  #scratchDir(key: Digest): string {
    return join(this.dir, 'scratch', key)
  }
}

/** Whether what the store gave is a record of that key: one that something else wrote over is as good as none. */
function isRecord(found: unknown, key: Digest): found is ResultRecord {
  const { key: of, artifact, fingerprint } = (found ?? {}) as Partial<Record<keyof ResultRecord, unknown>>
  return (
    of === key && typeof artifact === 'string' && /^[0-9a-f]{64}$/.test(artifact) && typeof fingerprint === 'object' && fingerprint !== null
  )
}

/** Removes work folders that processes of this machine left behind when they were killed. */
export async function sweepWork(cacheDir: string): Promise<void> {
  const tmp = join(cacheDir, 'tmp')
  const names = await readdir(tmp).catch(() => [])
  for (const name of names) {
    const pid = Number(name.split('-')[0])
    const age =
      Date.now() -
      (await stat(join(tmp, name)).then(
        s => s.mtimeMs,
        () => Date.now(),
      ))
    if (age > 24 * 3600_000 && !isAlive(pid)) await rm(join(tmp, name), { recursive: true, force: true })
  }
}
