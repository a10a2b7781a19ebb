import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import train from '../../nodes/train.ts'
import { artifactIn, withFolder } from './each.ts'
import { messageOf, run, settings } from './training.ts'

/** A training of six epochs that ends earlier. */
const until = (epoch: number, change: object = {}) => ({
  ...settings,
  training_time: { num_epochs: 6, until_epoch: epoch, ...change },
})

test(
  'a training in parts, each going on from the checkpoint of the one before, gives the bytes of one in one piece',
  () =>
    withFolder(async dir => {
      const parts: Awaited<ReturnType<typeof run>>[] = []
      for (const epoch of [2, 4, 6]) {
        const before = parts.at(-1)
        const resume = before && artifactIn('model', join(dir, `part-${epoch - 2}`), before.document)
        parts.push(await run(dir, `part-${epoch}`, { settings: until(epoch), ...(resume && { resume }) }))
      }
      assert.ok(parts[2]!.lines.includes('info: Going on from the checkpoint of epoch 4.'))
      const whole = await run(dir, 'whole', { settings: until(6) })
      assert.deepEqual(whole.files, ['curves.csv', 'final.onnx', 'model.json', 'model.onnx', 'training.checkpoint'])
      for (const file of whole.files) assert.deepEqual(parts[2]!.read(file), whole.read(file), file)
      assert.deepEqual(parts[2]!.document, whole.document)
      assert.deepEqual([parts[0]!.document.epochs, parts[1]!.document.epochs, whole.document.epochs], [2, 4, 6])

      // Without until_epoch, it is the same but for the checkpoint.
      const plain = await run(dir, 'plain', { settings: { ...settings, training_time: { num_epochs: 6 } } })
      for (const file of plain.files) assert.deepEqual(plain.read(file), whole.read(file), file)
      assert.deepEqual({ ...plain.document, checkpoint: 'training.checkpoint' }, whole.document)

      const first = artifactIn('model', join(dir, 'part-4'), parts[1]!.document)
      assert.match(
        await messageOf(run(dir, 'a', { settings: until(2), resume: first })),
        /has come to epoch 4, and this one ends at epoch 2/,
      )
      const larger = { ...until(6), network: { depth: 1, n_filters: 8 } }
      assert.match(await messageOf(run(dir, 'b', { settings: larger, resume: first })), /of the model of the input "resume" do not fit/)
      const without = artifactIn('model', join(dir, 'plain'), plain.document)
      assert.match(await messageOf(run(dir, 'c', { settings: until(6), resume: without })), /kept no checkpoint to go on from/)
      writeFileSync(join(dir, 'part-4', 'training.checkpoint'), 'PK')
      assert.match(await messageOf(run(dir, 'd', { settings: until(6), resume: first })), /not a checkpoint of a training.*\n.*cut short/)
    }),
  240_000,
)

test(
  'a training in parts that stops early stops where one in one piece does',
  () =>
    withFolder(async dir => {
      // Nothing improves by 9, so that the second epoch without is the third.
      const early = { early_stopping_patience: 2, early_stopping_epsilon: 9 }
      const whole = await run(dir, 'whole', { settings: until(6, early) })
      assert.deepEqual([whole.document.epochs, whole.document.stopped], [3, 'early-stopping'])
      const first = await run(dir, 'first', { settings: until(2, early) })
      const second = await run(dir, 'second', {
        settings: until(4, early),
        resume: artifactIn('model', join(dir, 'first'), first.document),
      })
      const third = await run(dir, 'third', {
        settings: until(6, early),
        resume: artifactIn('model', join(dir, 'second'), second.document),
      })
      for (const file of whole.files) assert.deepEqual(third.read(file), whole.read(file), file)
      assert.deepEqual(third.document, whole.document)
    }),
  240_000,
)

test('a part of a training is the same in a longer one, unless the learning rate follows from the length', () => {
  const meaning = (name: string, epochs: number) =>
    train.meaning!(train.params.parse({ scheduler: { lr_scheduler: { name } }, training_time: { num_epochs: epochs, until_epoch: 4 } }))
  assert.deepEqual(meaning('none', 16), meaning('none', 64))
  assert.deepEqual(meaning('CyclicLR', 16), meaning('CyclicLR', 64))
  assert.notDeepEqual(meaning('CosineAnnealingLR', 16), meaning('CosineAnnealingLR', 64))
  assert.equal(train.params.safeParse({ training_time: { num_epochs: 3, until_epoch: 4 } }).success, false)
})
