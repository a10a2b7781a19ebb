import { beforeAll, describe, expect, test } from 'vitest'
import { dropoutMasks } from '../../src/net/batches.ts'
import { discs, planOf, smallUnet, steps } from './conformance.ts'
import { plainTf, plainTfjs } from './tf.ts'

const run = { threads: 1, device: 'cpu' } as const
let tensors: () => number
beforeAll(async () => {
  const tf = await plainTf()
  tensors = () => tf.memory().numTensors
})

describe('TensorFlow.js keeps no tensor (counted on its JavaScript backend, the bookkeeping is the same on all):', () => {
  test('the number is the same after every step, every evaluation and every saved state, and as before once closed', async () => {
    const { net, weights } = smallUnet()
    const before = tensors()
    const trainer = await plainTfjs.trainer(net, weights, planOf('DiceLoss'))
    const open = tensors()
    const counts: number[] = []
    for (let step = 1; step <= 4; step++) {
      await steps(trainer, seed => discs(step, [16, 12], { seed }), step, step)
      counts.push(tensors())
      await trainer.evaluate(discs(5, [13, 12]))
      counts.push(tensors())
      await trainer.restore(await trainer.state())
      counts.push(tensors())
    }
    expect(counts).toEqual(counts.map(() => open))
    // Weights, running statistics, and two averages of each weight.
    const names = Object.keys(await trainer.state()).length - 1
    expect(open - before).toBe(names)
    await trainer.close()
    expect(tensors()).toBe(before)
  })

  test('of predictions and of samples too', async () => {
    const { net, weights } = smallUnet({ classes: 2, final_activation: 'softmax' })
    const before = tensors()
    const predictor = await plainTfjs.predictor({ net, weights }, run)
    const sampler = await plainTfjs.sampler(net, weights, run)
    const open = tensors()
    const { x } = discs(2, [16, 16])
    for (let i = 0; i < 3; i++) {
      await predictor.predict(x)
      await sampler.sample(x, dropoutMasks(sampler.dropouts, 2, 3, 1, i))
      expect(tensors()).toBe(open)
    }
    await predictor.close()
    await sampler.close()
    expect(tensors()).toBe(before)
  })

  test('of a step that failed', async () => {
    const { net, weights } = smallUnet()
    const trainer = await plainTfjs.trainer(net, weights, planOf('DiceLoss'))
    const open = tensors()
    const { x, y } = discs(2, [16, 16])
    const wrong = { x, y: { shape: [2, 1, 8, 8], data: new Float32Array(128) } }
    await expect(trainer.step({ ...wrong, masks: dropoutMasks(trainer.dropouts, 2, 1, 1, 1) }, 1)).rejects.toThrow()
    expect(tensors()).toBe(open)
    await trainer.step({ x, y, masks: dropoutMasks(trainer.dropouts, 2, 1, 1, 1) }, 1e-3)
    expect(tensors()).toBe(open)
    await trainer.close()
  })
})
