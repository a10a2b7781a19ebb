import step from '../../nodes/evaluate.ts'
import { findObjects } from '../../src/image/components.ts'
import type { Shape3 } from '../../src/image/volume.ts'
import { evaluate, metricGroups, pairsOfLabels, RowOfClasses, type EvaluationParams } from '../../src/metrics/index.ts'
import { Random } from '../../src/random.ts'
import { runEach } from '../nodes/each.ts'
import { median } from './measure.ts'
import { classes, classesIn, head, labelMaps, writeClasses } from './parcellation.ts'

/**
 * How long one case of evaluation takes, as JSON: `node --import tsx test/bench/evaluate.ts CASE [FOLDER]`; the bench `evaluate` runs them all.
 * `seconds` is the median of the wall clock, `cpuSeconds` that of the processor: they differ where others use the machine.
 */
const params: EvaluationParams = {
  metrics: metricGroups,
  object_detection_metrics: true,
  target_size: { unit: 'vox', thr: [20, 100] },
  overlap: { unit: 'vox', thr: 3 },
  surface_tolerance: 1,
}

interface Timed {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly [fact: string]: number
}

type Work = () => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>

async function timed(times: number, work: Work): Promise<Timed> {
  const wall: number[] = []
  const cpu: number[] = []
  let facts = {}
  for (let k = 0; k < times; k++) {
    const before = process.cpuUsage()
    const start = performance.now()
    facts = await work()
    wall.push((performance.now() - start) / 1000)
    const { user, system } = process.cpuUsage(before)
    cpu.push((user + system) / 1e6)
  }
  return { seconds: median(wall), cpuSeconds: median(cpu), ...facts }
}

const scan: Shape3 = [460, 460, 16]
const voxels = scan[0] * scan[1] * scan[2]

/** 18-connected objects of noise, of which there are very many. */
function noise(): Promise<Timed> {
  const random = new Random(1, 'noise')
  const mask = Uint8Array.from({ length: voxels }, () => (random.uniform() < 0.05 ? 1 : 0))
  return timed(20, () => ({ objects: findObjects(mask, scan, 18).count }))
}

/** A spinal cord: a tube through all slices, and the same a voxel aside. */
function cord(): Promise<Timed> {
  const tube = (x: number, y: number): Float32Array =>
    Float32Array.from({ length: voxels }, (_, i) => (((i % 460) - x) ** 2 + ((Math.floor(i / 460) % 460) - y) ** 2 < 225 ? 1 : 0))
  const example = { pred: tube(231, 201), gt: tube(230, 200), shape: scan, classes: 1, spacing: [0.5, 0.5, 5] } as const
  return timed(20, () => ({ columns: evaluate(example, params).columns.length }))
}

/** From label maps. */
function parcellation(): Promise<Timed> {
  const [gt, pred] = labelMaps()
  return timed(1, () => {
    const row = new RowOfClasses(classes, params)
    for (const pair of pairsOfLabels(pred, gt, head, [1, 1, 1], classes)) row.add(pair)
    return { columns: row.columns.length }
  })
}

/** By the step, from the files that the case `write` left in a folder: a mask of 100 volumes, and a label of each class. */
const files = (dir: string): Promise<Timed> =>
  timed(1, async () => ({ columns: (await runEach(step, dir, {}, classesIn(dir))).document.columns.length }))

const cases: Readonly<Record<string, (dir: string) => Promise<Timed>>> = {
  ...{ noise, cord, parcellation, files },
  write: dir => timed(1, () => writeClasses(dir)),
}
const chosen = cases[process.argv[2] ?? '']
if (!chosen) throw new Error(`name a case: ${Object.keys(cases).join(', ')}`)
console.log(JSON.stringify({ ...(await chosen(process.argv[3] ?? '')), peakMiB: process.resourceUsage().maxRSS / 1024 }))
