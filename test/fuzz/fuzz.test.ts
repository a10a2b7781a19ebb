import { expect, test } from 'vitest'
import { fuzz, targetNames, targetOf } from './round.ts'

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
