import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'vitest'
import { makeBatch } from '../../src/net/augment.ts'
import { batchesOfEpochs, type BatchPlan } from '../../src/net/batches.ts'
import { writeNpy } from '../../src/npy.ts'
import { inFolder } from './samples-on-disk.ts'

test(
  'soft labels reach training and validation with their values; others are cut at one half',
  inFolder(async dir => {
    const paths = { image: join(dir, 'image.npy'), label: join(dir, 'label.npy') }
    await writeNpy(paths.image, 'float32', [1, 1, 1, 4], Float32Array.of(1, 2, 3, 4))
    await writeNpy(paths.label, 'float32', [1, 1, 1, 4], Float32Array.of(0, 0.25, 0.5, 1))
    const sample = { id: 'a', slice: 0, row: 0, ...paths }
    const labels = async (soft: boolean | undefined) => {
      const plan: BatchPlan = { train: [sample], validation: [sample], chain: [], batchSize: 1, epochs: 1, seed: 1, soft }
      return Promise.all([...batchesOfEpochs(plan, 1)].map(async request => [...(await makeBatch(request)).y.data]))
    }
    assert.deepEqual(await labels(true), [
      [0, 0.25, 0.5, 1],
      [0, 0.25, 0.5, 1],
    ])
    assert.deepEqual(await labels(undefined), [
      [0, 0, 1, 1],
      [0, 0, 1, 1],
    ])
  }),
)
