import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { writeNifti, writeNiftiParts } from '../../src/image/nifti-write.ts'
import type { Shape3 } from '../../src/image/volume.ts'
import { Random } from '../../src/random.ts'
import { artifactIn } from '../nodes/each.ts'

const [side, coarse] = [300, 100]
export const classes = 100
export const head: Shape3 = [side, side, side]

/** A head of 300 x 300 x 300 voxels cut into the cells of 100 centres; the prediction has each centre moved a little. */
export function labelMaps(): readonly [gt: Uint8Array, pred: Uint8Array] {
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
  return [draw(centres), draw(moved)]
}

const targets = Array.from({ length: classes }, (_, c) => `_class${c}`)
const grid = { affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], qformCode: 1, sformCode: 1, xyztUnits: 2, dtype: 'uint8' } as const

function* eachClass(map: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let c = 0; c < classes; c++) {
    const mask = new Uint8Array(map.length)
    for (let i = 0; i < map.length; i++) if (map[i] === c + 1) mask[i] = 1
    yield mask
  }
}

/** The same as files: a mask of as many volumes as there are classes, and a label of each class. */
export async function writeClasses(dir: string): Promise<Readonly<Record<string, number>>> {
  for (const folder of ['masks', 'data']) mkdirSync(join(dir, folder))
  const [gt, pred] = labelMaps()
  let c = 0
  for (const data of eachClass(gt)) await writeNifti(join(dir, 'data', `a${targets[c++]}.nii.gz`), { ...grid, shape: head, data })
  const parts = Readable.from(eachClass(pred), { highWaterMark: 1 })
  await writeNiftiParts(join(dir, 'masks/a.nii.gz'), { ...grid, shape: [...head, classes] }, parts)
  return {}
}

/** What was written, as the inputs of the step `evaluate`. */
export function classesIn(dir: string) {
  const image = { id: 'a', dataset: 0, subject: 'a', contrast: 'T1w', entities: {}, image: 'a.nii.gz', metadata: {} }
  const labels = targets.map(target => [`a${target}.nii.gz`])
  return {
    masks: artifactIn('masks', join(dir, 'masks'), { targets, images: { a: { file: 'a.nii.gz' } } }),
    index: artifactIn('index', join(dir, 'data'), { targets, images: [{ ...image, labels }] }),
    datasets: [artifactIn('dataset', join(dir, 'data'), { name: 'data' })],
  }
}
