import type { Shape3 } from './volume.ts'

/** Millimetres between voxels along the three axes. */
export type SpacingMm = readonly [number, number, number]

/**
 * The exact Euclidean distance in mm from every queried voxel to the nearest of `points` (what is not zero), centre to centre;
 * Infinity where there are no points. Without `queries`: of every voxel, the distance transform (that of scipy's
 * `distance_transform_edt(points == 0, sampling=spacing)`).
 *
 * Separable: rows by two sweeps, then the lower envelope of parabolas along the second axis (Felzenszwalb and Huttenlocher,
 * "Distance transforms of sampled functions", 2012), both linear in the number of voxels. Along the third axis each query looks up
 * and down its own column for as long as that can still be nearer: cheap, since queries are few or near to the points.
 */
export function distancesTo(points: Uint8Array, shape: Shape3, spacing: SpacingMm, queries?: Int32Array): Float64Array {
  const squared = distancesInPlanes(points, shape, spacing)
  const plane = shape[0] * shape[1]
  const depth = shape[2]
  const out = new Float64Array(queries?.length ?? points.length)
  for (let q = 0; q < out.length; q++) {
    const i = queries ? queries[q]! : q
    const z = Math.floor(i / plane)
    let best = squared[i]!
    for (let step = 1; step < depth; step++) {
      const along = (step * spacing[2]) ** 2
      if (along >= best) break
      if (z >= step) best = Math.min(best, squared[i - step * plane]! + along)
      if (z + step < depth) best = Math.min(best, squared[i + step * plane]! + along)
      if (z < step && z + step >= depth) break
    }
    out[q] = Math.sqrt(best)
  }
  return out
}

/** Squared distances in mm² to the nearest point of the same plane of the first two axes. */
function distancesInPlanes(points: Uint8Array, [nx, ny, nz]: Shape3, spacing: SpacingMm): Float64Array {
  const squared = new Float64Array(points.length).fill(Infinity)
  const column = envelope(ny, spacing[1])
  for (let z = 0; z < nz; z++) {
    const from = z * nx * ny
    let any = false
    for (let y = 0; y < ny; y++) if (alongRow(points, squared, from + y * nx, nx, spacing[0])) any = true
    if (any) for (let x = 0; x < nx; x++) column(squared, from + x, nx)
  }
  return squared
}

/** Squared distances within one row; false, and nothing written, where the row has no point. */
function alongRow(points: Uint8Array, squared: Float64Array, start: number, length: number, step: number): boolean {
  let last = -1
  for (let x = 0; x < length; x++) {
    if (points[start + x] !== 0) {
      // Back to the middle between this point and the one before it.
      const back = last < 0 ? 0 : (last + x + 1) >> 1
      for (let k = back; k < x; k++) squared[start + k] = ((x - k) * step) ** 2
      last = x
      squared[start + x] = 0
    } else if (last >= 0) squared[start + x] = ((x - last) * step) ** 2
  }
  return last >= 0
}

/** Replaces f over a line of n values by min over q of f(q) + ((p - q) * step)²; working memory is made once. */
function envelope(n: number, step: number): (data: Float64Array, start: number, stride: number) => void {
  const values = new Float64Array(n)
  /** The parabolas of the lower envelope: where each has its minimum, and from where on it is the lowest. */
  const vertex = new Int32Array(n)
  const low = new Float64Array(n + 1)
  const area = step * step
  return (data, start, stride) => {
    let count = 0
    for (let q = 0; q < n; q++) {
      const f = data[start + q * stride]!
      values[q] = f
      if (f === Infinity) continue
      let cut = -Infinity
      while (count > 0) {
        const v = vertex[count - 1]!
        cut = ((f - values[v]!) / area + (q * q - v * v)) / (2 * (q - v))
        if (cut > low[count - 1]!) break
        count--
      }
      vertex[count] = q
      low[count++] = count === 1 ? -Infinity : cut
    }
    low[count] = Infinity
    for (let p = 0, k = 0; count > 0 && p < n; p++) {
      while (low[k + 1]! < p) k++
      const v = vertex[k]!
      data[start + p * stride] = ((p - v) * step) ** 2 + values[v]!
    }
  }
}

/**
 * The boundary voxels of a mask, by index: those with a face neighbour outside the mask, or at the border of the image. What is
 * left after one erosion by the cross of six neighbours taken away (MedPy's surface; scipy: `mask ^ binary_erosion(mask)`).
 */
export function boundary(mask: Uint8Array, [nx, ny, nz]: Shape3): Int32Array {
  const found: number[] = []
  const plane = nx * ny
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const rim = z === 0 || z === nz - 1 || y === 0 || y === ny - 1
      for (let x = 0; x < nx; x++, i++) {
        if (mask[i] === 0) continue
        const inside =
          !rim &&
          x > 0 &&
          x < nx - 1 &&
          mask[i - 1] !== 0 &&
          mask[i + 1] !== 0 &&
          mask[i - nx] !== 0 &&
          mask[i + nx] !== 0 &&
          mask[i - plane] !== 0 &&
          mask[i + plane] !== 0
        if (!inside) found.push(i)
      }
    }
  return Int32Array.from(found)
}
