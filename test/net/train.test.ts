import assert from 'node:assert/strict'
import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Progress } from '../../src/event.ts'
import { FailureError, describe } from '../../src/failure.ts'
import { curvesCsv } from '../../src/net/curves.ts'
import { train } from '../../src/net/train.ts'
import type { TrainOptions } from '../../src/net/training.ts'
import { ValidationDice } from '../../src/net/validation-dice.ts'
import { chainSchema } from '../../src/transforms/chain.ts'
import { fakeEngine, initial, net } from './fake-engine.ts'
import { inFolder, packedImage } from './samples-on-disk.ts'

const chain = chainSchema.parse({ RandomAffine: { degrees: 10, dataset_type: ['training'] }, NormalizeInstance: { applied_to: ['im'] } })

/** A training of 7 + 3 slices in batches of 3, and what it reported. */
async function rig(dir: string, change: Partial<TrainOptions> = {}) {
  const events: Progress[] = []
  const lines: string[] = []
  const engine = fakeEngine()
  const options: TrainOptions = {
    ...{ engine, net, initial, chain, batchSize: 3, epochs: 5, initialLr: 0.5, seed: 6, workers: 0 },
    plan: { loss: { name: 'fake', params: {} }, optimiser: { name: 'adam' }, threads: 1, device: 'cpu' },
    train: await packedImage(dir, 'sub-01', 7),
    validation: await packedImage(dir, 'sub-02', 3),
    schedule: { name: 'CosineAnnealingLR' },
    earlyStopping: { patience: 50, epsilon: 0.001 },
    checkpoints: join(dir, 'scratch'),
    signal: new AbortController().signal,
    progress: p => events.push(p),
    log: line => lines.push(line),
    ...change,
  }
  return { options, engine, events, lines, failure: async () => describe(await failureOf(train(options))) }
}

async function failureOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => assert.fail('it did not fail'),
    (e: unknown) => e,
  )
  assert.ok(error instanceof FailureError, String(error))
  return error.failure
}

test(
  'an epoch is all training batches, the smaller last one too, then the validation set; the rate follows the schedule',
  inFolder(async dir => {
    const { options, engine, events } = await rig(dir, { epochs: 2 })
    const result = await train(options)
    assert.deepEqual(
      engine.seen.steps.map(s => [s.x.length / 64, s.masks[0]!.length, s.learningRate]),
      [...[3, 3, 1].map(n => [n, n, 0.5]), ...[3, 3, 1].map(n => [n, n, 0.25])],
    )
    assert.equal(engine.seen.evaluations.length, 2)
    assert.deepEqual(engine.seen.evaluations[0]!.x, engine.seen.evaluations[1]!.x)
    const epochs = events.filter(e => e.unit === 'epoch')
    assert.deepEqual(
      epochs.map(e => [e.done, e.total]),
      [
        [1, 2],
        [2, 2],
      ],
    )
    assert.deepEqual(Object.keys(epochs[0]!.metrics!), [
      ...['train_loss', 'validation_loss', 'validation_dice', 'learning_rate', 'images_per_second'],
    ])
    assert.equal(result.curves[1]!.validationLoss, epochs[1]!.metrics!['validation_loss'])
    assert.ok(events.some(e => e.unit === 'batch' && e.done === 3 && e.total === 3))
    assert.equal(engine.seen.closed, 1)
  }),
)

test(
  'training lowers the losses, and the best weights are those of the lowest validation loss',
  inFolder(async dir => {
    const { options } = await rig(dir, { epochs: 8 })
    const { curves, best, final, bestEpoch, stopped } = await train(options)
    assert.equal(stopped, 'epochs')
    assert.ok(curves[7]!.trainLoss < curves[0]!.trainLoss)
    const lowest = Math.min(...curves.map(e => e.validationLoss))
    assert.equal(curves[bestEpoch - 1]!.validationLoss, lowest)
    // The weights of the best epoch are those that a training of just so many epochs of the same schedule ends with.
    if (bestEpoch === 8) assert.deepEqual(best, final)
    else assert.notDeepEqual(best, final)
  }),
)

