import { z } from 'zod'
import { channelsOf, defineOp, plain, sizes4 } from '../op.ts'

const window = { kernel_shape: [2, 2], strides: [2, 2] }

/** The largest of every 2 x 2 voxels; an odd last row or column is left out. The first of equal values takes the gradient. */
export const maxpool = defineOp({
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
    const [y, indices] = g.emitAll('MaxPool', [x], 2, window)
    return { y: plain(y!, channels), saved: { indices: indices!, size: g.emit('Shape', [x]) } }
  },
  backward(g, dy, saved) {
    if (!saved) throw new Error('backward of an evaluation')
    return { dx: [plain(g.emit('MaxUnpool', [g.dense(dy), saved.indices, saved.size], window), channelsOf(dy))] }
  },
  tfjs: (tf, [x]) => tf.maxPool(x!.as4D(...sizes4(x!)), 2, 2, 'valid'),
})
