import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decode } from 'fast-png'
import { test } from 'vitest'
import bidsIndex from '../../nodes/bids-index.ts'
import evaluate from '../../nodes/evaluate.ts'
import qc from '../../nodes/qc.ts'
import slice from '../../nodes/slice.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { encodeMask } from '../../src/image/mask-picture.ts'
import { readVolumes } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { encodePng } from '../../src/image/png.ts'
import { checkData } from '../../src/integrity/check-data.ts'
import { readNpy } from '../../src/npy.ts'
import { runChain } from './chain.ts'
import { artifactIn, runEach, withFolder } from './each.ts'
import { runWhole } from './whole.ts'

/** Rows and columns of the pictures; a little different in each. */
const sizeOf = (n: number) => [20 + n, 30 - n] as const
/** A bright ring with a dark core at (8, 12): the axon is the core, the myelin the ring. */
const distance = (y: number, x: number) => Math.hypot(y - 8, x - 12)
const isAxon = (y: number, x: number) => distance(y, x) < 3
const isMyelin = (y: number, x: number) => distance(y, x) >= 3 && distance(y, x) < 6

function drawn([height, width]: readonly [number, number], grey: (y: number, x: number) => number): Buffer {
  return encodePng({ height, width, pixels: Uint8Array.from({ length: height * width }, (_, p) => grey(Math.floor(p / width), p % width)) })
}

/** Microscopy as BIDS has it: `count` subjects with one sample each, and the pixel size in one sidecar for all of a subject. */
async function micrographs(dir: string, count: number, sidecar: object = { PixelSize: [0.2, 0.1], PixelSizeUnits: 'um' }) {
  const put = async (path: string, bytes: string | Buffer) => {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), bytes)
  }
  await put('dataset_description.json', '{ "Name": "nerves", "BIDSVersion": "1.7.0" }')
  await put('participants.tsv', `participant_id\tspecies\n${Array.from({ length: count }, (_, n) => `sub-${n}\trat\n`).join('')}`)
  await put('samples.tsv', `sample_id\tparticipant_id\tsample_type\nsample-a\tsub-0\ttissue\n`)
  for (let n = 0; n < count; n++) {
    const name = `micr/sub-${n}_sample-a_SEM`
    const size = sizeOf(n)
    await put(`sub-${n}/micr/sub-${n}_SEM.json`, JSON.stringify(sidecar))
    await put(
      `sub-${n}/${name}.png`,
      drawn(size, (y, x) => (isMyelin(y, x) ? 200 : isAxon(y, x) ? 30 : 90) + ((7 * y + 3 * x + n) % 5)),
    )
    await put(
      `derivatives/labels/sub-${n}/${name}_seg-axon.png`,
      drawn(size, (y, x) => (isAxon(y, x) ? 255 : 0)),
    )
    await put(
      `derivatives/labels/sub-${n}/${name}_seg-myelin.png`,
      drawn(size, (y, x) => (isMyelin(y, x) ? 255 : y === 0 ? 100 : 0)),
    )
  }
  return artifactIn('dataset', dir, { name: 'nerves' })
}

const params = { extensions: ['.png'], target_suffix: ['_seg-axon', '_seg-myelin'] }

