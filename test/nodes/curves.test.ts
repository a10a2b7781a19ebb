import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import curves from '../../nodes/curves.ts'
import { curvesCsv } from '../../src/net/curves.ts'
import { eventsIn } from '../tensorboard/read-events.ts'
import { artifactIn } from './each.ts'
import { runWhole } from './whole.ts'

test('the curves of a model come as the table, as a drawing and for TensorBoard, the same bytes every time', async () => {
  const home = mkdtempSync(join(tmpdir(), 'curves-'))
  try {
    const epochs = [0.9, 0.5, 0.6].map((loss, i) => ({
      ...{ epoch: i + 1, trainLoss: loss - 0.1, validationLoss: loss, learningRate: 0.01 / (i + 1) },
      ...{ validationDice: i === 0 ? null : 1 - loss, validationDiceGlobal: 1 - loss },
    }))
    mkdirSync(join(home, 'model'))
    writeFileSync(join(home, 'model/curves.csv'), curvesCsv(epochs))
    const facts = { channels: 1, targets: ['_seg'], axis: 'axial' as const, parameters: 1, epochs: 3, bestEpoch: 2 }
    const document = { onnx: 'model.onnx', ...facts, bestValidationLoss: 0.5, validationDice: 0.5, stopped: 'epochs' as const }
    const inputs = { model: artifactIn('model', join(home, 'model'), document) }
    const ran = await runWhole(curves, join(home, 'a'), {}, inputs)
    const again = await runWhole(curves, join(home, 'b'), {}, inputs)
    const files = ['train', 'validation'].map(run => `tensorboard/${run}/events.out.tfevents.0.voxelpipe`)
    for (const file of ['curves.svg', 'curves.csv', ...files])
      expect(readFileSync(join(again.dir, file)).equals(readFileSync(join(ran.dir, file)))).toBe(true)

    expect(readFileSync(join(ran.dir, 'curves.csv'), 'utf8')).toBe(curvesCsv(epochs))
    const losses = files.map(file => eventsIn(readFileSync(join(ran.dir, file))).flatMap(e => e.scalars['loss'] ?? []))
    expect(losses).toEqual([epochs.map(e => Math.fround(e.trainLoss)), epochs.map(e => Math.fround(e.validationLoss))])
    const svg = readFileSync(join(ran.dir, 'curves.svg'), 'utf8')
    for (const text of ['Loss', 'Validation Dice (soft)', 'Learning rate', 'kept: epoch 2']) expect(svg).toContain(text)
    // Two losses, two Dice and a learning rate; the first Dice of an epoch is missing, and the line begins at the second.
    expect([...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) => points!.split(' ').length)).toEqual([3, 3, 2, 3, 3])
  } finally {
    rmSync(home, { recursive: true })
  }
})
