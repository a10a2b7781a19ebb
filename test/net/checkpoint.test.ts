import assert from 'node:assert/strict'
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import { loadCheckpoint, saveCheckpoint, type Checkpoint } from '../../src/net/checkpoint.ts'
import { inFolder } from './samples-on-disk.ts'

const noWarning = (line: string) => assert.fail(line)
const checkpoint = (epoch: number): Checkpoint => ({
  epoch,
  curves: [{ epoch: 1, trainLoss: 0.1 + 0.2, validationLoss: -1 / 3, validationDice: null, validationDiceGlobal: 0.5, learningRate: 1e-3 }],
  patience: { previous: -1 / 3, waited: 2 },
  best: { epoch: 1, loss: -1 / 3 },
  state: {
    'a.weight': { shape: [2, 3], data: Float32Array.of(1, -0, NaN, Infinity, 1e-45, epoch) },
    step: { shape: [], data: Float32Array.of(17) },
  },
  bestWeights: { 'a.weight': { shape: [2, 3], data: Float32Array.of(6, 5, 4, 3, 2, 1) } },
})

test(
  'a checkpoint is read back as it was written, to the bit',
  inFolder(async dir => {
    const path = await saveCheckpoint(dir, checkpoint(12))
    assert.deepEqual(await loadCheckpoint(dir, noWarning), { path, checkpoint: checkpoint(12) })
  }),
)

test(
  'the newest checkpoint is taken, the one before it is kept, and older ones and half-written ones are not',
  inFolder(async dir => {
    for (const epoch of [9, 10, 11]) await saveCheckpoint(dir, checkpoint(epoch))
    await writeFile(join(dir, 'epoch-000012.checkpoint.part'), 'half')
    assert.equal((await loadCheckpoint(dir, noWarning))?.checkpoint.epoch, 11)
    assert.deepEqual((await readdir(dir)).filter(name => name.endsWith('.checkpoint')).sort(), [
      'epoch-000010.checkpoint',
      'epoch-000011.checkpoint',
    ])
  }),
)

test(
  'equal trainings have equal checkpoints, byte by byte',
  inFolder(async dir => {
    const bytes = async () => readFile(await saveCheckpoint(dir, checkpoint(3)))
    assert.deepEqual(await bytes(), await bytes())
  }),
)

for (const [damage, change] of [
  ['cut short', (path: string) => truncate(path, 100)],
  ['empty', (path: string) => truncate(path, 0)],
  [
    'changed in one bit',
    async (path: string) => {
      const bytes = await readFile(path)
      bytes[bytes.length - 40]! ^= 1
      await writeFile(path, bytes)
    },
  ],
  ['of another kind', (path: string) => writeFile(path, Buffer.alloc(4096, 1))],
] as const) {
  test(
    `a checkpoint that is ${damage} is left out with a warning, and the one before it is taken`,
    inFolder(async dir => {
      await saveCheckpoint(dir, checkpoint(1))
      await change(await saveCheckpoint(dir, checkpoint(2)))
      const warnings: string[] = []
      assert.equal((await loadCheckpoint(dir, line => warnings.push(line)))?.checkpoint.epoch, 1)
      assert.match(warnings.join(), /^the checkpoint epoch-000002\.checkpoint is damaged \(.+\) and is left out/)
    }),
  )
}

test(
  'where there is no whole checkpoint, or no folder, there is none',
  inFolder(async dir => {
    assert.equal(await loadCheckpoint(join(dir, 'nowhere'), noWarning), undefined)
    await truncate(await saveCheckpoint(dir, checkpoint(1)), 50)
    assert.equal(await loadCheckpoint(dir, () => undefined), undefined)
    await rm(dir, { recursive: true })
  }),
)
