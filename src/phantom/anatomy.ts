import { Random } from '../random.ts'

/** The contrasts that the phantom knows. */
export const contrasts = ['T1w', 'T2w', 'T2star'] as const
export type Contrast = (typeof contrasts)[number]

/** Signal of each tissue, 0 to 1, in the order of `contrasts`: bright CSF in T2w and T2star, dark in T1w. */
const signals = {
  air: [0.02, 0.02, 0.02],
  fat: [0.95, 0.8, 0.45],
  muscle: [0.45, 0.25, 0.35],
  airway: [0.03, 0.02, 0.02],
  vessel: [0.65, 0.4, 0.5],
  marrow: [0.6, 0.5, 0.25],
  disc: [0.4, 0.35, 0.4],
  cortex: [0.12, 0.1, 0.06],
  csf: [0.15, 0.95, 0.85],
  white: [0.7, 0.45, 0.45],
  grey: [0.6, 0.55, 0.6],
} as const
type Tissue = keyof typeof signals

/** An elliptic column along z: centre and semi-axes in mm. Later shapes lie over earlier ones. */
interface Column {
  readonly tissue: Tissue
  readonly x: number
  readonly y: number
  readonly rx: number
  readonly ry: number
}

/** What makes one subject different from another; lengths in mm. */
export interface Anatomy {
  readonly fieldOfView: readonly [number, number, number]
  /** 1 where the field of view holds a neck of life size; less in a smaller one. */
  readonly scale: number
  readonly centre: readonly [number, number]
  readonly sway: readonly [number, number]
  readonly curvature: number
  readonly cord: readonly [number, number]
  readonly wave: readonly [number, number]
  readonly csf: number
  readonly discPhase: number
}

/** Draws one subject's anatomy for a field of view in mm, right, anterior and superior. */
export function drawAnatomy(fieldOfView: readonly [number, number, number], random: Random): Anatomy {
  const scale = Math.min(1, Math.min(fieldOfView[0], fieldOfView[1]) / 42)
  return {
    fieldOfView,
    scale,
    centre: [random.uniform(-3, 3) * scale, random.uniform(-10, -5) * scale],
    sway: [random.uniform(0.3, 1.5) * scale, random.uniform(0, 2 * Math.PI)],
    curvature: random.uniform(-3, 3) * scale,
    cord: [random.uniform(5.8, 7) * scale, random.uniform(3.9, 4.8) * scale],
    wave: [random.uniform(0.04, 0.12), random.uniform(0, 2 * Math.PI)],
    csf: random.uniform(2, 3) * scale,
    discPhase: random.uniform(),
  }
}

/** The columns that a slice at height z (mm from the centre) is made of, from the outside in; the cord is the last but two. */
function columnsAt(a: Anatomy, z: number): readonly Column[] {
  const s = a.scale
  const along = (2 * z) / a.fieldOfView[2]
  const x = a.centre[0] + a.sway[0] * Math.sin(Math.PI * along + a.sway[1])
  const y = a.centre[1] + a.curvature * (along * along - 1 / 3)
  const wave = 1 + a.wave[0] * Math.sin(1.5 * Math.PI * along + a.wave[1])
  const rx = a.cord[0] * wave
  const ry = a.cord[1] * (2 - wave)
  const isDisc = (((z / (14 * s) + a.discPhase) % 1) + 1) % 1 < 0.25
  const body = { x: 0, y: -1 * s, rx: 0.47 * a.fieldOfView[0], ry: 0.45 * a.fieldOfView[1] }
  return [
    { tissue: 'fat', ...body },
    { tissue: 'muscle', ...body, rx: body.rx - 2.5 * s, ry: body.ry - 2.5 * s },
    { tissue: 'airway', x, y: y + 23 * s, rx: 4 * s, ry: 3 * s },
    { tissue: 'vessel', x: x - 13 * s, y: y + 10 * s, rx: 2.5 * s, ry: 2.5 * s },
    { tissue: 'vessel', x: x + 13 * s, y: y + 10 * s, rx: 2.5 * s, ry: 2.5 * s },
    { tissue: isDisc ? 'disc' : 'marrow', x, y: y + ry + a.csf + 7.5 * s, rx: 9 * s, ry: 6 * s },
    { tissue: 'cortex', x, y, rx: rx + a.csf + 2 * s, ry: ry + a.csf + 2 * s },
    { tissue: 'csf', x, y, rx: rx + a.csf, ry: ry + a.csf },
    { tissue: 'white', x, y, rx, ry },
    { tissue: 'grey', x: x - 0.38 * rx, y, rx: 0.18 * rx, ry: 0.55 * ry },
    { tissue: 'grey', x: x + 0.38 * rx, y, rx: 0.18 * rx, ry: 0.55 * ry },
  ]
}

/** How much of a voxel of `width` mm lies in the column: 0.5 on its edge, falling linearly across one voxel. */
function coverage(c: Column, x: number, y: number, width: number): number {
  const radius = Math.hypot((x - c.x) / c.rx, (y - c.y) / c.ry)
  const outside = (radius - 1) * Math.min(c.rx, c.ry)
  return Math.min(1, Math.max(0, 0.5 - outside / width))
}

/** A noiseless volume in RAS array order, x fastest: the signal per contrast, and the cord as 0 or 1. */
export interface Tissues {
  readonly signal: Readonly<Record<Contrast, Float64Array>>
  readonly cord: Uint8Array
}

/** Samples the anatomy at the voxel centres of a grid that is centred on it. */
export function sampleAnatomy(a: Anatomy, shape: readonly [number, number, number], spacingMm: readonly [number, number, number]): Tissues {
  const [nx, ny, nz] = shape
  const count = nx * ny * nz
  const signal = { T1w: new Float64Array(count), T2w: new Float64Array(count), T2star: new Float64Array(count) }
  const cord = new Uint8Array(count)
  const width = Math.max(spacingMm[0], spacingMm[1])
  for (let k = 0, at = 0; k < nz; k++) {
    const columns = columnsAt(a, (k - (nz - 1) / 2) * spacingMm[2])
    for (let j = 0; j < ny; j++) {
      const y = (j - (ny - 1) / 2) * spacingMm[1]
      for (let i = 0; i < nx; i++, at++) {
        const x = (i - (nx - 1) / 2) * spacingMm[0]
        const value = [...signals.air] as number[]
        for (const column of columns) {
          const part = coverage(column, x, y, width)
          if (part === 0) continue
          for (let c = 0; c < 3; c++) value[c] = value[c]! + part * (signals[column.tissue][c]! - value[c]!)
          if (column.tissue === 'white') cord[at] = part >= 0.5 ? 1 : 0
        }
        contrasts.forEach((name, c) => (signal[name][at] = value[c]!))
      }
    }
  }
  return { signal, cord }
}