test('pictures are images of a dataset: they are trained on and predicted in patches, and their masks are pictures, too', () =>
  withFolder(async home => {
    const data = await micrographs(join(home, 'data'), 4)
    const made = await runChain(home, [data], {
      index: params,
      // Pixels of 0.1 x 0.2 um, rows first, become ones of 0.1 um: twice as many along the width.
      tensors: { Resample: { hspace: 0.0001, wspace: 0.0001 }, CenterCrop: undefined },
      model: {
        network: { name: 'Unet', depth: 1, n_filters: 4, dropout_rate: 0, final_activation: 'softmax' },
        patches: { length_2D: [16, 24], stride_2D: [8, 20] },
        training_time: { num_epochs: 40 },
        batch_size: 4,
      },
    })
    assert.deepEqual(made.slices.images['sub-1_sample-a_SEM']?.shape, [21, 29, 1])
    assert.deepEqual(made.slices.images['sub-1_sample-a_SEM'].spacing, [0.0001, 0.0002, 0.0002].map(Math.fround))
    assert.deepEqual(made.packed.value.images['sub-1_sample-a_SEM']?.shape, [21, 58])
    assert.deepEqual(made.model.document.patch, { length: [16, 24], stride: [8, 20] })

    const [[id, mask]] = Object.entries(made.masks.images) as [[string, { file: string; pictures: string[] }]]
    assert.deepEqual(mask, { file: `${id}_pred.nii.gz`, pictures: [`${id}_class-0_pred.png`, `${id}_class-1_pred.png`] })
    const volume = await readVolumes(join(made.dir('masks'), mask.file))
    const [height, width] = sizeOf(Number(id[4]))
    assert.deepEqual([volume.shape, volume.volumes], [[height, width, 1], 2])
    assert.deepEqual(volume.spacing, [0.0001, 0.0002, 0.0002].map(Math.fround))
    // The ring is found where it is, in the picture as in the volume.
    const png = decode(await readFile(join(made.dir('masks'), mask.pictures[1]!)))
    assert.deepEqual([png.height, png.width, png.depth, png.channels], [height, width, 8, 1])
    const area = height * width
    for (let p = 0; p < area; p++) assert.equal(png.data[p], 255 * volume.data[area + Math.floor(p / width) + height * (p % width)]!)
    const row = made.metrics.rows[0]!.values
    assert.ok(row['dice_class0']! > 0.7 && row['dice_class1']! > 0.8, JSON.stringify([row['dice_class0'], row['dice_class1']]))
  }))

test('labels are cut at the middle grey; soft ones keep black to white as 0 to 1', () =>
  withFolder(async home => {
    const data = await micrographs(join(home, 'data'), 1)
    const index = await runWhole(bidsIndex, join(home, 'index'), params, { datasets: [data] })
    const indexed = artifactIn('index', index.dir, index.document)
    assert.equal(index.document.images[0]?.metadata['sample_type'], 'tissue')
    for (const [soft_gt, grey] of [
      [false, 0],
      [true, Math.fround(100 / 255)],
    ] as const) {
      const { document } = await runEach(slice, home, { soft_gt }, { index: indexed, datasets: [data] })
      const { label, image } = document.images['sub-0_sample-a_SEM']!
      const { shape, data: values } = await readNpy(join(home, label!))
      assert.deepEqual(shape, [1, 2, 20, 30])
      // Axon and myelin at row 8: the ring, the core, the ring.
      const line = (plane: number, row: number) => [...values.slice((plane * 20 + row) * 30, (plane * 20 + row + 1) * 30)]
      assert.deepEqual(
        line(0, 8),
        Array.from({ length: 30 }, (_, x) => Number(isAxon(8, x))),
      )
      assert.deepEqual(
        line(1, 8),
        Array.from({ length: 30 }, (_, x) => Number(isMyelin(8, x))),
      )
      assert.deepEqual(line(1, 0), new Array(30).fill(grey))
      const pixels = await readNpy(join(home, image))
      assert.deepEqual([pixels.data[0], pixels.data[8 * 30 + 12]], [90, 30 + ((7 * 8 + 3 * 12) % 5)])
    }
  }))

