import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Digest } from '../../src/artifact.ts'
import { FailureError } from '../../src/failure.ts'
import type { Affine } from '../../src/image/affine.ts'
import { readVolume } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { checkData, type DatasetToCheck } from '../../src/integrity/check-data.ts'
import { makePhantom, type PhantomParams } from '../../src/phantom/phantom.ts'
import { shared, sharedTest } from '../golden.ts'

const root = mkdtempSync(join(tmpdir(), 'integrity-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0

/** A dataset of the phantom in a folder of its own. */
async function phantom(params: Partial<PhantomParams> = {}): Promise<string> {
  const dir = join(root, String(count++))
  await makePhantom(dir, { subjects: 3, shape: [10, 8, 3], contrasts: ['T1w'], orientations: ['RPI'], ...params })
  return dir
}

/** A folder as the engine lists it. */
function listing(dir: string): DatasetToCheck {
  const found = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(e => e.isFile() && !e.name.startsWith('.'))
  const paths = found.map(e => join(e.parentPath, e.name).slice(dir.length + 1)).sort()
  const digestOf = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(dir, path)))
      .digest('hex') as Digest
  return { dir, files: paths.map(path => ({ path, size: 0, digest: digestOf(path) })) }
}

const check = (dir: string, params: object = {}) => checkData([listing(dir)], { target_suffix: ['_seg-manual'], ...params })
const said = async (dir: string, params: object = {}) => (await check(dir, params)).findings.map(f => `${f.level}: ${f.what}`)

const image = (n: number) => `sub-0${n}/anat/sub-0${n}_T1w.nii.gz`
const label = (n: number) => `derivatives/labels/sub-0${n}/anat/sub-0${n}_T1w_seg-manual.nii.gz`

/** Stores a file again with other voxels, or in another place. */
async function change(
  path: string,
  to: { data?: (data: Float32Array) => void; affine?: (affine: number[]) => Affine; cut?: number },
): Promise<void> {
  const volume = await readVolume(path)
  to.data?.(volume.data)
  const shape = to.cut === undefined ? volume.shape : [volume.shape[0], volume.shape[1], to.cut]
  const data = volume.data.slice(
    0,
    shape.reduce((a, b) => a * b),
  )
  await writeNifti(path, { ...volume, data, shape, dtype: 'float32', affine: to.affine?.([...volume.affine]) ?? volume.affine })
}

