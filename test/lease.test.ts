import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holderName, holderOf, lifeOf, thisHolder, type Holder } from '../src/holder.ts'
import { Leases, type Lease } from '../src/lease.ts'

let dir: string
let leases: Leases
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lease-'))
  leases = new Leases(dir)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const never = new AbortController().signal
const got = (taken: Lease | Holder): Lease => {
  expect(taken).toHaveProperty('release')
  return taken as Lease
}
/** As if that process had taken the key. */
const plant = (key: string, holder: Holder): string => {
  mkdirSync(join(dir, 'leases', key), { recursive: true })
  const file = join(dir, 'leases', key, holderName(holder))
  writeFileSync(file, '')
  return file
}
const elsewhere: Holder = { ...thisHolder('there'), host: 'node7', machine: '0123456789abcdef' }
/** A process that is gone, and one that is ours with another begin: its number was given anew. */
async function gone(): Promise<Holder> {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise(done => child.on('exit', done))
  return { ...thisHolder('gone'), pid: child.pid! }
}
const reused = (): Holder => ({ ...thisHolder('reused'), begun: '1' })

test('a key has one holder at a time, and who comes second is told whom', async () => {
  const first = got(await leases.take('k', 'run 1'))
  expect(await leases.take('k', 'run-2')).toMatchObject({ run: 'run 1', pid: process.pid, id: first.holder.id })
  expect(await first.isHeld()).toBe(true)
  await first.release()
  expect(await first.isHeld()).toBe(false)
  expect(readdirSync(join(dir, 'leases'))).toEqual([])
  expect(readdirSync(join(dir, 'tmp'))).toEqual([])
  await got(await leases.take('k', 'run-2')).release()
})

test('a holder is told whole by the name of its file, and other files are none', () => {
  const holder: Holder = { ...thisHolder('a,b/c'), host: 'ø.example' }
  expect(holderOf(holderName(holder))).toEqual({ ...holder, run: 'a,b/c' })
  expect(holderOf('.DS_Store')).toBeUndefined()
})

test('a process that is gone, and one whose number was given anew, are dead; this one lives; of another machine nothing is known', async () => {
  expect([lifeOf(await gone()), lifeOf(reused()), lifeOf(thisHolder('x')), lifeOf(elsewhere)]).toEqual(['dead', 'dead', 'alive', 'unknown'])
})

test('a dead holder of this machine is replaced at once', async () => {
  for (const dead of [await gone(), reused()]) {
    plant('k', dead)
    await got(await leases.take('k', 'mine')).release()
  }
})

test('a folder without a holder, as a kill between two calls leaves it, is free', async () => {
  mkdirSync(join(dir, 'leases', 'k'), { recursive: true })
  await got(await leases.take('k', 'mine')).release()
})

test('a holder of another machine that beats is waited for; one that is silent is removed, whatever the clocks say', async () => {
  const file = plant('k', elsewhere)
  let beats = 0
  // The other machine's clock goes backwards, years from now.
  const beating = setInterval(() => utimesSync(file, 0, 4e9 - 100 * beats++), 30)
  const told: string[] = []
  const waiting = leases.whenFree('k', { signal: never, waits: h => told.push(h.host), silenceMs: 400 })
  const state = async () => Promise.race([waiting.then(() => 'free'), sleep(900).then(() => 'waits')])
  expect(await state()).toBe('waits')
  clearInterval(beating)
  await waiting
  expect(told).toEqual(['node7'])
  expect(await leases.holder('k')).toBeUndefined()
})

test('a beat is for the holder of the same run only', async () => {
  const file = plant('k', elsewhere)
  utimesSync(file, 1, 1)
  await leases.beat('k', 'another')
  expect(statSync(file).mtimeMs).toBe(1000)
  await leases.beat('k', 'there')
  expect(statSync(file).mtimeMs).toBeGreaterThan(1000)
})

test('of many who want the same key, over dead holders too, never two have it', async () => {
  let inside = 0
  let most = 0
  let done = 0
  const dead = await gone()
  const worker = async (n: number): Promise<void> => {
    for (let round = 0; round < 12; round++) {
      const own = new Leases(dir)
      for (;;) {
        const taken = await own.take('k', `run-${n}`)
        if (!('release' in taken)) {
          await sleep(1)
          continue
        }
        most = Math.max(most, ++inside)
        await sleep((n + round) % 2)
        inside--
        done++
        if (round % 3 === 0) {
          // Dies with the key: its file stays, under a dead process's name.
          const [name] = readdirSync(join(dir, 'leases', 'k')) as [string]
          renameSync(join(dir, 'leases', 'k', name), join(dir, 'leases', 'k', holderName({ ...dead, id: `${n}-${round}` })))
        } else await taken.release()
        break
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, n) => worker(n)))
  expect([most, done]).toEqual([1, 96])
})