test('masks are measured against pictures and drawn on them as they lie', () =>
  withFolder(async home => {
    const data = await micrographs(join(home, 'data'), 1)
    const index = await runWhole(bidsIndex, join(home, 'index'), params, { datasets: [data] })
    const indexed = artifactIn('index', index.dir, index.document)
    const dir = join(home, 'masks')
    await mkdir(dir)
    const voxels = Float32Array.from({ length: 2 * 600 }, (_, i) => {
      const [y, x] = [i % 20, Math.floor((i % 600) / 20)]
      return Number(i < 600 ? isAxon(y, x) : isMyelin(y, x))
    })
    const grid = { affine: [1e-4, 0, 0, 0, 0, 2e-4, 0, 0, 0, 0, 1e-4, 0, 0, 0, 0, 1], qformCode: 0, sformCode: 2, xyztUnits: 2 }
    await writeNifti(join(dir, 'a.nii.gz'), { ...grid, shape: [20, 30, 1, 2], data: voxels, dtype: 'uint8' })
    const masks = artifactIn('masks', dir, {
      targets: ['_seg-axon', '_seg-myelin'],
      images: { 'sub-0_sample-a_SEM': { file: 'a.nii.gz', pictures: ['a_class-0.png', 'a_class-1.png'] } },
    })
    const metrics = join(home, 'metrics')
    await mkdir(metrics)
    const { document } = await runEach(evaluate, metrics, {}, { masks, index: indexed, datasets: [data] })
    const { dice_class0, dice_class1, vol_gt_class0 } = document.rows[0]!.values
    assert.deepEqual([dice_class0, dice_class1], [1, 1])
    const pixels = voxels.subarray(0, 600).reduce((a, b) => a + b)
    assert.ok(Math.abs(vol_gt_class0! / (pixels * 2e-12) - 1) < 1e-5)
    for (const [c, isOf] of [isAxon, isMyelin].entries()) {
      const painted = decode(await readFile(join(metrics, `sub-0_sample-a_SEM_class-${c}_pred_TP-FP-FN.png`)))
      assert.deepEqual([painted.height, painted.width, painted.channels], [20, 30, 1])
      assert.deepEqual(
        [...painted.data],
        Array.from({ length: 600 }, (_, p) => (isOf(Math.floor(p / 30), p % 30) ? 85 : 0)),
      )
    }

    const pictures = join(home, 'qc')
    await mkdir(pictures)
    const { document: shown } = await runEach(qc, pictures, {}, { masks, index: indexed, datasets: [data] })
    const png = decode(await readFile(join(pictures, shown.images['sub-0_sample-a_SEM']!.middle.file)))
    // 20 rows of 0.1 um and 30 columns of 0.2 um, twice side by side: far wider than high. The left one is the picture, upright.
    assert.equal((png.width - 8) / 2 / png.height, (30 * 2) / 20)
    const at = (y: number, x: number) =>
      png.data[(Math.floor(((y + 0.5) / 20) * png.height) * png.width + Math.floor(((x + 0.5) / 30) * ((png.width - 8) / 2))) * 3]!
    assert.ok(at(8, 12) < at(15, 25) && at(15, 25) < at(8, 16))
  }))

test('a picture of which nobody says how large its pixels are is a failure that says where to write it', () =>
  withFolder(async home => {
    const data = await micrographs(join(home, 'data'), 1, { PixelSize: [0.1, 0.1] })
    const index = await runWhole(bidsIndex, join(home, 'index'), params, { datasets: [data] })
    const indexed = artifactIn('index', index.dir, index.document)
    const failed: unknown = await runEach(slice, home, {}, { index: indexed, datasets: [data] }).catch((error: unknown) => error)
    assert.ok(failed instanceof FailureError)
    const said = describe(failed.failure)
    assert.equal(
      said,
      `nothing says how large a pixel is: sub-0/micr/sub-0_sample-a_SEM.png
    by its sidecars PixelSize is [0.1,0.1] and PixelSizeUnits is not there; [x, y] is wanted, in mm, um or nm
  write it into the JSON beside the picture: { "PixelSize": [0.1, 0.1], "PixelSizeUnits": "um" }; pipe segment takes --pixel-size 0.1,0.1 as well`,
    )
    const report = await checkData([{ dir: data.dir, files: data.files }], params)
    assert.deepEqual(
      report.findings.filter(f => f.level === 'error').map(f => f.what.split('\n')[0]),
      [said.split('\n')[0]],
    )
  }))

test('the check of data reads pictures and their labels', () =>
  withFolder(async home => {
    const data = await micrographs(join(home, 'data'), 2)
    const { findings, images, tables } = await checkData([{ dir: data.dir, files: data.files }], params)
    assert.equal(images, 2)
    assert.deepEqual(tables[0]![1], ['SEM', 'RAS', '2', '20-21 x 29-30 x 1', '0.0001 x 0.0002 x 0.0002', 'uint8'])
    assert.deepEqual(
      findings.map(f => f.what),
      [0, 1].map(
        n => `a soft label, ${30 - n} voxels between 0 and 1: derivatives/labels/sub-${n}/micr/sub-${n}_sample-a_SEM_seg-myelin.png`,
      ),
    )
  }))

test('formats that cannot be read are refused in the pipeline, by what can be', () => {
  const refused = bidsIndex.params.safeParse({ extensions: ['.png', '.jpg'] })
  assert.deepEqual(
    refused.error?.issues.map(({ path, message }) => [path, message]),
    [[['extensions', 1], 'cannot be read: images are .nii, .nii.gz, .png, .tif, .tiff, .ome.tif, .ome.tiff (TIFF of one page)']],
  )
  assert.equal(encodeMask([0, 1, 0.5, 0.2], [2, 2]).subarray(1, 4).toString('latin1'), 'PNG')
})
