import { findObjects, size3, type Connectivity, type Objects } from './components.ts'

/** Voxels with their values: a mask, or a soft map. First axis fastest, as in NIfTI. */
export type Voxels = Uint8Array | Float32Array

/** 1 where the value is at least `threshold`. Compared as 32-bit numbers, which is what both are stored as. */
export function threshold(data: Voxels, at: number): Uint8Array<ArrayBuffer> {
  const limit = Math.fround(at)
  const mask = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) if (data[i]! >= limit) mask[i] = 1
  return mask
}

/** The values of at least `least`, zero elsewhere. Compared as 32-bit numbers. */
export function keepFrom<T extends Voxels>(data: T, least: number): T {
  const limit = Math.fround(least)
  const kept = emptyLike(data)
  for (let i = 0; i < data.length; i++) if (data[i]! >= limit) kept[i] = data[i]!
  return kept
}

// One cast: the same constructor gives the same kind of array.
const emptyLike = <T extends Voxels>(data: T): T => new (data.constructor as new (length: number) => T)(data.length)

/** 1 where the value is not zero. */
export function nonZero(data: Voxels): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) mask[i] = 1
  return mask
}

/**
 * The mask with its holes filled: background that does not reach the border of the image. Background voxels are neighbours
 * by faces, edges and corners, so a hole that is open through a corner is not filled (as scipy's binary_fill_holes with a
 * structure of ones). In a volume of one or two slices every voxel is at the border: nothing is filled, unless the shape is 2D.
 */
export function fillHoles(mask: Uint8Array, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const background = findObjects(mask, shape, shape.length === 2 ? 8 : 26, 0)
  const open = reachBorder(background, shape, mask.length)
  const filled = nonZero(mask)
  for (let run = 0; run < background.start.length; run++)
    if (!open[background.label[run]!]) filled.fill(1, background.start[run], background.end[run])
  return filled
}

/** Which objects have a voxel at the border of the image. */
function reachBorder(objects: Objects, shape: readonly number[], voxels: number): Uint8Array {
  const [nx, ny, nz] = size3(shape, voxels)
  const flat = shape.length === 2
  const open = new Uint8Array(objects.count + 1)
  for (let run = 0; run < objects.start.length; run++) {
    const row = Math.floor(objects.start[run]! / nx)
    const y = row % ny
    const z = (row - y) / ny
    const atEnd = objects.start[run] === row * nx || objects.end[run] === (row + 1) * nx
    if (atEnd || y === 0 || y === ny - 1 || (!flat && (z === 0 || z === nz - 1))) open[objects.label[run]!] = 1
  }
  return open
}

/**
 * The values inside the largest object of `mask`, zero elsewhere. Of objects of equal size the first (in C order) stays,
 * as with numpy's argmax.
 */
export function keepLargest<T extends Voxels>(data: T, mask: Uint8Array, shape: readonly number[], connectivity: Connectivity): T {
  const objects = findObjects(mask, shape, connectivity)
  let largest = 1
  for (let k = 2; k <= objects.count; k++) if (objects.sizes[k]! > objects.sizes[largest]!) largest = k
  return inside(data, objects, k => k === largest)
}

/** The values inside the objects (of voxels that are not zero) of at least `least` voxels, zero elsewhere. */
export function removeSmall<T extends Voxels>(data: T, shape: readonly number[], connectivity: Connectivity, least: number): T {
  const objects = findObjects(data instanceof Uint8Array ? data : nonZero(data), shape, connectivity)
  return inside(data, objects, k => objects.sizes[k]! >= least)
}

/** The values inside the chosen objects, zero elsewhere. */
function inside<T extends Voxels>(data: T, objects: Objects, chosen: (k: number) => boolean): T {
  const kept = emptyLike(data)
  for (let run = 0; run < objects.start.length; run++)
    if (chosen(objects.label[run]!)) {
      const start = objects.start[run]!
      kept.set(data.subarray(start, objects.end[run]), start)
    }
  return kept
}
