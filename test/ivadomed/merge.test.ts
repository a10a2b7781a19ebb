import { expect, test } from 'vitest'
import type { Failure } from '../../src/failure.ts'
import { defaults } from '../../src/ivadomed/defaults.ts'
import { isDefault, memberAt, modernise, treeOf, withDefaults } from '../../src/ivadomed/merge.ts'
import type { Note } from '../../src/ivadomed/note.ts'
import { plain, type Mapping } from '../../src/pipeline/tree.ts'
import { goldenCases, sharedTest } from '../golden.ts'

const here = { file: 'config.json', line: 1, column: 1 }

function merge(config: unknown): { tree: Mapping; merged: unknown; notes: string[]; failures: Failure[] } {
  const notes: Note[] = []
  const failures: Failure[] = []
  const modern = modernise(
    treeOf(config, here) as Mapping,
    note => notes.push(note),
    f => failures.push(f),
  )
  const tree = withDefaults(modern)
  return { tree, merged: plain(tree), notes: notes.map(n => n.text), failures }
}

interface Golden {
  readonly default: unknown
  readonly cases: readonly { readonly user: unknown; readonly merged: unknown }[]
}

sharedTest(
  'golden/extras/config/cases.json',
  'configurations are laid over the defaults as ivadomed does, old keys under new names',
  () => {
    const golden = goldenCases('extras/config') as Golden
    expect(defaults).toEqual(golden.default)
    expect(golden.cases.length).toBeGreaterThan(2)
    for (const { user, merged } of golden.cases) expect(merge(user).merged).toEqual(merged)
  },
)

test('mappings are merged key by key, lists and scalars replace', () => {
  const { merged, tree } = merge({
    split_dataset: { random_seed: 1 },
    loader_parameters: { path_data: 'd' },
    transformation: { B: {}, A: {} },
  })
  expect(merged).toMatchObject({ split_dataset: { random_seed: 1, train_fraction: 0.6 }, loader_parameters: { path_data: 'd' } })
  expect(Object.keys((merged as { transformation: object }).transformation)).toEqual(['B', 'A'])
  expect(isDefault(memberAt(tree, ['split_dataset', 'random_seed'])!.value)).toBe(false)
  expect(isDefault(memberAt(tree, ['split_dataset', 'train_fraction'])!.value)).toBe(true)
})

test('keys of earlier versions get the names of today, and that is said', () => {
  const { merged, notes } = merge({
    log_directory: 'out',
    UNet3D: { applied: false },
    loader_parameters: { bids_path: 'd' },
    split_dataset: { method: 'per_center', center_test: ['a'] },
    training_parameters: { balance_samples: false },
    transformation: { NumpyToTensor: {}, NormalizeInstance: {} },
  })
  expect(merged).toMatchObject({
    path_output: 'out',
    Modified3DUNet: { applied: false },
    loader_parameters: { path_data: 'd' },
    split_dataset: { data_testing: { data_type: 'institution_id', data_value: ['a'] }, split_method: 'participant_id' },
    training_parameters: { balance_samples: { applied: false, type: 'gt' } },
    transformation: { NormalizeInstance: {} },
  })
  expect(notes).toEqual([
    'UNet3D is called Modified3DUNet today',
    'log_directory is called path_output today',
    'loader_parameters.bids_path is called loader_parameters.path_data today',
    'NumpyToTensor is left out, as in ivadomed: it does nothing any more',
    'method per_center is data_testing.data_type institution_id today',
    'center_test is data_testing.data_value today',
    'balance_samples is balance_samples.applied today',
  ])
})

test('center_test means nothing without per_center, and that is said', () => {
  const { merged, notes } = merge({ split_dataset: { method: 'per_patient', center_test: ['a'] } })
  expect(merged).toEqual(defaults)
  expect(notes).toEqual([
    'method has no effect in ivadomed: split_method says how to split',
    'center_test has no effect in ivadomed without method per_center',
  ])
})

test('an old and a new name for one key are a mistake', () => {
  expect(merge({ log_directory: 'a', path_output: 'b' }).failures).toMatchObject([{ kind: 'duplicate-key', key: 'path_output' }])
})
