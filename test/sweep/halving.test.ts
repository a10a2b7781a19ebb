import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Halving, type HalvingRule } from '../../src/sweep/halving.ts'

/** The scores of a sweep: of each training one for every rung; null where it failed. */
type Scores = readonly (readonly (number | null)[])[]

/** Every rung after a whole sweep in which trainings end in some order: `pick` says which of those that run is next. */
function sweep(scores: Scores, rule: HalvingRule, pick: (running: number) => number) {
  const halving = new Halving(scores.length, rule)
  const ended = new Set<string>()
  for (;;) {
    const running = Array.from({ length: rule.rungs }, (_, rung) => halving.standings(rung).map(({ training }) => ({ training, rung })))
      .flat()
      .filter(({ training, rung }) => !ended.has(`${training} ${rung}`))
    const next = running[pick(running.length)]
    if (!next) break
    ended.add(`${next.training} ${next.rung}`)
    halving.note(next.training, next.rung, scores[next.training]![next.rung]!)
  }
  return Array.from({ length: rule.rungs }, (_, rung) => halving.standings(rung))
}
const first = (): number => 0

/** Algorithm 2 of Li et al. 2020 with one worker, written as it stands there: who went up from each rung. */
function paper(scores: readonly (readonly number[])[], eta: number, rungs: number): readonly (readonly number[])[] {
  const results: number[][] = Array.from({ length: rungs }, () => [])
  const promoted: number[][] = Array.from({ length: rungs }, () => [])
  let started = 0
  const job = (): [number, number] | undefined => {
    for (let k = rungs - 2; k >= 0; k--) {
      const best = [...results[k]!].sort((a, b) => scores[a]![k]! - scores[b]![k]!).slice(0, Math.floor(results[k]!.length / eta))
      const promotable = best.filter(training => !promoted[k]!.includes(training))
      if (promotable.length > 0) {
        promoted[k]!.push(promotable[0]!)
        return [promotable[0]!, k + 1]
      }
    }
    return started < scores.length ? [started++, 0] : undefined
  }
  for (let next = job(); next; next = job()) results[next[1]]!.push(next[0])
  return promoted.slice(0, -1)
}

const losses = (most: number) =>
  fc.array(fc.array(fc.double({ noNaN: true, min: -1, max: 1 }), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: most })

describe('successive halving', () => {
  test('sends up whom the algorithm of the paper sends up, and the best of a rung that it leaves empty', () => {
    fc.assert(
      fc.property(losses(30), fc.integer({ min: 2, max: 4 }), (scores, reduction) => {
        const found = sweep(scores, { better: 'lower', reduction, rungs: 4 }, first)
          .slice(1)
          .map(rung => rung.map(s => s.training))
        const expected = paper(scores, reduction, 4)
        for (const [rung, up] of expected.entries()) {
          if (up.length === 0) {
            expect(found[rung]).toHaveLength(1)
            // From here on, the paper has nobody.
            return
          }
          expect(found[rung]).toEqual(up)
        }
      }),
      { seed: 4, numRuns: 200 },
    )
  })

  test('decides the same whatever ends first', () => {
    const score = fc.option(fc.double({ noNaN: true, min: -1, max: 1 }), { freq: 8 })
    const all = fc.array(fc.array(score, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(all, fc.infiniteStream(fc.nat()), fc.constantFrom('lower', 'higher'), (scores, order, better) => {
        const rule = { better, reduction: 3, rungs: 3 } as const
        const mixed = sweep(scores, rule, running => (running > 0 ? (order.next().value as number) % running : 0))
        expect(mixed).toEqual(sweep(scores, rule, first))
        expect(mixed.flat().every(s => s.decision !== undefined)).toBe(true)
      }),
      { seed: 4, numRuns: 200 },
    )
  })

  test('goes on before the rung is over, as soon as those before in the order have ended', () => {
    const halving = new Halving(6, { better: 'higher', reduction: 3, rungs: 2 })
    halving.note(2, 0, 0.9)
    halving.note(1, 0, 0.5)
    expect(halving.standings(1)).toEqual([])
    halving.note(0, 0, 0.4)
    expect(halving.standings(1).map(s => s.training)).toEqual([2])
    expect(halving.standings(0).map(s => s.decision)).toEqual([undefined, undefined, 'up', undefined, undefined, undefined])
    for (const training of [5, 4, 3]) halving.note(training, 0, 0.45)
    // Of six the two best go up: the second was there all along.
    expect(halving.standings(1).map(s => s.training)).toEqual([2, 1])
    expect(halving.standings(0).map(s => s.decision)).toEqual(['stopped', 'up', 'up', 'stopped', 'stopped', 'stopped'])
  })

  test('a training that failed goes nowhere, and where all failed nobody does', () => {
    const rule = { better: 'lower', reduction: 2, rungs: 2 } as const
    const [low, high] = sweep(
      [
        [null, 1],
        [3, 1],
      ],
      rule,
      first,
    )
    expect([low!.map(s => s.decision), high!.map(s => s.training)]).toEqual([['stopped', 'up'], [1]])
    expect(
      sweep(
        [
          [null, 1],
          [null, 1],
        ],
        rule,
        first,
      )[1],
    ).toEqual([])
  })
})
