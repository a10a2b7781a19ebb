import { cropStart } from '../transforms/center-crop.ts'
import type { Planes } from '../transforms/transform.ts'
import type { Tensor } from './net.ts'

export type Pair = readonly [height: number, width: number]

/** The size of patches of a slice, and how far apart they begin; pixels. */
export interface PatchGrid {
  readonly length: Pair
  /** At most `length`: every pixel lies in a patch. */
  readonly stride: Pair
}

/** How much each pixel of a patch counts where patches overlap. */
export type Weighting = 'gaussian' | 'uniform'

/**
 * Where patches begin along an axis of n pixels: one every `stride`, and the last where it just fits, as in ivadomed; so there are
 * ceil((n - length) / stride) + 1. An axis shorter than a patch is in the middle of one, which begins before it: there are zeros around.
 */
export function patchStarts(n: number, length: number, stride: number): readonly number[] {
  if (n < length) return [cropStart(n, length)]
  const count = Math.ceil((n - length) / stride) + 1
  return Array.from({ length: count }, (_, i) => Math.min(i * stride, n - length))
}

/** All places of patches on a slice: [y, x], row by row. */
export function patchPlaces(slice: Pair, { length, stride }: PatchGrid): readonly Pair[] {
  const xs = patchStarts(slice[1], length[1], stride[1])
  return patchStarts(slice[0], length[0], stride[0]).flatMap(y => xs.map((x): Pair => [y, x]))
}

/**
 * The weights of a patch [height, width], or of a sub-volume: all 1; or a Gaussian about its middle with a standard deviation of an eighth of each side
 * (Isensee et al. 2021), since a network knows least of what lies at the border of a patch. Never 0.
 */
export function patchWeights(size: readonly number[], weighting: Weighting): Float32Array {
  const bell = (n: number, i: number): number => (weighting === 'uniform' ? 1 : Math.exp(-0.5 * ((i - (n - 1) / 2) / (n / 8)) ** 2))
  const along = (n: number): number[] => Array.from({ length: n }, (_, i) => bell(n, i))
  const product = size.map(along).reduce((before, axis) => before.flatMap(b => axis.map(a => b * a)), [1])
  return Float32Array.from(product, weight => Math.max(weight, 1e-4))
}

/** Predictions of patches put together: the weighted mean of all that cover a pixel. What lies beside the slice is left out. */
export class Mosaic {
  readonly #shape: readonly [number, number, number]
  readonly #sum: Float64Array
  readonly #weight: Float64Array
  readonly #weights: Float32Array
  readonly #length: Pair

  constructor(shape: readonly [planes: number, height: number, width: number], length: Pair, weighting: Weighting) {
    this.#shape = shape
    this.#sum = new Float64Array(shape[0] * shape[1] * shape[2])
    this.#weight = new Float64Array(shape[1] * shape[2])
    this.#weights = patchWeights(length, weighting)
    this.#length = length
  }

  /** `patch`: [planes, h, w], whose first pixel lies at (y, x). */
  add([y, x]: Pair, patch: Float32Array): void {
    const [planes, height, width] = this.#shape
    const [h, w] = this.#length
    const [top, left] = [Math.max(0, -y), Math.max(0, -x)]
    const [bottom, right] = [Math.min(h, height - y), Math.min(w, width - x)]
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++) {
        const weight = this.#weights[row * w + column]!
        const to = (y + row) * width + x + column
        this.#weight[to]! += weight
        for (let p = 0; p < planes; p++) this.#sum[p * height * width + to]! += weight * patch[(p * h + row) * w + column]!
      }
  }

  /** [planes, height, width] */
  get data(): Float32Array {
    const area = this.#weight.length
    return Float32Array.from(this.#sum, (sum, i) => sum / this.#weight[i % area]!)
  }
}

/** The planes of one image of [N, planes, H, W]. */
export function imageOf({ shape, data }: Tensor, n: number): Planes {
  const [, planes, height, width] = shape as readonly [number, number, number, number]
  const size = planes * height * width
  return { shape: [planes, height, width], data: data.subarray(n * size, (n + 1) * size) }
}
