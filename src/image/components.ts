/**
 * Which voxels touch: by faces (6; in 2D 4), faces and edges (18; in 2D 8), or faces, edges and corners (26).
 */
export type Connectivity = 4 | 6 | 8 | 18 | 26

/** In how many axes two touching voxels may differ. */
const reach: Readonly<Record<Connectivity, number>> = { 4: 1, 6: 1, 8: 2, 18: 2, 26: 3 }

/** Width, height and depth of an image; 2D images have a depth of 1. */
type Size = readonly [number, number, number]

/** Shape as three sizes. Throws for anything but 2D and 3D: a bug of the caller. */
export function size3(shape: readonly number[], voxels: number): Size {
  const [x = 1, y = 1, z = 1] = shape
  if ((shape.length !== 2 && shape.length !== 3) || x * y * z !== voxels)
    throw new Error(`shape ${shape.join('x')} does not fit ${voxels} voxels`)
  return [x, y, z]
}

/**
 * Connected objects as runs along the first axis: run r covers voxels `start[r]` to `end[r]` (exclusive) and is of object
 * `label[r]`, 1 to `count`. Objects are numbered by their first voxel in C order of [X, Y, Z] (last axis fastest), as
 * scipy.ndimage.label numbers them. `sizes[k]` is the number of voxels of object k; `sizes[0]` of the background.
 */
export interface Objects {
  readonly count: number
  readonly sizes: Int32Array
  readonly start: Int32Array
  readonly end: Int32Array
  readonly label: Int32Array
}

/**
 * The connected objects of the voxels that are `of` (1: what is not zero, 0: the background). `mask` is in NIfTI's order:
 * first axis fastest. Runs of neighbouring rows are joined by union-find (Wu, Otoo and Suzuki, "Optimizing two-pass
 * connected-component labeling algorithms", 2009), so the work is one scan of the voxels and little beside.
 */
export function findObjects(mask: Uint8Array, shape: readonly number[], connectivity: Connectivity, of: 0 | 1 = 1): Objects {
  const size = size3(shape, mask.length)
  const runs = findRuns(mask, size, of)
  return number(runs, joinRuns(runs, size, reach[connectivity]), size)
}

interface Runs {
  readonly start: Int32Array
  readonly end: Int32Array
  /** Runs `rows[r]` to `rows[r + 1]` lie in row r = y + Y * z. */
  readonly rows: Int32Array
}

function findRuns(mask: Uint8Array, [nx, ny, nz]: Size, of: 0 | 1): Runs {
  const rows = new Int32Array(ny * nz + 1)
  let start = new Int32Array(1024)
  let end = new Int32Array(1024)
  let runs = 0
  for (let row = 0; row < ny * nz; row++) {
    rows[row] = runs
    const stop = (row + 1) * nx
    let i = row * nx
    while (i < stop) {
      while (i < stop && (mask[i] !== 0 ? 1 : 0) !== of) i++
      if (i === stop) break
      if (runs === start.length) {
        start = grown(start)
        end = grown(end)
      }
      start[runs] = i
      while (i < stop && (mask[i] !== 0 ? 1 : 0) === of) i++
      end[runs++] = i
    }
  }
  rows[ny * nz] = runs
  return { start: start.subarray(0, runs), end: end.subarray(0, runs), rows }
}

function grown(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2)
  to.set(from)
  return to
}

/** Joins every run with those it touches in the rows before its own; gives the union-find forest, roots the lowest. */
function joinRuns({ start, end, rows }: Runs, [nx, ny, nz]: Size, limit: number): Int32Array {
  const parent = Int32Array.from(start, (_, run) => run)
  // Rows before this one: dy, dz, and how many axes they differ in.
  const before = [
    [-1, 0, 1],
    [0, -1, 1],
    [-1, -1, 2],
    [1, -1, 2],
  ].filter(([, , axes]) => axes! <= limit)
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (const [dy, dz, axes] of before) {
        const otherY = y + dy!
        const otherZ = z + dz!
        if (otherY < 0 || otherY >= ny || otherZ < 0) continue
        const slack = axes! < limit ? 1 : 0
        joinRows(parent, start, end, rows, y + ny * z, otherY + ny * otherZ, nx, slack)
      }
  // Parents come before their children, so one pass leaves every run with its root.
  for (let run = 0; run < parent.length; run++) parent[run] = parent[parent[run]!]!
  return parent
}

