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
import { stepState } from './step-state.ts'
import { port, trainGraph } from './train-graph.ts'

/** Trains on ONNX Runtime: one graph holds a whole step, and one run of it is one step. */
export async function openTrainer(net: Net, weights: Tensors, plan: TrainPlan): Promise<Trainer> {
  const ort = await loadRuntime()
  const specs = weightSpecs(net)
  const tensor = (shape: readonly number[], data: Float32Array): OrtTensor => new ort.Tensor('float32', data, [...shape])
  const isFrozen = (name: string): boolean => plan.frozen?.includes(name.slice(0, name.lastIndexOf('.'))) ?? false
  const changing = [...specs].filter(([name]) => !isFrozen(name))
  const given = (from: Tensors, chosen: typeof changing): ReadonlyMap<string, Tensor> =>
    new Map(chosen.map(([name, { shape }]) => [name, { shape, data: weightNamed(from, name, shape) }]))
  const frozen = [...specs].filter(([name]) => isFrozen(name))
  const copied = (all: ReadonlyMap<string, Tensor>): Tensors =>
    Object.fromEntries([...all].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]))
  let fixed = new Map(Object.entries(copied(given(weights, frozen))))
  const averages = new Map(
    changing
      .filter(([, { trained }]) => trained)
      .flatMap(([name, { shape }]) =>
        [moments.m(name), moments.v(name)].map(average => [average, { shape, data: new Float32Array(sizeOf(shape)) }]),
      ),
  )
  const state = await stepState(given(weights, changing), averages, plan)
  const inCheckpoint = (name: string): string => (averages.has(name) ? moments.inState(name) : name)
  let step = 0

  const dropouts = dropoutsOf(net)
  const mixes = resolve(net).some(l => l.op.mixesBatch)
  const session = await openSession(modelFile(trainGraph(net, plan)), plan, state.onDevice)
  const adam = { ...adamDefaults, ...plan.optimiser }
  let losses: InferenceSession | undefined
  /** The network in evaluation mode with the weights of now; closed when a step changes them. */
  let predictor: Predictor | undefined
  const forget = async (): Promise<void> => {
    await predictor?.close()
    predictor = undefined
  }
  const current = async (): Promise<Tensors> => ({
    ...copied(fixed),
    ...Object.fromEntries(await state.read(changing.map(([name]) => name))),
  })

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
        ...Object.fromEntries([...fixed].map(([name, { shape, data }]) => [name, tensor(shape, data)])),
        ...state.feeds,
      }
      const fetches = { [port.loss]: null, ...state.fetches }
      const result = await runSession(session, feeds, fetches, { work: 'a training step on', shape: x.shape })
      state.renew(result)
      step++
      return { loss: (result[port.loss]!.data as Float32Array)[0]! }
    },
    async evaluate({ x, y }) {
      predictor ??= await openPredictor(exportModel(net, await current()), plan)
      losses ??= await openSession(modelFile(lossGraph(plan.loss, y.shape[1]!)), plan)
      const prediction = await inPieces(predictor, x, mixes ? x.shape[0]! : evaluatedAtOnce)
      const result = await losses.run({ prediction: tensor(prediction.shape, prediction.data), target: tensor(y.shape, y.data) })
      return { loss: (result[port.loss]!.data as Float32Array)[0]!, prediction }
    },
    weights: current,
    async state() {
      const ofOptimiser = [...(await state.read(averages.keys()))].map(([name, value]) => [moments.inState(name), value] as const)
      return {
        ...(await current()),
        ...Object.fromEntries(ofOptimiser),
        [moments.inState('step')]: { shape: [1], data: Float32Array.of(step) },
      }
    },
    async restore(checkpoint) {
      await forget()
      fixed = new Map(Object.entries(copied(given(checkpoint, frozen))))
      state.write((name, shape) => weightNamed(checkpoint, inCheckpoint(name), shape))
      step = weightNamed(checkpoint, moments.inState('step'), [1])[0]!
    },
    async close() {
      await forget()
      await losses?.release()
      await state.close()
      await session.release()
    },
  }
}
