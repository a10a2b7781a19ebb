import type { SpacingMm } from '../image/distance.ts'
import { threshold, type Voxels } from '../image/morphology.ts'
import type { Shape3 } from '../image/volume.ts'

/** Part of an image: where it begins, and how large it is, in voxels. */
export interface Box {
  readonly origin: Shape3
  readonly shape: Shape3
}

/**
 * One class of one image: prediction and truth, cut to the box outside of which both are 0. Structures are small beside their
 * image, so nearly all the work is spared.
 */
export interface Pair {
  /** In the box, first axis fastest: 0 and 1 (uint8), or soft (float32). */
  readonly pred: Voxels
  readonly gt: Voxels
  readonly box: Box
  /** Of the whole image. */
  readonly shape: Shape3
  readonly spacing: SpacingMm
}

/** Cuts one class out of the image. `pred` and `gt` have the first axis fastest. */
export function pairOf(pred: Voxels, gt: Voxels, shape: Shape3, spacing: SpacingMm): Pair {
  const box = boxOf(pred, gt, shape)
  return { pred: crop(pred, shape, box), gt: crop(gt, shape, box), box, shape, spacing }
}

/**
 * Every class of an image that is stored as label maps: voxels of class c (from 0) hold c + 1, others 0. One class at a time is
 * held as a mask, and only its box, so a hundred classes need little more memory than the two maps.
 */
export function* pairsOfLabels(
  pred: LabelMap,
  gt: LabelMap,
  shape: Shape3,
  spacing: SpacingMm,
  classes: number,
): Generator<Pair, void, undefined> {
  const boxes = labelBoxes([pred, gt], shape, classes)
  for (let c = 0; c < classes; c++) {
    const box = boxes[c]!
    yield { pred: cropLabel(pred, shape, box, c + 1), gt: cropLabel(gt, shape, box, c + 1), box, shape, spacing }
  }
}

/** An image that holds the number of a class in every voxel. */
export type LabelMap = Uint8Array | Uint16Array

/** What encloses all voxels that are not 0 in either image; the first voxel where there are none. */
function boxOf(a: Voxels, b: Voxels, shape: Shape3): Box {
  const [nx, ny, nz] = shape
  const bounds = new Bounds(shape)
  const [emptyA, emptyB] = [zeroSpans(a, nx * ny), zeroSpans(b, nx * ny)]
  for (let z = 0; z < nz; z++) {
    if (emptyA(z) && emptyB(z)) continue
    for (let y = 0, row = z * nx * ny; y < ny; y++, row += nx) {
      let first = 0
      while (first < nx && a[row + first] === 0 && b[row + first] === 0) first++
      if (first === nx) continue
      let last = nx - 1
      while (a[row + last] === 0 && b[row + last] === 0) last--
      bounds.add(first, last, y, z)
    }
  }
  return bounds.box()
}

/** Whether all values of the k-th span of so many are 0, byte by byte: most planes of most images are, and memory is compared fast. */
function zeroSpans(data: Voxels, size: number): (k: number) => boolean {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const span = size * data.BYTES_PER_ELEMENT
  const zeros = Buffer.alloc(span)
  return k => bytes.subarray(k * span, (k + 1) * span).equals(zeros)
}

/** The box of every label 1 ... classes, in one scan of the runs of equal labels. */
function labelBoxes(maps: readonly LabelMap[], shape: Shape3, classes: number): readonly Box[] {
  const [nx, ny, nz] = shape
  const bounds = Array.from({ length: classes }, () => new Bounds(shape))
  for (const map of maps)
    for (let z = 0, row = 0; z < nz; z++)
      for (let y = 0; y < ny; y++, row += nx)
        for (let x = 0; x < nx; x++) {
          const label = map[row + x]!
          if (label === 0) continue
          const first = x
          while (x + 1 < nx && map[row + x + 1] === label) x++
          bounds[label - 1]?.add(first, x, y, z)
        }
  return bounds.map(b => b.box())
}

/** Grows around the voxels it is told of. */
class Bounds {
  readonly #low: [number, number, number]
  readonly #high: [number, number, number] = [-1, -1, -1]

  constructor(shape: Shape3) {
    this.#low = [...shape]
  }

  /** Voxels `first` to `last` of a row. */
  add(first: number, last: number, y: number, z: number): void {
    const low = this.#low
    const high = this.#high
    if (first < low[0]) low[0] = first
    if (last > high[0]) high[0] = last
    if (y < low[1]) low[1] = y
    if (y > high[1]) high[1] = y
    if (z < low[2]) low[2] = z
    if (z > high[2]) high[2] = z
  }

  box(): Box {
    if (this.#high[0] < 0) return { origin: [0, 0, 0], shape: [1, 1, 1] }
    const [x, y, z] = this.#low
    return { origin: [x, y, z], shape: [this.#high[0] - x + 1, this.#high[1] - y + 1, this.#high[2] - z + 1] }
  }
}

/** Visits the rows of a box: where each begins in the whole image, and in the box. */
function eachRow(
  [nx, ny]: Shape3,
  { origin: [x, y, z], shape: [width, height, depth] }: Box,
  visit: (whole: number, part: number) => void,
) {
  for (let k = 0, part = 0; k < depth; k++) for (let j = 0; j < height; j++, part += width) visit(x + nx * (y + j + ny * (z + k)), part)
}

function crop(data: Voxels, shape: Shape3, box: Box): Voxels {
  const [width, height, depth] = box.shape
  const part = data instanceof Uint8Array ? new Uint8Array(width * height * depth) : new Float32Array(width * height * depth)
  eachRow(shape, box, (whole, at) => part.set(data.subarray(whole, whole + width), at))
  // What holds only 0 and 1 is a mask, and nothing else is, however it was stored.
  const isMask = isBinary(part)
  if (isMask === part instanceof Uint8Array) return part
  return isMask ? Uint8Array.from(part) : Float32Array.from(part)
}

function isBinary(data: Voxels): boolean {
  for (let i = 0; i < data.length; i++) if (data[i] !== 0 && data[i] !== 1) return false
  return true
}

function cropLabel(map: LabelMap, shape: Shape3, box: Box, label: number): Uint8Array {
  const [width, height, depth] = box.shape
  const part = new Uint8Array(width * height * depth)
  eachRow(shape, box, (whole, at) => {
    for (let x = 0; x < width; x++) if (map[whole + x] === label) part[at + x] = 1
  })
  return part
}

/** Writes what was made in the box into an image of the whole. */
export function pasteBox(part: Uint8Array, { box, shape }: Pair, into: Uint8Array): void {
  const width = box.shape[0]
  eachRow(shape, box, (whole, at) => into.set(part.subarray(at, at + width), whole))
}

/** Values of at least 0.5 as a mask; the same array where it is one already. */
export const maskOf = (data: Voxels): Uint8Array => (data instanceof Uint8Array ? data : threshold(data, 0.5))
