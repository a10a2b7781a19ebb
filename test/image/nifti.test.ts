import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, test } from 'vitest'
import { describe as told, FailureError } from '../../src/failure.ts'
import { readHeader, readVolume, readVolumes } from '../../src/image/nifti.ts'
import { near } from '../near.ts'
import { rawNifti } from './raw-nifti.ts'
import type { RawNifti } from './raw-nifti.ts'

const dir = mkdtempSync(join(tmpdir(), 'nifti-'))
afterAll(() => rmSync(dir, { recursive: true }))
let files = 0

/** Writes the bytes into a file of their own. */
function file(bytes: Uint8Array, extension = '.nii'): string {
  const path = join(dir, `${files++}${extension}`)
  writeFileSync(path, bytes)
  return path
}
const read = (raw: RawNifti) => readVolume(file(rawNifti(raw)))
const gz = (raw: RawNifti) => gzipSync(rawNifti(raw))

/** The whole text of the failure, with the path as FILE. */
async function message(work: () => Promise<unknown>, path?: string): Promise<string> {
  try {
    await work()
  } catch (error) {
    assert.ok(error instanceof FailureError, String(error))
    return told(error.failure).replaceAll(path ?? '\0', 'FILE')
  }
  assert.fail('nothing failed')
}
const refusal = (bytes: Uint8Array, extension?: string): Promise<string> => {
  const path = file(bytes, extension)
  return message(() => readVolume(path), path)
}