test(
  'killed at any epoch and started again, it ends with the same bytes, and with the same curves, as if it had not been',
  inFolder(async dir => {
    const whole = await train((await rig(dir)).options)
    for (const epoch of [1, 3, 4]) {
      const control = new AbortController()
      const checkpoints = join(dir, `killed-${epoch}`)
      const first = await rig(dir, {
        checkpoints,
        signal: control.signal,
        progress: p => {
          if (p.unit === 'epoch' && p.done === epoch) control.abort(new Error('killed'))
        },
      })
      await assert.rejects(train(first.options), /killed/)
      const second = await rig(dir, { checkpoints })
      assert.deepEqual(await train(second.options), whole)
      assert.equal(second.engine.seen.steps.length, 3 * (5 - epoch))
      assert.ok(second.lines.includes(`Going on from the checkpoint of epoch ${epoch}.`))
    }
  }),
)

test(
  'killed after its last epoch, it gives the same result without a step',
  inFolder(async dir => {
    const whole = await train((await rig(dir)).options)
    const again = await rig(dir)
    assert.deepEqual(await train(again.options), whole)
    assert.equal(again.engine.seen.steps.length, 0)
  }),
)

test(
  'a damaged checkpoint costs the epoch since the one before, and changes nothing else',
  inFolder(async dir => {
    const whole = await train((await rig(dir)).options)
    await truncate(join(dir, 'scratch', 'epoch-000005.checkpoint'), 200)
    const again = await rig(dir)
    assert.deepEqual(await train(again.options), whole)
    assert.equal(again.engine.seen.steps.length, 3)
    assert.match(again.lines[0]!, /epoch-000005\.checkpoint is damaged/)
  }),
)

test(
  'the result is the same for any number of workers, and another for another seed',
  inFolder(async dir => {
    const result = async (change: Partial<TrainOptions>) =>
      train((await rig(dir, { checkpoints: join(dir, JSON.stringify(change)), ...change })).options)
    const here = await result({ workers: 0 })
    assert.deepEqual(await result({ workers: 2 }), here)
    assert.notDeepEqual((await result({ seed: 7 })).final, here.final)
  }),
)

test(
  'early stopping ends a training that no longer improves, and a restart of it does not go on',
  inFolder(async dir => {
    const change: Partial<TrainOptions> = { epochs: 40, earlyStopping: { patience: 2, epsilon: 10 } }
    const { curves, stopped } = await train((await rig(dir, change)).options)
    assert.deepEqual([curves.length, stopped], [3, 'early-stopping'])
    const again = await rig(dir, change)
    assert.deepEqual((await train(again.options)).curves, curves)
    assert.equal(again.engine.seen.steps.length, 0)
  }),
)

test(
  'a loss that is no number stops the training at its step, keeps the checkpoint, and is not run into again',
  inFolder(async dir => {
    // Epoch 3 has the steps 7, 8 and 9.
    const { failure } = await rig(dir, { engine: fakeEngine(step => (step === 8 ? NaN : undefined)) })
    const kept = join(dir, 'scratch', 'epoch-000002.checkpoint')
    assert.equal(
      await failure(),
      [
        'the training loss became NaN at epoch 3, step 2',
        `    the last good checkpoint is kept: ${kept}`,
        '  lower the learning rate (scheduler.initial_lr), or look for images with extreme intensities',
      ].join('\n'),
    )
    assert.ok((await readdir(join(dir, 'scratch'))).includes('epoch-000002.checkpoint'))

    const again = await rig(dir)
    assert.match(
      await again.failure(),
      /NaN at epoch 3, step 2\n.*\n.*an earlier try with the same settings came to this, so it was not repeated; .* delete .*scratch/,
    )
    assert.equal(again.engine.seen.steps.length, 0)
  }),
)

