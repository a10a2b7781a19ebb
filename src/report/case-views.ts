import { voxelSizes } from '../image/affine.ts'
import { isMicrograph } from '../image/formats.ts'
import { hwdGrid, hwdSpacing, type HwdGrid, type SliceAxis } from '../image/hwd.ts'
import { threshold, type Voxels } from '../image/morphology.ts'
import { eachVolume, readHeader } from '../image/nifti.ts'
import type { Grey } from '../image/png.ts'
import { readImageFile } from '../image/read-file.ts'
import { readTruth } from '../image/truth.ts'

import { quantile, sorted } from '../statistics/quantile.ts'
import type { Mask } from './outline.ts'
import { boxAround, windowOf, type Window } from './window.ts'

/** The files of an image that is shown. */
export interface CaseFiles {
  readonly id: string
  readonly image: string
  /** By class: the label of each rater. */
  readonly labels: readonly (readonly string[])[]
  readonly mask: string
  /** A map from 0 (certain) to ln 2, with a volume for each class. */
  readonly uncertainty?: string | undefined
}

/** One slice of an image, cut to what matters and turned as one looks at it; all pictures have the same size. */
export interface SliceView {
  /** Counted from 0 along the slice axis. */
  readonly slice: number
  readonly spacing: readonly [across: number, down: number]
  readonly grey: Grey
  /** By class. */
  readonly truth: readonly Mask[]
  readonly prediction: readonly Mask[]
  /** 0 certain, 255 undecided; of several classes the largest. */
  readonly uncertainty?: Grey
}

/** The highest entropy of a probability: undecided between two. */
export const UNDECIDED = Math.log(2)

/** Which voxels each class covers, in truth and in the prediction. */
interface Marks {
  readonly truth: readonly Uint8Array[]
  readonly prediction: readonly Uint8Array[]
}

/** Reads an image and cuts the slices that tell most: those with most errors, and the one with most truth. */
export async function caseViews(files: CaseFiles, axis: SliceAxis, count: number): Promise<readonly SliceView[]> {
  const header = await readHeader(files.mask)
  const marks = await readMarks(files)
  const grid = hwdGrid(header, axis)
  const box = boxAround([...marks.truth, ...marks.prediction], grid)
  const image = await readImageFile(files.image, voxelSizes(header.affine))
  const chosen = chooseSlices(slicesOf(marks, grid), count)
  const spacing = hwdSpacing(header, axis)
  const view = isMicrograph(files.image) ? 'picture' : axis
  const windows = chosen.map(slice => ({ slice, window: windowOf(grid, spacing, view, slice, box) }))
  const range = intensities(windows, image.data)
  const unsure = files.uncertainty === undefined ? undefined : await largestOf(files.uncertainty)
  return windows.map(({ slice, window }) => ({
    ...{ slice, spacing: window.spacing, grey: picture(window, image.data, range) },
    ...{ truth: marks.truth.map(of => maskIn(window, of)), prediction: marks.prediction.map(of => maskIn(window, of)) },
    ...(unsure && { uncertainty: picture(window, unsure, [0, UNDECIDED]) }),
  }))
}

async function readMarks({ id, mask: maskPath, labels }: CaseFiles): Promise<Marks> {
  const truth: Uint8Array[] = []
  const prediction: Uint8Array[] = []
  for await (const mask of eachVolume(maskPath)) {
    const { gt } = await readTruth({ image: id, maskPath, mask }, labels[truth.length] ?? [])
    truth.push(threshold(gt, 0.5))
    prediction.push(threshold(mask.data, 0.5))
  }
  return { truth, prediction }
}

/** How much of a slice is true, and how much is wrong, in voxels of all classes. */
export interface SliceCount {
  readonly truth: number
  readonly wrong: number
}

function slicesOf({ truth, prediction }: Marks, { shape, strides, start }: HwdGrid): readonly SliceCount[] {
  const [height, width, depth] = shape
  return Array.from({ length: depth }, (_, d) => {
    const count = { truth: 0, wrong: 0 }
    truth.forEach((of, c) => {
      const other = prediction[c]!
      for (let h = 0; h < height; h++)
        for (let w = 0, i = start + h * strides[0] + d * strides[2]; w < width; w++, i += strides[1]) {
          if (of[i] !== 0) count.truth++
          if (of[i] !== other[i]) count.wrong++
        }
    })
    return count
  })
}

/** The slice with most truth, then those with most errors, in the order of the volume; all different. */
export function chooseSlices(slices: readonly SliceCount[], count: number): readonly number[] {
  const by = (key: (s: SliceCount) => number) => slices.map((_, k) => k).sort((a, b) => key(slices[b]!) - key(slices[a]!) || a - b)
  const [fullest] = by(s => s.truth)
  const worst = by(s => s.wrong + s.truth / (1 + slices[fullest!]!.truth))
  const chosen = new Set([fullest!, ...worst])
  return [...chosen].slice(0, count).sort((a, b) => a - b)
}

type Shown = readonly { readonly window: Window }[]

/** What is black and what is white in all slices of an image: its first and 99th percentile there. */
function intensities(windows: Shown, data: Voxels): readonly [number, number] {
  const values = sorted(windows.flatMap(({ window }) => Array.from(window.voxels, i => data[i]!)).filter(Number.isFinite))
  return [quantile(values, 0.01), quantile(values, 0.99)]
}

function picture({ height, width, voxels }: Window, data: Voxels, [low, high]: readonly [number, number]): Grey {
  const scale = high > low ? 255 / (high - low) : 0
  // NaN is written as 0.
  return { height, width, pixels: Uint8Array.from(voxels, i => Math.max(0, Math.min(255, Math.round((data[i]! - low) * scale)))) }
}

const maskIn = ({ height, width, voxels }: Window, of: Uint8Array): Mask => ({
  height,
  width,
  pixels: Uint8Array.from(voxels, i => of[i]!),
})

async function largestOf(path: string): Promise<Voxels> {
  let largest: Voxels | undefined
  for await (const { data } of eachVolume(path)) {
    if (!largest) largest = data
    else for (let i = 0; i < data.length; i++) if (data[i]! > largest[i]!) largest[i] = data[i]!
  }
  return largest!
}
