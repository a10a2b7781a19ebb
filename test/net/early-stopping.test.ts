import assert from 'node:assert/strict'
import { test } from 'vitest'
import { afterEpoch, fresh, isOver, type StoppingRule } from '../../src/net/early-stopping.ts'

/** After how many epochs a training with these validation losses stops; undefined if it does not. */
function stopsAfter(losses: readonly number[], rule: StoppingRule): number | undefined {
  let patience = fresh
  for (const [i, loss] of losses.entries()) {
    patience = afterEpoch(patience, rule, loss)
    if (isOver(patience, rule)) return i + 1
  }
  return undefined
}
const rule = { patience: 3, epsilon: 0.001 }

test('a loss that falls by 0.002 each epoch never stops', () => {
  assert.equal(
    stopsAfter(
      Array.from({ length: 500 }, (_, i) => -0.002 * i),
      rule,
    ),
    undefined,
  )
})

test('a flat loss stops after exactly `patience` epochs without improvement', () => {
  assert.equal(stopsAfter([1, 1, 1, 1, 1, 1], rule), 4)
})

test('an improvement sets the patience back', () => {
  assert.equal(stopsAfter([1, 1, 1, 0.9, 0.9, 0.9, 0.9], rule), 7)
})

test('an improvement of epsilon or less, and a loss that rises, are none', () => {
  assert.equal(stopsAfter([1, 0.9995, 0.999, 0.9985], rule), 4)
  assert.equal(stopsAfter([1, 2, 3, 4], rule), 4)
})

test("ivadomed's run that it stopped after 4 epochs at 4 % still improved, and goes on", () => {
  // golden/training/full_run, case early_stop: its validation losses, each better than the one before.
  const losses = [-0.2147143930196762, -0.21578042209148407, -0.21703149378299713, -0.21876828372478485]
  assert.equal(stopsAfter(losses, rule), undefined)
})