describe('the check of data', () => {
  test('finds nothing in a dataset that is right, and says how it is stored', async () => {
    const report = await check(await phantom({ orientations: ['RPI', 'LPI'] }))
    assert.deepEqual(report.findings, [])
    assert.deepEqual([report.images, report.subjects], [3, 3])
    const [images, labels] = report.tables
    assert.deepEqual(images, [
      ['contrast', 'stored as', 'images', 'voxels', 'spacing in mm', 'type'],
      ['T1w', 'LPI', '1', '10 x 8 x 3', '1 x 1 x 5', 'int16'],
      ['T1w', 'RPI', '2', '10 x 8 x 3', '1 x 1 x 5', 'int16'],
    ])
    assert.deepEqual(labels![1]!.slice(0, 3), ['_seg-manual', '3', '0'])
  })

  test('looks at every channel of an image, and names those that are not on one grid', async () => {
    const dir = await phantom({ contrasts: ['T1w', 'T2w'] })
    const channels = { contrasts: ['T1w', 'T2w'], multichannel: true }
    const report = await check(dir, channels)
    assert.deepEqual([report.findings, report.images, report.tables[0]!.slice(1).map(line => line[0])], [[], 3, ['T1w', 'T2w']])
    const second = (n: number) => `sub-0${n}/anat/sub-0${n}_T2w.nii.gz`
    await change(join(dir, second(1)), { cut: 2 })
    await change(join(dir, second(2)), { affine: affine => affine.map((v, at) => (at === 3 ? v + 2 : v)) })
    copyFileSync(join(dir, second(2)), join(dir, second(3)))
    const lines = await said(dir, channels)
    assert.equal(lines.filter(line => line.startsWith('error: two channels of an image are not on one grid')).length, 3)
    assert.match(
      lines.find(line => line.includes(second(1)))!,
      /10 x 8 x 3 \(RPI\): sub-01\/anat\/sub-01_T1w.nii.gz\n {4}10 x 8 x 2 \(RPI\)/,
    )
    assert.match(
      lines.find(line => line.includes(second(2)))!,
      /by their headers they lie up to 2.00 mm apart/,
    )
    // A channel that two subjects share makes their images twins, though their other channels differ.
    assert.ok(lines.some(line => line.startsWith('warning: the same image, byte for byte: sub-02, sub-03; a split that parts them fails')))
  })

  test('names a label of another shape: a run would stop there', async () => {
    const dir = await phantom()
    await change(join(dir, label(2)), { cut: 2 })
    const [finding, ...others] = await said(dir)
    assert.match(
      finding!,
      /^error: a label does not have the shape of its image\n +image 10 x 8 x 3 \(RPI\): .*sub-02_T1w.nii.gz\n +label 10 x 8 x 2/,
    )
    assert.deepEqual(others, [])
  })

  test('names a label in another place, by how far; rounding is none', async () => {
    const dir = await phantom()
    const moved = (mm: number) => ({ affine: (a: number[]) => a.map((v, i) => (i === 3 ? v + mm : v)) })
    await change(join(dir, label(1)), moved(0.05))
    await change(join(dir, label(2)), moved(4))
    assert.deepEqual(await said(dir), [`warning: the label lies up to 4.00 mm from its image by the two headers: ${label(2)}`])
  })

  test('names a label that is stored turned', async () => {
    const [dir, other] = [await phantom(), await phantom({ orientations: ['LPI'] })]
    copyFileSync(join(other, label(1)), join(dir, label(1)))
    assert.deepEqual(await said(dir), [`note: the label is stored as LPI and its image as RPI; both are turned: ${label(1)}`])
  })

  test('names NaN, in images and in labels', async () => {
    const dir = await phantom()
    await change(join(dir, image(1)), { data: d => d.fill(NaN, 0, 3) })
    await change(join(dir, label(2)), { data: d => d.fill(-Infinity, 0, 1) })
    const findings = await said(dir)
    assert.equal(findings.length, 2)
    assert.match(findings[0]!, /^error: 3 of the 240 voxels are NaN or infinite: .*sub-01_T1w.nii.gz/)
    assert.match(findings[1]!, /^error: 1 of the 240 voxels are NaN or infinite: .*sub-02_T1w_seg-manual.nii.gz/)
  })

  test('names labels that are empty, soft, or of other values; and images in which there is nothing', async () => {
    const dir = await phantom({ subjects: 5 })
    await change(join(dir, label(1)), { data: d => d.fill(0) })
    await change(join(dir, label(2)), { data: d => d.fill(0.25, 0, 4) })
    await change(join(dir, label(3)), { data: d => d.set([2, 2, 255, -1]) })
    await change(join(dir, label(4)), { data: d => d.fill(0.4) })
    await change(join(dir, image(5)), { data: d => d.fill(7) })
    assert.deepEqual(await said(dir), [
      `warning: the label is empty: ${label(1)}`,
      `warning: values other than 0 and 1: -1 (1 voxel), 2 (2 voxels), 255 (1 voxel): ${label(3)}`,
      `warning: no voxel reaches 0.5, at most ${Math.fround(0.4)}: ${label(4)}`,
      `warning: every voxel is 7: there is nothing to see in ${image(5)}`,
      `note: a soft label, 4 voxels between 0 and 1: ${label(2)}`,
      `note: a soft label, 240 voxels between 0 and 1: ${label(4)}`,
    ])
    // As a scaled uint8 mask reads back.
    await change(join(dir, label(2)), { data: d => d.forEach((v, i) => (d[i] = v >= 0.5 ? 1.00000006 : 0)) })
    assert.ok(!(await said(dir)).some(line => line.includes(label(2))))
  })

  test('names every label that is missing, however many, and every name that is there twice', async () => {
    const dir = await phantom({ subjects: 14 })
    const names = Array.from({ length: 12 }, (_, i) => `sub-${String(i + 1).padStart(2, '0')}`)
    for (const name of names) rmSync(join(dir, `derivatives/labels/${name}/anat/${name}_T1w_seg-manual.nii.gz`))
    const volume = readFileSync(join(dir, 'sub-13/anat/sub-13_T1w.nii.gz'))
    writeFileSync(join(dir, 'sub-13/anat/sub-13_T1w.nii'), gunzipSync(volume))
    const findings = await said(dir)
    for (const name of names)
      assert.ok(
        findings.some(f => f.startsWith(`warning: ${name}/anat/${name}_T1w.nii.gz is not used, as its label`)),
        name,
      )
    assert.ok(findings.includes('warning: sub-13/anat/sub-13_T1w.nii.gz is not used, as sub-13/anat/sub-13_T1w.nii has the same name'))
    assert.equal(findings.length, 13)
  })

  test('names images of the same content, by their bytes and by their voxels', async () => {
    const dir = await phantom({ subjects: 5 })
    copyFileSync(join(dir, image(1)), join(dir, image(2)))
    writeFileSync(join(dir, image(4)), gzipSync(gunzipSync(readFileSync(join(dir, image(3)))), { level: 1 }))
    const findings = (await said(dir)).filter(f => f.includes('the same'))
    assert.deepEqual(findings, [
      'warning: the same image, byte for byte: sub-01_T1w, sub-02_T1w; a split that parts them fails',
      'warning: the same voxels in different files: sub-03_T1w, sub-04_T1w; a split cannot see that: remove one',
    ])
  })

  test('goes on after a file that cannot be read', async () => {
    const dir = await phantom()
    truncateSync(join(dir, image(1)), 200)
    writeFileSync(join(dir, label(3)), 'not an image')
    const report = await check(dir)
    assert.deepEqual(
      report.findings.map(f => f.level),
      ['error', 'error'],
    )
    assert.equal(report.tables[0]![1]![2], '2')
    assert.equal(report.tables[1]![1]![1], '2')
  })

  test('looks at the region of interest as well, and at several raters', async () => {
    const dir = await phantom()
    for (const n of [1, 2, 3]) copyFileSync(join(dir, label(n)), join(dir, label(n).replace('_seg-manual', '_roi')))
    copyFileSync(join(dir, label(1)), join(dir, label(1).replace('_seg-manual', '_seg-b')))
    await change(join(dir, label(1).replace('_seg-manual', '_roi')), { cut: 1 })
    const report = await check(dir, { target_suffix: [['_seg-manual', '_seg-b']], roi_suffix: '_roi' })
    assert.deepEqual(
      report.findings.map(f => f.level),
      ['error'],
    )
    assert.deepEqual(
      report.tables[1]!.slice(1).map(row => row.slice(0, 2)),
      [
        ['_seg-manual', '4'],
        ['region of interest', '3'],
      ],
    )
  })

  test('of data without the images that are asked for is a failure', async () => {
    const dir = await phantom()
    await assert.rejects(
      check(dir, { contrasts: ['FLAIR'] }),
      (error: unknown) => error instanceof FailureError && error.failure.kind === 'no-images',
    )
  })
})

