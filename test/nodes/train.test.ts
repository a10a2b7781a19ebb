import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { test } from 'vitest'
import train from '../../nodes/train.ts'
import { onnxEngine } from '../../src/net/onnx/engine.ts'
import { readWeights } from '../../src/net/onnx/read-weights.ts'
import { writeSafetensors } from '../../src/net/safetensors.ts'
import { artifactIn, withFolder } from './each.ts'
import { messageOf, packed, run, settings, split } from './training.ts'

test('a model comes with its curves and its card, and its network runs', () =>
  withFolder(async dir => {
    const { document, files, read } = await run(dir, 'model')
    assert.deepEqual(files, ['curves.csv', 'final.onnx', 'model.json', 'model.onnx'])
    assert.deepEqual(
      [document.onnx, document.channels, document.targets, document.epochs, document.stopped],
      [...['model.onnx', 1, ['_seg'], 3, 'epochs']],
    )
    assert.equal(read('curves.csv').toString().trimEnd().split('\n').length, 1 + 3)

    const card = JSON.parse(read('model.json').toString()) as Record<string, unknown> & {
      preprocessing: Record<'once' | 'draw', { name: string }[]>
    }
    assert.deepEqual(card['network'], {
      name: 'Unet',
      depth: 1,
      n_filters: 4,
      dropout_rate: 0.3,
      bn_momentum: 0.1,
      final_activation: 'sigmoid',
    })
    assert.deepEqual([card['parameters'], card['axis'], card['engine']], [document.parameters, 'axial', onnxEngine.version])
    assert.deepEqual(
      [...card.preprocessing.once, ...card.preprocessing.draw].map(step => step.name),
      ['CenterCrop', 'NormalizeInstance'],
    )

    const predictor = await onnxEngine.predictor(read('model.onnx'), { threads: 1, device: 'cpu' })
    const { shape, data } = await predictor.predict({ shape: [1, 1, 10, 12], data: new Float32Array(120) })
    assert.deepEqual([...shape], [1, 1, 10, 12])
    assert.ok(data.every(v => v >= 0 && v <= 1))
    await predictor.close()
  }))

test('trained again, and killed on the way, it gives the same bytes; with another seed it does not', () =>
  withFolder(async dir => {
    const whole = await run(dir, 'whole')
    const control = new AbortController()
    const killed = {
      signal: control.signal,
      progress: (p: { unit: string; done: number }) => {
        if (p.unit === 'epoch' && p.done === 2) control.abort()
      },
    }
    await assert.rejects(run(dir, 'again', { job: killed }), /abort/)
    const again = await run(dir, 'again')
    assert.ok(again.lines.includes('info: Going on from the checkpoint of epoch 2.'))
    for (const file of whole.files) assert.deepEqual(again.read(file), whole.read(file), file)
    assert.deepEqual(again.document, whole.document)
    const other = await run(dir, 'other', { job: { seed: 7 } })
    assert.notDeepEqual(other.read('model.onnx'), whole.read('model.onnx'))
  }))

