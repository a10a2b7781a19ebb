import { plain, type Mapping, type Tree } from '../pipeline/tree.ts'
import { isDefault, treeOf } from './merge.ts'
import { offAt, offWhenEmpty, valueAt, type Row } from './row.ts'
import { architectureRows, ofPatches } from './architectures.ts'

const scheduler = 'training_parameters.scheduler.lr_scheduler'
const transfer = 'training_parameters.transfer_learning'
const balance = 'training_parameters.balance_samples'
const isBalanced = (config: Mapping): boolean => valueAt(config, `${balance}.applied`) === true
const isRetrained = (config: Mapping): boolean => typeof valueAt(config, `${transfer}.retrain_model`) === 'string'
const isCyclic = (config: Mapping): boolean => valueAt(config, `${scheduler}.name`) === 'CyclicLR'
const onlyCyclic = (_: unknown, config: Mapping): string | undefined => (isCyclic(config) ? undefined : 'only CyclicLR reads it')
const has = (config: Mapping, key: string): boolean => valueAt(config, key) !== undefined
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const general: readonly Row[] = [
  { key: 'command', here: 'pipe run makes what is stale; train: --until model, test: --from predictions' },
  { key: 'path_output', to: 'name', convert: nameOf },
  { key: 'gpu_ids', here: 'pipe run --device; ivadomed uses the first of them' },
  { key: 'model_name', here: 'the model is runs/<name>/latest/model/model.onnx' },
  { key: 'debugging', here: 'the log of every step is always kept, in runs/<name>/latest/logs' },
  { key: 'debugging', to: 'model.mixup_pictures', convert: asPictures },
  { key: 'log_file', here: 'the logs are in runs/<name>/latest/logs' },
  {
    key: 'wandb.wandb_api_key',
    notYet: { what: 'logging to Weights & Biases', off: offAt('', null), hint: 'write "", and read curves.csv of the step "model"' },
  },
  { key: 'wandb.project_name', of: 'wandb.wandb_api_key' },
  { key: 'wandb.group_name', of: 'wandb.wandb_api_key' },
  { key: 'wandb.run_name', of: 'wandb.wandb_api_key' },
  { key: 'wandb.log_grads_every', of: 'wandb.wandb_api_key' },
  {
    key: 'object_detection_params.object_detection_path',
    notYet: { what: 'a cascade, where a first model finds the box to crop', off: offAt(null), hint: 'null' },
  },
  { key: 'object_detection_params.safety_factor', of: 'object_detection_params.object_detection_path' },
  // These three are in the config_file.json that ivadomed writes beside its results.
  { key: 'object_detection_params.gpu_ids', of: 'object_detection_params.object_detection_path' },
  { key: 'object_detection_params.path_output', of: 'object_detection_params.object_detection_path' },
  { key: 'training_sha256', open: true, here: 'the contents of all files are part of the fingerprint of every step' },
]

const loader: readonly Row[] = [
  { key: 'loader_parameters.path_data', to: 'datasets' },
  { key: 'loader_parameters.bids_config', to: 'index.bids_config' },
  { key: 'loader_parameters.bids_validate', to: 'index.bids_validate' },
  { key: 'loader_parameters.target_sessions', to: 'index.target_sessions' },
  { key: 'loader_parameters.subject_selection.n', to: 'split.subject_selection.n' },
  { key: 'loader_parameters.subject_selection.metadata', to: 'split.subject_selection.metadata' },
  { key: 'loader_parameters.subject_selection.value', to: 'split.subject_selection.value' },
  {
    key: 'loader_parameters.target_suffix',
    to: 'index.target_suffix',
  },
  {
    key: 'loader_parameters.extensions',
    to: 'index.extensions',
    convert: extensions,
  },
  { key: 'loader_parameters.roi_params.suffix', to: 'index.roi_suffix', convert: unlessNull },
  {
    key: 'loader_parameters.roi_params.slice_filter_roi',
    to: 'slices.slice_filter_roi',
    convert: unlessNull,
    idle: (value, config) =>
      value === null || has(config, 'transformation.ROICrop') ? undefined : 'it is read only with the transform ROICrop',
  },
  { key: 'loader_parameters.contrast_params.training_validation', to: 'split.training_validation' },
  // Both lists decide what is indexed.
  { key: 'loader_parameters.contrast_params.training_validation', to: 'index.contrasts', convert: allContrasts },
  {
    key: 'loader_parameters.contrast_params.testing',
    to: 'split.testing',
    warns: (v, config) =>
      offWhenEmpty(v) && list(valueAt(config, 'loader_parameters.contrast_params.training_validation')).length > 0
        ? 'empty means all contrasts here, where ivadomed tests on none: leave out the steps after "model" for that (--until model)'
        : undefined,
  },
  { key: 'loader_parameters.contrast_params.balance', open: true, to: 'split.contrast_balance' },
  { key: 'loader_parameters.slice_filter_params.filter_empty_mask', to: 'slices.filter_empty_mask' },
  { key: 'loader_parameters.slice_filter_params.filter_empty_input', to: 'slices.filter_empty_input' },
  { key: 'loader_parameters.slice_filter_params.filter_absent_class', to: 'slices.filter_absent_class' },
  { key: 'loader_parameters.slice_filter_params.filter_classification', to: 'slices.filter_classification' },
  {
    key: 'loader_parameters.slice_filter_params.classifier_path',
    to: 'slices.classifier_path',
    convert: unlessNull,
    idle: (_, config) =>
      valueAt(config, 'loader_parameters.slice_filter_params.filter_classification') === true
        ? undefined
        : 'filter_classification is false',
  },
  ofPatches('loader_parameters.patch_filter_params.filter_empty_mask', 'filter_empty_mask'),
  ofPatches('loader_parameters.patch_filter_params.filter_empty_input', 'filter_empty_input'),
  ofPatches('loader_parameters.patch_filter_params.filter_absent_class', 'filter_absent_class'),
  { key: 'loader_parameters.slice_axis', to: 'slices.slice_axis' },
  {
    key: 'loader_parameters.multichannel',
    to: 'index.multichannel',
    warns: (v, config) =>
      v !== true
        ? undefined
        : haveOneSet(config)
          ? 'of the labels of the channels those of the first that has some are used; ivadomed takes those of the last file: see label_contrast of the node bids-index'
          : 'the channels are all contrasts of training_validation and testing, so each of the two lists should hold all of them',
  },
  { key: 'loader_parameters.soft_gt', to: 'slices.soft_gt' },
  {
    key: 'loader_parameters.is_input_dropout',
    to: 'model.is_input_dropout',
    idle: (v, config) =>
      v === true && valueAt(config, 'loader_parameters.multichannel') !== true ? 'there is one channel, which always stays' : undefined,
  },
]