/** `slack` 1: voxels one step apart along the row touch as well. */
function joinRows(
  parent: Int32Array,
  start: Int32Array,
  end: Int32Array,
  rows: Int32Array,
  row: number,
  other: number,
  nx: number,
  slack: number,
): void {
  const shift = (row - other) * nx
  let a = rows[row]!
  let b = rows[other]!
  const lastA = rows[row + 1]!
  const lastB = rows[other + 1]!
  while (a < lastA && b < lastB) {
    const startB = start[b]! + shift
    const endB = end[b]! + shift
    if (start[a]! < endB + slack && startB < end[a]! + slack) union(parent, a, b)
    if (end[a]! < endB) a++
    else b++
  }
}

function root(parent: Int32Array, run: number): number {
  while (parent[run] !== run) {
    parent[run] = parent[parent[run]!]!
    run = parent[run]!
  }
  return run
}

function union(parent: Int32Array, a: number, b: number): void {
  const rootA = root(parent, a)
  const rootB = root(parent, b)
  if (rootA < rootB) parent[rootB] = rootA
  else parent[rootA] = rootB
}

/** Numbers the trees (`parent` holds roots) by their first voxel in C order, and counts their voxels. */
function number({ start, end, rows }: Runs, parent: Int32Array, [nx, ny, nz]: Size): Objects {
  const first = new Uint32Array(start.length).fill(0xffffffff)
  const found = new Int32Array(start.length)
  let count = 0
  for (let z = 0, row = 0; z < nz; z++)
    for (let y = 0; y < ny; y++, row++)
      for (let run = rows[row]!; run < rows[row + 1]!; run++) {
        // x is the slowest axis in C order, so a run's first voxel is its first there too.
        const place = ((start[run]! - row * nx) * ny + y) * nz + z
        const tree = parent[run]!
        if (tree === run) found[count++] = run
        if (place < first[tree]!) first[tree] = place
      }
  const roots = sortBy(first, found.subarray(0, count), nx * ny * nz)
  const numbers = new Int32Array(start.length)
  for (let k = 0; k < count; k++) numbers[roots[k]!] = k + 1
  const label = new Int32Array(start.length)
  const sizes = new Int32Array(count + 1)
  sizes[0] = nx * ny * nz
  for (let run = 0; run < start.length; run++) {
    const k = numbers[parent[run]!]!
    const length = end[run]! - start[run]!
    label[run] = k
    sizes[k]! += length
    sizes[0] -= length
  }
  return { count, sizes, start, end, label }
}

/** Items by their keys (below `limit`), ascending: a radix sort, eleven bits at a time. */
function sortBy(keys: Uint32Array, items: Int32Array, limit: number): Int32Array {
  let from = items
  let to: Int32Array = new Int32Array(items.length)
  for (let shift = 0; 2 ** shift < limit; shift += 11) {
    const next = new Int32Array(2 ** 11 + 1)
    for (let i = 0; i < from.length; i++) next[((keys[from[i]!]! >>> shift) & 2047) + 1]!++
    for (let digit = 0; digit < 2 ** 11; digit++) next[digit + 1]! += next[digit]!
    for (let i = 0; i < from.length; i++) to[next[(keys[from[i]!]! >>> shift) & 2047]!++] = from[i]!
    ;[from, to] = [to, from]
  }
  return from
}

/** The objects as an image: every voxel holds its object's number, 0 outside. */
export function paintLabels(objects: Objects, voxels: number): Int32Array {
  const labels = new Int32Array(voxels)
  for (let run = 0; run < objects.start.length; run++) labels.fill(objects.label[run]!, objects.start[run], objects.end[run])
  return labels
}
