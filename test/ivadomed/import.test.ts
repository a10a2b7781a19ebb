import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { nodes } from '../../nodes/index.ts'
import { describe as textOf } from '../../src/failure.ts'
import { rows } from '../../src/ivadomed/keys.ts'
import { importConfig } from '../../src/ivadomed/import.ts'
import { keysOf } from '../../src/pipeline/schemas.ts'
import { shared, sharedTest } from '../golden.ts'
import { imported, load, mistakes, paramsOf, set, tutorial } from './importing.ts'

const sentences = (...args: Parameters<typeof mistakes>): string[] => mistakes(...args).map(f => textOf(f).split('\n')[0]!)
/** What a YAML text says, without its comments. */
const said = (yaml: string): unknown => parse(yaml)

const shippedFile = resolve(import.meta.dirname, '../../pipelines/spinegeneric.yaml')

test("the tutorial's configuration imports without a warning, and is pipelines/spinegeneric.yaml in effect", async () => {
  const { yaml, notes } = imported(tutorial())
  expect(notes.filter(note => note.level === 'warn')).toEqual([])
  const ours = await load(yaml)
  const shipped = await load(readFileSync(shippedFile, 'utf8'), shippedFile)
  const steps = ({ steps }: typeof ours) =>
    [...steps].filter(([id]) => id !== 'dataset').map(([id, { nodeName, inputs, params }]) => ({ id, nodeName, inputs, params }))
  expect(steps(ours)).toEqual(steps(shipped))
  expect(ours.seed).toBe(shipped.seed)
  expect(ours.name).toBe('spineGeneric')
  expect(ours.steps.get('dataset')).toMatchObject({ nodeName: 'folder', params: { path: 'data_example_spinegeneric' } })
})

sharedTest('seed/config.json', 'the configuration of these tests is the one of the tutorial', () => {
  expect(tutorial()).toEqual(JSON.parse(readFileSync(join(shared, 'seed/config.json'), 'utf8')))
})

test('keys without effect in ivadomed are reported at their place', () => {
  expect(imported(tutorial()).notes.map(n => n.text)).toEqual([
    'training_parameters.scheduler.lr_scheduler.base_lr has no effect, as in ivadomed: only CyclicLR reads it',
    'training_parameters.scheduler.lr_scheduler.max_lr has no effect, as in ivadomed: only CyclicLR reads it',
  ])
  const lines = JSON.stringify(tutorial(), undefined, 2).split('\n')
  for (const { at } of imported(tutorial()).notes) expect(lines[at.line - 1]!.slice(at.column - 1)).toMatch(/^"(base|max)_lr"/)
  const cyclic = set(tutorial(), 'training_parameters.scheduler.lr_scheduler.name', 'CyclicLR')
  expect(imported(cyclic).notes).toEqual([])
})

test('every key of a configuration stands in the comments of its pipeline', () => {
  const config = tutorial()
  set(config, 'log_file', 'log')
  set(config, 'wandb', { wandb_api_key: '', project_name: 'p', group_name: 'g', run_name: 'r', log_grads_every: 1 })
  const { yaml } = imported(config)
  const comments = yaml.split('\n').flatMap(line => line.split('#').slice(1))
  const words = new Set(comments.flatMap(line => line.split(/[\s,:]+/)))
  const walk = (x: unknown, path: string[]): string[] =>
    words.has(path.join('.')) || (path.length > 0 && (typeof x !== 'object' || x === null || Array.isArray(x)))
      ? words.has(path.join('.'))
        ? []
        : [path.join('.')]
      : Object.entries(x as object).flatMap(([key, value]) => walk(value, [...path, key]))
  expect(walk(config, [])).toEqual([])
})

/** All values of a configuration that hold no others, by path. */
const leavesOf = (x: unknown, path: readonly string[] = []): string[] =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && Object.keys(x).length > 0
    ? Object.entries(x).flatMap(([key, value]) => leavesOf(value, [...path, key]))
    : [path.join('.')]

/** Another value of the same sort, as a user might try it. */
function another(value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (Array.isArray(value)) return [...(value as unknown[]), value[0] ?? 'more']
  return value === null ? 'something' : typeof value === 'string' ? `${value}x` : { more: 1 }
}

