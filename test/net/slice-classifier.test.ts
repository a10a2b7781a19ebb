import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import { describe, FailureError } from '../../src/failure.ts'
import { classifierFile, sliceClassifier } from '../../src/net/slice-classifier.ts'
import { goldenCases, sharedTest } from '../golden.ts'
import { meanClassifier } from './classifier-model.ts'
import { inFolder } from './samples-on-disk.ts'

const opened = async (dir: string, model: Uint8Array) => {
  const path = join(dir, 'classifier.onnx')
  await writeFile(path, model)
  return sliceClassifier(classifierFile(path), 1)
}
const flat = (value: number): Float32Array => new Float32Array(6).fill(value)

test(
  'a slice stays where the probability is at least 0.5, for each of its channels',
  inFolder(async dir => {
    const accepts = await opened(dir, meanClassifier(50))
    const answers = [[50], [49], [51], [90, 60], [90, 40], [40, 90]].map(means => accepts(means.map(flat), [2, 3]))
    assert.deepEqual(await Promise.all(answers), [true, false, true, true, false, false])
    // It takes slices of any size, and the values given are not touched.
    const view = new Float32Array(40).fill(70).subarray(4, 16)
    assert.deepEqual([await accepts([view], [3, 4]), view.every(v => v === 70)], [true, true])
  }),
)

test(
  'a model that gives more than one number is no classifier; one that is missing or no model is said',
  inFolder(async dir => {
    const failing = async (work: () => unknown): Promise<string> => {
      const error: unknown = await Promise.resolve()
        .then(work)
        .catch((e: unknown) => e)
      assert.ok(error instanceof FailureError, String(error))
      return describe(error.failure).replaceAll(`${dir}/`, '')
    }
    const each = await opened(dir, meanClassifier(50, true))
    assert.equal(
      await failing(() => each([flat(1)], [2, 3])),
      [
        'the classifier does not answer with one number a slice: classifier.onnx',
        '    given a slice of 1 x 1 x 2 x 3 [N, C, H, W] it gives 6 numbers [1, 1, 2, 3]',
        '  give a model whose output is the probability that a slice is of use, such as [1, 1]',
      ].join('\n'),
    )
    assert.match(
      await failing(() => classifierFile(join(dir, 'none.onnx'))),
      /^the classifier of classifier_path does not exist: none.onnx/,
    )
    assert.match(await failing(() => classifierFile(dir)), /^the classifier of classifier_path cannot be read: .*\n {4}it is a folder/)
    await writeFile(join(dir, 'text.onnx'), 'hello')
    assert.match(await failing(() => sliceClassifier(classifierFile(join(dir, 'text.onnx')), 1)), /^not a model that ONNX Runtime can open/)
  }),
)

sharedTest('golden/loader/filters', 'a classifier of the mean keeps and drops what it does in ivadomed', () =>
  inFolder(async dir => {
    const { samples, SliceFilter } = goldenCases('loader/filters') as {
      samples: Record<string, { input: number[][][] }>
      SliceFilter: { name: string; keep: Record<string, boolean> }[]
    }
    const accepts = await opened(dir, meanClassifier(50))
    const { keep } = SliceFilter.find(({ name }) => name === 'classifier_mean_gt_50')!
    for (const [name, expected] of Object.entries(keep)) {
      const channels = samples[name]!.input.map(channel => Float32Array.from(channel.flat()))
      assert.equal(await accepts(channels, [3, 3]), expected, name)
    }
  })(),
)
