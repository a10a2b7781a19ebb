import { z } from 'zod'
import { type Builder, defineOp, type Part, plain, sizes4, type Signal, type Value } from '../op.ts'

const attrs = z.object({ filters: z.number().int().positive(), kernel: z.number().int().positive().default(3) })

/** y = x * w + b, odd square kernels, zeros around the image so that its size stays: "same" padding. */
export const conv = defineOp({
  attrs,
  shape([x], { filters, kernel }) {
    if (!x) return 'conv takes one input'
    if (kernel % 2 === 0) return `conv takes odd kernels, and gets ${kernel}`
    return [filters, ...x.slice(1)]
  },
  weights([x], { filters, kernel }) {
    const channels = Number(x![0])
    const bound = 1 / Math.sqrt(channels * kernel * kernel)
    return {
      weight: { shape: [filters, channels, kernel, kernel], init: { uniform: bound }, trained: true },
      bias: { shape: [filters], init: { uniform: bound }, trained: true },
    }
  },
  forward(g, [x], w, { filters, kernel }) {
    return { y: plain(g.emit('Conv', [g.dense(x!), w.weight, w.bias], same(kernel)), filters), saved: x! }
  },
  backward(g, signal, x, w, { filters, kernel }, { wanted }) {
    const dy = g.dense(signal)
    const dx = wanted[0] ? inputGradient(g, dy, x, w.weight!, kernel) : null
    const dw = () => ({
      weight: filterGradient(g, dy, x, filters, kernel),
      bias: g.emit('ReduceSum', [g.sum(dy, 3), g.ints(0, 2, 3)], { keepdims: 0 }),
    })
    return { dx: [dx], dw }
  },
  // "same", since the gradients of TensorFlow.js's Node.js backend take no padding in numbers.
  tfjs(tf, [x], w) {
    const filter = tf.transpose(w.weight!.as4D(...sizes4(w.weight!)), [2, 3, 1, 0])
    return tf.add(tf.conv2d(x!.as4D(...sizes4(x!)), filter, 1, 'same'), w.bias!)
  },
})

const same = (kernel: number) => ({ kernel_shape: [kernel, kernel], pads: Array<number>(4).fill((kernel - 1) / 2) })

/** The output's gradient convolved with the filter flipped in space and its channel axes swapped. A list of parts as x is. */
function inputGradient(g: Builder, dy: Value, x: Signal, weight: Value, kernel: number): Signal {
  const flipped = g.emit('Slice', [weight, g.ints(-1, -1), g.ints(-1000, -1000), g.ints(2, 3), g.ints(-1, -1)])
  const swapped = g.emit('Transpose', [flipped], { perm: [1, 0, 2, 3] })
  return [...cut(x)].map(({ part, start, end }) => {
    const filter = x.length === 1 ? swapped : g.emit('Slice', [swapped, g.ints(start), g.ints(end), g.ints(0)])
    return { base: g.emit('Conv', [dy, filter], same(kernel)), channels: part.channels }
  })
}

function* cut(x: Signal): Generator<{ readonly part: Part; readonly start: number; readonly end: number }> {
  let start = 0
  for (const part of x) {
    yield { part, start, end: start + part.channels }
    start += part.channels
  }
}

/**
 * [filters, channels, kernel, kernel]: the sum over images and voxels q of x[q] dy[q - shift], for each shift of the kernel.
 * One matrix product each, [N, channels, HW] by [N, filters, HW]; of the two only the narrower one is moved, so that a moved
 * copy is small, and lives only while its products are made.
 */
function filterGradient(g: Builder, dy: Value, x: Signal, filters: number, kernel: number): Value {
  const reach = (kernel - 1) / 2
  const parts = x.map(part => ({ value: g.dense([part]), moveX: part.channels < filters, pairs: part.channels * filters }))
  const shifts = Array.from({ length: kernel * kernel }, (_, k) => [Math.floor(k / kernel) - reach, (k % kernel) - reach] as const)
  const products = shifts.map(([i, j]) => {
    const dyMoved = parts.every(p => p.moveX) ? dy : shift(g, dy, -i, -j)
    const each = parts.map(({ value, moveX, pairs }) => {
      const [a, b] = moveX ? [shift(g, value, i, j), dy] : [value, dyMoved]
      return g.channelProducts(a, b, pairs)
    })
    const joined = each.length === 1 ? each[0]! : g.emit('Concat', each, { axis: 0 })
    return g.emit('Unsqueeze', [g.emit('Transpose', [joined], { perm: [1, 0] }), g.ints(0)])
  })
  const stacked = products.length === 1 ? products[0]! : g.emit('Concat', products, { axis: 0 })
  // [shift, filters, channels]: moving one axis is the fast case of Transpose.
  const last = g.emit('Transpose', [stacked], { perm: [1, 2, 0] })
  return g.emit('Reshape', [last, g.ints(filters, -1, kernel, kernel)])
}

/** out[h, w] = x[h + i, w + j], zero outside: padded on one side and cut on the other. */
const shift = (g: Builder, x: Value, i: number, j: number): Value =>
  i === 0 && j === 0 ? x : g.emit('Pad', [x, g.ints(0, 0, -i, -j, 0, 0, i, j)])
