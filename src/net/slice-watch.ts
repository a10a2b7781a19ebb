import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, syncFolder, writeAtomically } from '../files.ts'
import { Random } from '../random.ts'
import type { Tensor } from './net.ts'
import type { SampleRef } from './samples.ts'
import type { ValidationWatch } from './training.ts'

/**
 * The places of `count` different slices, or patches of them, of the validation set, ascending; of fewer where there are no more. Drawn, as ivadomed draws
 * them (`random.sample` in training.py): the first of a set are the ends of one image. Those of a smaller count are among those of a larger.
 */
export function watchedSlices(validation: readonly SampleRef[], count: number, seed: number): readonly number[] {
  const places = new Map<string, number>()
  validation.forEach(({ id, slice, patch }, place) => {
    const name = JSON.stringify([id, slice, patch?.place])
    if (!places.has(name)) places.set(name, place)
  })
  const different = [...places.values()]
  const order = new Random(seed, 'watched').permutation(different.length)
  return order
    .slice(0, count)
    .map(i => different[i]!)
    .sort((a, b) => a - b)
}

/** The largest value of all planes of sample `n` of [N, K, H, W], pixel by pixel, as a byte: 0 to 255 for 0 to 1. */
export function largestOf({ shape, data }: Tensor, n: number): Uint8Array {
  const [, classes = 0, height = 0, width = 0] = shape
  const area = height * width
  const plane = new Uint8Array(area)
  for (let k = 0; k < classes; k++)
    for (let i = 0, at = (n * classes + k) * area; i < area; i++, at++)
      plane[i] = Math.max(plane[i]!, Math.round(Math.min(1, Math.max(0, data[at]!)) * 255))
  return plane
}

const DIGEST = 32
const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/**
 * Keeps what a network predicts for some slices of the validation set, a file an epoch in `dir`: their planes one after the other, and
 * the sha256 of them. `dir` outlives a kill, as checkpoints do; `first` is the first epoch of this part of the training.
 */
export class SliceWatch implements ValidationWatch {
  readonly #places: readonly number[]
  readonly #dir: string
  readonly #first: number
  readonly #seen = new Map<number, Uint8Array>()

  constructor(places: readonly number[], dir: string, first: number) {
    this.#places = places
    this.#dir = dir
    this.#first = first
  }

  see(from: number, prediction: Tensor): void {
    for (const place of this.#places) {
      const n = place - from
      if (n >= 0 && n < prediction.shape[0]!) this.#seen.set(place, largestOf(prediction, n))
    }
  }

  async keep(epoch: number): Promise<void> {
    const planes = Buffer.concat(this.#places.map(place => this.#seen.get(place) ?? this.#missing(place)))
    await mkdir(this.#dir, { recursive: true })
    await writeAtomically(this.#pathOf(epoch), Buffer.concat([planes, digestOf(planes)]))
    await syncFolder(this.#dir)
  }

  async holds(epoch: number): Promise<boolean> {
    for (let e = this.#first; e <= epoch; e++) if (!(await this.#read(e))) return false
    return true
  }

  /** By epoch, from the first to this one, the planes of all slices one after the other. */
  async planes(last: number): Promise<readonly Uint8Array[]> {
    const epochs = Array.from({ length: Math.max(0, last - this.#first + 1) }, (_, i) => this.#first + i)
    const all: Uint8Array[] = []
    for (const epoch of epochs) all.push((await this.#read(epoch)) ?? this.#missing(epoch))
    return all
  }

  async #read(epoch: number): Promise<Uint8Array | undefined> {
    const bytes = await readFile(this.#pathOf(epoch)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    const planes = bytes.subarray(0, Math.max(0, bytes.length - DIGEST))
    return digestOf(planes).equals(bytes.subarray(planes.length)) ? planes : undefined
  }

  #pathOf(epoch: number): string {
    return join(this.#dir, `epoch-${String(epoch).padStart(6, '0')}.planes`)
  }

  #missing(what: number): never {
    throw new Error(`the validation set was not seen whole, or what was seen of it is lost: ${what}`)
  }
}
