import { findObjects } from '../../src/image/components.ts'
import type { Shape3 } from '../../src/image/volume.ts'
import { evaluate, metricGroups, pairsOfLabels, RowOfClasses, type EvaluationParams } from '../../src/metrics/index.ts'
import { Random } from '../../src/random.ts'
import { median } from './measure.ts'

/**
 * How long evaluation takes, as JSON: `node --import tsx test/bench/evaluate.ts`. Not a test: it says what this machine does, and fails
 * for nothing. `seconds` is the median of the wall clock, `cpuSeconds` that of the processor: they differ where others use the machine.
 */
const params: EvaluationParams = {
  metrics: metricGroups,
  object_detection_metrics: true,
  target_size: { unit: 'vox', thr: [20, 100] },
  overlap: { unit: 'vox', thr: 3 },
  surface_tolerance: 1,
}

interface Timed {
  readonly what: string
  readonly seconds: number
  readonly cpuSeconds: number
  readonly [fact: string]: number | string
}

function timed(what: string, times: number, work: () => Readonly<Record<string, number>>): Timed {
  const wall: number[] = []
  const cpu: number[] = []
  let facts = {}
  for (let k = 0; k < times; k++) {
    const before = process.cpuUsage()
    const start = performance.now()
    facts = work()
    wall.push((performance.now() - start) / 1000)
    const { user, system } = process.cpuUsage(before)
    cpu.push((user + system) / 1e6)
  }
  return { what, seconds: median(wall), cpuSeconds: median(cpu), ...facts }
}

const scan: Shape3 = [460, 460, 16]
const voxels = scan[0] * scan[1] * scan[2]

function noise(): Timed {
  const random = new Random(1, 'noise')
  const mask = Uint8Array.from({ length: voxels }, () => (random.uniform() < 0.05 ? 1 : 0))
  return timed('connected objects of noise, 460 x 460 x 16, 18 neighbours', 20, () => ({ objects: findObjects(mask, scan, 18).count }))
}

/** A spinal cord: a tube through all slices, and the same a voxel aside. */
function cord(): Timed {
  const tube = (x: number, y: number): Float32Array =>
    Float32Array.from({ length: voxels }, (_, i) => (((i % 460) - x) ** 2 + ((Math.floor(i / 460) % 460) - y) ** 2 < 225 ? 1 : 0))
  const example = { pred: tube(231, 201), gt: tube(230, 200), shape: scan, classes: 1, spacing: [0.5, 0.5, 5] } as const
  return timed('all metrics of a spinal cord, 460 x 460 x 16', 20, () => ({ columns: evaluate(example, params).columns.length }))
}

/** A head of 300 x 300 x 300 voxels cut into the cells of 100 centres; the prediction has each centre moved a little. */
function parcellation(): Timed {
  const [side, coarse, classes] = [300, 100, 100]
  const random = new Random(1, 'parcellation')
  const centres = Array.from({ length: classes }, () => Array.from({ length: 3 }, () => random.uniform(10, 90)))
  const moved = centres.map(centre => centre.map(x => x + random.normal(0, 0.7)))
  const draw = (points: readonly (readonly number[])[]): Uint8Array => {
    const small = new Uint8Array(coarse ** 3)
    for (let i = 0; i < small.length; i++) {
      const at = [i % coarse, Math.floor(i / coarse) % coarse, Math.floor(i / coarse ** 2)] as const
      if ((at[0] - 50) ** 2 + (at[1] - 50) ** 2 + (at[2] - 50) ** 2 > 45 ** 2) continue
      let nearest = Infinity
      for (const [c, [x, y, z]] of points.entries()) {
        const distance = (at[0] - x!) ** 2 + (at[1] - y!) ** 2 + (at[2] - z!) ** 2
        if (distance >= nearest) continue
        nearest = distance
        small[i] = c + 1
      }
    }
    const third = (p: number): number => Math.floor(p / 3)
    return Uint8Array.from({ length: side ** 3 }, (_, i) => {
      const [x, y, z] = [third(i % side), third(Math.floor(i / side) % side), third(Math.floor(i / side ** 2))]
      return small[x + coarse * (y + coarse * z)]!
    })
  }
  const [gt, pred] = [draw(centres), draw(moved)]
  const shape: Shape3 = [side, side, side]
  return timed('all metrics of 100 classes, 300 x 300 x 300, from label maps', 1, () => {
    const row = new RowOfClasses(classes, params)
    for (const pair of pairsOfLabels(pred, gt, shape, [1, 1, 1], classes)) row.add(pair)
    const dice = row.values.filter((value, at) => row.columns[at]!.startsWith('dice') && Number.isFinite(value))
    return { columns: row.columns.length, meanDice: dice.reduce((a, b) => a + b, 0) / dice.length }
  })
}

const results = [noise(), cord(), parcellation()]
console.log(JSON.stringify({ node: process.version, results, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) }, null, 2))
