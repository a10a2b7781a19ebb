import type { DropoutSampler, RunOptions } from '../engine.ts'
import type { Net, Tensors } from '../net.ts'
import { dropoutsOf } from '../shapes.ts'
import { dropoutModel, outputName } from './export.ts'
import { loadRuntime, openSession, runSession } from './runtime.ts'
import { port } from './train-graph.ts'

/** Runs a network with its dropout layers on; the masks are given. */
export async function openSampler(net: Net, weights: Tensors, options: RunOptions): Promise<DropoutSampler> {
  const ort = await loadRuntime()
  const session = await openSession(dropoutModel(net, weights), options)
  const dropouts = dropoutsOf(net)
  const [input] = Object.keys(net.inputs) as [string]
  return {
    dropouts,
    async sample({ shape, data }, masks) {
      if (masks.length !== dropouts.length) throw new Error(`there are ${dropouts.length} dropout layers, and ${masks.length} masks`)
      const feeds = {
        [input]: new ort.Tensor('float32', data, [...shape]),
        ...Object.fromEntries(
          dropouts.map(({ id, channels }, i) => [port.mask(id), new ort.Tensor('float32', masks[i]!, [shape[0]!, channels])]),
        ),
      }
      const result = await runSession(session, feeds, { [outputName]: null }, { work: 'a prediction of', shape })
      const y = result[outputName]!
      return { shape: y.dims, data: y.data as Float32Array }
    },
    close: () => session.release(),
  }
}
