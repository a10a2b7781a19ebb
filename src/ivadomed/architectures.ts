import { offAt, offWhenEmpty, valueAt, type Row } from './row.ts'
import { plain, type Mapping, type Tree } from '../pipeline/tree.ts'

/** Whether slices are cut into patches. */
const isPatched = (config: Mapping): boolean => !offWhenEmpty(valueAt(config, 'default_model.length_2D') ?? null)

/** A key that means something only with patches. */
export const ofPatches = (key: string, param: string): Row => ({
  key,
  to: `model.patches.${param}`,
  of: 'default_model.length_2D',
  convert: (value: Tree, config: Mapping) => (isPatched(config) && !offWhenEmpty(plain(value)) ? value : undefined),
})

/** An architecture with a mapping of its own: `applied` chooses it, and its other keys count only then. */
const chosenBy = (name: string, what: string, others: readonly string[]): readonly Row[] => [
  { key: `${name}.applied`, notYet: { what, off: offAt(false), hint: 'false' } },
  ...others.map(key => ({ key: `${name}.${key}`, of: `${name}.applied` })),
]

/** The keys that choose a network and shape it. */
export const architectureRows: readonly Row[] = [
  {
    key: 'default_model.name',
    to: 'model.network.name',
    names: {
      what: 'this network',
      known: ['FiLMedUnet', 'HeMISUnet', 'Modified3DUNet', 'UNet3D', 'Countception', 'resnet18', 'densenet121', 'ResNet', 'DenseNet'],
    },
  },
  { key: 'default_model.depth', to: 'model.network.depth' },
  { key: 'default_model.n_filters', to: 'model.network.n_filters' },
  { key: 'default_model.dropout_rate', to: 'model.network.dropout_rate' },
  { key: 'default_model.bn_momentum', to: 'model.network.bn_momentum' },
  { key: 'default_model.final_activation', to: 'model.network.final_activation' },
  { key: 'default_model.is_2d', notYet: { what: 'a 3D network', off: offAt(true), hint: 'true' } },
  ofPatches('default_model.length_2D', 'length_2D'),
  ofPatches('default_model.stride_2D', 'stride_2D'),
  ...chosenBy('FiLMedUnet', 'a network modulated by metadata (FiLM)', ['metadata', 'film_layers']),
  ...chosenBy('HeMISUnet', 'a network for missing contrasts (HeMIS)', [
    'name',
    'missing_probability',
    'missing_probability_growth',
    'contrasts',
    'ram',
    'path_hdf5',
    'csv_path',
    'target_lst',
    'roi_lst',
  ]),
  ...chosenBy('Modified3DUNet', 'a 3D network', ['length_3D', 'stride_3D', 'padding_3D', 'attention', 'n_filters']),
  ...chosenBy('resnet18', 'classifying slices', []),
  ...chosenBy('densenet121', 'classifying slices', []),
  ...chosenBy('Countception', 'a counting network', []),
]
