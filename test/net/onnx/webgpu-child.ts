import type { Device } from '../../../src/net/engine.ts'
import { onnxEngine } from '../../../src/net/onnx/engine.ts'
import { discs, smallUnet } from '../conformance.ts'

/**
 * Prints how far predictions and a training on WebGPU are from those on the processor. A process of its own: Vulkan's driver is chosen
 * at its start. The sizes are odd, so that pooling leaves voxels out.
 */
const { net, weights } = smallUnet()
const batch = discs(2, [18, 17])

async function prediction(device: Device): Promise<Float32Array> {
  const predictor = await onnxEngine.predictor({ net, weights }, { threads: 1, device })
  const { data } = await predictor.predict(batch.x)
  await predictor.close()
  return data
}

/** Two steps; a checkpoint after the first is where a second trainer goes on. */
async function training(device: Device): Promise<readonly number[]> {
  const plan = { loss: { name: 'DiceLoss', params: {} }, optimiser: { name: 'adam' }, threads: 1, device } as const
  const trainer = await onnxEngine.trainer(net, weights, plan)
  const masks = trainer.dropouts.map(({ channels }) => Float32Array.from({ length: 2 * channels }, (_, i) => (i % 3 === 0 ? 0 : 1.5)))
  const first = await trainer.step({ ...batch, masks }, 1e-3)
  const checkpoint = await trainer.state()
  await trainer.close()
  const resumed = await onnxEngine.trainer(net, weights, plan)
  await resumed.restore(checkpoint)
  const second = await resumed.step({ ...batch, masks }, 1e-3)
  const { loss } = await resumed.evaluate(batch)
  const after = Object.values(await resumed.state()).flatMap(({ data }) => [...data])
  await resumed.close()
  return [first.loss, second.loss, loss, ...after]
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!) / Math.max(1, Math.abs(v))))
const [predicted, trained] = [
  furthest(await prediction('cpu'), await prediction('webgpu')),
  furthest(await training('cpu'), await training('webgpu')),
]
process.stdout.write(JSON.stringify({ predicted, trained }))
