import assert from 'node:assert/strict'
import { test } from 'vitest'
import { scheduleOf, scheduleParams, schedules } from '../../src/net/schedules/index.ts'
import { goldenCases, sharedTest } from '../golden.ts'

const rates = (settings: Record<string, unknown>, epochs: number, count: number, initialLr = 0.001): number[] => {
  const params = scheduleParams.parse(settings)
  return Array.from({ length: count }, (_, t) => scheduleOf(params).rate(params, { initialLr, epochs }, t))
}
const close = (actual: readonly number[], expected: readonly number[], tolerance = 1e-9) => {
  assert.equal(actual.length, expected.length)
  actual.forEach((a, i) => {
    assert.ok(Math.abs(a - expected[i]!) <= tolerance * Math.max(1e-30, Math.abs(expected[i]!)), `at ${i}: ${a}, expected ${expected[i]}`)
  })
}

test('cosine annealing starts at the initial rate, is half of it in the middle, and ends near 0', () => {
  close(rates({ name: 'CosineAnnealingLR' }, 4, 4), [0.001, 0.0005 * (1 + Math.SQRT1_2), 0.0005, 0.0005 * (1 - Math.SQRT1_2)])
})

test('base_lr and max_lr are accepted by the cosine schedules, change nothing, and are named as ignored', () => {
  const given = { name: 'CosineAnnealingLR', base_lr: 1e-5, max_lr: 1e-2 }
  assert.deepEqual(rates(given, 10, 10), rates({ name: 'CosineAnnealingLR' }, 10, 10))
  const params = scheduleParams.parse(given)
  assert.deepEqual(scheduleOf(params).ignored?.(params), ['base_lr', 'max_lr'])
  const cyclic = scheduleParams.parse({ ...given, name: 'CyclicLR' })
  assert.deepEqual(scheduleOf(cyclic).ignored?.(cyclic), undefined)
})

test('warm restarts go back to the initial rate after T_0, then after T_mult times as many epochs', () => {
  const lr = rates({ name: 'CosineAnnealingWarmRestarts', T_0: 2, T_mult: 2 }, 14, 14)
  assert.deepEqual(
    lr.flatMap((r, epoch) => (r === 0.001 ? [epoch] : [])),
    [0, 2, 6],
  )
})

test('the cyclic rate rises over step_size_up batches and each triangle is half as high', () => {
  const lr = rates({ name: 'CyclicLR', base_lr: 0.1, max_lr: 0.5, step_size_up: 2, step_size_down: 2 }, 1, 9)
  close(lr, [0.1, 0.3, 0.5, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1], 1e-12)
})

test('without a schedule the rate stays', () => {
  assert.deepEqual(rates({ name: 'none' }, 3, 3), [0.001, 0.001, 0.001])
})

test('an unknown schedule, an unknown setting and a missing T_0 are refused', () => {
  assert.equal(scheduleParams.safeParse({ name: 'StepLR' }).success, false)
  assert.equal(scheduleParams.safeParse({ name: 'CyclicLR', base_rl: 1 }).success, false)
  assert.equal(scheduleParams.safeParse({ name: 'CosineAnnealingWarmRestarts' }).success, false)
})

test('the schema takes every schedule of the list', () => {
  const settings = { CosineAnnealingWarmRestarts: { T_0: 3 } } as Readonly<Record<string, object>>
  for (const { name } of schedules) assert.equal(scheduleOf(scheduleParams.parse({ name, ...settings[name] })).name, name)
})

interface GoldenSchedule {
  readonly lr_scheduler: { readonly name: string }
  readonly initial_lr: number
  readonly num_epochs: number
  readonly batches_per_epoch: number
  readonly error: string | null
  readonly lr_logged_at_epoch_start: readonly number[]
  readonly lr_used_at_each_optimizer_step: readonly number[]
}

sharedTest('golden/training/schedulers', "every step's learning rate is PyTorch's", () => {
  const { cases } = goldenCases('training/schedulers') as { cases: readonly GoldenSchedule[] }
  let compared = 0
  for (const golden of cases) {
    if (golden.error) continue
    const params = scheduleParams.parse(golden.lr_scheduler)
    const schedule = scheduleOf(params)
    const course = { initialLr: golden.initial_lr, epochs: golden.num_epochs }
    const perEpoch = schedule.per === 'epoch' ? golden.batches_per_epoch : 1
    close(
      golden.lr_used_at_each_optimizer_step.map((_, step) => schedule.rate(params, course, Math.floor(step / perEpoch))),
      golden.lr_used_at_each_optimizer_step,
    )
    compared += golden.lr_used_at_each_optimizer_step.length
  }
  assert.ok(compared > 150)
})
