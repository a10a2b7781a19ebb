import { loadRuntime } from '../../src/net/onnx/runtime.ts'

/** What ONNX Runtime alone takes for a volume, as JSON: `node --import tsx test/bench/onnxruntime-alone.ts MODEL SLICES`, two slices of 128 x 128 at a time. */
const [model, slices] = [process.argv[2]!, Number(process.argv[3])]
const before = process.cpuUsage()
const start = performance.now()
const ort = await loadRuntime()
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 2, interOpNumThreads: 1, enableMemPattern: false })
const opened = performance.now()
const shape = [2, 1, 128, 128]
for (let slice = 0; slice < slices; slice += 2)
  await session.run({ input: new ort.Tensor('float32', new Float32Array(2 * 128 * 128).fill(0.5), shape) })
const { user, system } = process.cpuUsage(before)
const seconds = { open: (opened - start) / 1000, run: (performance.now() - opened) / 1000, processor: (user + system) / 1e6 }
process.stdout.write(`${JSON.stringify(seconds)}\n`)
