import { z } from 'zod'
import { channelsOf, defineOp, plain } from '../op.ts'

/** y = max(x, 0). */
export const relu = defineOp({
  attrs: z.object({}),
  shape: ([x]) => x ?? 'relu takes one input',
  forward(g, [x]) {
    const y = g.emit('Relu', [g.dense(x!)])
    return { y: plain(y, channelsOf(x!)), saved: y }
  },
  backward(g, dy, y) {
    // A product, since Where takes half as long again.
    const positive = g.emit('Cast', [g.emit('Greater', [y, g.scalar(0)])], { to: 1 })
    const dx = g.emit('Mul', [g.dense(dy), positive])
    return { dx: [plain(dx, channelsOf(dy))] }
  },
  tfjs: (tf, [x]) => tf.relu(x!),
})