/** Their meaning hangs on other keys, which are off in the tutorial, or they are no params: comments say so. */
const noParams = new Set(rows.filter(row => row.here !== undefined || row.of !== undefined).map(row => row.key))

test.each(leavesOf(tutorial()))('another value of %s changes the pipeline or is refused: nothing is dropped in silence', key => {
  const before = imported(tutorial()).yaml
  const value = key.split('.').reduce<unknown>((x, part) => (x as Record<string, unknown>)[part], tutorial())
  const config = set(tutorial(), key, another(value))
  const result = importConfig('config.json', JSON.stringify(config), { registry: nodes })
  if (!result.ok) {
    // Refused by a name on the way to the key.
    const words = result.failures.map(f => textOf(f)).join('\n')
    expect(key.split('.').some(word => words.includes(word))).toBe(true)
    return
  }
  const changed = JSON.stringify(said(result.value.yaml)) !== JSON.stringify(said(before))
  expect(changed || noParams.has(key) || result.value.notes.some(n => n.text.includes(key))).toBe(true)
})

test.each([
  ['loader_parameters.slice_axis', 'sagittal', 'slices', { slice_axis: 'sagittal' }],
  ['loader_parameters.target_suffix', ['_a', '_b'], 'index', { target_suffix: ['_a', '_b'] }],
  ['loader_parameters.extensions', ['nii'], 'index', { extensions: ['.nii'] }],
  ['loader_parameters.extensions', ['.png', 'tif'], 'index', { extensions: ['.png', '.tif'] }],
  ['default_model.length_2D', [64, 48], 'model', { patches: { length_2D: [64, 48], filter_empty_mask: false } }],
  [
    'default_model',
    { name: 'Unet', depth: 3, length_2D: [64, 48], stride_2D: [32, 48] },
    'model',
    { patches: { length_2D: [64, 48], stride_2D: [32, 48] } },
  ],
  ['default_model.length_2D', [], 'model', { network: { name: 'Unet' } }],
  ['loader_parameters.extensions', [], 'index', { extensions: ['.nii', '.nii.gz'] }],
  ['loader_parameters.contrast_params.testing', ['T2w', 'T1map'], 'index', { contrasts: ['T1w', 'T2w', 'T2star', 'T1map'] }],
  ['loader_parameters.slice_filter_params.filter_absent_class', true, 'slices', { filter_absent_class: true }],
  ['loader_parameters.contrast_params.balance', { T1w: 0.5 }, 'split', { contrast_balance: { T1w: 0.5 } }],
  ['loader_parameters.subject_selection', { n: [2], metadata: ['sex'], value: ['M'] }, 'split', { subject_selection: { n: [2] } }],
  ['loader_parameters.target_sessions', ['01'], 'index', { target_sessions: ['01'] }],
  ['loader_parameters.bids_validate', false, 'index', { bids_validate: false }],
  ['loader_parameters.soft_gt', true, 'slices', { soft_gt: true }],
  ['split_dataset.fname_split', 'split.json', 'split', { fname_split: 'split.json' }],
  ['split_dataset.data_testing.data_type', 'sex', 'split', { data_testing: { data_type: 'sex', data_value: [] } }],
  ['training_parameters.loss', { name: 'FocalLoss', gamma: 1 }, 'model', { loss: { name: 'FocalLoss', gamma: 1 } }],
  ['training_parameters.loss', undefined, 'model', { loss: { name: 'DiceLoss' } }],
  [
    'training_parameters.scheduler.lr_scheduler',
    { name: 'CyclicLR', max_lr: 0.1 },
    'model',
    { scheduler: { lr_scheduler: { base_lr: 1e-5, max_lr: 0.1 } } },
  ],
  ['training_parameters.balance_samples.applied', true, 'model', { balance_samples: { applied: true, type: 'gt' } }],
  ['training_parameters.balance_samples', { applied: false, type: 'sex' }, 'model', { balance_samples: { applied: false, type: 'gt' } }],
  ['training_parameters.mixup_alpha', 0.4, 'model', { mixup_alpha: 0.4 }],
  ['training_parameters.mixup_alpha', null, 'model', { mixup_alpha: null }],
  [
    'training_parameters.transfer_learning',
    { retrain_model: 'm.onnx', retrain_fraction: 0.5, reset: false },
    'model',
    { transfer_learning: { retrain_model: 'm.onnx', retrain_fraction: 0.5, reset: false } },
  ],
  [
    'training_parameters.transfer_learning',
    { retrain_fraction: 0.5 },
    'model',
    { transfer_learning: { retrain_model: null, retrain_fraction: 1 } },
  ],
  ['default_model.n_filters', 8, 'model', { network: { n_filters: 8 } }],
  ['default_model.final_activation', undefined, 'model', { network: { final_activation: 'sigmoid' } }],
  ['evaluation_parameters.target_size', undefined, 'metrics', { target_size: { thr: [] } }],
  ['evaluation_parameters.object_detection_metrics', false, 'metrics', { object_detection_metrics: false }],
])('%s: %j becomes a param of %s', async (key, value, step, params) => {
  expect(await paramsOf(set(tutorial(), key, value), step)).toMatchObject(params)
})

