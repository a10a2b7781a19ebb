import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { phantom, runChain } from './chain.ts'

const chosen = vi.hoisted((): { engine: 'onnx' | 'tfjs' } => ({ engine: 'onnx' }))
// The native packages are not always there: this one has TensorFlow.js's JavaScript backend.
vi.mock('../../src/net/engines.ts', async () => {
  const { onnxEngine } = await import('../../src/net/onnx/engine.ts')
  const { plainTfjs } = await import('../net/tf.ts')
  return { loadEngine: async () => ({ onnx: onnxEngine, tfjs: plainTfjs })[chosen.engine] }
})

/** The mean Dice of the test images of a small phantom, and the engine that the model's card names. */
async function chain(engine: 'onnx' | 'tfjs') {
  chosen.engine = engine
  const home = await mkdtemp(join(tmpdir(), `${engine}-`))
  try {
    const data = await phantom(home, 'data', { subjects: 8, shape: [20, 18, 4] })
    const model = {
      network: { name: 'Unet', depth: 1, n_filters: 4, dropout_rate: 0 },
      batch_size: 4,
      training_time: { num_epochs: 30 },
      scheduler: { initial_lr: 0.01 },
    }
    const { metrics, model: trained } = await runChain(home, [data], { index: { contrasts: ['T2w'] }, model })
    const card = JSON.parse(await readFile(join(trained.dir, 'model.json'), 'utf8')) as { engine: string }
    const values = metrics.rows.map(row => Number(row.values['dice_class0']))
    return { dice: values.reduce((a, b) => a + b, 0) / values.length, images: values.length, engine: card.engine }
  } finally {
    await rm(home, { recursive: true })
  }
}

test('a pipeline through TensorFlow.js (its JavaScript backend) reaches the Dice of ONNX Runtime, within 0.02', async () => {
  const [onnx, tfjs] = [await chain('onnx'), await chain('tfjs')]
  expect([onnx.engine, tfjs.engine]).toEqual([expect.stringContaining('onnxruntime-node'), expect.stringContaining('@tensorflow/tfjs ')])
  expect([onnx.images, tfjs.images]).toEqual([2, 2])
  expect(onnx.dice).toBeGreaterThan(0.8)
  expect(Math.abs(onnx.dice - tfjs.dice), `${onnx.dice} and ${tfjs.dice}`).toBeLessThan(0.02)
}, 300_000)
