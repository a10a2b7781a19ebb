import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checksum, editImage, expectMessage, Place } from './place.ts'

// One folder for all: none of these settings changes the dataset, and what they share is cached.
const place = new Place()
let before: string
beforeAll(async () => {
  await place.phantom()
  place.pipeline()
  before = checksum(place.at('data'))
  expect((await place.run('--until', 'tensors')).code).toBe(0)
})
afterAll(() => place.remove())

const set = (...settings: readonly string[]): string[] => ['run', 'p.yaml', ...settings.flatMap(s => ['--set', s])]

const faults: readonly [what: string, settings: readonly string[], code: 1 | 2, says: readonly string[]][] = [
  ['nobody to train on', ['split.train_fraction=0'], 1, ['nothing for the train part', 'change train_fraction']],
  [
    'nobody to validate on',
    ['split.train_fraction=0.9', 'split.test_fraction=0.1'],
    1,
    ['nothing for the validation part', 'change train_fraction'],
  ],
  [
    'a test subject that is not there',
    ['split.data_testing.data_type=participant_id', 'split.data_testing.data_value=[sub-77]'],
    1,
    ['sub-77', 'sub-01, sub-02', 'choose among these'],
  ],
  [
    'a network too deep for its slices',
    ['model.network.depth=6'],
    1,
    ['halves its images 6 times', '32 x 32', 'make network.depth smaller'],
  ],
  ['a misspelt param of a network', ['model.network.n_filter=3'], 2, ['n_filter', 'did you mean "n_filters"?']],
  ['a misspelt network', ['model.network.name=Unett'], 2, ['Unett', 'did you mean "Unet"?']],
  ['a misspelt loss', ['model.loss.name=DiceLos'], 2, ['DiceLos', 'did you mean "DiceLoss"?']],
  ['a misspelt step', ['modle.batch_size=3'], 2, ['modle', 'did you mean "model"?']],
  ['a batch of nothing', ['model.batch_size=0'], 2, ['batch_size', 'slices in a step']],
]
for (const [what, settings, code, says] of faults)
  test(`${what}: a message, exit ${code}, and the dataset as it was`, async () => {
    expectMessage(await place.pipe(set(...settings)), code, ...says)
    expect(checksum(place.at('data'))).toBe(before)
  })

test('a batch larger than the training set takes all of it, says so, and trains', async () => {
  const run = await place.pipe([...set('model.batch_size=1000'), '--until', 'model'])
  expectMessage(run, 0, 'The batch size 1000 is larger than the training set', '12 slices')
})

test('a crop larger than the image pads, and the masks are as large as the images', async () => {
  expectMessage(await place.pipe(set('tensors.CenterCrop.size=[48,64]')), 0, 'done in')
  const folder = JSON.parse(place.read('runs/small/latest/split/split_datasets.json').toString()) as { test: [string] }
  const mask = gunzipSync(place.read(`runs/small/latest/masks/${folder.test[0]}_pred.nii.gz`))
  expect([1, 2, 3].map(axis => mask.readInt16LE(40 + 2 * axis))).toEqual([24, 24, 4])
})

test('slices of several sizes without a crop: both are named, and the crop is', async () => {
  const other = new Place()
  try {
    await other.phantom()
    for (const path of [other.image('02'), other.label('02')]) editImage(path, bytes => bytes.writeInt16LE(22, 42))
    other.pipeline(text => text.replace(/\n.*CenterCrop.*/, ''))
    expectMessage(await other.pipe(['run', 'p.yaml']), 1, '24 x 24', '22 x 24', 'add CenterCrop')
  } finally {
    other.remove()
  }
})

test('learning that turns NaN at once stops, and says at which step', async () => {
  expectMessage(
    await place.pipe(set('model.scheduler.initial_lr=1.0e30')),
    1,
    /loss became NaN at epoch 1, step \d/,
    'lower the learning rate',
  )
})

test('learning that turns NaN later keeps the last good checkpoint, and is not gone through again', async () => {
  // A step an epoch, and a rate that rises from sense to nonsense: the first epoch is good.
  const settings = set(
    'model.batch_size=12',
    'model.training_time.num_epochs=4',
    'model.scheduler.lr_scheduler={name: CyclicLR, base_lr: 0.001, max_lr: 1.0e+35}',
  )
  const run = await place.pipe(settings)
  expectMessage(run, 1, /loss became (NaN|Infinity|-Infinity) at epoch [23], step 1/, 'the last good checkpoint is kept: ')
  const checkpoint = /checkpoint is kept: (.*)$/m.exec(run.out)![1]!
  expect(
    place
      .read(checkpoint.slice(place.dir.length + 1))
      .subarray(0, 20)
      .toString(),
  ).toBe('voxelpipe checkpoint')
  expectMessage(await place.pipe(settings), 1, 'it was not repeated', 'delete ')
})
