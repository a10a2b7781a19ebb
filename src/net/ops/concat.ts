import { z } from 'zod'
import { type Builder, channelsOf, defineOp, type Part, type Signal } from '../op.ts'

/** Channels of all inputs, side by side. Costs nothing: a signal lists its parts. */
export const concat = defineOp({
  attrs: z.object({}),
  shape(xs) {
    const [first, ...rest] = xs
    if (!first) return 'concat takes at least one input'
    for (const s of rest)
      if (s.length !== first.length || s.some((n, i) => i > 0 && n !== first[i]))
        return `concat joins channels, so all other sizes must agree: ${first.join(' x ')} and ${s.join(' x ')}`
    return [xs.reduce((sum, s) => sum + Number(s[0]), 0), ...first.slice(1)]
  },
  forward: (_g, xs) => ({ y: xs.flat(), saved: xs.map(channelsOf) }),
  backward(g, dy, sizes) {
    let start = 0
    return {
      dx: sizes.map(size => {
        const part = channels(g, dy, start, start + size)
        start += size
        return part
      }),
    }
  },
  tfjs: (tf, xs) => tf.concat([...xs], 3),
})

/** Some of the channels of a signal. */
function channels(g: Builder, s: Signal, from: number, to: number): Signal {
  let at = 0
  return s.flatMap((part): Part[] => {
    const [low, high] = [Math.max(from - at, 0), Math.min(to - at, part.channels)]
    at += part.channels
    if (low >= high) return []
    if (low === 0 && high === part.channels) return [part]
    const cut = <V extends Part['scale']>(v: V): V => v && (g.emit('Slice', [v, g.ints(low), g.ints(high), g.ints(1)]) as V)
    return [{ ...part, base: cut(part.base), channels: high - low, scale: cut(part.scale), shift: cut(part.shift) }]
  })
}
