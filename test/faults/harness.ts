import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { hashFileNow } from '../../src/files.ts'
import { Random } from '../../src/random.ts'
import type { Driven } from './driver.ts'
import type { Fault } from './inject.ts'
import { mountSmall, whyNoMount } from './mount.ts'

/** A round that did not end as it should. */
export interface Wrong {
  readonly round: string
  readonly detail: string
}

/** What is done to one run, or to what it left; each gives what has to be said of it should the next run go wrong. */
type Hurt = (root: string, random: Random, harness: Harness) => Promise<string>

/** Runs an engine of its own in folders of their own, hurts it, and looks whether the next run gives the bytes of an undisturbed one. */
export class Harness {
  readonly #dir: string
  readonly #atEnd: (() => void)[] = []
  readonly #driver: string
  /** A folder in which nothing was disturbed. */
  readonly unhurt: string
  readonly #bytes: ReadonlyMap<string, string>
  readonly #digests: Driven['digests']
  /** How many calls of an undisturbed run change the disk. */
  readonly calls: number

  static async open(): Promise<Harness> {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'faults-')))
    const driver = join(dir, 'driver.mjs')
    const entry = join(import.meta.dirname, 'driver.ts')
    await build({
      entryPoints: [entry],
      outfile: driver,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      banner,
      logLevel: 'error',
    })
    const unhurt = newRoot(dir, 'unhurt')
    const counted = join(dir, 'calls')
    const { said, err } = await drive(driver, unhurt, ['run'], { fault: { kind: 'count', file: counted } })
    if (said[0]?.failures.length !== 0) throw new Error(`the undisturbed run failed: ${JSON.stringify(said)}\n${err}`)
    return new Harness(dir, driver, unhurt, said[0], Number(readFileSync(counted, 'utf8')))
  }

  private constructor(dir: string, driver: string, unhurt: string, { digests }: Driven, calls: number) {
    this.#dir = dir
    this.#driver = driver
    this.unhurt = unhurt
    this.#digests = digests
    this.#bytes = bytesShown(unhurt)
    this.calls = calls
  }

  close(): void {
    rmSync(this.#dir, { recursive: true, force: true })
  }

  /** One round: something is hurt, and then all has to be well. `seed` and `kind` say all about it. */
  round(kind: keyof typeof hurts, seed: number): Promise<Wrong | undefined> {
    return this.#round(`${kind}-${seed}`, kind, root => hurts[kind](root, new Random(seed, 'faults', kind), this))
  }

  /** A round in which a run is killed at that call. */
  killRound(fault: Fault & { readonly kind: 'kill-at' }): Promise<Wrong | undefined> {
    return this.#round(`${fault.when}-${fault.call}`, 'killAtCall', async root => {
      await this.drive(root, ['run'], { fault })
      return `call ${fault.call}`
    })
  }

  async #round(name: string, kind: keyof typeof hurts, hurt: (root: string) => Promise<string>): Promise<Wrong | undefined> {
    const root = newRoot(this.#dir, name)
    let how = 'while it was hurt'
    try {
      how = await hurt(root)
      await this.#expectWell(root, kind)
      return undefined
    } catch (error) {
      return { round: `${name} (${how})`, detail: error instanceof Error ? error.message : String(error) }
    } finally {
      for (const work of this.#atEnd.splice(0)) work()
      rmSync(root, { recursive: true, force: true })
    }
  }

  /** Is done after the round. */
  atEnd(work: () => void): void {
    this.#atEnd.push(work)
  }

  drive(root: string, actions: readonly string[], how: DriveOptions = {}): Promise<Finished> {
    return drive(this.#driver, root, actions, how)
  }

  /** The next run ends with the bytes of the undisturbed one; the one after it has nothing to do, and the cache is whole. */
  async #expectWell(root: string, kind: keyof typeof hurts): Promise<void> {
    const next = await this.#runWell(root)
    this.#expectBytes(root, next)
    const { said, err, code } = await this.drive(root, ['check', 'run', 'check'])
    const text = `${JSON.stringify([next, ...said])}\n${err}`
    assert(code === 0 && said.length === 3, `the run after the next ended with ${code}: ${text}`)
    const [checked, after, clean] = said as [Driven, Driven, Driven]
    // A run looks at what it needs: not at the elements of a step that is whole, nor at what a record says beside its result.
    assert(checked.faults.length === 0 || isSpoiling.has(kind), `the cache is not whole: ${text}`)
    assert(after.failures.length === 0 && clean.faults.length === 0, `the cache does not heal: ${text}`)
    assert(checked.faults.length > 0 || after.ran.length === 0, `something was made twice: ${text}`)
    this.#expectBytes(root, after)
    const left = existsSync(join(root, 'cache/leases')) ? readdirSync(join(root, 'cache/leases')) : []
    assert(left.length === 0, `leases were left: ${left.join()}`)
  }

  async #runWell(root: string): Promise<Driven> {
    const { said, err, code } = await this.drive(root, ['run'])
    const [next] = said
    assert(code === 0 && next?.failures.length === 0, `the next run ended with ${code}: ${JSON.stringify(said)}\n${err}`)
    return next!
  }

  #expectBytes(root: string, { digests }: Driven): void {
    assert(JSON.stringify(digests) === JSON.stringify(this.#digests), `other results: ${JSON.stringify(digests)}`)
    const bytes = bytesShown(root)
    for (const [path, digest] of this.#bytes) assert(bytes.get(path) === digest, `${path} has other bytes`)
    assert(bytes.size === this.#bytes.size, `other files are there: ${[...bytes.keys()].join()}`)
  }
}

// Packages that are CommonJS ask for `require`.
const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" }

function assert(isRight: boolean, words: string): void {
  if (!isRight) throw new Error(words)
}

/** A folder with a dataset of three files. */
function newRoot(dir: string, name: string): string {
  const root = join(dir, name)
  mkdirSync(join(root, 'data'), { recursive: true })
  for (const letter of ['x', 'y', 'z']) writeFileSync(join(root, 'data', `${letter}.txt`), letter.repeat(100))
  return root
}

interface DriveOptions {
  readonly fault?: Fault
  readonly clockOffMs?: number
  /** SIGKILL after so long. */
  readonly killAfterMs?: number
}

interface Finished {
  readonly code: number | null
  readonly said: readonly Driven[]
  readonly err: string
}

function drive(
  driver: string,
  root: string,
  actions: readonly string[],
  { fault, clockOffMs = 0, killAfterMs }: DriveOptions,
): Promise<Finished> {
  return new Promise((done, reject) => {
    const env = { ...process.env, CLOCK_OFF_MS: String(clockOffMs), ...(fault ? { FAULT: JSON.stringify(fault) } : {}) }
    const child = spawn(process.execPath, [driver, root, ...actions], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const kill = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    // Nothing here takes so long: it hangs.
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
    let [out, err] = ['', '']
    child.stdout.on('data', (d: Buffer) => (out += d.toString()))
    child.stderr.on('data', (d: Buffer) => (err += d.toString()))
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(kill)
      clearTimeout(late)
      const lines = out.split('\n').filter(line => line.endsWith('}'))
      done({ code, said: lines.map(line => JSON.parse(line) as Driven), err })
    })
  })
}

/** Every file that the latest run shows, with its digest. */
function bytesShown(root: string): ReadonlyMap<string, string> {
  const latest = join(root, 'runs/small/latest')
  const shown = ['first', 'parts', 'model', 'last'].flatMap(step => readdirSync(join(latest, step)).map(name => join(step, name)))
  return new Map(shown.map(path => [path, hashFileNow(join(latest, path))]))
}

/** The user's kinds of failures that a full or read-only disk may be told by. */
const expected = new Set(['disk-full', 'cannot-write'])
async function runFailing(root: string, fault: Fault, harness: Harness): Promise<void> {
  const { said, code, err } = await harness.drive(root, ['run'], { fault })
  assert(code === 0 && said.length === 1, `it ended with ${code}: ${err}`)
  const strange = said[0]!.failures.filter(failure => !expected.has(failure))
  assert(strange.length === 0, `it was told as ${strange.join()}`)
}

/** Any file of a cache that a run has left, but for what is thrown away anyway. */
function anyFile(root: string, random: Random): string {
  const cache = join(root, 'cache')
  const names = readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter(name => /^(artifacts|results|stats)/.test(name) && statSync(join(cache, name)).isFile())
  return join(cache, files[random.integer(files.length)]!)
}

/** A copy of what the undisturbed run left, hard links too. */
function fill(root: string, { unhurt }: Harness): void {
  rmSync(root, { recursive: true })
  execFileSync('cp', ['-a', unhurt, root])
}

/** Changes a file's bytes as something would that takes no care; `isTraceless`: as a disk does. */
function spoil(path: string, change: () => void, isTraceless: boolean): void {
  const { atime, mtime, mode } = statSync(path)
  chmodSync(path, 0o644)
  change()
  chmodSync(path, mode)
  if (isTraceless) utimesSync(path, atime, mtime)
}

function flipBit(path: string, random: Random): void {
  const bytes = readFileSync(path)
  if (bytes.length === 0) return
  bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8)
  writeFileSync(path, bytes)
}

