import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { GpuSlots } from '../src/gpu-slots.ts'
import { meeting, withRig, type Rig } from './rig.ts'

/** Nodes that run networks, which see how many of them run beside them; none ends before `meet` of them have met. */
function networks(rig: Rig, names: readonly string[], { computes = true, meet = 1 } = {}): { most: number } {
  const seen = { now: 0, most: 0 }
  const met = meeting(meet)
  for (const name of names)
    rig.node(
      name,
      async () => {
        seen.most = Math.max(seen.most, ++seen.now)
        await met()
        await sleep(30)
        seen.now--
        return name
      },
      { computes },
    )
  return seen
}
const names = ['a', 'b', 'c', 'd', 'e']
const steps = Object.fromEntries(names.map(name => [name, {}]))

test(
  'two GPUs run two steps at a time, each on its own',
  withRig(async rig => {
    const seen = networks(rig, names, { meet: 2 })
    const outcomes = await rig.run(steps, { gpus: ['0', '3'] })
    assert.deepEqual(
      [...outcomes.values()].map(o => o.how),
      names.map(() => 'ran'),
    )
    expect(seen.most).toBe(2)
    expect(rig.gpus.map(line => line.slice(0, 1)).sort()).toEqual(names)
    expect(rig.gpus.slice(0, 2).map(line => line.slice(5))).toEqual(['0', '3'])
    expect(new Set(rig.gpus.map(line => line.slice(5)))).toEqual(new Set(['0', '3']))
  }),
)

test(
  'one GPU runs one step at a time, also when a step fails',
  withRig(async rig => {
    const seen = networks(rig, ['a', 'b'])
    rig.node('c', () => Promise.reject(new Error('no')), { computes: true })
    const outcomes = await rig.run({ c: {}, a: {}, b: {} }, { gpus: ['0'], keepGoing: true })
    expect([outcomes.get('c')!.how, outcomes.get('a')!.how, outcomes.get('b')!.how]).toEqual(['failed', 'ran', 'ran'])
    expect(seen.most).toBe(1)
  }),
)

test(
  'without a GPU networks run one at a time, and none is named',
  withRig(async rig => {
    const seen = networks(rig, names)
    await rig.run(steps)
    expect([seen.most, rig.gpus]).toEqual([1, []])
  }),
)

test(
  'steps that run no network take no GPU',
  withRig(async rig => {
    const seen = networks(rig, names, { computes: false, meet: 2 })
    await rig.run(steps, { gpus: ['0'] })
    expect(rig.gpus).toEqual([])
    expect(seen.most).toBeGreaterThan(1)
  }),
)

test('a GPU that is given back is taken by the one who waits', async () => {
  const slots = new GpuSlots(['7'])
  const took: string[] = []
  const failing = slots.use(gpu => {
    took.push(`first ${gpu}`)
    return Promise.reject(new Error('no'))
  })
  const waiting = slots.use(async gpu => took.push(`second ${gpu}`))
  await expect(failing).rejects.toThrow('no')
  await waiting
  expect(took).toEqual(['first 7', 'second 7'])
})
