import { expect, test } from 'vitest'
import { fail } from '../../src/failure.ts'
import { stepOrFitting } from '../../src/net/fitting-batch.ts'
import type { Trainer } from '../../src/net/engine.ts'
import { fakeEngine, initial, net } from './fake-engine.ts'
import { planOf } from './conformance.ts'

/** A trainer with memory for so many images, and the batches that it was given. */
async function tight(fits: number): Promise<Trainer & { readonly given: number[] }> {
  const given: number[] = []
  const trainer = await fakeEngine().trainer(net, initial, planOf('DiceLoss'))
  return {
    ...trainer,
    given,
    step: async (batch, rate) => {
      const images = batch.x.shape[0]!
      expect([batch.x.data.length, batch.y.data.length, batch.masks[0]!.length]).toEqual([4 * images, 4 * images, images])
      given.push(images)
      if (images > fits) fail({ kind: 'out-of-memory', work: 'a training step on', size: batch.x.shape.join(' x '), detail: 'OOM' })
      return trainer.step(batch, rate)
    },
  }
}
const tensor = () => ({ shape: [18, 1, 2, 2], data: new Float32Array(72).fill(0.5) })
const batch = { x: tensor(), y: tensor(), masks: [new Float32Array(18).fill(1)] }

test.each([
  [4, 4, [18, 9, 4]],
  [9, 9, [18, 9]],
  [3, 2, [18, 9, 4, 2]],
  [0, 0, [18, 9, 4, 2, 1]],
])('where memory is for %i images the failure says %i', async (has, says, tried) => {
  const trainer = await tight(has)
  await expect(stepOrFitting(trainer, batch, 0.1)).rejects.toMatchObject({
    failure: { kind: 'out-of-memory', size: '18 x 1 x 2 x 2', fits: says },
  })
  expect(trainer.given).toEqual(tried)
})

test('a batch that fits is one step', async () => {
  const trainer = await tight(18)
  expect((await stepOrFitting(trainer, batch, 0.1)).loss).toBeGreaterThan(0)
  expect(trainer.given).toEqual([18])
})
