import { afterAll, beforeAll, expect, test } from 'vitest'
import { Harness, hurts, kinds } from './harness.ts'

// A few dozen rounds; `npm run test:faults -- --rounds 200` runs long, and names the round of every fault that it finds.
let harness: Harness
beforeAll(async () => {
  harness = await Harness.open()
})
afterAll(() => harness.close())

const told: Readonly<Record<keyof typeof hurts, string>> = {
  killAtCall: 'killed at a call that changes the disk, or half through it',
  killAtMoment: 'killed at any moment',
  killTwice: 'killed, and killed again',
  fullDisk: 'with a disk that is full from some call on',
  smallDisk: 'with a disk that is too small',
  readOnly: 'with a cache that nothing can be written to',
  flip: 'with a bit that flips in a blob or a record',
  flipTraceless: 'with a bit that flips and leaves no trace, found by a check',
  cutShort: 'with a file cut short',
  vanish: 'with files that vanish',
  clock: 'with a clock that is years off',
}
for (const kind of Object.keys(hurts) as (keyof typeof hurts)[])
  test.skipIf(!kinds.includes(kind))(
    `a run ${told[kind]}: the next one ends with the same bytes as one that nothing happened to${kinds.includes(kind) ? '' : ' (skipped: nothing may be mounted here)'}`,
    async () => {
      for (const seed of [1, 2]) expect(await harness.round(kind, seed)).toBeUndefined()
    },
  )

test('an undisturbed run changes the disk at many calls, each of which a round may kill at', () => {
  expect(harness.calls).toBeGreaterThan(100)
})
