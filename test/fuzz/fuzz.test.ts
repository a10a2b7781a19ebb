import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fail } from '../../src/failure.ts'
import { fuzz, targetNames, targetOf } from './round.ts'
import type { Target } from './targets.ts'

const rounds = 300
for (const name of targetNames)
  test(`mutated input to ${name} gives a message or a result, and stays in its folder`, async () => {
    const ends = { result: 0, message: 0, bug: 0 }
    for (let round = 0; round < rounds; round++) {
      if (targetOf(round) !== name) continue
      const ended = await fuzz(1, round)
      expect(ended.as === 'bug' ? `round ${round}: ${ended.detail}` : '').toBe('')
      ends[ended.as]++
    }
    // Inputs that are all refused, or none, would try little.
    expect(Math.min(ends.result, ends.message), JSON.stringify(ends)).toBeGreaterThan(2)
  })

const hostile: Readonly<Record<string, readonly [as: string, Target]>> = {
  'an error of the program': ['bug', () => Promise.reject(new TypeError('x is not a function'))],
  'a message that says undefined': ['bug', async () => fail({ kind: 'file-missing', path: 'a', role: undefined as unknown as string })],
  'a file beside the folder of results': ['bug', async (_, dir) => writeFileSync(join(dir, '..', 'e.txt'), '')],
  'a message': ['message', async () => fail({ kind: 'file-missing', path: 'a', role: 'the file' })],
  'a result': ['result', async (_, dir) => writeFileSync(join(dir, 'out', 'e.txt'), '')],
}
for (const [what, [as, target]] of Object.entries(hostile))
  test(`${what} counts as a ${as}`, async () => {
    expect(await fuzz(1, 0, target)).toMatchObject({ as })
  })
