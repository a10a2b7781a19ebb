import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Artifact } from '../../src/artifact.ts'
import { Cache } from '../../src/cache.ts'
import { lookupElements, lookupStep } from '../../src/resolve.ts'
import type { Outcome } from '../../src/scheduler.ts'
import { Rig, withRig, type TestStep } from '../rig.ts'
import { edited, rounds, worlds, type Loss, type Part, type Round } from './edits.ts'
import { Model, unitsOf } from './model.ts'
import { contentOf, idOf, MadeWorld, type World } from './world.ts'

/** Where there is one, a disk that does not wait: thousands of small files are made. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A user with a pipeline and a cache, and the model beside them. */
class Bench {
  readonly rig = new Rig(memory)
  readonly model = new Model()
  #ran: string[] = []
  readonly #made = new MadeWorld(this.rig, key => void this.#ran.push(key))
  #steps: Readonly<Record<string, TestStep>> = {}
  #outcomes: ReadonlyMap<string, Outcome> = new Map()
  #world: World

  constructor(world: World) {
    this.#world = world
    this.#steps = this.#made.apply(world)
  }

  async round({ losses, edits, parts, jobs, plans }: Round): Promise<void> {
    for (const loss of losses) await this.#lose(loss)
    this.#world = edits.reduce(edited, this.#world)
    this.#steps = this.#made.apply(this.#world)
    if (plans) await this.#plan()
    await this.run(parts, jobs)
  }

