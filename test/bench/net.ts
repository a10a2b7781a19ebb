/**
 * Time and memory of one step of the tutorial's U-Net: `node --import tsx test/bench/net.ts [steps] [batch] [cpu|webgpu] [threads]`; prints one
 * line of JSON.
 */
import type { Device } from '../../src/net/engine.ts'
import { initialise } from '../../src/net/initialise.ts'
import { models } from '../../src/net/models/index.ts'
import { onnxEngine } from '../../src/net/onnx/engine.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { Random } from '../../src/random.ts'

const [steps, batch] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 18)]
const [device, threads] = [(process.argv[4] ?? 'cpu') as Device, Number(process.argv[5] ?? 2)]
const [size, warmUp] = [128, 3]
const random = new Random(1, 'bench')
const fill = (count: number, draw: () => number): Float32Array => Float32Array.from({ length: count }, draw)
const shape = [batch, 1, size, size]
const x = { shape, data: fill(batch * size * size, () => random.normal()) }
const y = { shape, data: fill(batch * size * size, () => Number(random.uniform() > 0.9)) }
const net = models.Unet.net(models.Unet.params.parse({ channels: 1, classes: 1 }))
const weights = initialise(net, random)

async function median(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < warmUp + steps; i++) {
    const start = performance.now()
    await run()
    times.push((performance.now() - start) / 1000)
  }
  return times.slice(warmUp).sort((a, b) => a - b)[Math.floor(steps / 2)]!
}

const plan = { loss: { name: 'DiceLoss', params: {} }, optimiser: { name: 'adam' }, threads, device } as const
const trainer = await onnxEngine.trainer(net, weights, plan)
const train = await median(() => {
  const draw = (rate: number) => (random.uniform() < rate ? 0 : 1 / (1 - rate))
  const masks = trainer.dropouts.map(d => fill(batch * d.channels, () => draw(d.rate)))
  return trainer.step({ x, y, masks }, 1e-3)
})
const peak = process.resourceUsage().maxRSS / 2 ** 20
await trainer.close()
const predictor = await onnxEngine.predictor(exportModel(net, weights), { threads, device })
const inference = await median(() => predictor.predict(x))
await predictor.close()
const round = (v: number, digits: number): number => Number(v.toFixed(digits))
const result = {
  engine: onnxEngine.version,
  device,
  threads,
  batch,
  train_step_s: round(train, 3),
  inference_s: round(inference, 3),
  peak_rss_gib: round(peak, 2),
}
process.stdout.write(`${JSON.stringify(result)}\n`)