test(
  'a validation loss that is no number says that it is the validation loss',
  inFolder(async dir => {
    const { options } = await rig(dir)
    const engine = fakeEngine()
    const broken: TrainOptions = {
      ...options,
      engine: {
        ...engine,
        trainer: async (...given) => ({
          ...(await engine.trainer(...given)),
          evaluate: async ({ y }) => ({ loss: -Infinity, prediction: y }),
        }),
      },
    }
    assert.match(
      describe(await failureOf(train(broken))),
      /^the validation loss became -Infinity at epoch 1, step 1\n {4}it happened before/,
    )
  }),
)

test(
  'a batch larger than the set is made as large as the set, with a warning',
  inFolder(async dir => {
    const { options, engine, lines } = await rig(dir, { batchSize: 100, epochs: 1 })
    await train(options)
    assert.deepEqual(
      engine.seen.steps.map(s => s.x.length / 64),
      [7],
    )
    assert.deepEqual(lines, ['The batch size 100 is larger than the training set: batches of all its 7 slices are used.'])
  }),
)

test(
  'the samples are taken in the order given, where one is',
  inFolder(async dir => {
    const { options, engine } = await rig(dir, { epochs: 1, chain: [], order: () => [6, 5, 4, 3, 2, 1, 0] })
    await train(options)
    const { makeBatch } = await import('../../src/net/augment.ts')
    const reversed = options.train.toReversed().slice(0, 3)
    const expected = await makeBatch({ seed: 6, epoch: 1, set: 'training', chain: [], samples: reversed })
    assert.deepEqual(engine.seen.steps[0]!.x, expected.x.data)
  }),
)

test(
  'a folder of checkpoints with something else in it is no obstacle',
  inFolder(async dir => {
    const { options, lines } = await rig(dir, { epochs: 1, checkpoints: dir })
    await writeFile(join(dir, 'notes.txt'), 'mine')
    await train(options)
    assert.deepEqual(lines, [])
  }),
)

test('the validation Dice is the mean over the slices, and over all of them together', () => {
  const dice = new ValidationDice()
  const shape = [3, 1, 1, 2]
  dice.add({ shape, data: Float32Array.of(1, 0, 0.5, 0.5, 0, 0) }, { shape, data: Float32Array.of(1, 0, 1, 0, 0, 0) })
  // Slices: 2/2, 1/2, and none (both empty, as ivadomed leaves it out of the mean). Together: 3/4.
  assert.deepEqual([dice.perSlice, dice.global], [0.75, 0.75])
  dice.add({ shape: [1, 1, 1, 1], data: Float32Array.of(1) }, { shape: [1, 1, 1, 1], data: Float32Array.of(0) })
  assert.equal(dice.perSlice, 0.5)
  assert.equal(dice.global, 3 / 5)
  const empty = new ValidationDice()
  empty.add({ shape: [1, 1, 1, 1], data: Float32Array.of(0) }, { shape: [1, 1, 1, 1], data: Float32Array.of(0) })
  assert.deepEqual([empty.perSlice, empty.global], [null, null])
})

test('with several classes, the Dice of all slices together is the mean over the classes', () => {
  const dice = new ValidationDice()
  dice.add({ shape: [1, 2, 1, 2], data: Float32Array.of(1, 0, 0, 0) }, { shape: [1, 2, 1, 2], data: Float32Array.of(1, 0, 1, 0) })
  assert.deepEqual([dice.perSlice, dice.global], [2 / 3, 0.5])
})

test('curves.csv reads back as the same numbers', () => {
  const curves = [
    { epoch: 1, trainLoss: 0.1 + 0.2, validationLoss: -1 / 3, validationDice: null, validationDiceGlobal: 0.5, learningRate: 1e-7 },
  ]
  assert.equal(
    curvesCsv(curves),
    'epoch,train_loss,validation_loss,validation_dice,validation_dice_global,learning_rate\n' +
      '1,0.30000000000000004,-0.3333333333333333,,0.5,1e-7\n',
  )
})
