import type { Net, Tensors } from '../net.ts'
import { channelsOf } from '../op.ts'
import { weightNamed } from '../shapes.ts'
import { writeForward, type Mode } from './forward.ts'
import { GraphBuilder } from './graph.ts'
import { modelFile } from './proto.ts'

/** The name of the prediction in an exported model; its input is called `input`. */
export const outputName = 'output'

/**
 * A model to keep and give away: an ordinary `.onnx` file (operator set 17, no operators of one runtime) in evaluation mode,
 * weights inside. Input `input` [n, channels, h, w], output `output` [n, classes, h, w], all sizes free.
 */
export const exportModel = (net: Net, weights: Tensors, metadata: Readonly<Record<string, string>> = {}): Uint8Array =>
  modelOf(net, weights, 'evaluation', metadata)

/** The same with dropout on: of every dropout layer the masks, [n, channels], are one more input (`port.mask`). Never given away. */
export const dropoutModel = (net: Net, weights: Tensors): Uint8Array => modelOf(net, weights, 'dropout', {})

function modelOf(net: Net, weights: Tensors, mode: Mode, metadata: Readonly<Record<string, string>>): Uint8Array {
  const g = new GraphBuilder()
  const { output } = writeForward(g, net, mode, (name, shape) => g.weight(name, shape, weightNamed(weights, name, shape)))
  g.output(outputName, g.dense(output), ['n', channelsOf(output), 'h', 'w'])
  return modelFile(g.graph('model'), metadata)
}
