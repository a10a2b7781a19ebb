import { open, type FileHandle } from 'node:fs/promises'
import { readNpyHeader, type NpyHeader } from '../npy.ts'
import { crop } from '../transforms/center-crop.ts'
import type { Pair } from './patches.ts'

/** A part of a slice. Where it reaches beyond the slice there are zeros. */
export interface PatchRef {
  /** The row and column of the slice that it begins at; negative where it begins before. */
  readonly place: Pair
  readonly length: Pair
}

/** One sample of a set: a slice of an image, or a patch of one, where it lies in the packed files. */
export interface SampleRef {
  /** The image's id. */
  readonly id: string
  /** Which slice of the volume it is; with `id`, what its random numbers are drawn by. */
  readonly slice: number
  /** Which row of the files it is. */
  readonly row: number
  /** A .npy file, float32 [S, C, H, W]. */
  readonly image: string
  /** A .npy file, float32 or uint8 [S, K, H, W]; undefined where there is no label, as when predicting. */
  readonly label?: string | undefined
  /** Drawn before in this epoch so many times; then it is transformed in another way than before. */
  readonly repeat?: number | undefined
  /** By class: how many raters drew it, where it is more than one for some class. Their planes follow each other, class after class. */
  readonly raters?: readonly number[] | undefined
  /** The part of the slice that it is; undefined: all. */
  readonly patch?: PatchRef | undefined
}

/** One row of a packed file: [channels, height, width]. */
export interface Row {
  readonly shape: readonly [channels: number, height: number, width: number]
  readonly data: Float32Array
}

/** Reads rows of packed .npy files by their place, so that no set is ever in memory as a whole; the page cache does the rest. */
export class RowReader {
  readonly #headers = new Map<string, NpyHeader>()

  /** Row `row` of the file; only those of its planes that are named, in that order, and of them the patch. Headers are read once. */
  async read(path: string, row: number, planes?: readonly number[], patch?: PatchRef): Promise<Row> {
    const file = await open(path, 'r')
    try {
      const known = this.#headers.get(path)
      const header = known ?? (await readNpyHeader(file))
      if (!known) this.#headers.set(path, header)
      return await readRow(file, header, path, row, planes, patch)
    } finally {
      await file.close()
    }
  }
}

async function readRow(
  file: FileHandle,
  header: NpyHeader,
  path: string,
  row: number,
  named?: readonly number[],
  patch?: PatchRef,
): Promise<Row> {
  const { type, shape, offset } = header
  const [rows, channels, height, width] = shape
  if (!isPacked(type) || rows === undefined || channels === undefined || height === undefined || width === undefined)
    throw new Error(`${path} is ${type} [${shape.join(', ')}]; packed samples are float32 or uint8 [slices, channels, height, width]`)
  if (row >= rows) throw new Error(`${path} has ${rows} rows, and row ${row} was asked for`)
  const lines = linesOf(height, patch)
  // What is kept of a plane, and all of it in the file.
  const [area, whole] = [lines.count * width, height * width]
  const count = named?.length ?? channels
  const data = type === 'uint8' ? new Uint8Array(count * area) : new Float32Array(count * area)
  // All planes of a row lie together; named ones, and parts of them, are read one by one.
  const wanted = named ?? (patch ? Array.from({ length: channels }, (_, plane) => plane) : undefined)
  const pieces = wanted ? wanted.map((plane, at) => ({ plane, at, planes: 1 })) : [{ plane: 0, at: 0, planes: channels }]
  for (const { plane, at, planes } of pieces) {
    const target = new Uint8Array(data.buffer, at * area * data.BYTES_PER_ELEMENT, planes * area * data.BYTES_PER_ELEMENT)
    const from = (row * channels + plane) * whole + lines.first * width
    const { bytesRead } = await file.read(target, 0, target.length, offset + from * data.BYTES_PER_ELEMENT)
    if (bytesRead !== target.length || plane >= channels) throw new Error(`${path} is cut short at row ${row}`)
  }
  const read: Row = { shape: [count, lines.count, width], data: data instanceof Uint8Array ? Float32Array.from(data) : data }
  return patch ? crop(read, [patch.place[0] - lines.first, patch.place[1]], patch.length) : read
}

/** Which lines of a slice a patch lies on: they follow each other in the file. */
function linesOf(height: number, patch: PatchRef | undefined): { readonly first: number; readonly count: number } {
  if (!patch) return { first: 0, count: height }
  const first = Math.min(Math.max(patch.place[0], 0), height)
  return { first, count: Math.max(0, Math.min(patch.place[0] + patch.length[0], height) - first) }
}

const isPacked = (type: NpyHeader['type']): boolean => type === 'float32' || type === 'uint8'
