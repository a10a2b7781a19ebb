import { join } from 'node:path'
import { expect } from 'vitest'
import { models } from '../../src/net/models/index.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { GraphBuilder } from '../../src/net/onnx/graph.ts'
import { openPredictor } from '../../src/net/onnx/predictor.ts'
import { modelFile } from '../../src/net/onnx/proto.ts'
import { withOptions, type PostOptions } from '../../src/package/options.ts'
import { pickImage } from '../../src/package/pick.ts'
import { segment, type SegmentOptions } from '../../src/package/segment.ts'
import { readSettings } from '../../src/package/settings.ts'
import { removeSmallOf } from '../../src/package/sizes.ts'
import { modified3dunet } from './modified3dunet.ts'
import { applySteps, postprocessSchema } from '../../src/postprocess/index.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'
import { goldenTensors, largestDifference, type Packed } from '../net/golden-unet.ts'
import { fromC } from '../image/c-order.ts'

const folder = 'inference/segment_volume'

interface Case {
  readonly name: string
  readonly config: Record<string, unknown> & { readonly loader_parameters: { readonly target_suffix: readonly string[] } }
  readonly fname_images: readonly string[]
  readonly options: Readonly<Record<string, unknown>> | null
  readonly error: string | null
  readonly state_dict?: Packed
  readonly predictions?: readonly { readonly data: Descriptor }[]
}

/** ivadomed's own stand-in: y = sigmoid(first channel); [y, 1 - y, ...]. */
function sigmoidModel(classes: number, axes: readonly string[]): Uint8Array {
  const g = new GraphBuilder()
  const x = g.input('input', ['n', 1, ...axes])
  const y = g.emit('Sigmoid', [x])
  const rest = g.emit('Sub', [g.scalar(1), y])
  g.output('output', g.emit('Concat', [y, ...Array.from({ length: classes - 1 }, () => rest)], { axis: 1 }))
  return modelFile(g.graph('sigmoid'))
}

function modelOf(c: Case): Uint8Array {
  const classes = c.config.loader_parameters.target_suffix.length
  const { Modified3DUNet: volumes } = c.config
  if (!c.state_dict) return sigmoidModel(classes, volumes ? ['h', 'w', 'd'] : ['h', 'w'])
  const weights = goldenTensors(folder, c.state_dict)
  if (volumes) return modified3dunet(weights)
  const first = weights['encoder.down_path.0.conv1.weight']!
  const params = { channels: first.shape[1], classes, depth: 2, n_filters: 4, dropout_rate: 0 }
  const settings = classes > 1 ? { ...params, final_activation: 'softmax' } : params
  return exportModel(models.Unet.net(models.Unet.params.parse(settings)), weights)
}

const postOf = (options: Readonly<Record<string, unknown>>): PostOptions => {
  const flag = (name: string) => (name in options ? Boolean(options[name]) : undefined)
  return {
    binarizePrediction: options['binarize_prediction'] as number | undefined,
    binarizeMaxpooling: flag('binarize_maxpooling'),
    keepLargest: flag('keep_largest'),
    fillHoles: flag('fill_holes'),
    removeSmall: options['remove_small'] ? removeSmallOf(options['remove_small'] as string[]) : undefined,
  }
}

async function run(c: Case) {
  const settings = readSettings(JSON.stringify(c.config), `${c.name}.json`)
  const predictor = await openPredictor(modelOf(c), { threads: 1, device: 'cpu' })
  const files = c.fname_images.map(file => join(shared, 'golden', file))
  const picked = await pickImage(settings, { id: c.name, files, warn: () => undefined })
  const given = c.options ?? {}
  const options: SegmentOptions = {
    ...{ post: postOf(given), wholeSlices: given['no_patch'] === true, weighting: 'uniform', augmentations: 0, seed: 0 },
    // ivadomed's order is X, Y: along the width first.
    overlap: (given['overlap_2D'] as [number, number] | undefined)?.toReversed() as [number, number] | undefined,
  }
  const result = await segment({ settings, predictor }, picked, options)
  await predictor.close()
  return result
}

const cases = () => (goldenCases(folder) as { cases: readonly Case[] }).cases
/**
 * Not equal, by a defect of ivadomed: its `keep_largest` joins objects of different classes through the class axis, and keeps one of all
 * classes. Its sizes are of two units besides, which ours refuses (whichever it takes, its one object is larger).
 */