  /** All parts together run what must run, each unit once, and give what a run from scratch gives. */
  async run(parts: readonly Part[], jobs: number): Promise<void> {
    const units = unitsOf(this.#world)
    const { must, may } = this.model.expect(units)
    this.#ran = []
    for (const part of parts) await this.#part(part, jobs)
    this.#outcomes = await this.rig.run(this.#steps, { jobs })
    expect([...this.#outcomes].filter(([, o]) => !('artifact' in o))).toEqual([])
    expect(units.map(({ id }) => contentOf(this.#artifact(id)))).toEqual(units.map(u => ({ ...u.content, kind: 'anything' })))

    const ran = new Set(this.#ran)
    expect(this.#ran.length, 'nothing runs twice').toBe(ran.size)
    expect(
      [...must].filter(key => !ran.has(key)),
      'had to run and did not',
    ).toEqual([])
    expect(
      [...ran].filter(key => !must.has(key) && !may.has(key)),
      'ran and had not to',
    ).toEqual([])
    this.model.learn(units, ran)
  }

  /** The same from an empty cache: equal bytes, down to the digests. */
  async scratch(): Promise<void> {
    const digests = (): unknown => [...this.#outcomes].map(([id]) => [id, this.#artifact(id).digest])
    const before = digests()
    this.rig.cacheDir = join(this.rig.dir, 'other cache')
    this.#outcomes = await this.rig.run(this.#steps)
    expect(digests()).toEqual(before)
  }

  async #part(part: Part, jobs: number): Promise<void> {
    this.#made.broken = 'broken' in part ? part.broken : undefined
    const ids = Object.keys(this.#steps)
    const wanted = 'until' in part ? ids.slice(0, 2 + (part.until % (ids.length - 1))) : ids
    await this.rig.run(this.#steps, { wanted, jobs, keepGoing: 'broken' in part && part.keepGoing })
    this.#made.broken = undefined
  }

  /** A plan runs nothing, and finds nothing to do where there is nothing to do. */
  async #plan(): Promise<void> {
    this.#ran = []
    const units = unitsOf(this.#world)
    const { must, may } = this.model.expect(units)
    const plans = await this.rig.plan(this.#steps)
    expect(this.#ran).toEqual([])
    const isUpToDate = units.every(({ key }) => !must.has(key) && !may.has(key))
    expect(Object.values(plans).every(p => p.state === 'fresh')).toBe(isUpToDate)
  }

  async #lose(loss: Loss): Promise<void> {
    if (loss.lose === 'memory of files') return rmSync(join(this.rig.cacheDir, 'stats'), { recursive: true, force: true })
    if (loss.lose === 'cache') {
      this.model.clear()
      return rmSync(this.rig.cacheDir, { recursive: true, force: true })
    }
    if (!('step' in loss)) return
    const units = unitsOf(this.#world)
    const index = loss.step % units.length
    const { elements, ...whole } = units[index]!
    const at = loss.element === undefined || elements.length === 0 ? undefined : loss.element % elements.length
    const found = await this.#find(index, at)
    const unit = at === undefined ? whole : elements[at]!
    if (loss.lose === 'record') {
      this.model.forget(unit)
      removeNamed(join(this.rig.cacheDir, 'results'), found.key)
    } else if (found.artifact) {
      this.model.lose(unit)
      if (loss.lose === 'artifact') rmSync(found.artifact.dir, { recursive: true })
      else damage(join(found.artifact.dir, found.artifact.files[0]?.path ?? 'artifact.json'))
    }
  }

  /** Where the cache has a step or one of its elements. */
  async #find(index: number, element: number | undefined) {
    const setting = await this.rig.setting(this.#steps)
    const step = setting.pipeline.steps.get(idOf(index))!
    const inputs = Object.fromEntries(Object.entries(step.inputs).map(([name, ids]) => [name, ids.map(id => this.#artifact(id))]))
    return element === undefined ? lookupStep(step, inputs, setting) : (await lookupElements(step, inputs, setting))[element]!
  }

  #artifact(id: string): Artifact<unknown> {
    const outcome = this.#outcomes.get(id)!
    if (!('artifact' in outcome)) throw new Error(`${id} was ${outcome.how}`)
    return outcome.artifact
  }
}

function removeNamed(dir: string, part: string): void {
  if (!existsSync(dir)) return
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) if (name.includes(part)) rmSync(join(dir, name))
}

/** Other bytes of the same length, in this file alone: its hard links keep theirs. */
function damage(path: string): void {
  const bytes = readFileSync(path).map(b => b ^ 1)
  chmodSync(path, 0o644)
  rmSync(path)
  writeFileSync(path, bytes)
}

async function live(world: World, rounds: readonly Round[]): Promise<void> {
  const bench = new Bench(world)
  try {
    await bench.run([], 4)
    for (const round of rounds) await bench.round(round)
    await bench.scratch()
  } finally {
    bench.rig.close()
  }
}

/** `VOXELPIPE_PROPERTY_CASES=5000 VOXELPIPE_SEED=17 npx vitest run test/properties` looks longer, elsewhere. */
const cases = Number(process.env['VOXELPIPE_PROPERTY_CASES'] ?? 100)
const seed = Number(process.env['VOXELPIPE_SEED'] ?? 4)
/** Side by side, since a run waits for the disk more than it computes. */
const lanes = 4

describe.concurrent('after any edits and losses, a run gives what a run from scratch gives, and runs nothing that did not have to', () => {
  for (let lane = 0; lane < lanes; lane++)
    test(`pipelines from seed ${seed + lane}`, { timeout: 60_000 + 1000 * cases }, async () => {
      await fc.assert(fc.asyncProperty(worlds, rounds, live), {
        seed: seed + lane,
        numRuns: Math.ceil(cases / lanes),
        interruptAfterTimeLimit: 40_000 + 500 * cases,
        markInterruptAsFailure: true,
      })
    })
})

// --- what they found ---

test(
  'bytes that were lost are there after they were given again, however many look for them meanwhile',
  withRig(async rig => {
    const same = { same: {} }
    rig.node('same', () => ({ n: 1 }))
    const { artifact } = (await rig.run(same)).get('same') as { artifact: Artifact<unknown> }
    for (let round = 0; round < 10; round++) {
      if (round % 2) rmSync(artifact.dir, { recursive: true })
      else damage(join(artifact.dir, 'artifact.json'))
      let isMade = false
      const look = async (): Promise<void> => {
        while (!isMade) {
          await (await Cache.open(rig.cacheDir)).open(artifact.digest)
          // Nothing there waits for the disk: without this the run would not get its turn.
          await setImmediate()
        }
      }
      const looking = Array.from({ length: 8 }, look)
      await rig.run(same, { forced: ['same'] })
      isMade = true
      await Promise.all(looking)
      expect(existsSync(artifact.dir)).toBe(true)
    }
  }),
)