const DAY = 86_400_000

/** Kinds of rounds that change what lies in the cache. */
const isSpoiling: ReadonlySet<keyof typeof hurts> = new Set(['flip', 'cutShort', 'vanish'])

/** Everything that is done to a run, by its kind. */
export const hurts = {
  async killAtCall(root, random, harness) {
    const call = random.integer(harness.calls)
    const when = (['before', 'after', 'half'] as const)[random.integer(3)]!
    await harness.drive(root, ['run'], { fault: { kind: 'kill-at', call, when } })
    return `${when} call ${call}`
  },
  async killAtMoment(root, random, harness) {
    const killAfterMs = 60 + random.integer(400)
    await harness.drive(root, ['run'], { killAfterMs })
    return `after ${killAfterMs} ms`
  },
  async killTwice(root, random, harness) {
    for (let n = 0; n < 2; n++)
      await harness.drive(root, ['run'], { fault: { kind: 'kill-at', call: random.integer(harness.calls), when: 'after' } })
    return 'two kills'
  },
  async fullDisk(root, random, harness) {
    const from = random.integer(harness.calls)
    await runFailing(root, { kind: 'errors', from, code: 'ENOSPC' }, harness)
    return `from call ${from}`
  },
  async smallDisk(root, random, harness) {
    const kilobytes = 16 + 4 * random.integer(40)
    const disk = mountSmall(join(root, 'cache'), `${kilobytes}k`)
    harness.atEnd(() => disk.unmount())
    await runFailing(root, { kind: 'none' }, harness)
    disk.remount('size=20m')
    return `${kilobytes} kB`
  },
  async readOnly(root, random, harness) {
    const from = random.integer(4) === 0 ? random.integer(harness.calls) : 0
    if (random.integer(2)) fill(root, harness)
    await runFailing(root, { kind: 'errors', from, code: 'EROFS' }, harness)
    return `from call ${from}`
  },
  async flip(root, random, harness) {
    fill(root, harness)
    const path = anyFile(root, random)
    spoil(path, () => flipBit(path, random), false)
    return path
  },
  async flipTraceless(root, random, harness) {
    fill(root, harness)
    const path = anyFile(root, random)
    spoil(path, () => flipBit(path, random), true)
    // Whole seals are trusted by a run: a check finds it.
    const { said } = await harness.drive(root, ['check'])
    assert(!path.includes('/artifacts/') || said[0]!.faults.length > 0, `a check did not find the bit that flipped in ${path}`)
    return path
  },
  async cutShort(root, random, harness) {
    fill(root, harness)
    const path = anyFile(root, random)
    spoil(path, () => truncateSync(path, random.integer(statSync(path).size + 1)), false)
    return path
  },
  async vanish(root, random, harness) {
    fill(root, harness)
    const path = anyFile(root, random)
    rmSync(random.integer(2) ? path : join(path, '..'), { recursive: true })
    return path
  },
  async clock(root, random, harness) {
    const clockOffMs = (random.integer(2) ? 1 : -1) * Math.round(random.uniform() * 4000 * DAY)
    const fault: Fault = random.integer(2) ? { kind: 'kill-at', call: random.integer(harness.calls), when: 'after' } : { kind: 'none' }
    await harness.drive(root, ['run'], { clockOffMs, fault })
    return `${Math.round(clockOffMs / DAY)} days off, ${JSON.stringify(fault)}`
  },
} as const satisfies Readonly<Record<string, Hurt>>

/** What rounds there are, here. */
export const kinds = (Object.keys(hurts) as readonly (keyof typeof hurts)[]).filter(
  kind => kind !== 'smallDisk' || whyNoMount === undefined,
)
