import { z } from 'zod'
import { type Builder, channelsOf, defineOp, plain, type TfTensor, type Value } from '../op.ts'

const epsilon = 1e-5
const attrs = z.object({ momentum: z.number().min(0).max(1).default(0.1) })

/**
 * y = (x - mean) / sqrt(variance + 1e-5) * weight + bias, over images and voxels of a channel. Running statistics as
 * PyTorch keeps them: new = (1 - momentum) * old + momentum * batch, the variance with n - 1.
 */
export const batchnorm = defineOp({
  attrs,
  shape: ([x]) => x ?? 'batchnorm takes one input',
  weights([x]) {
    const shape = [Number(x![0])]
    return {
      weight: { shape, init: 'ones', trained: true },
      bias: { shape, init: 'zeros', trained: true },
      running_mean: { shape, init: 'zeros', trained: false },
      running_var: { shape, init: 'ones', trained: false },
    }
  },
  forward(g, [signal], w, { momentum }, { training }) {
    const channels = channelsOf(signal!)
    const x = g.dense(signal!)
    const statistics = [w.running_mean!, w.running_var!] as const
    if (!training) {
      const y = g.emit('BatchNormalization', [x, w.weight, w.bias, ...statistics], { epsilon: { float: epsilon } })
      return { y: plain(y, channels), saved: undefined }
    }
    const one = g.emit('Reciprocal', [g.count(x, channels)])
    const sums = g.voxelSums(x, x)
    const mean = g.emit('Mul', [g.sum(sums.sum, 0), one])
    const square = g.emit('Mul', [g.sum(sums.product, 0), one])
    // E[x^2] - mean^2 loses digits where the mean is large beside the deviation; after relu it is not. Never below zero.
    const variance = g.emit('Max', [g.emit('Sub', [square, g.emit('Mul', [mean, mean])]), g.scalar(0)])
    const inverse = g.emit('Reciprocal', [g.emit('Sqrt', [g.emit('Add', [variance, g.scalar(epsilon)])])])
    const scale = g.emit('Mul', [inverse, column(g, w.weight!)])
    const shift = g.emit('Sub', [column(g, w.bias!), g.emit('Mul', [mean, scale])])
    const unbiased = g.emit('Div', [variance, g.emit('Sub', [g.scalar(1), one])])
    const renewed = {
      running_mean: blend(g, statistics[0], mean, momentum),
      running_var: blend(g, statistics[1], unbiased, momentum),
    }
    return { y: [{ base: x, channels, scale, shift }], saved: { x, mean, inverse, scale, one }, renewed }
  },
  /** dx = scale * (dy - mean(dy) - (x - mean) * inverse^2 * mean(dy * (x - mean))), written as dy * A + x * B + C. */
  backward(g, dy, saved, _w, _attrs, { channels: [channels] }) {
    if (!saved) throw new Error('backward of an evaluation')
    const { x, mean, inverse, scale, one } = saved
    const lazy = dy.length === 1 && !dy[0]!.shift ? dy[0]! : { base: g.dense(dy), scale: undefined }
    const scaled = (v: Value): Value => (lazy.scale ? g.emit('Mul', [v, lazy.scale]) : v)
    const sums = g.voxelSums(lazy.base, x)
    const sum = g.sum(scaled(sums.sum), 0)
    const sumX = g.sum(scaled(sums.product), 0)
    const centred = g.emit('Sub', [sumX, g.emit('Mul', [mean, sum])])
    const slope = g.emit('Mul', [g.emit('Mul', [g.emit('Mul', [inverse, inverse]), centred]), one])
    const b = g.emit('Neg', [g.emit('Mul', [scale, slope])])
    const c = g.emit('Mul', [scale, g.emit('Sub', [g.emit('Mul', [mean, slope]), g.emit('Mul', [sum, one])])])
    const dx = g.emit('Add', [g.emit('Mul', [lazy.base, scaled(scale)]), g.affine(x, b, c, channels!, false)])
    const dw = () => ({ weight: row(g, g.emit('Mul', [centred, inverse])), bias: row(g, sum) })
    return { dx: [plain(dx, channels!)], dw }
  },
  tfjs(tf, [x], w, { momentum }, { training, renew }) {
    const mean = training ? tf.mean(x!, [0, 1, 2]) : w.running_mean!
    const variance = training ? tf.mean(tf.square(tf.sub(x!, mean)), [0, 1, 2]) : w.running_var!
    if (training && renew) {
      const count = x!.size / mean.size
      const blended = (old: TfTensor, now: TfTensor) => tf.add(tf.mul(old, 1 - momentum), tf.mul(now, momentum))
      renew('running_mean', blended(w.running_mean!, mean))
      renew('running_var', blended(w.running_var!, tf.div(variance, 1 - 1 / count)))
    }
    const normal = tf.div(tf.sub(x!, mean), tf.sqrt(tf.add(variance, epsilon)))
    return tf.add(tf.mul(normal, w.weight!), w.bias!)
  },
})

const column = (g: Builder, v: Value): Value => g.emit('Reshape', [v, g.ints(1, -1, 1, 1)])
const row = (g: Builder, v: Value): Value => g.emit('Reshape', [v, g.ints(-1)])
const blend = (g: Builder, old: Value, now: Value, momentum: number): Value =>
  g.emit('Add', [g.emit('Mul', [old, g.scalar(1 - momentum)]), g.emit('Mul', [row(g, now), g.scalar(momentum)])])