describe('voxels', () => {
  const ranges = {
    int8: [-128, 127],
    uint8: [0, 255],
    int16: [-32768, 32767],
    uint16: [0, 65535],
    int32: [-2147483648, 2147483647],
    uint32: [0, 4294967295],
    int64: [-9223372036854775808n, 9007199254740993n],
    uint64: [18446744073709551615n, 4294967298n],
    float32: [-0.1, 3.4e38],
    float64: [Math.PI, -1e-30],
  } as const
  for (const type of Object.keys(ranges) as (keyof typeof ranges)[])
    for (const version of [1, 2] as const)
      for (const littleEndian of [true, false])
        test(`${type} is read, NIfTI-${version}, ${littleEndian ? 'little' : 'big'}-endian`, async () => {
          const volume = await read({ type, version, littleEndian, voxels: ranges[type] })
          assert.deepEqual(
            [...volume.data],
            ranges[type].map(v => Math.fround(Number(v))),
          )
          assert.equal(volume.datatype, type)
        })

  test('scl_slope and scl_inter are applied in double', async () => {
    const slope = Math.fround(0.1)
    assert.deepEqual(
      [...(await read({ voxels: [3, -7], slope, inter: 1000 })).data],
      [3, -7].map(v => Math.fround(v * slope + 1000)),
    )
  })

  for (const slope of [0, NaN, Infinity])
    test(`a slope of ${slope} means none, whatever the intercept`, async () => {
      assert.deepEqual([...(await read({ slope, inter: 9 })).data], [1, 2])
    })

  test('float64 and scaled float32 are converted in place without mixing up voxels', async () => {
    const voxels = Array.from({ length: 60 }, (_, i) => i * i - 7)
    const float64 = await read({ type: 'float64', dims: [3, 4, 5], voxels })
    const float32 = await read({ type: 'float32', dims: [3, 4, 5], voxels, slope: 2, inter: 1 })
    assert.deepEqual([...float64.data], voxels)
    assert.deepEqual(
      [...float32.data],
      voxels.map(v => 2 * v + 1),
    )
  })

  test('a gzip file gives the same, whatever it is called', async () => {
    const raw = { type: 'uint8', dims: [2, 2, 2], voxels: [1, 2, 3, 4, 5, 6, 7, 8] } as const
    for (const extension of ['.nii.gz', '.nii'])
      assert.deepEqual([...(await readVolume(file(gz(raw), extension))).data], [1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('header extensions are skipped', async () => {
    assert.deepEqual([...(await read({ extensionBytes: 64 })).data], [1, 2])
    assert.deepEqual([...(await readVolume(file(gz({ version: 2, extensionBytes: 70000 }), '.nii.gz'))).data], [1, 2])
  })

  test('bytes after the voxels are tolerated, plain, in the gzip data and behind them', async () => {
    const bytes = rawNifti()
    for (const [content, extension] of [
      [Buffer.concat([bytes, Buffer.alloc(99, 7)]), '.nii'],
      [gzipSync(Buffer.concat([bytes, Buffer.alloc(3_000_000, 7)])), '.nii.gz'],
      [Buffer.concat([gzipSync(bytes), Buffer.alloc(50)]), '.nii.gz'],
    ] as const)
      assert.deepEqual([...(await readVolume(file(content, extension))).data], [1, 2])
  })

  test('a pair of .hdr and .img is read by either name', async () => {
    const bytes = rawNifti({ magic: 'ni1\0' })
    bytes.writeFloatLE(0, 108)
    const header = join(dir, 'pair.hdr')
    writeFileSync(header, bytes.subarray(0, 348))
    writeFileSync(join(dir, 'pair.img'), bytes.subarray(352))
    assert.deepEqual([...(await readVolume(header)).data], [1, 2])
    assert.deepEqual([...(await readVolume(join(dir, 'pair.img'))).data], [1, 2])
  })
})

describe('shapes', () => {
  test('a 2D image has depth 1', async () => {
    assert.deepEqual((await read({ dims: [1, 2] })).shape, [1, 2, 1])
  })
  test('a fourth dimension of 1 is dropped', async () => {
    const volume = await read({ dims: [2, 1, 1, 1, 1] })
    assert.deepEqual([volume.shape, volume.volumes], [[2, 1, 1], 1])
  })
  test('several volumes are read one after the other where they are expected', async () => {
    const volume = await readVolumes(file(rawNifti({ dims: [2, 1, 1, 3], voxels: [1, 2, 3, 4, 5, 6] })))
    assert.deepEqual([volume.shape, volume.volumes, [...volume.data]], [[2, 1, 1], 3, [1, 2, 3, 4, 5, 6]])
  })
})

describe('affine', () => {
  const qform = { code: 1, bcd: [0, 0, Math.SQRT1_2], offset: [10, 20, 30] }
  const rows = [2, 0, 0, -5, 0, 3, 0, -6, 0, 0, 4, -7]

  test('the sform comes first, even under a qform with a higher code', async () => {
    for (const version of [1, 2] as const) {
      const { affine, qformCode, sformCode } = await read({ version, qform: { ...qform, code: 2 }, sform: { code: 1, rows } })
      assert.deepEqual([affine, qformCode, sformCode], [[...rows, 0, 0, 0, 1], 2, 1])
    }
  })

  test('a qform is a rotation by its quaternion, steps of pixdim, k turned by qfac', async () => {
    const { affine } = await read({ qform, pixdim: [-1, 2, 3, 4], sform: { code: 0, rows } })
    // A quarter turn about z: i goes to +y, j to -x.
    near(affine, [0, -3, 0, 10, 2, 0, 0, 20, 0, 0, -4, 30, 0, 0, 0, 1], 1e-6)
  })

  test('a quaternion slightly longer than 1 still is a rotation', async () => {
    const { affine } = await read({ qform: { code: 1, bcd: [0, 0, 1.0000001], offset: [0, 0, 0] } })
    near(affine, [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], 1e-6)
  })

  test('without codes the image is centred and x runs to the left, as in nibabel', async () => {
    const { affine } = await read({ dims: [3, 5, 7], voxels: new Array<number>(105).fill(0), pixdim: [1, 3, 2, 1] })
    assert.deepEqual(affine, [-3, 0, 0, 3, 0, 2, 0, -4, 0, 0, 1, -3, 0, 0, 0, 1])
  })

  test('spacing is what the header says as float32; 0 stands for 1, and signs do not count', async () => {
    assert.deepEqual((await read({ pixdim: [1, 0.7, -1.1, 0] })).spacing, [Math.fround(0.7), Math.fround(1.1), 1])
  })
})

describe('readHeader', () => {
  test('needs no voxels', async () => {
    const bytes = rawNifti({ dims: [100, 100, 100], voxels: [], units: 10 })
    for (const path of [file(bytes), file(gzipSync(bytes), '.nii.gz')]) {
      const header = await readHeader(path)
      assert.deepEqual([header.shape, header.xyztUnits, header.datatype], [[100, 100, 100], 10, 'int16'])
    }
  })
})

describe('what cannot be read says so', () => {
  test('a missing file', async () => {
    const path = join(dir, 'none.nii.gz')
    assert.match(await message(() => readVolume(path), path), /^the image does not exist: FILE/)
  })
  test('a folder', async () => {
    assert.match(await message(() => readVolume(dir), dir), /^the image cannot be read: FILE\n {4}EISDIR/)
  })
  test('an empty file', async () => {
    assert.match(await refusal(Buffer.alloc(0)), /^the image is an empty file: FILE/)
  })
  test('another kind of file', async () => {
    assert.equal(
      await refusal(Buffer.from('a text that is long enough')),
      'not a readable NIfTI image: FILE\n    its first four bytes are not 348 (NIfTI-1) or 540 (NIfTI-2)\n' +
        '  copy or download it again, or convert it to NIfTI',
    )
    assert.match(await refusal(Buffer.from('x')), /first four bytes/)
    assert.match(await refusal(rawNifti({ magic: 'xyz\0' })), /lacks the word/)
  })
  test('a header cut short', async () => {
    assert.match(await refusal(rawNifti().subarray(0, 200)), /it ends after 200 of the 348 bytes of its header/)
  })
  test('voxels cut short', async () => {
    const bytes = rawNifti({ dims: [10, 1, 1], voxels: [1, 2, 3] })
    assert.equal(
      await refusal(bytes),
      'the image is cut short: FILE\n    its header promises 20 bytes of voxels, and it holds 6\n  copy or download it again',
    )
    assert.match(await refusal(gzipSync(bytes), '.nii.gz'), /promises 20 bytes of voxels, and it holds 6\n/)
  })
  test('gzip data cut short, anywhere', async () => {
    const noise = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 30011)
    const whole = gz({ dims: [5000, 1, 1], voxels: noise })
    assert.match(await refusal(whole.subarray(0, whole.length / 2), '.nii.gz'), /^the image is cut short: FILE/)
    assert.match(await refusal(whole.subarray(0, whole.length - 4), '.nii.gz'), /the gzip data end before their checksum/)
    assert.match(await refusal(whole.subarray(0, 12), '.nii.gz'), /^not a readable NIfTI image/)
  })
  test('gzip data with a flipped bit', async () => {
    const bytes = gz({ dims: [4, 1, 1], voxels: [1, 2, 3, 4] })
    const checksum = bytes.length - 8
    bytes[checksum] = bytes[checksum]! ^ 1
    assert.equal(await refusal(bytes, '.nii.gz'), 'the image is damaged: FILE\n    incorrect data check\n  copy or download it again')
  })
  test('a small file that promises much, before any memory is taken', async () => {
    const lie = rawNifti({ dims: [1000, 1000, 1000] })
    assert.match(await refusal(gzipSync(lie), '.nii.gz'), /promises 2000000000 bytes of voxels, and it holds at most \d{5,6}\n/)
    assert.match(await refusal(lie), /promises 2000000000 bytes of voxels, and it holds 4\n/)
  })
  test('more voxels than an array holds, with the true number also from a big-endian NIfTI-2 header', async () => {
    const dims = [3_000_000_000, 1, 1]
    for (const littleEndian of [true, false])
      assert.match(
        await refusal(rawNifti({ version: 2, littleEndian, dims })),
        /^the image is too large.*\n.*says 3000000000 x 1 x 1 voxels, which take 11.2 GiB/,
      )
  })
  test('several volumes where one is wanted', async () => {
    assert.match(
      await refusal(rawNifti({ dims: [2, 1, 1, 5], voxels: [1] })),
      /^an image of 5 volumes where one of three dimensions is needed: FILE\n {4}each volume has 2 x 1 x 1 voxels/,
    )
  })
  test('dimensions that are no sizes', async () => {
    assert.match(await refusal(rawNifti({ dims: [2, 0, 1] })), /its header says dimensions 3, 2, 0, 1/)
    assert.match(await refusal(rawNifti({ dims: [-2, 1, 1] })), /its header says dimensions 3, -2, 1, 1/)
  })
  test('colours and complex numbers', async () => {
    assert.match(await refusal(rawNifti({ type: 128 })), /^the image stores RGB voxels, not one number each: FILE/)
    assert.match(await refusal(rawNifti({ type: 32 })), /stores complex64 voxels/)
    assert.match(await refusal(rawNifti({ type: 999 })), /stores code 999 voxels/)
  })
  test('an affine without an inverse', async () => {
    const rows = [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0]
    assert.match(
      await refusal(rawNifti({ sform: { code: 1, rows } })),
      /does not place its voxels in space: FILE\n.*\n {4}1 {2}1 {2}0 {2}0\n/,
    )
    assert.match(await refusal(rawNifti({ sform: { code: 1, rows: [NaN, ...rows.slice(1)] } })), /does not place/)
  })
})
