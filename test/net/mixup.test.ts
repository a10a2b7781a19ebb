import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { makeBatch } from '../../src/net/augment.ts'
import { batchesOfEpochs, type BatchPlan } from '../../src/net/batches.ts'
import { drawMix, mixed } from '../../src/net/mixup.ts'
import { writeMixupPictures } from '../../src/net/mixup-pictures.ts'
import { writeNpy } from '../../src/npy.ts'
import { Random } from '../../src/random.ts'
import { goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { decodePng } from '../image/png.ts'
import { near } from '../near.ts'
import { goldenTensor, largestDifference } from './golden-unet.ts'
import { inFolder, packedImage } from './samples-on-disk.ts'

const folder = 'training/mixup'
sharedTest(`golden/${folder}`, 'images and labels are mixed as by ivadomed', () => {
  const { cases } = goldenCases(folder) as {
    cases: readonly ({ permutation: number[]; lambda_used: number } & Record<
      'input' | 'target' | 'mixed_input' | 'mixed_target',
      Descriptor
    >)[]
  }
  assert.equal(cases.length, 3)
  for (const c of cases) {
    const { x, y } = mixed(
      { x: goldenTensor(folder, c.input), y: goldenTensor(folder, c.target) },
      { lambda: c.lambda_used, partners: c.permutation },
    )
    assert.ok(largestDifference(x.data, goldenTensor(folder, c.mixed_input).data) < 1e-6)
    assert.ok(largestDifference(y.data, goldenTensor(folder, c.mixed_target).data) < 1e-6)
  }
})

test('lambda is the larger part of Beta(alpha, alpha); partners are a permutation', () => {
  const draws = Array.from({ length: 20_000 }, (_, i) => drawMix(0.4, 3, new Random(6, i)))
  assert.ok(draws.every(({ lambda }) => lambda >= 0.5 && lambda <= 1))
  assert.ok(draws.every(({ partners }) => partners.toSorted((a, b) => a - b).join() === '0,1,2'))
  // E max(b, 1-b) = 1/2 + E|b - 1/2|; of the uniform distribution, 3/4.
  const uniform = Array.from({ length: 20_000 }, (_, i) => drawMix(1, 1, new Random(7, i)).lambda)
  near([uniform.reduce((a, b) => a + b, 0) / uniform.length], [0.75], 0.005)
})

test(
  'training batches are mixed by (seed, epoch, step), image and label alike; validation is not',
  inFolder(async dir => {
    const paths = { image: join(dir, 'image.npy'), label: join(dir, 'label.npy') }
    // A label that is the image: so it stays, if both are mixed alike.
    const values = Float32Array.of(0, 1, 1, 0, 1, 1)
    for (const path of Object.values(paths)) await writeNpy(path, 'float32', [3, 1, 1, 2], values)
    const samples = [0, 1, 2].map(row => ({ id: 'a', slice: row, row, ...paths }))
    const plan: BatchPlan = { train: samples, validation: samples, chain: [], batchSize: 3, epochs: 2, seed: 1, mixupAlpha: 2 }
    const made = await Promise.all([...batchesOfEpochs(plan, 1)].map(makeBatch))
    const again = await Promise.all([...batchesOfEpochs(plan, 2)].map(makeBatch))
    const [first, validation, second] = made
    assert.deepEqual(again[0], second)
    assert.deepEqual(first!.x.data, first!.y.data)
    assert.ok(first!.y.data.some(v => v > 0 && v < 1))
    assert.notDeepEqual(first!.x.data.toSorted(), second!.x.data.toSorted())
    assert.deepEqual(validation!.x.data, values)
    const plain = await makeBatch([...batchesOfEpochs({ ...plan, mixupAlpha: undefined }, 1)][0]!)
    assert.ok(plain.y.data.every(v => v === 0 || v === 1))
  }),
)

test(
  'pictures show what is trained on: of each of the first batches a mixed slice, and beside it its label',
  inFolder(async dir => {
    const train = [...(await packedImage(dir, 'sub-01', 3, 16)), ...(await packedImage(dir, 'sub-02', 3, 10))].slice(0, 3)
    const plan: BatchPlan = { train, validation: train, chain: [], batchSize: 1, epochs: 3, seed: 1, mixupAlpha: 0.4 }
    const pairs = { ...plan, batchSize: 3 }
    const pictures = join(dir, 'mixup')
    await writeMixupPictures({ plan: pairs, axis: 'coronal', count: 5, dir: pictures })
    const [request] = [...batchesOfEpochs(pairs, 1)]
    const { y } = await makeBatch(request!)
    const { lambda } = drawMix(0.4, 3, new Random(1, 'mixup', 1, 1))
    // There is one batch of three.
    assert.deepEqual(readdirSync(pictures), [`lambda-${lambda.toFixed(4)}_batch-001.png`])
    const { height, width, pixels } = decodePng(readFileSync(join(pictures, readdirSync(pictures)[0]!)))
    // Every pixel is 16 times as large.
    assert.deepEqual([height, width], [256, 16 * (16 + 8 + 16)])
    // Coronal slices have their height up. The label is black at 0 and white at 1.
    const shown = Array.from({ length: 256 }, (_, i) => pixels[16 * ((15 - Math.floor(i / 16)) * width + 24 + (i % 16))]!)
    assert.deepEqual(
      shown,
      Array.from(y.data.subarray(0, 256), v => Math.round(v * 255)),
    )

    await writeMixupPictures({ plan, axis: 'axial', count: 2, dir: join(dir, 'two') })
    assert.deepEqual(
      readdirSync(join(dir, 'two'))
        .map(name => name.slice(-13))
        .sort(),
      ['batch-001.png', 'batch-002.png'],
    )
  }),
)
