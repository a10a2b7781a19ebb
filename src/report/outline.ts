/** A picture of 0 and 1 (or more), row by row from the top. */
export interface Mask {
  readonly height: number
  readonly width: number
  readonly pixels: Uint8Array
}

/**
 * The border of a mask as an SVG path along the sides of pixels, whose length is 1: closed loops, which enclose by the even-odd rule
 * exactly what the mask covers. An empty mask gives an empty text.
 */
export function outline(mask: Mask): string {
  const next = bordersOf(mask)
  const stride = mask.width + 1
  const loops: string[] = []
  for (const start of next.keys()) while (next.has(start)) loops.push(loop(start, next, stride))
  return loops.join('')
}

/** By corner: the corners that borders lead to from it, with the mask on the right. Corner (y, x) is y * (width + 1) + x. */
function bordersOf({ height, width, pixels }: Mask): Map<number, number[]> {
  const next = new Map<number, number[]>()
  const stride = width + 1
  const inside = (y: number, x: number): boolean => y >= 0 && x >= 0 && y < height && x < width && pixels[y * width + x] !== 0
  const add = (from: number, to: number): void => void next.set(from, [...(next.get(from) ?? []), to])
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!inside(y, x)) continue
      const corner = y * stride + x
      if (!inside(y - 1, x)) add(corner, corner + 1)
      if (!inside(y, x + 1)) add(corner + 1, corner + 1 + stride)
      if (!inside(y + 1, x)) add(corner + 1 + stride, corner + stride)
      if (!inside(y, x - 1)) add(corner + stride, corner)
    }
  return next
}

/** Follows borders from a corner until it is back, takes them out of the map, and joins straight pieces. */
function loop(start: number, next: Map<number, number[]>, stride: number): string {
  const parts: { readonly way: 'h' | 'v'; length: number }[] = []
  let at = start
  do {
    const ways = next.get(at)!
    const to = ways.pop()!
    if (ways.length === 0) next.delete(at)
    const way = Math.abs(to - at) === 1 ? 'h' : 'v'
    const step = way === 'h' ? to - at : (to - at) / stride
    const last = parts.at(-1)
    if (last?.way === way && Math.sign(last.length) === step) last.length += step
    else parts.push({ way, length: step })
    at = to
  } while (at !== start)
  return `M${start % stride} ${Math.floor(start / stride)}${parts.map(({ way, length }) => `${way}${length}`).join('')}z`
}
