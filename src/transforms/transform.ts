import { z } from 'zod'
import type { PlaneShape, Warp } from '../image/warp.ts'
import type { Random } from '../random.ts'

/** Planes of one grid, float32 [planes, height, width]: the channels of an image, or the classes of a label. */
export interface Planes {
  readonly shape: readonly [planes: number, height: number, width: number]
  readonly data: Float32Array
}

/** What transforms work on: an image and, if known, its label (0 to 1) on the same grid. May be all slices of an image, packed. */
export interface Sample {
  readonly image: Planes
  readonly label?: Planes | undefined
  /** The region of interest, one plane a slice; only what is done once reads it. */
  readonly roi?: Planes | undefined
  /** Where it is from, for messages: the image, and which slice of it each packed slice is. */
  readonly from?: { readonly id: string; readonly slices: readonly number[] } | undefined
  /** Millimetres between pixels, along height and width. */
  readonly spacing: readonly [number, number]
}

/** What a transform may touch: `im` the image, `gt` the label, `roi` the region of interest. */
export type Part = 'im' | 'gt' | 'roi'
/** Which images a transform is for; ivadomed's words for the three parts of a split. */
export type DatasetType = 'training' | 'validation' | 'testing'

const parts = z.array(z.enum(['im', 'gt', 'roi']))
const datasetTypes = z.array(z.enum(['training', 'validation', 'testing']))
const everyType = ['training', 'validation', 'testing'] as const

/** The settings that every transform has; `appliedTo` is the default. */
export const common = (appliedTo: readonly Part[]) => ({
  applied_to: parts.default([...appliedTo]).describe('What it is done to: im (the image), gt (the label), roi (the region of interest).'),
  dataset_type: datasetTypes.default([...everyType]).describe('For which images it is done: training, validation, testing.'),
})

/** As `common`, for what changes the grid: image and label must stay on one grid, and all images reach one network. */
export const commonOfGrid = {
  applied_to: parts
    .refine(p => p.includes('im') && p.includes('gt'), 'changes the size of a sample, so it must be applied to both im and gt')
    .default(['im', 'gt', 'roi'])
    .describe('Always image and label: they share one grid.'),
  dataset_type: datasetTypes
    .refine(
      types => everyType.every(type => types.includes(type)),
      'is done once for every image, so it cannot leave out training, validation or testing',
    )
    .default([...everyType])
    .describe('Always all images: it is done once, before they are dealt to training, validation and testing.'),
}

/** What a grid transform did, for its undoing: the name of the transform, and what it needs to know. Plain JSON. */
export type UndoRecord = { readonly name: string } & Readonly<Record<string, unknown>>

/** Which of the packed slices of an image a prediction is of: `count` of them, from the `first` on. */
export interface Rows {
  readonly first: number
  readonly count: number
}

/** A part of a plane; it may reach beyond it. */
export interface Window {
  readonly start: readonly [y: number, x: number]
  readonly size: PlaneShape
}

/** Changes the grid, the same for all images: done once, when the sample is prepared, and undone on the prediction. */
export interface GridTransform<P, U> {
  readonly kind: 'grid'
  readonly params: z.ZodType<P> & z.ZodObject
  readonly record: z.ZodType<U>
  /** `looked`: of planes of a shape, what the next transform looks at; the rest may be left 0. */
  apply(sample: Sample, params: P, looked?: (shape: PlaneShape) => Window): { readonly sample: Sample; readonly undo: U }
  /** What of planes of a shape it looks at; by default at all. */
  window?(shape: PlaneShape, params: P): Window
  undo(prediction: Planes, record: U, rows: Rows): Planes
}

/** Changes the geometry at every draw. Gives the map, not the image: maps in a row become one interpolation. */
export interface SpatialTransform<P> {
  readonly kind: 'spatial'
  /** Whether all its maps are affine, and can be undone on a prediction. */
  readonly reversible: boolean
  readonly params: z.ZodType<P> & z.ZodObject
  /** The map of this draw; undefined when chance says to do nothing. */
  warp(params: P, shape: PlaneShape, random: Random): Warp | undefined
}

/** Changes the values of one plane at every draw; each channel draws for itself. The plane given is not to be written to. */
export interface IntensityTransform<P> {
  readonly kind: 'intensity'
  readonly params: z.ZodType<P> & z.ZodObject
  apply(plane: Float32Array, params: P, shape: PlaneShape, random: Random): Float32Array
}

/** A name that configurations still hold and that needs no work here. */
export interface IgnoredTransform {
  readonly kind: 'ignored'
  readonly params: z.ZodObject
}

/* eslint-disable @typescript-eslint/no-explicit-any -- the chain handles transforms of every type; schemas check at the border */
export type AnyTransform = GridTransform<any, any> | SpatialTransform<any> | IntensityTransform<any> | IgnoredTransform
/* eslint-enable @typescript-eslint/no-explicit-any */

/** Gives a literal its types. Does nothing else. */
export const defineGrid = <P, U>(transform: GridTransform<P, U>): GridTransform<P, U> => transform
/** Gives a literal its types. Does nothing else. */
export const defineSpatial = <P>(transform: SpatialTransform<P>): SpatialTransform<P> => transform
/** Gives a literal its types. Does nothing else. */
export const defineIntensity = <P>(transform: IntensityTransform<P>): IntensityTransform<P> => transform

/** Does something to every plane; the planes may get another shape. */
export function mapPlanes(
  { shape, data }: Planes,
  out: PlaneShape,
  change: (plane: Float32Array, shape: PlaneShape, index: number) => ArrayLike<number>,
): Planes {
  const [count, height, width] = shape
  const result = new Float32Array(count * out[0] * out[1])
  for (let p = 0; p < count; p++) {
    const plane = data.subarray(p * height * width, (p + 1) * height * width)
    const changed = change(plane, [height, width], p)
    // By hand: `set` from doubles takes ten times as long.
    for (let i = 0, to = p * out[0] * out[1]; i < changed.length; i++) result[to++] = changed[i]!
  }
  return { shape: [count, ...out], data: result }
}

/** The same change of grid for the image, and for label and region of interest, each in its own way. */
export const mapSample = (sample: Sample, image: (planes: Planes) => Planes, label: (planes: Planes) => Planes): Sample => ({
  ...sample,
  image: image(sample.image),
  ...(sample.label && { label: label(sample.label) }),
  ...(sample.roi && { roi: label(sample.roi) }),
})
