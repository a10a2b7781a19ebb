import { GraphBuilder } from '../../src/net/onnx/graph.ts'
import { modelFile } from '../../src/net/onnx/proto.ts'
import type { Value } from '../../src/net/op.ts'
import type { Tensors } from '../../src/net/net.ts'

/**
 * ivadomed's Modified3DUNet (Isensee et al. 2017) with one input channel and one class, as an ONNX model: [N, 1, H, W, D] to the same.
 * Weights under the names of its `state_dict`; norms are of instances, without weights; no attention.
 */
export function modified3dunet(weights: Tensors): Uint8Array {
  const g = new GraphBuilder()
  const w = (name: string) => {
    const { shape, data } = weights[`${name}.weight`]!
    return { value: g.weight(name, shape, data), channels: shape[0]!, size: shape[2]! }
  }
  const conv = (x: Value, name: string, stride = 1): Value => {
    const { value, size } = w(name)
    const pad = (size - 1) / 2
    return g.emit('Conv', [x, value], { pads: [pad, pad, pad, pad, pad, pad], strides: [stride, stride, stride] })
  }
  const leaky = (x: Value): Value => g.emit('LeakyRelu', [x], { alpha: { float: 0.01 } })
  const norm = (x: Value, channels: number): Value => {
    const [ones, zeros] = [1, 0].map(v => g.weight(`${v} x ${channels}`, [channels], new Float32Array(channels).fill(v)))
    return g.emit('InstanceNormalization', [x, ones, zeros], { epsilon: { float: 1e-5 } })
  }
  const double = (x: Value): Value =>
    g.emit('Resize', [x, undefined, g.weight('double', [5], Float32Array.of(1, 1, 2, 2, 2))], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    })
  const add = (a: Value, b: Value): Value => g.emit('Add', [a, b])
  const join = (a: Value, b: Value): Value => g.emit('Concat', [a, b], { axis: 1 })
  const channelsOf = (name: string): number => w(name).channels

  const first = conv(g.input('input', ['n', 1, 'h', 'w', 'd']), 'conv3d_c1_1')
  let out = leaky(add(conv(leaky(conv(leaky(first), 'conv3d_c1_2')), 'lrelu_conv_c1.1'), first))
  const contexts = [out]
  out = leaky(norm(out, channelsOf('conv3d_c1_1')))
  for (const level of [2, 3, 4, 5]) {
    const down = conv(out, `conv3d_c${level}`, 2)
    const channels = channelsOf(`conv3d_c${level}`)
    const once = (x: Value): Value => conv(leaky(norm(x, channels)), `norm_lrelu_conv_c${level}.2`)
    out = add(once(once(down)), down)
    if (level < 5) contexts.push((out = leaky(norm(out, channels))))
  }
  const up = (x: Value, from: string, level: number): Value => {
    const name = `norm_lrelu_upscale_conv_norm_lrelu_l${level}.3`
    return leaky(norm(conv(double(leaky(norm(x, channelsOf(from)))), name), channelsOf(name)))
  }
  out = leaky(norm(conv(up(out, 'conv3d_c5', 0), 'conv3d_l0'), channelsOf('conv3d_l0')))
  const deep: Value[] = []
  for (const level of [1, 2, 3, 4]) {
    const name = `conv_norm_lrelu_l${level}.0`
    const context = contexts[4 - level]!
    out = leaky(norm(conv(level === 4 ? join(context, out) : join(out, context), name), channelsOf(name)))
    deep.push(out)
    out = conv(out, `conv3d_l${level}`)
    if (level < 4) out = up(out, `conv3d_l${level}`, level)
  }
  const sum = add(double(conv(deep[1]!, 'ds2_1x1_conv3d')), conv(deep[2]!, 'ds3_1x1_conv3d'))
  g.output('output', g.emit('Sigmoid', [add(out, double(sum))]))
  return modelFile(g.graph('modified3dunet'))
}
