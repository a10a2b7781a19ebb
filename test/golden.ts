import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'vitest'

/** Reference data beside the checkout: golden numbers made by running ivadomed, and real images. Not part of the project. */
export const shared = resolve(import.meta.dirname, '../../shared')

/** A test that needs a path of the reference data; skipped, with the reason in its name, where that is absent. */
export function sharedTest(path: string, name: string, body: () => void | Promise<void>): void {
  if (existsSync(join(shared, path))) test(name, body)
  else test.skip(`${name} (skipped: no ../shared/${path})`, body)
}

/** An array of the golden files: numbers in the JSON itself, or in a raw file beside it. */
export interface Descriptor {
  readonly file?: string
  readonly data?: readonly (number | string)[]
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'float64' | 'uint8' | 'int32'
}
export type GoldenArray = Float32Array | Float64Array | Uint8Array | Int32Array

/** The `cases.json` of a folder below `golden/`; its shape is that folder's own. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each folder has its own shape
export const goldenCases = (folder: string, file = 'cases.json'): any =>
  JSON.parse(readFileSync(join(shared, 'golden', folder, file), 'utf8'))

/** The numbers of a descriptor found in that folder's JSON. "NaN" and "Infinity" are written as strings there. */
export function goldenArray(folder: string, d: Descriptor): GoldenArray {
  const type = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int32: Int32Array }[d.dtype]
  if (d.data) return type.from(d.data.map(Number))
  if (!d.file) throw new Error('a descriptor has data or a file')
  const bytes = readFileSync(join(shared, 'golden', folder, d.file))
  return new type(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