describe('real data', () => {
  let report: Awaited<ReturnType<typeof checkData>>
  const data = join(shared, 'data/functional_testing')
  beforeAll(async () => {
    const params = { contrasts: ['T1w', 'T2w', 'T2star'], target_suffix: ['_lesion-manual', '_seg-manual'] }
    if (readable(data)) report = await checkData([listing(data)], params)
  })

  sharedTest('data/functional_testing', 'of one person under three names are found out', () => {
    assert.deepEqual([report.images, report.subjects], [9, 3])
    const lines = report.findings.map(f => f.what)
    assert.ok(lines.includes('the same image, byte for byte: sub-unf01_T2w, sub-unf02_T2w, sub-unf03_T2w; a split that parts them fails'))
    assert.ok(
      lines.some(l => l.startsWith('sub-unf02/anat/sub-unf02_T1w.nii.gz is used, though its label sub-unf02_T1w_seg-manual.nii.gz')),
    )
    assert.equal(lines.filter(l => l.startsWith('the label lies up to 0.583 mm from its image')).length, 9)
    assert.ok(!report.findings.some(f => f.level === 'error'))
    assert.deepEqual(report.tables[0]![1], ['T1w', 'RAS', '3', '131 x 141 x 16', '1 x 1 x 1', 'float32'])
  })
})

function readable(dir: string): boolean {
  try {
    return readdirSync(dir).length > 0
  } catch {
    return false
  }
}
