import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import infer from '../../nodes/infer.ts'
import { canonical } from '../../src/fingerprint.ts'
import { readVolumes } from '../../src/image/nifti.ts'
import type { Net } from '../../src/net/net.ts'
import type { PatchGrid } from '../../src/net/patches.ts'
import { runEach, withFolder } from './each.ts'
import { kept, modelIn, split, tensorsIn } from './predicting.ts'

const id = 'sub-01_T2w'
/** Dropout, then a sigmoid: a patch is kept and doubled, or all of it becomes 0.5. */
const dropping: Net = {
  inputs: { input: [1, 'h', 'w'] },
  layers: [
    { id: 'drop', op: 'dropout', inputs: ['input'], attrs: { rate: 0.5 } },
    { id: 'prediction', op: 'sigmoid', inputs: ['drop'], attrs: { background: false } },
  ],
  output: 'prediction',
}

interface Asked {
  readonly patch?: PatchGrid
  readonly params?: object
  readonly draw?: object
  readonly net?: Net
}
async function predicted(dir: string, name: string, { patch, params = {}, draw = {}, net }: Asked) {
  const out = join(dir, name)
  mkdirSync(out)
  const model = modelIn(dir, ['_seg'], net, net !== undefined)
  const inputs = {
    model: { ...model, value: { ...model.value, ...(patch && { patch }) } },
    tensors: await tensorsIn(dir, draw),
    split: split(dir),
  }
  const ran = await runEach(infer, out, params, inputs)
  const bytes = (suffix: string) => readFileSync(join(out, `${id}${suffix}.nii.gz`))
  return { ...ran, bytes, read: async (suffix = '_pred') => (await readVolumes(join(out, `${id}${suffix}.nii.gz`))).data }
}
const apart = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)))

test('a network that looks at single pixels says of patches what it says of whole slices, however they overlap', () =>
  withFolder(async dir => {
    const whole = await (await predicted(dir, 'whole', {})).read()
    expect(Math.max(...whole)).toBeGreaterThan(0.8)
    // The slices have 5 x 8 pixels: patches within, patches of uneven steps, and patches larger than a slice.
    const grids: PatchGrid[] = [
      { length: [3, 4], stride: [3, 4] },
      { length: [3, 5], stride: [1, 2] },
      { length: [9, 8], stride: [9, 8] },
    ]
    for (const [i, patch] of grids.entries())
      for (const weights of ['gaussian', 'uniform'])
        expect(
          apart(await (await predicted(dir, `${i}-${weights}`, { patch, params: { patches: { weights } } })).read(), whole),
        ).toBeLessThan(1e-6)
  }))

test('no_patch predicts whole slices, and overlap_2D lies over the stride of the training', () =>
  withFolder(async dir => {
    const patch: PatchGrid = { length: [3, 4], stride: [3, 4] }
    // What is done to each patch tells them apart.
    const draw = { NormalizeInstance: {} }
    const run = async (name: string, params: object) => (await predicted(dir, name, { patch, draw, params })).read()
    const [whole, patches] = [await (await predicted(dir, 'none', { draw })).read(), await run('patches', {})]
    expect(apart(patches, whole)).toBeGreaterThan(0.01)
    expect(await run('asked', { patches: { no_patch: true } })).toEqual(whole)
    const overlapping = await run('overlap', { patches: { overlap_2D: [2, 1] } })
    expect(apart(overlapping, patches)).toBeGreaterThan(0.01)
    const trained = await predicted(dir, 'trained', { patch: { length: [3, 4], stride: [1, 3] }, draw })
    expect(overlapping).toEqual(await trained.read())
  }))

test('predictions of whole slices hang on nothing that patches have', () =>
  withFolder(async dir => {
    const { elements } = await predicted(dir, 'whole', {})
    expect(Object.keys(elements[0]!.value)).not.toContain('patching')
    const meaning = (params: object) => canonical(infer.meaning!(infer.params.parse(params)))
    expect(meaning({})).toBe(canonical({ sets: ['test'] }))
    expect(meaning({ patches: { weights: 'gaussian', no_patch: false } })).toBe(meaning({}))
    expect(meaning({ patches: { weights: 'uniform' } })).not.toBe(meaning({}))
  }))

test('in samples with dropout every patch is kept or dropped by itself, the same at every time', () =>
  withFolder(async dir => {
    const patch: PatchGrid = { length: [5, 4], stride: [5, 4] }
    const params = { uncertainty: { epistemic: true, n_it: 3, seed: 4 } }
    const one = await predicted(dir, 'one', { patch, params, net: dropping })
    const other = await predicted(dir, 'other', { patch, params, net: dropping })
    const plain = await one.read()
    const seen = plain.filter(v => v > 0).length
    const logit = (p: number) => Math.log(p / (1 - p))
    const dropped = new Set<number>()
    for (const suffix of ['_pred_00', '_pred_01', '_pred_02']) {
      expect(one.bytes(suffix).equals(other.bytes(suffix))).toBe(true)
      const sample = await one.read(suffix)
      // Every pixel is of a patch that was dropped, and then undecided, or of one that was doubled.
      const kinds = Array.from(sample, (v, i) =>
        plain[i] === 0 ? 'outside' : v === 0.5 ? 'dropped' : Math.abs(logit(v) - 2 * logit(plain[i]!)) < 1e-3,
      )
      expect(kinds).not.toContain(false)
      dropped.add(kinds.filter(kind => kind === 'dropped').length)
    }
    expect(dropped.size).toBeGreaterThan(1)
    // Of a slice one patch may be dropped and the other not.
    expect([...dropped].some(n => n % (seen / kept.length) !== 0)).toBe(true)
    expect(await one.read()).toEqual(await (await predicted(dir, 'plain', { patch, net: dropping })).read())
  }))

test('augmentation moves a slice as a whole; its patches are then treated as when testing', () =>
  withFolder(async dir => {
    const patch: PatchGrid = { length: [3, 4], stride: [2, 2] }
    const draw = { RandomReverse: { dataset_type: ['training'] }, NormalizeInstance: {} }
    const params = { uncertainty: { aleatoric: true, n_it: 2, seed: 1 } }
    const { read } = await predicted(dir, 'mirrored', { patch, draw, params })
    const plain = await read()
    // Mirrored, other pixels share a patch; where a slice was not, all is as it is.
    const same = (await read('_pred_00')).filter((v, i) => v === plain[i]).length
    expect(same).toBeGreaterThan(0)
    expect(apart(await read('_pred_00'), plain)).toBeLessThan(0.9)
  }))
