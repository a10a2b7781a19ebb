import { createHash } from 'node:crypto'
import { fail } from '../failure.ts'
import type { ImageHeader, Volume } from '../image/volume.ts'

/** How the values of a file are spread; what is left of its voxels once they have been looked at. */
export interface Look {
  readonly header: ImageHeader
  readonly min: number
  readonly max: number
  /** Voxels that count as marked: of at least 0.5. */
  readonly marked: number
  /** Voxels strictly between 0 and 1. */
  readonly soft: number
  /** Other values than 0 to 1, and how many voxels have each; at most `kept` of them. */
  readonly others: ReadonlyMap<number, number>
  /** Over the voxels and the shape: equal for the same image under another header or compression. */
  readonly digest: string
}

/** How many different unexpected values are told. */
const kept = 5
/** As far from 0 or 1 as rounding takes a mask: a uint8 file with a scale reads back as 1.00000006. */
const rounding = 1e-4

/** What is worth knowing of the values of the volume that is read of a file. NaN and infinity are failures, as in a run. */
export async function look(path: string, reading: Promise<Volume>): Promise<Look> {
  const { data, ...header } = await reading
  let [min, max, marked, soft, wrong] = [Infinity, -Infinity, 0, 0, 0]
  const others = new Map<number, number>()
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!
    if (!Number.isFinite(value)) wrong++
    if (value < min) min = value
    if (value > max) max = value
    if (value >= 0.5) marked++
    if (value === 0 || Math.abs(value) <= rounding || Math.abs(value - 1) <= rounding) continue
    if (value > 0 && value < 1) soft++
    else if (others.has(value) || others.size < kept) others.set(value, (others.get(value) ?? 0) + 1)
  }
  if (wrong > 0) fail({ kind: 'voxels-not-finite', path, count: wrong, total: data.length })
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const digest = createHash('sha256').update(JSON.stringify(header.shape)).update(bytes).digest('hex')
  return { header, min, max, marked, soft, others, digest }
}
