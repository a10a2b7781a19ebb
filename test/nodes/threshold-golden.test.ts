import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import bidsIndex from '../../nodes/bids-index.ts'
import infer from '../../nodes/infer.ts'
import slice from '../../nodes/slice.ts'
import threshold from '../../nodes/threshold.ts'
import transform from '../../nodes/transform.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { goldenCases, shared, sharedTest } from '../golden.ts'
import { goldenNet, goldenTensors, type Packed, type UnetParams } from '../net/golden-unet.ts'
import { artifactIn, runEach, withFolder } from './each.ts'
import { runWhole } from './whole.ts'

interface EndToEnd {
  readonly config: {
    readonly default_model: UnetParams
    readonly loader_parameters: {
      readonly target_suffix: string[]
      readonly contrast_params: { readonly training_validation: string[] }
      readonly slice_filter_params: object
    }
    readonly transformation: object
  }
  readonly best_state: Packed
  readonly optimal_threshold: { readonly binarize_prediction: { readonly thr: number } }
}

sharedTest('golden/e2e', 'the threshold that ivadomed chooses after a training is chosen for its model', () =>
  withFolder(async dir => {
    const golden = goldenCases('e2e') as EndToEnd
    const { loader_parameters: loader, transformation } = golden.config
    const folder = (name: string): string => {
      mkdirSync(join(dir, name), { recursive: true })
      return join(dir, name)
    }
    const datasets = [artifactIn('dataset', join(shared, 'golden/inputs/bids_mini'), { name: 'bids_mini' })]
    const contrasts = loader.contrast_params.training_validation
    const indexed = await runWhole(bidsIndex, folder('index'), { contrasts, target_suffix: loader.target_suffix }, { datasets })
    const index = artifactIn('index', indexed.dir, indexed.document)
    const cut = await runEach(slice, folder('slices'), { slice_axis: 'axial', ...loader.slice_filter_params }, { index, datasets })
    const slices = artifactIn('slices', join(dir, 'slices'), cut.document)
    const prepared = await runEach(transform, folder('tensors'), transformation, { slices })
    const tensors = artifactIn('tensors', join(dir, 'tensors'), prepared.document)

    const net = goldenNet({ ...golden.config.default_model, in_channel: 1, out_channel: loader.target_suffix.length + 1 })
    writeFileSync(join(folder('model'), 'model.onnx'), exportModel(net, goldenTensors('e2e', golden.best_state)))
    const model = artifactIn('model', join(dir, 'model'), {
      ...{
        onnx: 'model.onnx',
        channels: 1,
        targets: loader.target_suffix,
        axis: 'axial' as const,
        parameters: 0,
        epochs: 25,
        bestEpoch: 20,
      },
      ...{ bestValidationLoss: 0, validationDice: null, stopped: 'epochs' as const },
    })
    const split = artifactIn('split', folder('split'), { train: ['sub-01_T1w'], validation: ['sub-03_T1w'], test: ['sub-02_T1w'] })
    const sets = { sets: ['train', 'validation'] }
    const predicted = await runEach(infer, folder('predictions'), sets, { model, tensors, split })
    const predictions = artifactIn('predictions', join(dir, 'predictions'), predicted.document)

    const { document } = await runEach(threshold, folder('threshold'), { thr_increment: 0.1 }, { predictions, index, datasets })
    assert.equal(document.images, 2)
    assert.ok(Math.abs(document.threshold - golden.optimal_threshold.binarize_prediction.thr) < 1e-9, JSON.stringify(document.table))
  }),
)