const split: readonly Row[] = [
  { key: 'split_dataset.fname_split', to: 'split.fname_split' },
  { key: 'split_dataset.random_seed', to: 'split.random_seed' },
  { key: 'split_dataset.random_seed', to: 'seed' },
  { key: 'split_dataset.random_seed', to: 'predictions.uncertainty.seed', convert: whereSampled },
  { key: 'split_dataset.split_method', to: 'split.split_method' },
  { key: 'split_dataset.data_testing.data_type', to: 'split.data_testing.data_type' },
  { key: 'split_dataset.data_testing.data_value', to: 'split.data_testing.data_value' },
  { key: 'split_dataset.balance', to: 'split.balance' },
  { key: 'split_dataset.train_fraction', to: 'split.train_fraction' },
  { key: 'split_dataset.test_fraction', to: 'split.test_fraction' },
]

const training: readonly Row[] = [
  { key: 'training_parameters.batch_size', to: 'model.batch_size' },
  { key: 'training_parameters.loss', open: true, to: 'model.loss' },
  { key: 'training_parameters.training_time.num_epochs', to: 'model.training_time.num_epochs' },
  { key: 'training_parameters.training_time.early_stopping_patience', to: 'model.training_time.early_stopping_patience' },
  { key: 'training_parameters.training_time.early_stopping_epsilon', to: 'model.training_time.early_stopping_epsilon' },
  { key: 'training_parameters.scheduler.initial_lr', to: 'model.scheduler.initial_lr' },
  { key: scheduler, open: true, to: 'model.scheduler.lr_scheduler', convert: withoutDefaultLimits },
  { key: `${scheduler}.base_lr`, idle: onlyCyclic },
  { key: `${scheduler}.max_lr`, idle: onlyCyclic },
  { key: `${balance}.applied`, to: 'model.balance_samples.applied', convert: unlessFalse },
  { key: `${balance}.type`, to: 'model.balance_samples.type', of: `${balance}.applied`, convert: where(isBalanced) },
  { key: 'training_parameters.mixup_alpha', to: 'model.mixup_alpha', convert: unlessNull },
  {
    key: `${transfer}.retrain_model`,
    to: 'model.transfer_learning.retrain_model',
    convert: unlessNull,
    notYet: {
      what: 'starting from a PyTorch file',
      off: v => typeof v !== 'string' || v.endsWith('.onnx'),
      hint: 'null, or the model.onnx of a training here',
    },
  },
  {
    key: `${transfer}.retrain_fraction`,
    to: 'model.transfer_learning.retrain_fraction',
    of: `${transfer}.retrain_model`,
    convert: where(isRetrained),
  },
  { key: `${transfer}.reset`, to: 'model.transfer_learning.reset', of: `${transfer}.retrain_model`, convert: where(isRetrained) },
]

