import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Predictor } from '../../src/net/engine.ts'
import { plainWay, predictImage } from '../../src/net/predict.ts'
import { writeNpy } from '../../src/npy.ts'
import { inFolder } from './samples-on-disk.ts'

test(
  'the prediction of every slice is put back where ROICrop cut that slice, over several batches',
  inFolder(async dir => {
    // Six slices of 256 x 256, of which four are predicted at a time; slice s is all s + 1.
    const size = 256 * 256
    const path = join(dir, 'image.npy')
    await writeNpy(
      path,
      'float32',
      [6, 1, 256, 256],
      Float32Array.from({ length: 6 * size }, (_, i) => Math.floor(i / size) + 1),
    )
    const starts = [0, 1, 2, 3, 4, 5].map(s => [s, 10 * s])
    const batches: number[] = []
    const predictor = {
      pixelsAtOnce: 4 * 256 * 256 + 1,
      predict(x: { shape: readonly number[]; data: Float32Array }) {
        batches.push(x.shape[0]!)
        return Promise.resolve(x)
      },
    } as unknown as Predictor
    const image = {
      id: 'a',
      image: path,
      slices: [0, 1, 2, 3, 4, 5],
      chain: [],
      undo: [{ name: 'ROICrop', shape: [270, 320], starts }],
      seed: 0,
    }
    const predicted = await predictImage(image, plainWay(image, predictor), 1, [270, 320])
    assert.deepEqual(batches, [4, 2])
    for (let s = 0; s < 6; s++) {
      const plane = predicted.subarray(s * 270 * 320, (s + 1) * 270 * 320)
      const first = plane.indexOf(s + 1)
      const last = plane.lastIndexOf(s + 1)
      assert.deepEqual([Math.floor(first / 320), first % 320], [s, 10 * s])
      assert.deepEqual([Math.floor(last / 320), last % 320], [s + 255, 10 * s + 255])
      assert.equal(
        plane.reduce((sum, v) => sum + v, 0),
        (s + 1) * size,
      )
    }
  }),
)
