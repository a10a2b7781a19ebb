import type { Path, Tree } from '../pipeline/tree.ts'

/** One value of the pipeline, and the key that it came from. */
export interface Placed {
  /** `['split', 'random_seed']`, or `['seed']`. */
  readonly to: Path
  readonly value: Tree
  readonly key: string
  /** The reason, where the configuration did not say it. */
  readonly why?: string
}

/** One step of the pipeline that a configuration becomes. */
export interface ShapeStep {
  readonly id: string
  readonly node: string
  readonly inputs: Readonly<Record<string, string | readonly string[]>>
}
/** The steps, in the order of the file. */
export type Shape = readonly ShapeStep[]

/** The steps of every configuration: what ivadomed does in one go. `sources`: the steps that give its data. */
export function shapeOf(sources: readonly string[], placed: readonly Placed[] = []): Shape {
  const datasets = sources.length === 1 ? sources[0]! : sources
  return [
    ...sources.map(id => ({ id, node: 'folder', inputs: {} })),
    { id: 'index', node: 'bids-index', inputs: { datasets } },
    { id: 'split', node: 'split', inputs: { index: 'index' } },
    { id: 'slices', node: 'slice', inputs: { index: 'index', datasets } },
    { id: 'tensors', node: 'transform', inputs: { slices: 'slices' } },
    { id: 'model', node: 'train', inputs: { tensors: 'tensors', split: 'split', ...(readsColumn(placed) && { index: 'index' }) } },
    { id: 'predictions', node: 'infer', inputs: { model: 'model', tensors: 'tensors', split: 'split' } },
    { id: 'masks', node: 'postprocess', inputs: { predictions: 'predictions' } },
    { id: 'metrics', node: 'evaluate', inputs: { masks: 'masks', index: 'index', datasets } },
    { id: 'report', node: 'report', inputs: { metrics: 'metrics', masks: 'masks', predictions: 'predictions', model: 'model', split: 'split', index: 'index', datasets } },
  ]
}

/** Whether the training balances its samples by a column, which it then reads in the index. */
function readsColumn(placed: readonly Placed[]): boolean {
  const type = placed.find(({ to }) => to.join('.') === 'model.balance_samples.type')?.value
  return type?.kind === 'scalar' && type.value !== 'gt'
}

/** The folders of `path_data`, one text or a list, as the params of steps: `dataset`, or `dataset1`, `dataset2` ... */
export function foldersOf(placed: readonly Placed[]): readonly Placed[] {
  return placed
    .filter(({ to }) => to[0] === 'datasets')
    .flatMap(found => {
      const items = found.value.kind === 'list' ? found.value.items : [found.value]
      const id = (i: number): string => (items.length === 1 ? 'dataset' : `dataset${i + 1}`)
      return items.map((value, i) => ({ ...found, to: [id(i), 'path'], value }))
    })
}
