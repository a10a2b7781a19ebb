import { z } from 'zod'
import { type Builder, channelsOf, defineOp, plain, sizes4, type Value } from '../op.ts'

/** Where the largest values are: as the runtime says, or to be found by comparing input and output. */
type Saved = { readonly indices: Value; readonly size: Value } | { readonly x: Value; readonly y: Value }

const window = { kernel_shape: [2, 2], strides: [2, 2] }

/** The largest of every 2 x 2 voxels; an odd last row or column is left out. The first of equal values takes the gradient. */
export const maxpool = defineOp<Record<string, never>, Saved | undefined>({
  attrs: z.object({}),
  shape([x]) {
    if (!x) return 'maxpool takes one input'
    const small = x.slice(1).find(n => typeof n === 'number' && n < 2)
    if (small !== undefined) return `maxpool halves an image, and gets ${x.slice(1).join(' x ')}`
    return [x[0]!, ...x.slice(1).map(n => (typeof n === 'number' ? Math.floor(n / 2) : `${n}/2`))]
  },
  forward(g, [signal], _w, _attrs, { training }) {
    const x = g.dense(signal!)
    const channels = channelsOf(signal!)
    if (!training) return { y: plain(g.emit('MaxPool', [x], window), channels), saved: undefined }
    if (g.webgpu) {
      const y = g.emit('MaxPool', [x], window)
      return { y: plain(y, channels), saved: { x, y } }
    }
    const [y, indices] = g.emitAll('MaxPool', [x], 2, window)
    return { y: plain(y!, channels), saved: { indices: indices!, size: g.emit('Shape', [x]) } }
  },
  backward(g, dy, saved) {
    if (!saved) throw new Error('backward of an evaluation')
    const dx =
      'indices' in saved ? g.emit('MaxUnpool', [g.dense(dy), saved.indices, saved.size], window) : spread(g, g.dense(dy), saved.x, saved.y)
    return { dx: [plain(dx, channelsOf(dy))] }
  },
  tfjs: (tf, [x]) => tf.maxPool(x!.as4D(...sizes4(x!)), 2, 2, 'valid'),
})

/** The gradient without indices: each of the four places of a window takes dy where it is the largest and no place before it is. */
function spread(g: Builder, dy: Value, x: Value, y: Value): Value {
  const even = g.emit('Mul', [g.emit('Slice', [g.emit('Shape', [y]), g.ints(2), g.ints(4), g.ints(0)]), g.ints(2)])
  const places = [0, 1, 2, 3].map(k => g.emit('Slice', [x, g.ints(k >> 1, k & 1), even, g.ints(2, 3), g.ints(2, 2)]))
  let free = g.scalar(1)
  const parts = places.map(place => {
    const takes = g.emit('Mul', [g.emit('Cast', [g.emit('Equal', [place, y])], { to: 1 }), free])
    free = g.emit('Sub', [free, takes])
    return g.emit('Mul', [takes, dy])
  })
  const full = g.emit('DepthToSpace', [g.emit('Concat', parts, { axis: 1 })], { blocksize: 2 })
  const missing = g.emit('Sub', [g.emit('Shape', [x]), g.emit('Shape', [full])])
  return g.emit('Pad', [full, g.emit('Concat', [g.ints(0, 0, 0, 0), missing], { axis: 0 })])
}
