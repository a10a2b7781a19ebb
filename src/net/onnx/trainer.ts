import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Predictor, Trainer, TrainPlan } from '../engine.ts'
import type { Net, Tensor, Tensors } from '../net.ts'
import { adamDefaults, adamScalars, moments } from '../optimisers/adam.ts'
import { evaluatedAtOnce, inPieces } from '../pieces.ts'
import { dropoutsOf, resolve, sizeOf, weightNamed, weightSpecs } from '../shapes.ts'
import { exportModel } from './export.ts'
import { lossGraph } from './loss-graph.ts'
import { openPredictor } from './predictor.ts'
import { modelFile } from './proto.ts'
import { loadRuntime, openSession, runSession } from './runtime.ts'
import { port, trainGraph } from './train-graph.ts'

/** Trains on ONNX Runtime: one graph holds a whole step, and one run of it is one step. */
export async function openTrainer(net: Net, weights: Tensors, plan: TrainPlan): Promise<Trainer> {
  const ort = await loadRuntime()
  const specs = weightSpecs(net)
  const tensor = (shape: readonly number[], data: Float32Array): OrtTensor => new ort.Tensor('float32', data, [...shape])
  const copy = (name: string, shape: readonly number[]): OrtTensor => tensor(shape, weightNamed(weights, name, shape).slice())
  const zeros = (shape: readonly number[]): OrtTensor => tensor(shape, new Float32Array(sizeOf(shape)))

  const isFrozen = (name: string): boolean => plan.frozen?.includes(name.slice(0, name.lastIndexOf('.'))) ?? false
  const changing = [...specs].filter(([name]) => !isFrozen(name))
  const fixed = new Map([...specs].filter(([name]) => isFrozen(name)).map(([name, s]) => [name, copy(name, s.shape)]))
  /** What a step reads and replaces, and room for what it writes: swapped after each step. */
  let now = new Map(changing.map(([name, s]) => [name, copy(name, s.shape)]))
  let next = new Map(changing.map(([name, s]) => [name, zeros(s.shape)]))
  // The optimiser's averages are read once, by the node that writes them: they are renewed in place.
  const averages = new Map<string, OrtTensor>()
  for (const [name, s] of changing) if (s.trained) for (const p of [moments.m(name), moments.v(name)]) averages.set(p, zeros(s.shape))
  let step = 0

  const dropouts = dropoutsOf(net)
  const mixes = resolve(net).some(l => l.op.mixesBatch)
  const session = await openSession(modelFile(trainGraph(net, plan)), plan)
  const adam = { ...adamDefaults, ...plan.optimiser }
  let losses: InferenceSession | undefined
  /** The network in evaluation mode with the weights of now; closed when a step changes them. */
  let predictor: Predictor | undefined
  const forget = async (): Promise<void> => {
    await predictor?.close()
    predictor = undefined
  }
  const current = (): Tensors => Object.fromEntries([...fixed, ...now].map(([name, t]) => [name, plainTensor(t)]))

  return {
    dropouts,
    async step({ x, y, masks }, learningRate) {
      await forget()
      if (masks.length !== dropouts.length) throw new Error(`there are ${dropouts.length} dropout layers, and ${masks.length} masks`)
      const { stepSize, root } = adamScalars(learningRate, step + 1, adam)
      const feeds: Record<string, OrtTensor> = {
        input: tensor(x.shape, x.data),
        [port.target]: tensor(y.shape, y.data),
        [port.stepSize]: tensor([], Float32Array.of(stepSize)),
        [port.root]: tensor([], Float32Array.of(root)),
        ...Object.fromEntries(dropouts.map((d, i) => [port.mask(d.id), tensor([x.shape[0]!, d.channels], masks[i]!)])),
        ...Object.fromEntries(fixed),
        ...Object.fromEntries(now),
        ...Object.fromEntries(averages),
      }
      const fetches: Record<string, OrtTensor | null> = { [port.loss]: null }
      for (const [name, t] of [...next, ...averages]) fetches[port.next(name)] = t
      const result = await runSession(session, feeds, fetches, { work: 'a training step on', shape: x.shape })
      ;[now, next] = [next, now]
      step++
      return { loss: (result[port.loss]!.data as Float32Array)[0]! }
    },
    async evaluate({ x, y }) {
      predictor ??= await openPredictor(exportModel(net, current()), plan)
      losses ??= await openSession(modelFile(lossGraph(plan.loss, y.shape[1]!)), plan)
      const prediction = await inPieces(predictor, x, mixes ? x.shape[0]! : evaluatedAtOnce)
      const result = await losses.run({ prediction: tensor(prediction.shape, prediction.data), target: tensor(y.shape, y.data) })
      return { loss: (result[port.loss]!.data as Float32Array)[0]!, prediction }
    },
    async weights() {
      return current()
    },
    async state() {
      return {
        ...current(),
        ...Object.fromEntries([...averages].map(([name, t]) => [moments.inState(name), plainTensor(t)])),
        [moments.inState('step')]: { shape: [1], data: Float32Array.of(step) },
      }
    },
    async restore(state) {
      await forget()
      for (const [name, t] of [...fixed, ...now]) (t.data as Float32Array).set(weightNamed(state, name, t.dims))
      for (const [name, t] of averages) (t.data as Float32Array).set(weightNamed(state, moments.inState(name), t.dims))
      step = weightNamed(state, moments.inState('step'), [1])[0]!
    },
    async close() {
      await forget()
      await losses?.release()
      await session.release()
    },
  }
}

const plainTensor = (t: OrtTensor): Tensor => ({ shape: t.dims, data: (t.data as Float32Array).slice() })
