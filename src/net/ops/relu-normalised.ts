import { z } from 'zod'
import { channelsOf, defineOp, plain, type Builder, type TfTensor, type Value } from '../op.ts'
import { dropFirst, withFirst } from './background.ts'

/**
 * p = relu(x) / the largest relu(x) of the whole batch (0 where that is 0). With `background`, p is then divided by its sum
 * over the channels (by 1 where that is 0) and channel 0 is left out: as ivadomed's `final_activation: relu`.
 */
export const reluNormalised = defineOp({
  attrs: z.object({ background: z.boolean().default(false) }),
  mixesBatch: true,
  shape: ([x], { background }) => (x ? dropFirst.shape(x, background) : 'relu-normalised takes one input'),
  forward(g, [x], _w, { background }) {
    const r = g.emit('Relu', [g.dense(x!)])
    const top = g.emit('ReduceMax', [r], { keepdims: 1 })
    const p = g.emit('Div', [r, oneIfZero(g, top)])
    const sum = background ? oneIfZero(g, g.sum(p, 1)) : undefined
    const q = sum ? dropFirst.onnx(g, g.emit('Div', [p, sum]), true) : p
    return { y: plain(q, channelsOf(x!) - Number(background)), saved: { r, top, p, sum } }
  },
  backward(g, signal, { r, top, p, sum }, _w, { background }, { channels }) {
    let dp = withFirst(g, g.dense(signal), background)
    if (sum) {
      const mean = g.emit('Div', [g.sum(g.emit('Mul', [dp, p]), 1), sum])
      dp = g.emit('Div', [g.emit('Sub', [dp, mean]), sum])
    }
    // The largest value takes its share with the opposite sign; equal ones divide it among them, as PyTorch does.
    const positive = g.emit('Greater', [r, g.scalar(0)])
    const isTop = g.emit('Cast', [g.emit('And', [g.emit('Equal', [r, top]), positive])], { to: 1 })
    const tops = oneIfZero(g, g.sum(isTop, 0, 1, 2, 3))
    const pull = g.emit('Div', [g.sum(g.emit('Mul', [dp, p]), 0, 1, 2, 3), tops])
    const dr = g.emit('Div', [g.emit('Sub', [dp, g.emit('Mul', [isTop, pull])]), oneIfZero(g, top)])
    return { dx: [plain(g.emit('Where', [positive, dr, g.scalar(0)]), channels[0]!)] }
  },
  tfjs(tf, [x], _w, { background }) {
    const isZero = tf.customGrad(t => ({ value: tf.cast(tf.equal(t as TfTensor, 0), 'float32'), gradFunc: dy => tf.zerosLike(dy) }))
    const one = (t: TfTensor) => tf.add(t, isZero(t))
    const r = tf.relu(x!)
    const p = tf.div(r, one(tf.max(r)))
    return background ? dropFirst.tfjs(tf, tf.div(p, one(tf.sum(p, 3, true))), true) : p
  },
})

const oneIfZero = (g: Builder, v: Value): Value => g.emit('Where', [g.emit('Equal', [v, g.scalar(0)]), g.scalar(1), v])