const joined = 'sigmoid_options'

sharedTest(`golden/${folder}`, 'packaged models of ivadomed give what they give in ivadomed, voxel by voxel', async () => {
  const compared = cases().filter(c => c.predictions && c.name !== joined)
  expect(compared.length).toBe(16)
  for (const c of compared) {
    const { data, shape, classes } = await run(c)
    const size = data.length / classes
    expect({ [c.name]: classes }).toEqual({ [c.name]: c.predictions!.length })
    for (const [k, p] of c.predictions!.entries()) {
      const wanted = fromC(Float32Array.from(goldenArray(folder, p.data)), shape)
      expect({ [c.name]: largestDifference(Float32Array.from(data.subarray(k * size, (k + 1) * size)), wanted) < 5e-5 }).toEqual({
        [c.name]: true,
      })
    }
  }
})

sharedTest(
  `golden/${folder}`,
  'options of ivadomed differ by its keep_largest alone: with one object of all classes they give the same, voxel by voxel',
  async () => {
    const c = cases().find(({ name }) => name === joined)!
    await expect(run(c)).rejects.toThrow('one unit for all classes')
    const threshold = { binarize_prediction: c.options!['binarize_prediction'] }
    const { data, shape, classes } = await run({ ...c, options: threshold })
    const one = largestOfAll(Uint8Array.from(data), [...shape, classes])
    const steps = postprocessSchema.parse({ fill_holes: {}, remove_small: { unit: 'vox', thr: [40, 12] } })
    const cleaned = applySteps({ data: one, shape, classes, spacing: [1, 1, 1] }, steps).data
    const wanted = c.predictions!.map(p => fromC(Float32Array.from(goldenArray(folder, p.data)), shape))
    const size = data.length / classes
    for (const [k, mask] of wanted.entries()) expect([...cleaned.subarray(k * size, (k + 1) * size)]).toEqual([...mask])
    // So that the two do differ: ours keeps the largest of each class.
    const ours = await run({ ...c, options: { ...threshold, keep_largest: 1, fill_holes: 1, remove_small: ['40', '12'] } })
    expect(wanted.map(mask => mask.some(v => v > 0))).not.toEqual([true, true])
    expect([0, 1].map(k => ours.data.subarray(k * size, (k + 1) * size).some(v => v > 0))).toEqual([true, true])
  },
)

/** The largest object of a mask of any number of axes, first axis fastest; neighbours share a face. */
function largestOfAll(mask: Uint8Array, shape: readonly number[]): Uint8Array {
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1))
  const seen = new Uint8Array(mask.length)
  let largest: readonly number[] = []
  mask.forEach((v, start) => {
    if (v === 0 || seen[start]) return
    const object = [start]
    seen[start] = 1
    for (let at = 0; at < object.length; at++)
      for (const [axis, step] of steps.entries()) {
        const place = Math.floor(object[at]! / step) % shape[axis]!
        for (const [next, inside] of [
          [object[at]! - step, place > 0],
          [object[at]! + step, place < shape[axis]! - 1],
        ] as const)
          if (inside && mask[next] && !seen[next]) {
            seen[next] = 1
            object.push(next)
          }
      }
    if (object.length > largest.length) largest = object
  })
  const kept = new Uint8Array(mask.length)
  for (const at of largest) kept[at] = 1
  return kept
}

sharedTest(`golden/${folder}`, 'a size for each class is wanted, as in ivadomed', async () => {
  const c = cases().find(({ name }) => name === 'sigmoid_options_one_size_two_classes_raises')!
  expect(c.error).toContain('Length mismatch')
  await expect(run(c)).rejects.toThrow('remove_small.thr')
})

sharedTest(`golden/${folder}`, 'options lie over the steps of the model as in ivadomed', () => {
  interface Table {
    readonly options: Readonly<Record<string, unknown>>
    readonly before: Readonly<Record<string, object>>
    readonly after: readonly (readonly [string, object])[]
  }
  const rows = (goldenCases(folder) as { set_postprocessing_options: readonly Table[] }).set_postprocessing_options
  expect(rows).toHaveLength(5)
  for (const { options, before, after } of rows) {
    const entries = Object.entries(before).map(([name, params]) => ({ name, ...params }))
    expect(withOptions(entries, postOf(options))).toEqual(after.map(([name, params]) => ({ name, ...params })))
  }
})
