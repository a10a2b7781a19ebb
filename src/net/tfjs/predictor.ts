import { fail } from '../../failure.ts'
import type { DropoutSampler, ModelSource, Predictor } from '../engine.ts'
import type { Net, Tensor, Tensors } from '../net.ts'
import type { Tf } from '../op.ts'
import { pixelsAtOnce } from '../pixels-at-once.ts'
import { dropoutsOf, resolve, weightNamed, weightSpecs } from '../shapes.ts'
import { forward, type Mode } from './forward.ts'
import { download, guarded, toFirst, toLast, upload } from './runtime.ts'

/** Runs a network with its weights. A model file alone does not say its layers in our words. */
export function openPredictor(tf: Tf, model: ModelSource): Predictor {
  if (typeof model === 'string' || model instanceof Uint8Array)
    return fail({ kind: 'model-without-net', model: typeof model === 'string' ? model : 'the model' })
  const { run, close } = opened(tf, model.net, model.weights, 'evaluation')
  return { pixelsAtOnce: pixelsAtOnce.many, predict: x => run(x, []), close }
}

/** Runs a network with its dropout layers on; the masks are given. */
export function openSampler(tf: Tf, net: Net, weights: Tensors): DropoutSampler {
  const { run, close } = opened(tf, net, weights, 'dropout')
  return { dropouts: dropoutsOf(net), sample: run, close }
}

function opened(tf: Tf, net: Net, given: Tensors, mode: Mode) {
  const layers = resolve(net)
  const dropouts = dropoutsOf(net)
  const [input] = Object.keys(net.inputs) as [string]
  const weights = new Map(
    [...weightSpecs(net)].map(([name, { shape }]) => [name, upload(tf, { shape, data: weightNamed(given, name, shape) })]),
  )
  return {
    run: async (x: Tensor, masks: readonly Float32Array[]): Promise<Tensor> => {
      if (mode === 'dropout' && masks.length !== dropouts.length)
        throw new Error(`there are ${dropouts.length} dropout layers, and ${masks.length} masks`)
      const channels = Number(net.inputs[input]![0])
      if (x.shape[1] !== channels)
        fail({ kind: 'model-refuses', size: x.shape.join(' x '), detail: `it has ${channels} input channels, and gets ${x.shape[1]}` })
      const y = guarded('a prediction of', x, () =>
        tf.tidy(() => {
          const drawn = new Map(
            dropouts.map(({ id, channels }, i) => [id, () => upload(tf, { shape: [x.shape[0]!, channels], data: masks[i]! })]),
          )
          const prediction = forward(
            tf,
            layers,
            net.output,
            { [input]: toLast(tf, upload(tf, x)) },
            {
              mode,
              frozen: [],
              weight: name => weights.get(name)!,
              mask: layer => drawn.get(layer)!(),
              renew: () => undefined,
            },
          )
          return toFirst(tf, prediction)
        }),
      )
      const numbers = await download(y)
      y.dispose()
      return numbers
    },
    close: async (): Promise<void> => {
      for (const w of weights.values()) w.dispose()
    },
  }
}
