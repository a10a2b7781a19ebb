import type { TrainPlan } from '../engine.ts'
import { lossNamed } from '../losses/index.ts'
import { GraphBuilder } from './graph.ts'
import type { Graph } from './proto.ts'

/** A loss alone: `prediction` and `target` [n, channels, h, w] to `loss`; with `gradient`, also its gradient with respect to the prediction. */
export function lossGraph({ name, params }: TrainPlan['loss'], channels: number, gradient = false): Graph {
  const g = new GraphBuilder()
  const shape = ['n', channels, 'h', 'w']
  const loss = lossNamed(name)
  const result = loss.onnx(g, g.input('prediction', shape), g.input('target', shape), loss.params.parse(params))
  g.output('loss', result.loss, [])
  if (gradient) g.output('gradient', result.gradient(), shape)
  return g.graph('loss')
}
