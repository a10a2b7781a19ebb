import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { eachVolume, readLabels, readVolumes } from '../../src/image/nifti.ts'
import { writeNifti, writeNiftiParts } from '../../src/image/nifti-write.ts'
import { withFolder } from '../nodes/each.ts'

const place = { affine: [2, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], qformCode: 1, sformCode: 1, xyztUnits: 2 }
const parts = [Uint8Array.of(1, 2, 3, 4, 5, 6), Uint8Array.of(7, 8, 9, 10, 11, 12), Uint8Array.of(0, 0, 0, 0, 0, 255)]
const shape = [3, 2, 1, 3]
const image = { ...place, shape, dtype: 'uint8' as const, data: Uint8Array.from(parts.flatMap(part => [...part])) }

const collect = async <T>(from: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of from) all.push(one)
  return all
}

test('volumes come one by one, with the voxels and the grid that reading all at once gives', () =>
  withFolder(async dir => {
    const path = join(dir, 'a.nii.gz')
    await writeNifti(path, image)
    const { data, ...header } = await readVolumes(path)
    const volumes = await collect(eachVolume(path))
    expect(volumes.map(v => [...v.data])).toEqual(parts.map(part => [...part]))
    expect(volumes.flatMap(v => [...v.data])).toEqual([...data])
    for (const volume of volumes) expect(volume).toEqual({ ...header, volumes: 1, data: volume.data })
  }))

test('plain files, and pairs of header and voxels, are read so too', () =>
  withFolder(async dir => {
    await writeNifti(join(dir, 'a.nii.gz'), image)
    const bytes = gunzipSync(readFileSync(join(dir, 'a.nii.gz')))
    writeFileSync(join(dir, 'a.nii'), bytes)
    const head = Buffer.from(bytes.subarray(0, 348))
    head.writeFloatLE(0, 108)
    head.write('ni1\0', 344, 'latin1')
    writeFileSync(join(dir, 'b.hdr'), head)
    writeFileSync(join(dir, 'b.img'), bytes.subarray(352))
    for (const file of ['a.nii', 'b.hdr', 'b.img'])
      expect((await collect(eachVolume(join(dir, file)))).map(v => [...v.data])).toEqual(parts.map(part => [...part]))
  }))

test('a file that ends within a later volume is cut short, and its volumes before that were read', () =>
  withFolder(async dir => {
    const bytes = gunzipSync(await writeNifti(join(dir, 'a.nii.gz'), image).then(() => readFileSync(join(dir, 'a.nii.gz'))))
    const path = join(dir, 'cut.nii.gz')
    writeFileSync(path, gzipSync(bytes.subarray(0, 352 + 8)))
    const volumes = eachVolume(path)
    expect([...(await volumes.next()).value!.data]).toEqual([...parts[0]!])
    await expect(volumes.next()).rejects.toThrow('the image is cut short')
    writeFileSync(join(dir, 'plain.nii'), bytes)
    truncateSync(join(dir, 'plain.nii'), 352 + 8)
    await expect(eachVolume(join(dir, 'plain.nii')).next()).rejects.toThrow('the image is cut short')
  }))

test('who stops asking leaves no file open', () =>
  withFolder(async dir => {
    await writeNifti(join(dir, 'a.nii.gz'), image)
    for await (const volume of eachVolume(join(dir, 'a.nii.gz'))) {
      expect(volume.data).toHaveLength(6)
      break
    }
  }))

test('a file written in parts has the bytes of the one written at once', () =>
  withFolder(async dir => {
    await writeNifti(join(dir, 'whole.nii.gz'), image)
    const asked: number[] = []
    await writeNiftiParts(
      join(dir, 'parts.nii.gz'),
      image,
      (async function* () {
        for (const [k, part] of parts.entries()) {
          asked.push(k)
          yield await Promise.resolve(part)
        }
      })(),
    )
    expect(asked).toEqual([0, 1, 2])
    expect(readFileSync(join(dir, 'parts.nii.gz'))).toEqual(readFileSync(join(dir, 'whole.nii.gz')))
  }))

test('parts that do not fill the shape, and parts that fail, are errors', () =>
  withFolder(async dir => {
    await expect(writeNiftiParts(join(dir, 'a.nii.gz'), image, Readable.from(parts.slice(1)))).rejects.toThrow(
      'shape 3x2x1x3 is 18 voxels, and there are 12',
    )
    const broken = async function* () {
      yield await Promise.resolve(parts[0]!)
      throw new Error('no more')
    }
    await expect(writeNiftiParts(join(dir, 'a.nii.gz'), image, broken())).rejects.toThrow('no more')
  }))

test('bytes stay bytes, and whatever has a scale or another type becomes float32', () =>
  withFolder(async dir => {
    const path = join(dir, 'a.nii.gz')
    await writeNifti(path, { ...image, shape: [3, 2, 1], data: parts[0]! })
    expect((await readLabels(path)).data).toEqual(parts[0])
    const bytes = gunzipSync(readFileSync(path))
    bytes.writeFloatLE(0.5, 112)
    writeFileSync(path, gzipSync(bytes))
    expect((await readLabels(path)).data).toEqual(Float32Array.from(parts[0]!, v => v / 2))
    expect((await collect(eachVolume(path))).map(v => v.data)).toEqual([Float32Array.from(parts[0]!, v => v / 2)])
    await writeNifti(path, { ...image, shape: [3, 2, 1], dtype: 'float32', data: Float32Array.from(parts[0]!) })
    expect((await readLabels(path)).data).toEqual(Float32Array.from(parts[0]!))
  }))
