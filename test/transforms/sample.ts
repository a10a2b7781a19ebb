import { goldenArray, type Descriptor } from '../golden.ts'
import type { Planes, Sample } from '../../src/transforms/transform.ts'

/** Planes from their numbers. */
export const planes = (shape: Planes['shape'], data: ArrayLike<number>): Planes => ({ shape, data: Float32Array.from(data) })

/** A smooth picture of a spine-like blob, different in every plane, and values between 0 and 100. */
export function picture(shape: Planes['shape']): Planes {
  const [count, height, width] = shape
  const data = new Float32Array(count * height * width)
  for (let i = 0; i < data.length; i++) {
    const [p, y, x] = [Math.floor(i / (height * width)), (Math.floor(i / width) % height) / height, (i % width) / width]
    data[i] = 50 + 25 * Math.sin(7 * y + p) + 25 * Math.cos(9 * x - 2 * p)
  }
  return { shape, data }
}

/** A filled ellipse in the middle: 1 inside, 0 outside. */
export function ellipse(shape: Planes['shape'], radius = 0.3): Planes {
  const [count, height, width] = shape
  const inside = (i: number) => {
    const [y, x] = [Math.floor(i / width) % height, i % width]
    return ((y - (height - 1) / 2) / (height * radius)) ** 2 + ((x - (width - 1) / 2) / (width * radius)) ** 2 <= 1
  }
  return { shape, data: Float32Array.from({ length: count * height * width }, (_, i) => (inside(i) ? 1 : 0)) }
}

/** 2 |A and B| / (|A| + |B|) of two arrays, cut at 0.5. */
export function dice(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [both, total] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]! >= 0.5, b[i]! >= 0.5]
    both += Number(p && q)
    total += Number(p) + Number(q)
  }
  return (2 * both) / total
}

/** One case of the golden folder `transforms/x`, as ivadomed ran it. */
export interface GoldenCase {
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  readonly metadata_in: Readonly<Record<string, unknown>>
  readonly metadata_out: Readonly<Record<string, unknown>>
  readonly input: Descriptor
  readonly output: Descriptor
  readonly undo_output?: Descriptor
}

/** A golden slice as one plane. */
export const goldenPlane = (folder: string, d: Descriptor): Planes =>
  planes([1, d.shape[0]!, d.shape[1]!], Float32Array.from(goldenArray(folder, d)))

/** The first packed slice, where a prediction is of one. */
export const row0 = { first: 0, count: 1 }

export const sampleOf = (image: Planes, label?: Planes, spacing: Sample['spacing'] = [1, 1]): Sample => ({ image, label, spacing })
