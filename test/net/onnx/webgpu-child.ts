import { onnxEngine } from '../../../src/net/onnx/engine.ts'
import { discs, smallUnet } from '../conformance.ts'

/** Prints how far a prediction on WebGPU is from that on the processor. A process of its own: Vulkan's driver is chosen at its start. */
const { net, weights } = smallUnet()
const { x } = discs(2, [16, 16])
const predictionOn = async (device: 'cpu' | 'webgpu'): Promise<Float32Array> => {
  const predictor = await onnxEngine.predictor({ net, weights }, { threads: 1, device })
  const { data } = await predictor.predict(x)
  await predictor.close()
  return data
}
const [here, there] = [await predictionOn('cpu'), await predictionOn('webgpu')]
process.stdout.write(JSON.stringify({ difference: Math.max(...here.map((v, i) => Math.abs(v - there[i]!))) }))
