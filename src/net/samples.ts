import { open } from 'node:fs/promises'
import { readNpyHeader, type NpyHeader } from '../npy.ts'

/** One sample of a set: a slice of an image, where it lies in the packed files. */
export interface SampleRef {
  /** The image's id. */
  readonly id: string
  /** Which slice of the volume it is; with `id`, what its random numbers are drawn by. */
  readonly slice: number
  /** Which row of the files it is. */
  readonly row: number
  /** A .npy file, float32 [S, C, H, W]. */
  readonly image: string
  /** A .npy file, float32 [S, K, H, W]; undefined where there is no label, as when predicting. */
  readonly label?: string | undefined
  /** Drawn before in this epoch so many times; then it is transformed in another way than before. */
  readonly repeat?: number | undefined
}

/** One row of a packed file: [channels, height, width]. */
export interface Row {
  readonly shape: readonly [channels: number, height: number, width: number]
  readonly data: Float32Array
}

/** Reads rows of packed .npy files by their place, so that no set is ever in memory as a whole; the page cache does the rest. */
export class RowReader {
  readonly #headers = new Map<string, NpyHeader>()

  /** Row `row` of the file. Headers are read once. */
  async read(path: string, row: number): Promise<Row> {
    const file = await open(path, 'r')
    try {
      const known = this.#headers.get(path)
      const header = known ?? (await readNpyHeader(file))
      if (!known) this.#headers.set(path, header)
      const [rows, channels, height, width] = header.shape
      if (header.type !== 'float32' || rows === undefined || channels === undefined || height === undefined || width === undefined)
        throw new Error(
          `${path} is ${header.type} [${header.shape.join(', ')}]; packed samples are float32 [slices, channels, height, width]`,
        )
      if (row >= rows) throw new Error(`${path} has ${rows} rows, and row ${row} was asked for`)
      const data = new Float32Array(channels * height * width)
      const { bytesRead } = await file.read(new Uint8Array(data.buffer), 0, data.byteLength, header.offset + row * data.byteLength)
      if (bytesRead !== data.byteLength) throw new Error(`${path} is cut short at row ${row}`)
      return { shape: [channels, height, width], data }
    } finally {
      await file.close()
    }
  }
}
