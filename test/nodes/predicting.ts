import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import type { model as modelKind, tensors as tensorsKind } from '../../nodes/artifacts.ts'
import type { Artifact, Digest } from '../../src/artifact.ts'
import { hwdGrid, takeSlice } from '../../src/image/hwd.ts'
import type { Net, Tensors as Weights } from '../../src/net/net.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { writeNpy } from '../../src/npy.ts'
import { Random } from '../../src/random.ts'
import { chainSchema, runOnce, splitChain } from '../../src/transforms/chain.ts'
import { artifactIn } from './each.ts'

export type Tensors = z.infer<typeof tensorsKind.schema>

/** A network without weights: the sigmoid of the image, or for more classes of so many copies of it. */
const sigmoidNet = (classes: number): Net => {
  const copies = Array.from({ length: classes }, () => 'input')
  const layers = [
    ...(classes > 1 ? [{ id: 'copies', op: 'concat', inputs: copies }] : []),
    { id: 'prediction', op: 'sigmoid', inputs: [classes > 1 ? 'copies' : 'input'], attrs: { background: false } },
  ]
  return { inputs: { input: [1, 'h', 'w'] }, layers, output: 'prediction' }
}

/** Networks without weights. `card`: whether model.json is there, too. */
export function modelIn(
  dir: string,
  targets: readonly string[],
  net = sigmoidNet(targets.length),
  card = false,
  weights: Weights = {},
): Artifact<z.infer<typeof modelKind.schema>> {
  const folder = mkdtempSync(join(dir, 'model-'))
  writeFileSync(join(folder, 'model.onnx'), exportModel(net, weights))
  if (card) writeFileSync(join(folder, 'model.json'), JSON.stringify({ net }))
  const made = artifactIn('model', folder, {
    ...{ onnx: 'model.onnx', channels: 1, targets: [...targets], axis: 'coronal' as const, parameters: 0 },
    ...{ epochs: 1, bestEpoch: 1, bestValidationLoss: 0, validationDice: 1, stopped: 'epochs' as const },
  })
  return { ...made, files: made.files.map(file => ({ ...file, digest: folder as Digest })) }
}

/** Stored as PIR, so that every axis is permuted or flipped; oblique by a little. */
export const native = {
  shape: [9, 6, 7],
  affine: [0.05, 0, 1.5, -12, -1.2, 0.04, 0, 30, 0, -0.9, 0.02, 7, 0, 0, 0, 1],
  ...{ qformCode: 1, sformCode: 1, xyztUnits: 2 },
}
/** What the image holds. */
export const voxels = (() => {
  const random = new Random(3, 'voxels')
  return Float32Array.from({ length: 9 * 6 * 7 }, () => random.normal())
})()
/** Its slices that were not filtered out. */
export const kept = [0, 2, 3, 5]

/** An image cut along the coronal axis, of which some slices were kept, and cropped to 5 x 8. */
export async function tensorsIn(dir: string, draw: unknown = {}): Promise<Artifact<Tensors>> {
  const folder = mkdtempSync(join(dir, 'tensors-'))
  const grid = hwdGrid(native, 'coronal')
  const [height, width] = grid.shape
  const data = new Float32Array(kept.length * height * width)
  kept.forEach((k, s) => {
    takeSlice(voxels, grid, k, data.subarray(s * height * width, (s + 1) * height * width))
  })
  const { once } = splitChain(chainSchema.parse({ CenterCrop: { size: [5, 8] } }))
  const { sample, undo } = runOnce(once, { image: { shape: [kept.length, height, width], data }, spacing: [1, 1] })
  await writeNpy(join(folder, 'sub-01_T2w_image.npy'), 'float32', [kept.length, 1, 5, 8], sample.image.data)
  const image: Tensors['images'][string] = {
    volume: { shape: [...grid.shape], spacing: [1, 1, 1], native },
    ...{ slices: kept, shape: [5, 8], undo: [...undo], image: 'sub-01_T2w_image.npy' },
  }
  return artifactIn('tensors', folder, {
    ...{ axis: 'coronal' as const, targets: ['_seg'], channels: 1, once: [...once], draw: [...chainSchema.parse(draw)] },
    images: { 'sub-01_T2w': image },
  })
}
/** A split with one image to test. */
export const split = (dir: string, test: readonly string[] = ['sub-01_T2w']) =>
  artifactIn('split', dir, { train: [], validation: [], test: [...test] })
