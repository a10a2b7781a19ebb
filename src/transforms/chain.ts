import type { z } from 'zod'
import { dropChannels } from '../image/drop-channels.ts'
import { compose, samplePlanes, type PlaneShape, type Points, type Warp } from '../image/warp.ts'
import { ordered, type Entry } from '../ordered.ts'
import type { Random } from '../random.ts'
import { transforms } from './index.ts'
import {
  mapPlanes,
  type AnyTransform,
  type DatasetType,
  type Part,
  type Planes,
  type Rows,
  type Sample,
  type UndoRecord,
  type Window,
} from './transform.ts'

/** Transforms in order, each with its checked params: what `chainSchema` gives, and what the `tensors` artifact holds. */
export type Chain = readonly Entry[]

/** A chain as pipelines write it: `{ Resample: { hspace: 0.75, wspace: 0.75 }, CenterCrop: { size: [128, 128] } }`. */
export const chainSchema = ordered(Object.fromEntries(Object.entries(transforms).map(([name, t]) => [name, t.params])))

/**
 * What is done once, when samples are prepared, and what is done at every draw; each in the order given. A grid transform
 * after the others is done first all the same, as in ivadomed.
 */
export function splitChain(chain: Chain): { readonly once: Chain; readonly draw: Chain } {
  const kindOf = (entry: Entry) => transformOf(entry.name).kind
  return {
    once: chain.filter(entry => kindOf(entry) === 'grid'),
    draw: chain.filter(entry => kindOf(entry) === 'spatial' || kindOf(entry) === 'intensity'),
  }
}

/** Does the grid transforms; the records say how to undo them. */
export function runOnce(once: Chain, sample: Sample): { readonly sample: Sample; readonly undo: readonly UndoRecord[] } {
  const undo: UndoRecord[] = []
  for (const [i, entry] of once.entries()) {
    const transform = transformOf(entry.name)
    if (transform.kind !== 'grid') throw new Error(`${entry.name} is not done once`)
    const done = transform.apply(sample, entry, windowOf(once[i + 1]))
    sample = done.sample
    undo.push({ ...(done.undo as object), name: entry.name })
  }
  return { sample, undo }
}

/** What a transform looks at: of Resample most is thrown away where a crop follows. */
function windowOf(entry: Entry | undefined): ((shape: PlaneShape) => Window) | undefined {
  const transform = entry && transformOf(entry.name)
  return transform?.kind === 'grid' && transform.window ? shape => transform.window!(shape, entry) : undefined
}

/**
 * Brings a prediction [slices * classes, height, width] back to the grid before `runOnce`, the last transform undone first.
 * `rows` says which slices of the image it is of.
 */
export function undoChain(records: readonly UndoRecord[], prediction: Planes, rows: Rows): Planes {
  return records.toReversed().reduce((planes, record) => {
    const transform = transformOf(record.name)
    if (transform.kind !== 'grid') throw new Error(`${record.name} has no undo`)
    return transform.undo(planes, transform.record.parse(record), rows)
  }, prediction)
}

/** How a draw is made. */
export interface DrawOptions {
  /** Labels keep their values between 0 and 1. */
  readonly soft?: boolean | undefined
  /** Of the channels some become 0, in training. */
  readonly inputDropout?: boolean | undefined
  /** Told every map that the image goes through, in order. */
  readonly onMove?: (warp: Warp) => void
}

/**
 * One draw of a prepared sample: new arrays, the given ones untouched. Image and label share every map, and maps in a row
 * are one interpolation. At the end the label is cut at 0.5 (>= 0.5 is 1), unless it is `soft`; and in training, where
 * `inputDropout` asks for it, some of the channels become 0.
 */
export function draw(
  chain: Chain,
  sample: Sample,
  datasetType: DatasetType,
  random: Random,
  { soft = false, inputDropout = false, onMove }: DrawOptions = {},
): Sample {
  const [, height, width] = sample.image.shape
  const shape = [height, width] as const
  const pointsOf = remembering(warps => compose(warps, shape))
  const image = new Drawn(sample.image, pointsOf)
  const label = sample.label && new Drawn(sample.label, pointsOf)
  for (const entry of chain) {
    if (!datasetTypesOf(entry).includes(datasetType)) continue
    const parts = partsOf(entry)
    const touched = [...(parts.includes('im') ? [image] : []), ...(label && parts.includes('gt') ? [label] : [])]
    const transform = transformOf(entry.name)
    if (transform.kind === 'spatial') {
      const warp = transform.warp(entry, shape, random)
      if (warp) for (const drawn of touched) drawn.move(warp)
      if (warp && parts.includes('im')) onMove?.(warp)
    } else if (transform.kind === 'intensity') {
      for (const drawn of touched) drawn.change(plane => transform.apply(plane, entry, shape, random))
    }
  }
  const drawn = image.copy()
  if (inputDropout && datasetType === 'training') dropChannels(drawn.data, drawn.shape[0], random)
  return { ...sample, image: drawn, ...(label && { label: soft ? label.copy() : binary(label.copy()) }) }
}