test('limits of the learning rate that only the defaults hold are left out, but for CyclicLR', async () => {
  const config = set(tutorial(), 'training_parameters.scheduler.lr_scheduler', { name: 'CosineAnnealingWarmRestarts', T_0: 4 })
  expect(await paramsOf(config, 'model')).toMatchObject({
    scheduler: { lr_scheduler: { name: 'CosineAnnealingWarmRestarts', T_0: 4, T_mult: 1, eta_min: 0 } },
  })
  expect(imported(config).yaml).not.toContain('base_lr')
})

test('debugging shows what is mixed, where there is mixup', async () => {
  const pictures = async (debugging: boolean, alpha: number | null) =>
    await paramsOf(set(set(tutorial(), 'debugging', debugging), 'training_parameters.mixup_alpha', alpha), 'model')
  expect(await pictures(true, 0.4)).toMatchObject({ mixup_pictures: 8 })
  expect(await pictures(true, null)).toMatchObject({ mixup_pictures: 0 })
  expect(await pictures(false, 0.4)).toMatchObject({ mixup_pictures: 0 })
})

test('the order of transforms and of postprocessing is kept', async () => {
  const config = tutorial()
  set(config, 'transformation', { NormalizeInstance: { applied_to: ['im'] }, CenterCrop: { size: [8, 8] } })
  set(config, 'postprocessing', { fill_holes: {}, binarize_prediction: { thr: 0.2 } })
  expect(await paramsOf(config, 'tensors')).toMatchObject([{ name: 'NormalizeInstance' }, { name: 'CenterCrop' }])
  expect(await paramsOf(config, 'masks')).toMatchObject([{ name: 'fill_holes' }, { name: 'binarize_prediction', thr: 0.2 }])
})

test('several folders become several steps, in their order', async () => {
  const pipeline = await load(imported(set(tutorial(), 'loader_parameters.path_data', ['a', 'b c, "d"'])).yaml)
  expect(pipeline.steps.get('dataset1')?.params).toEqual({ path: 'a' })
  expect(pipeline.steps.get('dataset2')?.params).toEqual({ path: 'b c, "d"' })
  for (const step of ['index', 'slices', 'metrics']) expect(pipeline.steps.get(step)?.inputs['datasets']).toEqual(['dataset1', 'dataset2'])
  expect(await paramsOf(set(tutorial(), 'loader_parameters.path_data', 'one'), 'dataset')).toEqual({ path: 'one' })
  expect(sentences(set(tutorial(), 'loader_parameters.path_data', []))).toEqual([
    'loader_parameters needs "path_data": at least one folder',
  ])
})

test('a training that balances its samples by a column reads the index, others do not', async () => {
  const inputsWith = async (balance: unknown) =>
    (await load(imported(set(tutorial(), 'training_parameters.balance_samples', balance)).yaml)).steps.get('model')!.inputs
  expect(await inputsWith({ applied: true, type: 'sex' })).toMatchObject({ index: ['index'] })
  for (const balance of [{ applied: true, type: 'gt' }, { applied: false, type: 'sex' }, undefined])
    expect(Object.keys(await inputsWith(balance))).toEqual(['tensors', 'split'])
})

test('what looks like a variable in a configuration is text', async () => {
  expect(await paramsOf(set(tutorial(), 'loader_parameters.path_data', '${vars.x}'), 'dataset')).toEqual({ path: '${vars.x}' })
})

