import type { Scalar, Variable } from '@tensorflow/tfjs'
import type { Trainer, TrainPlan } from '../engine.ts'
import { lossNamed } from '../losses/index.ts'
import type { Net, Tensors } from '../net.ts'
import type { Tf, TfTensor } from '../op.ts'
import { adamDefaults, adamScalars, adamTf, moments } from '../optimisers/adam.ts'
import { evaluatedAtOnce, inPieces } from '../pieces.ts'
import { dropoutsOf, resolve, sizeOf, weightNamed, weightSpecs } from '../shapes.ts'
import { forward, type Mode } from './forward.ts'
import { download, guarded, released, toFirst, toLast, upload } from './runtime.ts'

/** Trains on TensorFlow.js, which derives the gradients. Weights and the optimiser's averages stay on the device. */
export function openTrainer(tf: Tf, net: Net, initial: Tensors, plan: TrainPlan): Trainer {
  const layers = resolve(net)
  const frozen = plan.frozen ?? []
  const dropouts = dropoutsOf(net)
  const [input] = Object.keys(net.inputs) as [string]
  const loss = lossNamed(plan.loss.name)
  const lossParams: unknown = loss.params.parse(plan.loss.params)
  const adam = { ...adamDefaults, ...plan.optimiser }
  const specs = weightSpecs(net)
  const variable = (data: Float32Array, shape: readonly number[], trained: boolean): Variable =>
    tf.tidy(() => tf.variable(upload(tf, { shape, data }), trained))
  const weights = new Map(
    [...specs].map(([name, { shape, trained }]) => [name, variable(weightNamed(initial, name, shape), shape, trained)]),
  )
  const learned = [...specs]
    .filter(([name, s]) => s.trained && !frozen.includes(name.slice(0, name.lastIndexOf('.'))))
    .map(([name]) => name)
  const averages = new Map(
    learned.flatMap(name => {
      const { shape } = specs.get(name)!
      return [moments.m(name), moments.v(name)].map(key => [key, variable(new Float32Array(sizeOf(shape)), shape, false)] as const)
    }),
  )
  let step = 0

  /** The prediction, [N, K, H, W], of images [N, C, H, W]. */
  const predict = (
    x: TfTensor,
    mode: Mode,
    masks: readonly TfTensor[] = [],
    renew: (name: string, value: TfTensor) => void = () => undefined,
  ) => {
    const byLayer = new Map(dropouts.map(({ id }, i) => [id, masks[i]]))
    const pass = { mode, frozen, weight: (name: string) => weights.get(name)!, mask: (layer: string) => byLayer.get(layer)!, renew }
    return toFirst(tf, forward(tf, layers, net.output, { [input]: toLast(tf, x) }, pass))
  }

  const update = (gradients: Readonly<Record<string, TfTensor>>, learningRate: number): void => {
    const scalars = adamScalars(learningRate, step + 1, adam)
    for (const name of learned) {
      const [weight, m, v] = [weights.get(name)!, averages.get(moments.m(name))!, averages.get(moments.v(name))!]
      const next = adamTf(tf, adam, { weight, gradient: gradients[weight.name]!, m, v, ...scalars })
      weight.assign(next.weight)
      m.assign(next.m)
      v.assign(next.v)
    }
  }

  return {
    dropouts,
    async step({ x, y, masks }, learningRate) {
      if (masks.length !== dropouts.length) throw new Error(`there are ${dropouts.length} dropout layers, and ${masks.length} masks`)
      const value = guarded('a training step on', x, () =>
        released(tf, () =>
          tf.tidy(() => {
            const [images, target] = [upload(tf, x), upload(tf, y)]
            const drawn = dropouts.map(({ channels }, i) => upload(tf, { shape: [x.shape[0]!, channels], data: masks[i]! }))
            const renewed = new Map<string, TfTensor>()
            const lossOf = (): Scalar => {
              const prediction = predict(images, 'training', drawn, (name, now) => renewed.set(name, tf.keep(now)))
              return loss.tfjs(tf, prediction, target, lossParams).asScalar()
            }
            try {
              const { value, grads } = tf.variableGrads(
                lossOf,
                learned.map(name => weights.get(name)!),
              )
              update(grads, learningRate)
              for (const [name, now] of renewed) weights.get(name)!.assign(now)
              return value
            } finally {
              tf.dispose([...renewed.values()])
            }
          }),
        ),
      )
      const { data } = await download(value)
      value.dispose()
      step++
      return { loss: data[0]! }
    },
    async evaluate({ x, y }) {
      const mixes = layers.some(l => l.op.mixesBatch)
      const predictor = {
        async predict(part: typeof x) {
          const prediction = guarded('a prediction of', part, () => tf.tidy(() => predict(upload(tf, part), 'evaluation')))
          const numbers = await download(prediction)
          prediction.dispose()
          return numbers
        },
      }
      const prediction = await inPieces(predictor, x, mixes ? x.shape[0]! : evaluatedAtOnce)
      const value = tf.tidy(() => loss.tfjs(tf, upload(tf, prediction), upload(tf, y), lossParams))
      const { data } = await download(value)
      value.dispose()
      return { loss: data[0]!, prediction }
    },
    weights: () => downloadAll(weights),
    async state() {
      const moved = await downloadAll(averages)
      return {
        ...(await downloadAll(weights)),
        ...Object.fromEntries(Object.entries(moved).map(([name, t]) => [moments.inState(name), t])),
        [moments.inState('step')]: { shape: [1], data: Float32Array.of(step) },
      }
    },
    async restore(state) {
      const put = (name: string, to: Variable): void => {
        tf.tidy(() => {
          to.assign(upload(tf, { shape: to.shape, data: weightNamed(state, name, to.shape) }))
        })
      }
      for (const [name, w] of weights) put(name, w)
      for (const [name, a] of averages) put(moments.inState(name), a)
      step = weightNamed(state, moments.inState('step'), [1])[0]!
    },
    async close() {
      tf.dispose([...weights.values(), ...averages.values()])
    },
  }
}

async function downloadAll(tensors: ReadonlyMap<string, TfTensor>): Promise<Tensors> {
  const all: Record<string, Tensors[string]> = {}
  for (const [name, t] of tensors) all[name] = await download(t)
  return all
}
