import { expect, test } from 'vitest'
import { nodes } from '../../nodes/index.ts'
import { describe as textOf } from '../../src/failure.ts'
import { importConfig } from '../../src/ivadomed/import.ts'
import { load, set, tutorial } from './importing.ts'

/** What another value of a key comes to, and nothing beside it. */
interface Outcome {
  /** What of the pipeline is different, by its place, and how. */
  readonly becomes?: Readonly<Record<string, unknown>>
  /** A note at the key, or a comment of the pipeline. */
  readonly says?: string
  /** The key stands among those that are off, or mean nothing without another key. */
  readonly off?: true
  /** It is refused, in these words. */
  readonly refused?: string
}

const becomes = (place: string, value: unknown): Outcome => ({ becomes: { [place]: value } })
const unlike = 'subject_selection is a mapping: n, metadata and value are lists of one length'
const postprocessing = ['remove_noise', 'keep_largest', 'binarize_prediction', 'uncertainty', 'fill_holes', 'remove_small']
/** Without one step of postprocessing. */
const without = (gone: string): Outcome => ({
  becomes: { masks: postprocessing.filter(name => name !== gone), [`masks.${gone}`]: undefined },
})

/** Every key of the tutorial's configuration, another value, and what it comes to. */
const table: readonly (readonly [key: string, value: unknown, outcome: Outcome])[] = [
  ['command', 'test', { says: 'command, "test": pipe run makes what is stale' }],
  ['gpu_ids', [1], { says: 'gpu_ids, [1]: pipe run --device' }],
  ['path_output', 'results/second', becomes('name', 'second')],
  ['model_name', 'seg_sc', { says: 'model_name, "seg_sc": the model is runs/<name>/latest/model/model.onnx' }],
  ['debugging', true, { says: 'debugging, true: the log of every step is always kept' }],
  [
    'object_detection_params.object_detection_path',
    'findcord_tumor',
    { refused: 'a cascade, where a first model finds the box to crop cannot be done yet' },
  ],
  ['object_detection_params.safety_factor', [1.5, 1.5, 1], { off: true }],

  [
    'loader_parameters.path_data',
    ['a', 'b'],
    {
      becomes: {
        ...{ 'dataset.node': undefined, 'dataset.path': undefined },
        ...{ 'dataset1.node': 'folder', 'dataset1.path': 'a', 'dataset2.node': 'folder', 'dataset2.path': 'b' },
        ...Object.fromEntries(['index', 'slices', 'metrics', 'report'].map(step => [`${step} <- datasets`, ['dataset1', 'dataset2']])),
      },
    },
  ],
  ['loader_parameters.subject_selection.n', [2], { refused: unlike }],
  ['loader_parameters.subject_selection.metadata', ['sex'], { refused: unlike }],
  ['loader_parameters.subject_selection.value', ['M'], { refused: unlike }],
  ['loader_parameters.target_suffix', ['_gm', '_wm'], becomes('index.target_suffix', ['_gm', '_wm'])],
  ['loader_parameters.extensions', ['.nii'], becomes('index.extensions', ['.nii'])],
  ['loader_parameters.roi_params.suffix', '_roi', becomes('index.roi_suffix', '_roi')],
  ['loader_parameters.roi_params.slice_filter_roi', 10, { says: 'it is read only with the transform ROICrop', off: true }],
  ['loader_parameters.contrast_params.training_validation', ['T1w'], becomes('split.training_validation', ['T1w'])],
  ['loader_parameters.contrast_params.testing', ['T2w'], becomes('split.testing', ['T2w'])],
  [
    'loader_parameters.contrast_params.balance',
    { T1w: 0.5 },
    { becomes: { 'split.contrast_balance': undefined, 'split.contrast_balance.T1w': 0.5 } },
  ],
  ['loader_parameters.slice_filter_params.filter_empty_mask', true, becomes('slices.filter_empty_mask', true)],
  ['loader_parameters.slice_filter_params.filter_empty_input', false, becomes('slices.filter_empty_input', false)],
  ['loader_parameters.slice_axis', 'sagittal', becomes('slices.slice_axis', 'sagittal')],
  [
    'loader_parameters.multichannel',
    true,
    { ...becomes('index.multichannel', true), says: 'of the labels of the channels those of the first that has some are used' },
  ],
  ['loader_parameters.soft_gt', true, becomes('slices.soft_gt', true)],

  ['split_dataset.fname_split', 'split.json', becomes('split.fname_split', 'split.json')],
  ['split_dataset.random_seed', 7, { becomes: { seed: 7, 'split.random_seed': 7 } }],
  ['split_dataset.split_method', 'institution_id', becomes('split.split_method', 'institution_id')],
  ['split_dataset.data_testing.data_type', 'institution_id', becomes('split.data_testing.data_type', 'institution_id')],
  ['split_dataset.data_testing.data_value', ['sub-unf01'], becomes('split.data_testing.data_value', ['sub-unf01'])],
  ['split_dataset.balance', 'sex', becomes('split.balance', 'sex')],
  ['split_dataset.train_fraction', 0.5, becomes('split.train_fraction', 0.5)],
  ['split_dataset.test_fraction', 0.3, becomes('split.test_fraction', 0.3)],

  ['training_parameters.batch_size', 4, becomes('model.batch_size', 4)],
  [
    'training_parameters.loss.name',
    'FocalLoss',
    {
      becomes: {
        'model.loss': 'FocalLoss',
        'model.loss.smooth': undefined,
        'model.loss.gamma': 2,
        'model.loss.alpha': 0.25,
        'model.loss.eps': 1e-7,
      },
    },
  ],
  ['training_parameters.training_time.num_epochs', 3, becomes('model.training_time.num_epochs', 3)],
  ['training_parameters.training_time.early_stopping_patience', 5, becomes('model.training_time.early_stopping_patience', 5)],
  ['training_parameters.training_time.early_stopping_epsilon', 0.01, becomes('model.training_time.early_stopping_epsilon', 0.01)],
  ['training_parameters.scheduler.initial_lr', 0.01, becomes('model.scheduler.initial_lr', 0.01)],
  [
    'training_parameters.scheduler.lr_scheduler.name',
    'CyclicLR',
    { becomes: { 'model.scheduler.lr_scheduler': 'CyclicLR', 'model.scheduler.lr_scheduler.step_size_up': 2000 } },
  ],
  [
    'training_parameters.scheduler.lr_scheduler.base_lr',
    1e-4,
    { ...becomes('model.scheduler.lr_scheduler.base_lr', 1e-4), says: 'has no effect, as in ivadomed: only CyclicLR reads it' },
  ],
  [
    'training_parameters.scheduler.lr_scheduler.max_lr',
    0.1,
    { ...becomes('model.scheduler.lr_scheduler.max_lr', 0.1), says: 'has no effect, as in ivadomed: only CyclicLR reads it' },
  ],
  ['training_parameters.balance_samples.applied', true, becomes('model.balance_samples.applied', true)],
  ['training_parameters.balance_samples.type', 'sex', { off: true }],
  ['training_parameters.mixup_alpha', 0.4, becomes('model.mixup_alpha', 0.4)],
  ['training_parameters.transfer_learning.retrain_model', 'first.onnx', becomes('model.transfer_learning.retrain_model', 'first.onnx')],
  ['training_parameters.transfer_learning.retrain_fraction', 0.5, { off: true }],
  ['training_parameters.transfer_learning.reset', false, { off: true }],

  ['default_model.name', 'FiLMedUnet', { refused: 'this network cannot be done yet' }],
  ['default_model.dropout_rate', 0.1, becomes('model.network.dropout_rate', 0.1)],
  ['default_model.bn_momentum', 0.2, becomes('model.network.bn_momentum', 0.2)],
  ['default_model.final_activation', 'relu', becomes('model.network.final_activation', 'relu')],
  ['default_model.depth', 4, becomes('model.network.depth', 4)],
  ['FiLMedUnet.applied', true, { refused: 'a network modulated by metadata (FiLM) cannot be done yet' }],
  ['FiLMedUnet.metadata', 'mri_params', { off: true }],
  ['FiLMedUnet.film_layers', [1, 1, 1, 1, 1, 1, 1, 1], { off: true }],
  ['Modified3DUNet.applied', true, { refused: 'a 3D network cannot be done yet' }],
  ['Modified3DUNet.length_3D', [64, 64, 16], { off: true }],
  ['Modified3DUNet.stride_3D', [64, 64, 16], { off: true }],
  ['Modified3DUNet.attention', true, { off: true }],
  ['Modified3DUNet.n_filters', 16, { off: true }],

  ['uncertainty.epistemic', true, { says: 'uncertainty.epistemic has no effect, as in ivadomed: uncertainty.n_it is 0', off: true }],
  ['uncertainty.aleatoric', true, { says: 'uncertainty.aleatoric has no effect, as in ivadomed: uncertainty.n_it is 0', off: true }],
  ['uncertainty.n_it', 4, { says: 'uncertainty.n_it has no effect, as in ivadomed: neither epistemic nor aleatoric is true', off: true }],
  ['postprocessing.remove_noise.thr', 0.1, becomes('masks.remove_noise.thr', 0.1)],
  ['postprocessing.keep_largest', undefined, without('keep_largest')],
  ['postprocessing.binarize_prediction.thr', 0.3, becomes('masks.binarize_prediction.thr', 0.3)],
  ['postprocessing.uncertainty.thr', 0.5, becomes('masks.uncertainty.thr', 0.5)],
  ['postprocessing.uncertainty.suffix', '_unc-iou.nii.gz', becomes('masks.uncertainty.suffix', '_unc-iou.nii.gz')],
  ['postprocessing.fill_holes', undefined, without('fill_holes')],
  ['postprocessing.remove_small.unit', 'mm3', becomes('masks.remove_small.unit', 'mm3')],
  ['postprocessing.remove_small.thr', 5, becomes('masks.remove_small.thr', 5)],
  ['evaluation_parameters.target_size.unit', 'mm3', becomes('metrics.target_size.unit', 'mm3')],
  ['evaluation_parameters.target_size.thr', [10], becomes('metrics.target_size.thr', [10])],
  ['evaluation_parameters.overlap.unit', 'ratio', becomes('metrics.overlap.unit', 'ratio')],
  ['evaluation_parameters.overlap.thr', 1, becomes('metrics.overlap.thr', 1)],

  ['transformation.Resample.hspace', 0.5, becomes('tensors.Resample.hspace', 0.5)],
  ['transformation.Resample.wspace', 0.5, becomes('tensors.Resample.wspace', 0.5)],
  ['transformation.Resample.dspace', 2, becomes('tensors.Resample.dspace', 2)],
  ['transformation.CenterCrop.size', [64, 96], becomes('tensors.CenterCrop.size', [64, 96])],
  ['transformation.RandomAffine.degrees', 10, becomes('tensors.RandomAffine.degrees', 10)],
  ['transformation.RandomAffine.scale', [0.2, 0], becomes('tensors.RandomAffine.scale', [0.2, 0])],
  ['transformation.RandomAffine.translate', [0, 0.1], becomes('tensors.RandomAffine.translate', [0, 0.1])],
  ['transformation.RandomAffine.applied_to', ['im'], becomes('tensors.RandomAffine.applied_to', ['im'])],
  ['transformation.RandomAffine.dataset_type', ['validation'], becomes('tensors.RandomAffine.dataset_type', ['validation'])],
  ['transformation.ElasticTransform.alpha_range', [10, 20], becomes('tensors.ElasticTransform.alpha_range', [10, 20])],
  ['transformation.ElasticTransform.sigma_range', [3, 5], becomes('tensors.ElasticTransform.sigma_range', [3, 5])],
  ['transformation.ElasticTransform.p', 0.5, becomes('tensors.ElasticTransform.p', 0.5)],
  ['transformation.ElasticTransform.applied_to', ['im'], becomes('tensors.ElasticTransform.applied_to', ['im'])],
  ['transformation.ElasticTransform.dataset_type', ['validation'], becomes('tensors.ElasticTransform.dataset_type', ['validation'])],
  ['transformation.NormalizeInstance.applied_to', ['im', 'gt'], becomes('tensors.NormalizeInstance.applied_to', ['im', 'gt'])],
]