test('the result folder names the pipeline, where it can', async () => {
  const nameOf = async (path: unknown) => (await load(imported(set(tutorial(), 'path_output', path)).yaml, 'mine.yaml')).name
  expect(await nameOf('/a/b/run 3 (new)/')).toBe('run-3-new-')
  expect(await nameOf('..')).toBe('mine')
  expect(await nameOf(undefined)).toBe('mine')
})

test('an empty configuration is ivadomed with its defaults', async () => {
  const { steps } = await load(imported({}).yaml)
  expect(steps.get('dataset')?.params).toEqual({ path: 'path_data' })
  expect(steps.get('model')?.params).toMatchObject({ batch_size: 18, network: { name: 'Unet', depth: 3 } })
})

// --- unknown keys ---

test('an unknown key is refused with its path, its place and the nearest name', () => {
  const text = `{
  "training_parameters": {
    "training_time": { "early_stoping_patience": 5 }
  }
}`
  expect(mistakes(text)).toMatchObject([
    {
      kind: 'unknown-key',
      owner: 'training_parameters.training_time',
      key: 'early_stoping_patience',
      nearest: 'early_stopping_patience',
      at: { file: 'config.json', line: 3, column: 24 },
    },
  ])
})

test('a key in the wrong mapping is led to its own', () => {
  expect(mistakes({ num_epochs: 3 })).toMatchObject([{ key: 'num_epochs', nearest: 'training_parameters.training_time.num_epochs' }])
})

test('settings of transforms, losses and postprocessing are checked too, under the names of the configuration', () => {
  const config = tutorial()
  set(config, 'transformation.Resample', { hspce: 1, wspace: 1 })
  set(config, 'transformation.CentreCrop', {})
  set(config, 'training_parameters.loss.smoth', 2)
  set(config, 'postprocessing.remove_small.thr', 'few')
  set(config, 'training_parameters.training_time.num_epochs', 1.5)
  expect(sentences(config)).toEqual([
    'training_parameters.loss has no "smoth"',
    'training_parameters.training_time.num_epochs is 1.5, and wants a whole number, at least 1',
    'postprocessing.remove_small.thr is the text "few", and wants a whole number, at least 0, or a list of at least 1 whole number',
    'transformation.Resample has no "hspce"',
    'transformation has no "CentreCrop"',
  ])
})

test('a value in the place of a mapping is refused, and not ignored', () => {
  expect(sentences({ split_dataset: { data_testing: 5 } })).toEqual([
    'split_dataset.data_testing is 5, and wants a mapping with data_type, data_value',
  ])
  expect(sentences('[1]')[0]).toMatch(/^the configuration is a list of 1, and wants a mapping/)
})

test('--allow-unknown leaves unknown keys out, wherever they are, and warns of each', () => {
  const config = set(set(set(tutorial(), 'extra', 1), 'transformation.Resample.hspce', 1), 'split_dataset.sead', 2)
  expect(mistakes(config)).toHaveLength(3)
  const { yaml, notes } = imported(config, true)
  expect(said(yaml)).toEqual(said(imported(tutorial()).yaml))
  expect(notes.filter(n => n.level === 'warn').map(n => n.text)).toEqual([
    'split_dataset has no "sead": it is left out',
    'transformation.Resample has no "hspce": it is left out',
    'a configuration of ivadomed has no "extra": it is left out',
  ])
})

// --- not yet ---

/** Values that ask for what a row says cannot be done yet. */
const asking: Readonly<Record<string, unknown>> = {
  'wandb.wandb_api_key': 'secret',
  'object_detection_params.object_detection_path': 'model',
  'training_parameters.transfer_learning.retrain_model': 'm.pt',
  'default_model.is_2d': false,
}

test.each(rows.filter(row => row.notYet).map(row => row.key))('%s is refused by name when it asks for what cannot be done yet', key => {
  const config = set(tutorial(), key, asking[key] ?? true)
  for (const allow of [false, true]) expect(mistakes(config, allow).filter(f => f.kind === 'not-yet' && f.key === key)).toHaveLength(1)
})

test('what is refused has no param of that name: then its row is to change', () => {
  const known = new Map(Object.entries(nodes).flatMap(([name, node]) => keysOf(node.params).map(key => [key, name] as const)))
  const waiting = rows.filter(row => row.notYet && row.to === undefined)
  const words = waiting.flatMap(row => row.key.split('.').slice(1))
  expect(words.filter(word => known.has(word)).map(word => `${known.get(word)!} has ${word}: see src/ivadomed/keys.ts`)).toEqual([])
})

