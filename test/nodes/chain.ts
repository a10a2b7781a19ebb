import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import bidsIndex from '../../nodes/bids-index.ts'
import evaluate from '../../nodes/evaluate.ts'
import infer from '../../nodes/infer.ts'
import postprocess from '../../nodes/postprocess.ts'
import slice from '../../nodes/slice.ts'
import split from '../../nodes/split.ts'
import train from '../../nodes/train.ts'
import transform from '../../nodes/transform.ts'
import type { Digest } from '../../src/artifact.ts'
import { makePhantom, type PhantomParams } from '../../src/phantom/phantom.ts'
import { artifactIn, runEach } from './each.ts'
import { runWhole } from './whole.ts'

/** A phantom in `<home>/<name>` as a dataset. */
export async function phantom(home: string, name: string, params: Partial<PhantomParams>, seed = 1) {
  const dir = join(home, name)
  await makePhantom(dir, { shape: [20, 18, 12], spacing: [1.5, 1.5, 2], ...params }, seed)
  return artifactIn('dataset', dir, { name })
}

/** What is set, by step; the rest is small and the same. */
export interface ChainSettings {
  readonly index: object
  readonly slices?: object
  readonly tensors?: object
  readonly model?: object
}

/** All steps of a pipeline, from the index to the metrics, each run as the engine does; a small network, seconds of training. */
export async function runChain(home: string, datasets: readonly Awaited<ReturnType<typeof phantom>>[], settings: ChainSettings) {
  const folder = async (name: string): Promise<string> => {
    const dir = join(home, name)
    await mkdir(dir, { recursive: true })
    return dir
  }
  const index = await runWhole(bidsIndex, join(home, 'index'), { target_suffix: ['_seg-manual'], ...settings.index }, { datasets })
  const indexed = artifactIn('index', index.dir, index.document)
  const parts = await runWhole(split, join(home, 'split'), { train_fraction: 0.5, test_fraction: 0.25 }, { index: indexed })
  const divided = artifactIn('split', parts.dir, parts.document)

  const slices = await folder('slices')
  const cut = await runEach(slice, slices, settings.slices ?? {}, { index: indexed, datasets })
  const tensors = await folder('tensors')
  const all = { CenterCrop: { size: [16, 16] }, NormalizeInstance: {}, ...settings.tensors }
  const chain = Object.fromEntries(Object.entries<unknown>(all).filter(([, given]) => given !== undefined))
  const packed = artifactIn(
    'tensors',
    tensors,
    (await runEach(transform, tensors, chain, { slices: artifactIn('slices', slices, cut.document) })).document,
  )

  const params = { network: { name: 'Unet', depth: 1, n_filters: 2 }, training_time: { num_epochs: 3 }, scheduler: { initial_lr: 0.02 } }
  const trained = await runWhole(
    train,
    join(home, 'model'),
    { ...params, ...settings.model },
    { tensors: packed, split: divided, index: undefined, from: undefined, resume: undefined },
    6,
  )
  const made = artifactIn('model', trained.dir, trained.document)
  // A predictor is kept by the digest of its model: that of one test must not be taken for another's.
  const model = { ...made, files: made.files.map(file => ({ ...file, digest: trained.dir as Digest })) }
  const predictions = await folder('predictions')
  const predicted = await runEach(infer, predictions, {}, { model, tensors: packed, split: divided })
  const masks = await folder('masks')
  const cleaned = await runEach(
    postprocess,
    masks,
    { binarize_prediction: { thr: 0.5 } },
    { predictions: artifactIn('predictions', predictions, predicted.document), threshold: undefined },
  )
  const metrics = await folder('metrics')
  const table = await runEach(evaluate, metrics, {}, { masks: artifactIn('masks', masks, cleaned.document), index: indexed, datasets })
  return {
    ...{ index: index.document, split: parts.document, slices: cut.document, model: trained, predictions: predicted.document },
    ...{ packed, divided, trained: model, masks: cleaned.document, metrics: table.document, dir: (step: string) => join(home, step) },
  }
}