/** All values of a configuration that hold no others, by path. */
const leavesOf = (x: unknown, path: readonly string[] = []): readonly (readonly [string, unknown])[] =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && Object.keys(x).length > 0
    ? Object.entries(x).flatMap(([key, value]) => leavesOf(value, [...path, key]))
    : [[path.join('.'), x]]

test('the table has every key of the configuration, once, with another value, and something becomes of each', () => {
  const leaves = leavesOf(tutorial())
  expect(table.map(([key]) => key)).toEqual(leaves.map(([key]) => key))
  for (const [at, [key, value]] of table.entries()) expect(value, key).not.toEqual(leaves[at]![1])
  for (const [key, , outcome] of table) expect(Object.keys(outcome).length, key).toBeGreaterThan(0)
})

type Named = Readonly<Record<string, unknown>> & { readonly name: string }
const isNamed = (x: unknown): x is Named => typeof x === 'object' && x !== null && 'name' in x

/** Params by their place; what has a name is known by it: `tensors.Resample.hspace`, and `tensors` is the order of the names. */
function placesOf(x: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (Array.isArray(x) && x.length > 0 && x.every(isNamed))
    return [[path, x.map(({ name }) => name)], ...x.flatMap(({ name, ...rest }) => placesOf(rest, `${path}.${name}`))]
  if (typeof x !== 'object' || x === null || Array.isArray(x)) return [[path, x]]
  const { name, ...rest } = x as Named
  const members = Object.entries(typeof name === 'string' ? rest : x)
  if (typeof name === 'string') return [[path, name], ...members.flatMap(([key, value]) => placesOf(value, `${path}.${key}`))]
  return members.length === 0 ? [[path, x]] : members.flatMap(([key, value]) => placesOf(value, `${path}.${key}`))
}