test('names that ivadomed knows and this version does not are "not yet", not slips', () => {
  expect(mistakes(set(tutorial(), 'default_model.name', 'Countception'), true)).toMatchObject([
    { kind: 'not-yet', key: 'default_model.name' },
  ])
  expect(mistakes(set(tutorial(), 'default_model.name', 'Unett'))).toMatchObject([{ kind: 'wrong-value' }])
  const transforms = rows
    .find(row => row.key === 'transformation')!
    .names!.known.filter(name => !keysOf(nodes['transform']!.params).includes(name))
  for (const name of transforms)
    expect(mistakes(set(tutorial(), `transformation.${name}`, {}), true)).toMatchObject([
      { kind: 'not-yet', key: `transformation.${name}` },
    ])
})

// --- what is said ---

test('slice_filter_roi is read only with ROICrop', async () => {
  const config = set(tutorial(), 'loader_parameters.roi_params', { suffix: '_seg-manual', slice_filter_roi: 10 })
  expect(imported(config).notes.map(n => n.text)).toContain(
    'loader_parameters.roi_params.slice_filter_roi has no effect, as in ivadomed: it is read only with the transform ROICrop',
  )
  set(config, 'transformation.ROICrop', { size: [8, 8] })
  expect(await paramsOf(config, 'slices')).toMatchObject({ slice_filter_roi: 10 })
  expect(await paramsOf(config, 'index')).toMatchObject({ roi_suffix: '_seg-manual' })
})

test('uncertainty that ivadomed would not compute is said to have no effect', () => {
  expect(imported(set(tutorial(), 'uncertainty.epistemic', true)).notes.map(n => n.text)).toContain(
    'uncertainty.epistemic has no effect, as in ivadomed: uncertainty.n_it is 0',
  )
})

test('uncertainty becomes that of the predictions, with the seed of the split; without it the seed has no such place', async () => {
  const config = set(tutorial(), 'uncertainty', { epistemic: true, aleatoric: false, n_it: 20 })
  set(config, 'split_dataset.random_seed', 6)
  const uncertainty = { epistemic: true, aleatoric: false, n_it: 20, seed: 6 }
  expect(await paramsOf(config, 'predictions')).toMatchObject({ uncertainty })
  expect(await paramsOf(set(tutorial(), 'split_dataset.random_seed', 6), 'predictions')).toMatchObject({
    uncertainty: { epistemic: false, aleatoric: false, n_it: 0, seed: 0 },
  })
  expect(imported(set(tutorial(), 'uncertainty.n_it', 5)).notes.map(n => n.text)).toContain(
    'uncertainty.n_it has no effect, as in ivadomed: neither epistemic nor aleatoric is true',
  )
  expect(sentences(set(config, 'uncertainty.n_it', 1))).toEqual([
    'uncertainty.n_it is 1: one sample says nothing of uncertainty: at least 2, or 0 for none',
  ])
})

test('a change of intensities without applied_to is said to spare the label', () => {
  const config = set(set(tutorial(), 'transformation.NormalizeInstance', {}), 'transformation.RandomReverse', {})
  expect(
    imported(config)
      .notes.map(n => n.text)
      .filter(t => t.startsWith('transformation')),
  ).toEqual(['transformation.NormalizeInstance has no applied_to: here it is done to im, in ivadomed to the label as well'])
})

test('an empty list of contrasts to test on is a warning: it means all here', () => {
  const { notes } = imported(set(tutorial(), 'loader_parameters.contrast_params.testing', []))
  expect(notes.filter(n => n.level === 'warn').map(n => n.text)).toEqual([
    'loader_parameters.contrast_params.testing: empty means all contrasts here, where ivadomed tests on none: leave out the steps after "model" for that (--until model)',
  ])
})

test('the config_file.json that ivadomed writes beside its results is taken', () => {
  const config = set(tutorial(), 'training_sha256', { 'sub-01_T1w.nii.gz': 'ab'.repeat(32) })
  set(config, 'object_detection_params.gpu_ids', 0)
  set(config, 'object_detection_params.path_output', 'spineGeneric')
  expect(said(imported(config).yaml)).toEqual(said(imported(tutorial()).yaml))
})
