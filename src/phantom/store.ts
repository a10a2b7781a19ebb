type Three = readonly [number, number, number]

/** A volume as it lies in a file: x fastest, and the row-major 4x4 that places voxels in RAS mm. */
export interface Stored<T> {
  readonly shape: Three
  readonly data: T
  readonly affine: readonly number[]
}

/** Which RAS axis a letter lies along, and whether the index grows towards it: `L` is axis 0, backwards. */
const letters: Readonly<Record<string, { readonly axis: number; readonly sign: number }>> = {
  R: { axis: 0, sign: 1 },
  L: { axis: 0, sign: -1 },
  A: { axis: 1, sign: 1 },
  P: { axis: 1, sign: -1 },
  S: { axis: 2, sign: 1 },
  I: { axis: 2, sign: -1 },
}

/** The stored axes of an orientation, in order. */
const axesOf = (code: string) => Array.from(code, c => letters[c]!)

/** True for three letters that name each of the three axes once: `RPI`, `PIR` ... */
export const isOrientation = (code: string): boolean => /^[RLAPSI]{3}$/.test(code) && new Set(axesOf(code).map(a => a.axis)).size === 3

/** Where a volume lies in the world: its voxel size, the point at its centre, and a turn about the left-right axis. */
export interface Placement {
  readonly spacingMm: Three
  readonly centreRas: Three
  readonly tiltDegrees: number
}

/**
 * Stores a RAS volume in another orientation. The code says, per stored axis, where its index grows to, as nibabel's
 * `aff2axcodes` does: in `RPI` the first index grows to the right, the second backwards, the third downwards.
 */
export function storeAs<T extends Int16Array | Uint8Array>(code: string, shape: Three, data: T, place: Placement): Stored<T> {
  const axes = axesOf(code)
  const strides = [1, shape[0], shape[0] * shape[1]]
  const size = axes.map(a => shape[a.axis]!) as unknown as Three
  const step = axes.map(a => a.sign * strides[a.axis]!)
  const first = axes.reduce((sum, a) => sum + (a.sign < 0 ? (shape[a.axis]! - 1) * strides[a.axis]! : 0), 0)
  const stored = data.slice() as T
  let at = 0
  for (let k = 0; k < size[2]; k++)
    for (let j = 0; j < size[1]; j++)
      for (let i = 0; i < size[0]; i++) stored[at++] = data[first + i * step[0]! + j * step[1]! + k * step[2]!]!
  return { shape: size, data: stored, affine: affineOf(axes, size, place) }
}

/** world = turn * direction * spacing * (index - middle) + centre */
function affineOf(axes: readonly { axis: number; sign: number }[], size: Three, place: Placement): number[] {
  const angle = (place.tiltDegrees * Math.PI) / 180
  const turn = [
    [1, 0, 0],
    [0, Math.cos(angle), -Math.sin(angle)],
    [0, Math.sin(angle), Math.cos(angle)],
  ]
  const rows = [0, 1, 2].map(row => {
    const columns = axes.map(a => turn[row]![a.axis]! * a.sign * place.spacingMm[a.axis]!)
    const offset = columns.reduce((sum, value, axis) => sum - (value * (size[axis]! - 1)) / 2, place.centreRas[row]!)
    return [...columns, offset]
  })
  // Adding 0 turns -0 into 0, so that equal affines are equal bytes.
  return [...rows.flat(), 0, 0, 0, 1].map(v => v + 0)
}
