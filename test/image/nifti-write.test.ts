import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, inflateSync } from 'node:zlib'
import { afterAll, test } from 'vitest'
import { niftiHeader, writeNifti } from '../../src/image/nifti-write.ts'
import type { ImageToWrite } from '../../src/image/nifti-write.ts'
import { readVolume, readVolumes } from '../../src/image/nifti.ts'
import { Random } from '../../src/random.ts'
import { near } from '../near.ts'

const dir = mkdtempSync(join(tmpdir(), 'nifti-write-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** Oblique, LPI, 0.7 x 1.1 x 2.3 mm. */
const affine = [
  [-0.6913818384165964, 0.17113525074000555, 0.03760926473533142, -8.305734250965553],
  [-0.1095041255281616, -1.0805054485740033, -0.23745555218851347, 6.726978825921005],
  [0, 0.11498130959441882, -2.2874003593470285, 9.057437740158191],
  [0, 0, 0, 1],
].flat()
const codes = { qformCode: 1, sformCode: 2, xyztUnits: 2 }
const image: ImageToWrite = { shape: [2, 3, 4], dtype: 'uint8', data: Uint8Array.from({ length: 24 }, (_, i) => i), affine, ...codes }

// The headers that nibabel 5.0.0 makes: Nifti1Image(zeros(shape, dtype), affine), set_sform(affine, 2), set_qform(affine, 1), mm.
const byNibabel = {
  uint8:
    'eNqLYWQgCjAzMAExCwMjFKICJgYOMN2w39jY2P7smR57Y2NhByDfHhVvcIbQUE0DDBiBTpjU22bNtzV0b8Gduv1eT1gOZjpfd3B5LeCY9s9gv4idvp0Oj5QtSHyz84O9jH5d+3vUi/eB1ID0B1W/tj2SInQApB7d7DxtQwYAWaspcg==',
  float32:
    'eNqLYWQgCrAwMDEwg0lGMEQFAgwKYLrB3tjY2P7smR4gLewA4qPiDc4QGgyYGAYYMAKdUHCnzv5U2QLbSb1t1l5PWA5mOl93cHkt4Jj2z8BexE7fTodHyhYkvtn5gS2jX9f+HvXifSA1IP1B1a9tj6QIHQCpRzc7T9uQAQC4QSfi',
}
const nibabels = (name: keyof typeof byNibabel): Buffer => inflateSync(Buffer.from(byNibabel[name], 'base64'))

test('the header is, byte for byte, the one that nibabel makes', () => {
  const flipped = affine.map((v, at) => (at % 4 === 0 && at < 12 ? -v : v))
  assert.deepEqual(niftiHeader(image).subarray(0, 348), nibabels('uint8'))
  assert.deepEqual(niftiHeader({ ...image, shape: [2, 3, 4, 2], dtype: 'float32', affine: flipped }).subarray(0, 348), nibabels('float32'))
})

test('the file holds the header, then the voxels, and its gzip header neither time nor system', async () => {
  const path = join(dir, 'bytes.nii.gz')
  await writeNifti(path, image)
  const bytes = readFileSync(path)
  assert.deepEqual([...bytes.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  assert.deepEqual(gunzipSync(bytes), Buffer.concat([niftiHeader(image), image.data as Uint8Array]))
})

test('the same image gives the same bytes, also over many chunks', async () => {
  const random = new Random(1)
  const data = Float32Array.from({ length: 400_000 }, () => random.normal())
  const large = { ...image, shape: [1000, 400, 1], dtype: 'float32', data } as const
  await writeNifti(join(dir, 'one.nii.gz'), large)
  await writeNifti(join(dir, 'two.nii.gz'), large)
  assert.ok(readFileSync(join(dir, 'one.nii.gz')).equals(readFileSync(join(dir, 'two.nii.gz'))))
  assert.deepEqual((await readVolume(join(dir, 'one.nii.gz'))).data, data)
})

test('what is written is read again: voxels, affine, codes, units', async () => {
  const path = join(dir, 'again.nii.gz')
  for (const [dtype, data] of [
    ['uint8', [0, 255]],
    ['int16', [-32768, 32767]],
    ['float32', [Math.fround(0.1), -1e30]],
  ] as const) {
    await writeNifti(path, { ...image, shape: [1, 2, 1], dtype, data: Float32Array.from(data) })
    const volume = await readVolume(path)
    assert.deepEqual([volume.shape, volume.datatype, [...volume.data]], [[1, 2, 1], dtype, [...data].map(Math.fround)])
    assert.deepEqual(volume.affine, affine.map(Math.fround))
    assert.deepEqual([volume.qformCode, volume.sformCode, volume.xyztUnits], [1, 2, 2])
  }
})

test('classes are a fourth axis', async () => {
  const path = join(dir, 'classes.nii.gz')
  await writeNifti(path, { ...image, shape: [1, 2, 1, 3], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6) })
  const { volumes, data } = await readVolumes(path)
  assert.deepEqual([volumes, [...data]], [3, [1, 2, 3, 4, 5, 6]])
})

test('an affine that came from a qform alone is not left to the precision of a quaternion', async () => {
  const path = join(dir, 'qform.nii.gz')
  await writeNifti(path, { ...image, qformCode: 1, sformCode: 0 })
  near((await readVolume(path)).affine, affine, 1e-6)
})

test('a number that its type cannot hold is refused', async () => {
  await assert.rejects(
    writeNifti(join(dir, 'x.nii.gz'), { ...image, shape: [1, 1, 1], data: Float32Array.of(0.5) }),
    /0.5 does not fit into uint8/,
  )
  await assert.rejects(writeNifti(join(dir, 'x.nii.gz'), { ...image, shape: [1, 1, 1], data: Float32Array.of(256) }), /256 does not fit/)
})
