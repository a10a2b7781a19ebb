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
    const dx = g.emit('Where', [g.emit('Greater', [y, g.scalar(0)]), g.dense(dy), g.scalar(0)])
    return { dx: [plain(dx, channelsOf(dy))] }
  },
  tfjs: (tf, [x]) => tf.relu(x!),
})
