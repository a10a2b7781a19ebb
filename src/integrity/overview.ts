import { compare } from '../bids/row.ts'
import { axisCodes } from '../image/orientation.ts'
import type { ImageHeader } from '../image/volume.ts'
import type { ImageCheck } from './check-image.ts'

/** A table of text: a header and its rows. */
export type Table = readonly (readonly string[])[]

/** How the images are stored: a row for every contrast and orientation. */
export function imageTable(checks: readonly ImageCheck[]): Table {
  const groups = new Map<string, ImageHeader[]>()
  for (const { contrast, header } of checks) {
    if (!header) continue
    const key = `${contrast} ${axisCodes(header.affine)}`
    groups.set(key, [...(groups.get(key) ?? []), header])
  }
  const rows = [...groups].sort(([a], [b]) => compare(a, b))
  return [
    ['contrast', 'stored as', 'images', 'voxels', 'spacing in mm', 'type'],
    ...rows.map(([key, headers]) => [
      ...key.split(' '),
      String(headers.length),
      axes(headers.map(h => h.shape)),
      axes(headers.map(h => h.spacing)),
      [...new Set(headers.map(h => h.datatype))].sort(compare).join(', '),
    ]),
  ]
}

/** How much the labels mark: a row for every class. */
export function labelTable(checks: readonly ImageCheck[]): Table {
  const all = checks.flatMap(c => c.labels)
  const targets = [...new Set(all.map(l => l.target))]
  return [
    ['label', 'files', 'empty', 'marked voxels', 'mm3'],
    ...targets.map(target => {
      const of = all.filter(l => l.target === target)
      const marked = of.map(l => l.marked)
      return [target, String(of.length), String(marked.filter(n => n === 0).length), range(marked), range(of.map(l => l.mm3))]
    }),
  ]
}

/** `320-384 x 320-384 x 16`: the range along each axis. */
const axes = (all: readonly (readonly number[])[]): string => [0, 1, 2].map(axis => range(all.map(one => one[axis]!))).join(' x ')

function range(all: readonly number[]): string {
  const [low, high] = [short(Math.min(...all)), short(Math.max(...all))]
  return low === high ? low : `${low}-${high}`
}

/** Four digits, or all of a whole number: spacings are float32. */
const short = (n: number): string => (Number.isInteger(n) ? String(n) : String(Number(n.toPrecision(4))))