const prediction: readonly Row[] = [
  { key: 'uncertainty.epistemic', to: 'predictions.uncertainty.epistemic', idle: withoutSamples },
  { key: 'uncertainty.aleatoric', to: 'predictions.uncertainty.aleatoric', idle: withoutSamples },
  {
    key: 'uncertainty.n_it',
    to: 'predictions.uncertainty.n_it',
    idle: (n, config) => (Number(n) > 0 && !asksForUncertainty(config) ? 'neither epistemic nor aleatoric is true' : undefined),
  },
  { key: 'postprocessing', open: true, to: 'masks' },
  { key: 'evaluation_parameters.object_detection_metrics', to: 'metrics.object_detection_metrics' },
  {
    key: 'evaluation_parameters.target_size',
    open: true,
    to: 'metrics.target_size',
    absent: { value: { thr: [] }, why: 'without it ivadomed does not count objects by their size' },
  },
  { key: 'evaluation_parameters.overlap', open: true, to: 'metrics.overlap' },
  {
    key: 'evaluation_parameters.removeSmall',
    open: true,
    idle: () => 'postprocessing.remove_small is read in its place',
  },
  {
    key: 'transformation',
    open: true,
    to: 'tensors',
    names: { what: 'this transform', known: ['ROICrop', 'BoundingBoxCrop', 'Clahe', 'RandomBiasField', 'DilateGT'] },
  },
]

/** What becomes of every key of ivadomed's configurations: the table to extend when a key is new here. */
export const rows: readonly Row[] = [...general, ...loader, ...split, ...training, ...architectureRows, ...prediction]

/** A result folder becomes the pipeline's name; ivadomed's default does not. */
function nameOf(value: Tree): Tree | undefined {
  const text = value.kind === 'scalar' ? String(value.value) : ''
  const last = text.split(/[\\/]/).filter(Boolean).at(-1) ?? ''
  const name = last.replace(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return name && name !== 'path_output' ? treeOf(name, value.at) : undefined
}

function extensions(value: Tree): Tree | undefined {
  if (value.kind !== 'list') return value
  const dotted = value.items.map(item =>
    item.kind === 'scalar' && typeof item.value === 'string' && !item.value.startsWith('.') ? treeOf(`.${item.value}`, item.at) : item,
  )
  return dotted.length > 0 ? { ...value, items: dotted } : undefined
}

/** With mixup, `debugging` shows what was mixed: of all batches of an epoch in ivadomed, of a few here. */
function asPictures(value: Tree, config: Mapping): Tree | undefined {
  const asked = plain(value) === true && typeof valueAt(config, 'training_parameters.mixup_alpha') === 'number'
  return asked ? treeOf(8, value.at) : undefined
}

function unlessNull(value: Tree): Tree | undefined {
  return value.kind === 'scalar' && value.value === null ? undefined : value
}

function unlessFalse(value: Tree): Tree | undefined {
  return value.kind === 'scalar' && value.value === false ? undefined : value
}

/** The value, where the configuration asks for what it belongs to. */
function where(isAsked: (config: Mapping) => boolean): NonNullable<Row['convert']> {
  return (value, config) => (isAsked(config) ? value : undefined)
}

function allContrasts(value: Tree, config: Mapping): Tree | undefined {
  const key = 'loader_parameters.contrast_params'
  const all = ['training_validation', 'testing'].flatMap(part => list(valueAt(config, `${key}.${part}`)))
  return all.length > 0 ? treeOf([...new Set(all)], value.at) : undefined
}

/** Whether training and testing name the same contrasts; an empty list names all. */
function haveOneSet(config: Mapping): boolean {
  const [training, testing] = ['training_validation', 'testing'].map(part =>
    list(valueAt(config, `loader_parameters.contrast_params.${part}`)),
  )
  const all = new Set([...training!, ...testing!])
  return [training!, testing!].every(contrasts => contrasts.length === 0 || all.size === new Set(contrasts).size)
}

/** ivadomed's defaults hold limits that only CyclicLR reads; where the user did not write them, they are left out. */
function withoutDefaultLimits(value: Tree, config: Mapping): Tree {
  if (value.kind !== 'mapping' || isCyclic(config)) return value
  const kept = [...value.entries].filter(([key, member]) => !['base_lr', 'max_lr'].includes(key) || !isDefault(member.value))
  return { ...value, entries: new Map(kept) }
}

const hasSamples = (config: Mapping): boolean => Number(valueAt(config, 'uncertainty.n_it')) > 0
const asksForUncertainty = (config: Mapping): boolean =>
  ['epistemic', 'aleatoric'].some(kind => valueAt(config, `uncertainty.${kind}`) === true)

function withoutSamples(on: unknown, config: Mapping): string | undefined {
  return on === true && !hasSamples(config) ? 'uncertainty.n_it is 0' : undefined
}

/** ivadomed's samples have no seed; here they get that of the split, where there are any. */
function whereSampled(seed: Tree, config: Mapping): Tree | undefined {
  return hasSamples(config) && asksForUncertainty(config) ? seed : undefined
}