test("it says what ivadomed's console says before the first epoch, and what has no effect", () =>
  withFolder(async dir => {
    const { lines } = await run(dir, 'model')
    const expected = [
      'info: Selected architecture: Unet, with the following parameters:',
      'info: dropout_rate: 0.3',
      'info: depth: 1',
      "info: Selected transformations for the ['training'] dataset:",
      "info: Selected transformations for the ['validation'] dataset:",
      'info: Loaded 4 axial slices for the validation set.',
      'info: Loaded 8 axial slices for the training set.',
      "info: Initialising model's weights from scratch.",
      'info: Selected Loss: DiceLoss',
      'warn: No effect on CosineAnnealingLR, as in ivadomed: base_lr.',
    ]
    for (const line of expected) assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`)
    assert.equal(lines.filter(line => line.startsWith('warn')).length, 1)
    assert.ok(lines.some(line => /^info: [\d,]+ trainable parameters\.$/.test(line)))
    const at = (line: string) => lines.indexOf(line)
    const ofTraining = lines.slice(at(expected[3]!) + 1, at(expected[4]!))
    assert.deepEqual(
      ofTraining.map(line => line.split(':')[1]),
      [' CenterCrop', ' RandomAffine', ' NormalizeInstance'],
    )
  }))

test('settings have the names and the defaults of the tutorial, and unknown ones are refused', () => {
  assert.deepEqual(train.params.parse({}), {
    batch_size: 18,
    loss: { name: 'DiceLoss', smooth: 1 },
    training_time: { num_epochs: 100, early_stopping_patience: 50, early_stopping_epsilon: 0.001 },
    scheduler: { initial_lr: 0.001, lr_scheduler: { name: 'CosineAnnealingLR' } },
    network: { name: 'Unet', depth: 3, n_filters: 64, dropout_rate: 0.3, bn_momentum: 0.1, final_activation: 'sigmoid' },
    balance_samples: { applied: false, type: 'gt' },
    mixup_alpha: null,
    mixup_pictures: 0,
    n_gif: 0,
    transfer_learning: { retrain_model: null, retrain_fraction: 1, reset: true },
    is_input_dropout: false,
  })
  const refused: Record<string, unknown>[] = [
    ...[{ bach_size: 3 }, { network: { channels: 2 } }, { network: { name: 'Wnet' } }, { loss: { name: 'DiceLoss', smoth: 1 } }],
    ...[{ batch_size: 0 }, { scheduler: { lr_scheduler: { name: 'StepLR' } } }, { training_time: { num_epochs: 0 } }],
    ...[{ mixup_alpha: 0 }, { balance_samples: { applied: 1 } }, { transfer_learning: { retrain_model: 'best_model.pt' } }],
  ]
  for (const wrong of refused) assert.equal(train.params.safeParse(wrong).success, false, JSON.stringify(wrong))
})

test('an image of the split that the tensors lack, an image without a label and an empty set are failures', () =>
  withFolder(async dir => {
    const tensors = await packed(dir)
    const with05 = { ...split, train: ['sub-01', 'sub-05'] }
    assert.equal(
      await messageOf(run(dir, 'a', { split: with05 })),
      '1 images of the training set are not among the 4 of the tensors\n    sub-05\n' +
        '  the steps that make the split and the tensors must read the same index',
    )
    const unlabelled = { ...tensors.images['sub-03']!, label: undefined }
    assert.equal(
      await messageOf(run(dir, 'b', { tensors: { ...tensors, images: { ...tensors.images, 'sub-03': unlabelled } } })),
      '1 images of the validation set have no label to learn from\n    sub-03\n  add their label files, or leave these images out',
    )
    assert.equal(
      await messageOf(run(dir, 'c', { split: { ...split, validation: [] } })),
      'the validation set has no slices\n    the split puts no image into it\n' +
        '  give the split more subjects or other fractions, or relax the filters of slices and patches',
    )
    const none = { ...tensors.images['sub-03']!, slices: [] }
    assert.match(
      await messageOf(run(dir, 'd', { tensors: { ...tensors, images: { ...tensors.images, 'sub-03': none } } })),
      /the validation set has no slices\n {4}its 1 images have no slice that the filters kept/,
    )
  }))

test('a learning rate that destroys the network ends in a failure that says so, and a second try says it again', () =>
  withFolder(async dir => {
    const wild = { ...settings, scheduler: { initial_lr: 1e30 } }
    const first = await messageOf(run(dir, 'model', { settings: wild }))
    assert.match(first, /^the (training|validation) loss became (NaN|-?Infinity) at epoch 1, step \d\n.*\n {2}lower the learning rate/)
    assert.match(await messageOf(run(dir, 'model', { settings: wild })), /an earlier try with the same settings came to this/)
  }))

test('what is off does not count: trainings of earlier versions are still known', () => {
  const meaning = (settings: unknown) => train.meaning!(train.params.parse(settings)) as Record<string, unknown>
  const keys = ['batch_size', 'loss', 'network', 'scheduler', 'training_time']
  assert.deepEqual(Object.keys(meaning({ balance_samples: { type: 'sex' } })).sort(), keys)
  const on = meaning({ balance_samples: { applied: true }, mixup_alpha: 0.4, transfer_learning: { retrain_fraction: 0.5 } })
  assert.deepEqual(Object.keys(on).sort(), ['balance_samples', ...keys, 'mixup_alpha', 'transfer_learning'].sort())
  assert.deepEqual(Object.keys(meaning({ mixup_pictures: 4 })).sort(), keys)
  assert.equal(meaning({ mixup_pictures: 4, mixup_alpha: 0.4 })['mixup_pictures'], 4)
  const at = (path: string) => meaning({ transfer_learning: { retrain_model: path } })
  assert.deepEqual(at('a.onnx'), at('b.onnx'))
  assert.notDeepEqual(at('a.onnx'), meaning({}))
})

test('it starts from a model of a file or of another step, and keeps the first layers as they are', () =>
  withFolder(async dir => {
    const first = await run(dir, 'first')
    const path = join(dir, 'first', 'model.onnx')
    const before = readWeights(first.read('model.onnx'))
    const half = { ...settings, transfer_learning: { retrain_fraction: 0.5, reset: false } }
    const fromFile = await run(dir, 'file', {
      settings: { ...half, transfer_learning: { ...half.transfer_learning, retrain_model: path } },
    })
    const from = artifactIn('model', join(dir, 'first'), first.document)
    const fromStep = await run(dir, 'step', { settings: half, from })
    assert.deepEqual(fromFile.read('model.onnx'), fromStep.read('model.onnx'))
    const state = join(dir, 'state.safetensors')
    writeFileSync(state, writeSafetensors(before, ['encoder.conv_bottom.conv1_bn.num_batches_tracked'], {}))
    const fromState = await run(dir, 'state', {
      settings: { ...half, transfer_learning: { ...half.transfer_learning, retrain_model: state } },
    })
    assert.deepEqual(fromState.read('model.onnx'), fromStep.read('model.onnx'))
    assert.ok(
      fromStep.lines.includes(
        `info: Initialising model's weights from the model of the input "from": 6 of 13 layers stay as they are, 7 go on from its weights.`,
      ),
      fromStep.lines.join('\n'),
    )
    const after = readWeights(fromStep.read('final.onnx'))
    const frozen = (name: string) => /^encoder\.(down_path\.0\.|conv_bottom\.conv1)/.test(name)
    for (const name of Object.keys(before).filter(name => name.includes('.conv') || name.includes('last_conv')))
      assert.equal(isDeepStrictEqual(after[name], before[name]), frozen(name), name)

    const both = run(dir, 'both', { settings: { ...settings, transfer_learning: { retrain_model: path } }, from })
    assert.match(await messageOf(both), /two models to start from/)
    writeFileSync(join(dir, 'bad.onnx'), 'PK no model')
    const bad = run(dir, 'bad', { settings: { ...settings, transfer_learning: { retrain_model: join(dir, 'bad.onnx') } } })
    assert.match(await messageOf(bad), /not a model that ONNX Runtime can open: .*bad\.onnx/)
    const gone = train.params.parse({ transfer_learning: { retrain_model: join(dir, 'gone.onnx') } })
    assert.throws(() => train.checkReads!(train.reads!(gone)), /the model of transfer_learning.retrain_model does not exist/)
    assert.deepEqual(train.reads!(train.params.parse({ transfer_learning: { retrain_model: path } })), [path])
    const unused = await run(dir, 'unused', { settings: { ...settings, transfer_learning: {} }, from })
    assert.ok(unused.lines.some(line => line.startsWith('warn: Nothing of the model to start from is used')))
    assert.deepEqual(unused.read('model.onnx'), first.read('model.onnx'))
  }))

