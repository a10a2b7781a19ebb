import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, test } from 'vitest'
import { drawAnatomy, sampleAnatomy } from '../../src/phantom/anatomy.ts'
import { makePhantom, type PhantomParams } from '../../src/phantom/phantom.ts'
import { scan } from '../../src/phantom/scan.ts'
import { isOrientation, storeAs } from '../../src/phantom/store.ts'
import { Random } from '../../src/random.ts'

const root = mkdtempSync(join(tmpdir(), 'phantom-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0

async function made(params: Partial<PhantomParams> = {}, seed = 6): Promise<string> {
  const dir = join(root, String(count++))
  await makePhantom(dir, { subjects: 2, shape: [16, 16, 3], ...params }, seed)
  return dir
}

const filesOf = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(e => e.isFile())
    .map(e => relative(dir, join(e.parentPath, e.name)))
    .sort()

const digests = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    filesOf(dir).map(f => [
      f,
      createHash('sha256')
        .update(readFileSync(join(dir, f)))
        .digest('hex'),
    ]),
  )

/** Shape, affine rows and voxels, read from the bytes by the NIfTI-1 standard. */
function read(path: string) {
  const bytes = gunzipSync(readFileSync(path))
  const shape = [1, 2, 3].map(i => bytes.readInt16LE(40 + 2 * i))
  const affine = [0, 1, 2].map(row => [0, 1, 2, 3].map(column => bytes.readFloatLE(280 + 16 * row + 4 * column)))
  const total = shape.reduce((a, b) => a * b, 1)
  const wide = bytes.readInt16LE(70) === 4
  const voxels = Array.from({ length: total }, (_, i) => (wide ? bytes.readInt16LE(352 + 2 * i) : bytes[352 + i]!))
  return { shape, affine, voxels }
}

/** World position of the mean of the non-zero voxels. */
function centreOfMass({ shape, affine, voxels }: ReturnType<typeof read>): readonly number[] {
  const sum = [0, 0, 0]
  let total = 0
  voxels.forEach((v, at) => {
    if (v === 0) return
    const index = [at % shape[0]!, Math.floor(at / shape[0]!) % shape[1]!, Math.floor(at / (shape[0]! * shape[1]!)), 1]
    affine.forEach((row, axis) => (sum[axis]! += row.reduce((s, a, i) => s + a * index[i]!, 0)))
    total++
  })
  return sum.map(s => s / total)
}

describe('the phantom', () => {
  test('has the files of a BIDS dataset, and a label for every image', async () => {
    const files = filesOf(await made({ missing: ['sub-02_T2star'] }))
    assert.deepEqual(
      files.filter(f => f.endsWith('.nii.gz')),
      [
        ...['T1w', 'T2star', 'T2w'].map(c => `derivatives/labels/sub-01/anat/sub-01_${c}_seg-manual.nii.gz`),
        ...['T1w', 'T2w'].map(c => `derivatives/labels/sub-02/anat/sub-02_${c}_seg-manual.nii.gz`),
        ...['T1w', 'T2star', 'T2w'].map(c => `sub-01/anat/sub-01_${c}.nii.gz`),
        ...['T1w', 'T2w'].map(c => `sub-02/anat/sub-02_${c}.nii.gz`),
      ],
    )
    for (const f of [
      'README',
      'participants.tsv',
      'participants.json',
      'dataset_description.json',
      'derivatives/labels/dataset_description.json',
    ])
      assert.ok(files.includes(f), f)
  })

  test('is the same bytes for the same seed, and another for another', async () => {
    const [a, b, other] = [digests(await made()), digests(await made()), digests(await made({}, 7))]
    assert.deepEqual(a, b)
    assert.notEqual(a['sub-01/anat/sub-01_T1w.nii.gz'], other['sub-01/anat/sub-01_T1w.nii.gz'])
    assert.notEqual(
      a['derivatives/labels/sub-01/anat/sub-01_T1w_seg-manual.nii.gz'],
      other['derivatives/labels/sub-01/anat/sub-01_T1w_seg-manual.nii.gz'],
    )
  })

  test('gives a subject the same bytes however many subjects there are', async () => {
    const [two, three] = [digests(await made()), digests(await made({ subjects: 3 }))]
    for (const [file, digest] of Object.entries(two)) if (file !== 'participants.tsv') assert.equal(three[file], digest, file)
  })

  test('is the same anatomy in every orientation of storage', async () => {
    const label = 'derivatives/labels/sub-01/anat/sub-01_T2w_seg-manual.nii.gz'
    const all = ['RAS', 'RPI', 'LPI', 'PIR', 'SAL'].map(async code => {
      return read(join(await made({ subjects: 1, shape: [20, 16, 3], orientations: [code], tilt: 10 }), label))
    })
    const [ras, ...others] = await Promise.all(all)
    const total = ras!.voxels.reduce((a, b) => a + b, 0)
    for (const other of others) {
      assert.equal(
        other.voxels.reduce((a, b) => a + b, 0),
        total,
      )
      centreOfMass(other).forEach((x, axis) => assert.ok(Math.abs(x - centreOfMass(ras!)[axis]!) < 1e-3))
    }
    assert.deepEqual(
      (await Promise.all(all)).map(v => v.shape),
      [
        [20, 16, 3],
        [20, 16, 3],
        [20, 16, 3],
        [16, 3, 20],
        [3, 16, 20],
      ],
    )
  })

  test('says of the direction of each axis what its affine says', () => {
    const data = Uint8Array.from({ length: 24 }, (_, i) => i)
    const place = { spacingMm: [1, 2, 3], centreRas: [0, 0, 0], tiltDegrees: 0 } as const
    const { shape, affine, data: stored } = storeAs('PIR', [2, 3, 4], data, place)
    assert.deepEqual(shape, [3, 4, 2])
    // First axis backwards by 2 mm, second downwards by 3 mm, third to the right by 1 mm; the middle stays at 0.
    assert.deepEqual(affine, [0, 0, 1, -0.5, -2, 0, 0, 2, 0, -3, 0, 4.5, 0, 0, 0, 1])
    // The first stored voxel is the left, anterior, superior one: i = 0, j = 2, k = 3.
    assert.equal(stored[0], 0 + 2 * 2 + 3 * 6)
    assert.deepEqual(['RPI', 'RAS', 'RLS', 'RA', 'ras', 'RAX'].map(isOrientation), [true, true, false, false, false, false])
  })

  test('has a cord in every slice, bright CSF around it in T2w and dark in T1w', () => {
    const anatomy = drawAnatomy([48, 48, 40], new Random(6, 'phantom', 0))
    const shape = [48, 48, 8] as const
    const { signal, cord } = sampleAnatomy(anatomy, shape, [1, 1, 5])
    const areas = Array.from({ length: 8 }, (_, k) => cord.subarray(k * 48 * 48, (k + 1) * 48 * 48).reduce((a, b) => a + b, 0))
    // An ellipse of about 13 x 9 mm.
    for (const area of areas) assert.ok(area > 55 && area < 130, String(areas))
    assert.ok(new Set(areas).size > 2, 'its size changes along z')
    const rim = ring(cord, shape)
    assert.ok(mean(signal.T2w, rim) > 1.3 * mean(signal.T2w, cord))
    assert.ok(mean(signal.T1w, rim) < 0.7 * mean(signal.T1w, cord))
  })

  test('has noise of the size and kind that magnitude images have', () => {
    const nothing = scan(new Float64Array(20000), [100, 100, 2], { gain: 1000, bias: 0, noise: 0.05 }, new Random(1))
    // The mean of the Rayleigh distribution is sigma sqrt(pi / 2); no value is below 0.
    const average = nothing.reduce((a, b) => a + b, 0) / nothing.length
    assert.ok(Math.abs(average - 1000 * 0.05 * Math.sqrt(Math.PI / 2)) < 1)
    assert.ok(nothing.every(v => v >= 0))
    const still = scan(new Float64Array(8).fill(0.5), [2, 2, 2], { gain: 1000, bias: 0, noise: 0 }, new Random(1))
    assert.deepEqual([...still], Array(8).fill(500))
    const biased = scan(new Float64Array(1000).fill(0.5), [10, 10, 10], { gain: 1000, bias: 0.3, noise: 0 }, new Random(1))
    assert.ok(new Set(biased).size > 50, 'the bias field varies over the image')
  })
})

/** Voxels outside the cord, within two voxels of it in the slice. */
function ring(cord: Uint8Array, [nx, ny]: readonly [number, number, number]): Uint8Array {
  const near = [...Array(5).keys()].flatMap(j => [...Array(5).keys()].map(i => i - 2 + (j - 2) * nx))
  return Uint8Array.from(cord, (value, at) => {
    const x = at % nx
    const y = Math.floor(at / nx) % ny
    return value === 0 && x > 1 && y > 1 && x < nx - 2 && y < ny - 2 && near.some(d => cord[at + d] === 1) ? 1 : 0
  })
}

function mean(values: Float64Array, mask: Uint8Array): number {
  const inside = values.filter((_, at) => mask[at] === 1)
  return inside.reduce((a, b) => a + b, 0) / inside.length
}