/** All that a pipeline says, by its place. */
async function everything(yaml: string): Promise<ReadonlyMap<string, unknown>> {
  const { name, seed, steps } = await load(yaml)
  const of = [...steps].flatMap(([id, { nodeName, inputs, params }]) => [
    [`${id}.node`, nodeName] as const,
    ...Object.entries(inputs).map(([input, from]) => [`${id} <- ${input}`, from] as const),
    ...placesOf(params, id),
  ])
  return new Map<string, unknown>([['name', name], ['seed', seed], ...of])
}

const importOf = (key?: string, value?: unknown) =>
  importConfig('config.json', JSON.stringify(key === undefined ? tutorial() : set(tutorial(), key, value), undefined, 2), {
    registry: nodes,
  })

/** The comments at the end of a pipeline, their broken lines joined. */
const others = (yaml: string): string => (yaml.split('# The other keys.')[1] ?? '').replaceAll(/\n# {3}/g, ' ')

test.each(table)('%s: %j does what the key says, and nothing else', async (key, value, outcome) => {
  const [before, after] = [importOf(), importOf(key, value)]
  if (!before.ok) throw new Error("the tutorial's configuration has mistakes")
  if (!after.ok) {
    const named = key.split('.').slice(0, 2).join('.')
    expect(after.failures.map(f => textOf(f).split('\n')[0])).toEqual([expect.stringContaining(outcome.refused ?? 'no refusal')])
    expect(textOf(after.failures[0]!)).toContain(named)
    return
  }
  const [was, is] = [await everything(before.value.yaml), await everything(after.value.yaml)]
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter(at => JSON.stringify(was.get(at)) !== JSON.stringify(is.get(at)))
  expect(Object.fromEntries(changed.map(at => [at, is.get(at)]))).toStrictEqual(outcome.becomes ?? {})
  const ofKey = after.value.notes.filter(note => note.text.includes(key)).map(note => note.text)
  const off = others(after.value.yaml).split('without another key: ')[1]?.trim().split(', ') ?? []
  if (outcome.says !== undefined) expect([...ofKey, others(after.value.yaml)].join('\n')).toContain(outcome.says)
  expect(off.includes(key)).toBe(outcome.off ?? false)
})
