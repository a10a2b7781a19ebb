import { findObjects, paintLabels, type Objects } from '../image/components.ts'
import type { Shape3 } from '../image/volume.ts'

/** One object of the prediction, and how the samples agree on it. */
export interface Structure {
  /** By index; a sample that lacks the structure is empty there. */
  readonly voxels: Int32Array
  /** Population standard deviation / mean of the volumes. */
  readonly cv: number
  /** Voxels in all samples / voxels in any. */
  readonly iou: number
}

/**
 * The structures of `hard` (18 neighbours) in every sample: of the objects of a sample, the one that shares most voxels with the
 * structure, taken whole; of equals the first.
 */
export function* structures(hard: Uint8Array, samples: readonly Uint8Array[], shape: Shape3): Generator<Structure, void, undefined> {
  const objects = findObjects(hard, shape, 18)
  const voxelsOf = grouped(objects)
  const seen = samples.map(sample => {
    const found = findObjects(sample, shape, 18)
    return { sizes: found.sizes, at: paintLabels(found, sample.length), voxelsOf: grouped(found) }
  })
  /** In how many samples a voxel is; zero again after each structure. */
  const votes = new Uint16Array(hard.length)
  for (let k = 1; k <= objects.count; k++) {
    const voxels = voxelsOf(k)
    const chosen = seen.map(({ at }) => mostFrequent(voxels, at))
    const volumes = chosen.map((label, s) => (label === 0 ? 0 : seen[s]!.sizes[label]!))
    const parts = chosen.flatMap((label, s) => (label === 0 ? [] : [seen[s]!.voxelsOf(label)]))
    let union = 0
    let intersection = 0
    for (const part of parts)
      for (const i of part) {
        if (votes[i] === 0) union++
        if (++votes[i]! === samples.length) intersection++
      }
    for (const part of parts) for (const i of part) votes[i] = 0
    yield { voxels, cv: variation(volumes), iou: union === 0 ? 0 : intersection / union }
  }
}

/** The label that most of the voxels have, 0 where none has one; of equals the lowest. */
function mostFrequent(voxels: Int32Array, at: Int32Array): number {
  const counts = new Map<number, number>()
  for (const i of voxels) if (at[i] !== 0) counts.set(at[i]!, (counts.get(at[i]!) ?? 0) + 1)
  let best = 0
  for (const [label, count] of counts) {
    const most = counts.get(best) ?? 0
    if (count > most || (count === most && label < best)) best = label
  }
  return best
}

/** Standard deviation (population) / mean; 0 where all are 0. */
function variation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  if (mean === 0) return 0
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) / mean
}

/** The voxels of every object, by its number. */
function grouped({ count, sizes, start, end, label }: Objects): (object: number) => Int32Array {
  const from = new Int32Array(count + 2)
  for (let k = 1; k <= count; k++) from[k + 1] = from[k]! + sizes[k]!
  const next = from.slice()
  const voxels = new Int32Array(from[count + 1]!)
  for (let run = 0; run < start.length; run++) for (let i = start[run]!; i < end[run]!; i++) voxels[next[label[run]!]!++] = i
  return object => voxels.subarray(from[object], from[object + 1])
}
