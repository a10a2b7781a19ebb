import { findObjects, paintLabels } from './components.ts'
import { roundHalfEven } from './round.ts'

/**
 * Every object (connected by faces) gets layers of falling value about it, n = round(factor * sqrt(its size)) of them, ties to
 * even: layer i of 1 ... n is (n + 1 - i) / (n + 1). Where layers of several objects meet they add up, to at most 1.
 * `mask`: 0 and 1, of two or three axes, first axis fastest.
 */
export function softDilation(mask: Uint8Array, shape: readonly number[], factor: number): Float32Array {
  const objects = findObjects(mask, shape, 6)
  const labels = paintLabels(objects, mask.length)
  const sum = new Float64Array(mask.length)
  for (let k = 1; k <= objects.count; k++) {
    const layers = roundHalfEven(factor * Math.sqrt(objects.sizes[k]!))
    let front: number[] = []
    labels.forEach((label, i) => {
      if (label === k) front.push(i)
    })
    const seen = new Set(front)
    for (const i of front) sum[i]! += 1
    for (let layer = 1; layer <= layers; layer++) {
      front = nextLayer(front, seen, shape)
      for (const i of front) sum[i]! += (layers + 1 - layer) / (layers + 1)
    }
  }
  return Float32Array.from(sum, v => Math.min(v, 1))
}

/** The voxels that touch the last layer by a face and are in none yet. */
function nextLayer(front: readonly number[], seen: Set<number>, shape: readonly number[]): number[] {
  const next: number[] = []
  for (const i of front) {
    let stride = 1
    for (const n of shape) {
      const at = Math.floor(i / stride) % n
      for (const j of [at > 0 ? i - stride : i, at < n - 1 ? i + stride : i]) {
        if (seen.has(j)) continue
        seen.add(j)
        next.push(j)
      }
      stride *= n
    }
  }
  return next
}