test('samples are balanced by foreground or by a column of the index, and batches are mixed; each changes the training', () =>
  withFolder(async dir => {
    const plain = await run(dir, 'plain')
    const balanced = { ...settings, balance_samples: { applied: true } }
    const byForeground = await run(dir, 'gt', { settings: balanced })
    assert.ok(byForeground.lines.includes('info: Balanced training slices: true 8; each group is drawn equally often.'))
    assert.ok(byForeground.lines.includes('warn: There is one group, so there is nothing to balance: slices are drawn by chance.'))
    const byColumn = { ...settings, balance_samples: { applied: true, type: 'sex' } }
    assert.match(
      await messageOf(run(dir, 'a', { settings: byColumn })),
      /balancing the samples by sex .*\n {2}give the step the input "index"/,
    )
    const images = Object.entries({ 'sub-01': 'F', 'sub-02': 'M', 'sub-03': 'F' }).map(([id, sex]) => ({
      ...{ id, dataset: 0, subject: id, contrast: 'T1w', entities: {}, image: '', labels: [], metadata: { sex } },
    }))
    const index = artifactIn('index', join(dir, 'tensors'), { targets: ['_seg'], images })
    const bySex = await run(dir, 'sex', { settings: byColumn, index })
    assert.ok(bySex.lines.includes('info: Balanced training slices: F 4, M 4; each group is drawn equally often.'))
    assert.ok(!bySex.lines.some(line => line.includes('There is one group')))
    const mixup = await run(dir, 'mixup', { settings: { ...settings, mixup_alpha: 0.4 } })
    assert.ok(mixup.lines.includes('info: Mixup of training slices, alpha 0.4.'))
    const shown = await run(dir, 'shown', { settings: { ...settings, mixup_alpha: 0.4, mixup_pictures: 2 } })
    assert.deepEqual(shown.read('model.onnx'), mixup.read('model.onnx'))
    assert.deepEqual(shown.files, [...mixup.files.slice(0, 2), 'mixup', ...mixup.files.slice(2)])
    assert.equal(readdirSync(join(dir, 'shown/mixup')).length, 2)
    const models = [plain, byForeground, mixup].map(ran => ran.read('model.onnx').toString('base64'))
    assert.equal(new Set(models).size, 3)
  }))