/** Planes on their way through a draw; maps wait until values are needed. */
class Drawn {
  #planes: Planes
  #warps: readonly Warp[] = []
  readonly #original: Planes
  readonly #pointsOf: (warps: readonly Warp[]) => Points

  constructor(planes: Planes, pointsOf: (warps: readonly Warp[]) => Points) {
    this.#planes = planes
    this.#original = planes
    this.#pointsOf = pointsOf
  }

  move(warp: Warp): void {
    this.#warps = [...this.#warps, warp]
  }

  change(values: (plane: Float32Array) => Float32Array): void {
    const planes = this.#moved()
    this.#planes = mapPlanes(planes, [planes.shape[1], planes.shape[2]], values)
  }

  copy(): Planes {
    const planes = this.#moved()
    return planes === this.#original ? { ...planes, data: planes.data.slice() } : planes
  }

  #moved(): Planes {
    if (this.#warps.length > 0) {
      const { shape, data } = this.#planes
      this.#planes = { shape, data: samplePlanes(data, [shape[1], shape[2]], this.#pointsOf(this.#warps)) }
      this.#warps = []
    }
    return this.#planes
  }
}

/** Image and label ask for the same maps in turn: the points are worked out once. */
function remembering(pointsOf: (warps: readonly Warp[]) => Points): (warps: readonly Warp[]) => Points {
  let last: { readonly warps: readonly Warp[]; readonly points: Points } | undefined
  return warps => {
    if (!last || last.warps.length !== warps.length || last.warps.some((warp, i) => warp !== warps[i])) {
      last = { warps, points: pointsOf(warps) }
    }
    return last.points
  }
}

const binary = ({ shape, data }: Planes): Planes => ({ shape, data: data.map(v => (v >= 0.5 ? 1 : 0)) })

/** Whether a transform moves the image at every draw. */
export const isSpatial = ({ name }: Entry): boolean => transformOf(name).kind === 'spatial'

/** Transforms that move the image and not its label, or the label alone, as their `applied_to` asks: they then lie apart. */
export const partingImageAndLabel = (chain: Chain): readonly string[] =>
  chain.filter(entry => isSpatial(entry) && partsOf(entry).includes('im') !== partsOf(entry).includes('gt')).map(entry => entry.name)

/** One line per transform, `Resample: {hspace: 0.75, wspace: 0.75, dspace: 1}`; with a dataset type, only those done for it. */
export const show = (chain: Chain, datasetType?: DatasetType): string[] =>
  chain.filter(entry => datasetType === undefined || datasetTypesOf(entry).includes(datasetType)).map(showEntry)

/** Which images it is for is said by the list it stands in; what it is applied to, only where that is not the default. */
function showEntry(entry: Entry): string {
  const schema = transformOf(entry.name).params.shape['applied_to'] as z.ZodType | undefined
  const usual = flow(schema?.safeParse(undefined).data)
  const settings = Object.entries(entry)
    .filter(([key]) => key !== 'name' && key !== 'dataset_type')
    .filter(([key, value]) => key !== 'applied_to' || flow(value) !== usual)
    .map(([key, value]) => `${key}: ${flow(value)}`)
  return `${entry.name}: {${settings.join(', ')}}`
}

const flow = (value: unknown): string => (Array.isArray(value) ? `[${value.map(flow).join(', ')}]` : String(value))

function transformOf(name: string): AnyTransform {
  const table: Readonly<Record<string, AnyTransform>> = transforms
  const transform = table[name]
  if (!transform) throw new Error(`there is no transform called "${name}"`)
  return transform
}

// The schema has checked these, here or where the artifact was made.
const partsOf = (entry: Entry) => entry['applied_to'] as readonly Part[]
const datasetTypesOf = (entry: Entry) => entry['dataset_type'] as readonly DatasetType[]
