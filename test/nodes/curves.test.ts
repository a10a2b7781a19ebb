import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import curves from '../../nodes/curves.ts'
import { curvesCsv } from '../../src/net/curves.ts'
import { writeFilm } from '../../src/qc/film.ts'
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
    mkdirSync(join(home, 'model/gifs'), { recursive: true })
    writeFileSync(join(home, 'model/curves.csv'), curvesCsv(epochs))
    const facts = { channels: 1, targets: ['_seg'], axis: 'axial' as const, parameters: 1, epochs: 3, bestEpoch: 2 }
    const planes = 'gifs/sub-03_slice2.npy'
    const gif = { image: 'sub-03', slice: 2, file: 'gifs/sub-03_slice2.gif', planes, firstEpoch: 2 }
    const plane = (value: number) => new Uint8Array(12).fill(value)
    const film = { height: 3, width: 4, image: plane(9), truth: plane(255), predictions: [plane(1), plane(2)] }
    await writeFilm(join(home, 'model', planes), film)
    const document = { onnx: 'model.onnx', ...facts, bestValidationLoss: 0.5, validationDice: 0.5, stopped: 'epochs' as const, gifs: [gif] }
    const inputs = { model: artifactIn('model', join(home, 'model'), document) }
    const ran = await runWhole(curves, join(home, 'a'), {}, inputs)
    const again = await runWhole(curves, join(home, 'b'), {}, inputs)
    const files = ['train', 'validation'].map(run => `tensorboard/${run}/events.out.tfevents.0.voxelpipe`)
    for (const file of ['curves.svg', 'curves.csv', ...files])
      expect(readFileSync(join(again.dir, file)).equals(readFileSync(join(ran.dir, file)))).toBe(true)

    expect(readFileSync(join(ran.dir, 'curves.csv'), 'utf8')).toBe(curvesCsv(epochs))
    const losses = files.map(file => eventsIn(readFileSync(join(ran.dir, file))).flatMap(e => e.scalars['loss'] ?? []))
    expect(losses).toEqual([epochs.map(e => Math.fround(e.trainLoss)), epochs.map(e => Math.fround(e.validationLoss))])
    const tags = eventsIn(readFileSync(join(ran.dir, files[1]!))).map(e => Object.keys(e.images))
    const of = (...names: string[]) => names.map(name => `sub-03_slice2/${name}`)
    expect(tags).toEqual([[], [], of('input', 'truth', 'prediction'), of('prediction')])
    const svg = readFileSync(join(ran.dir, 'curves.svg'), 'utf8')
    for (const text of ['Loss', 'Validation Dice (soft)', 'Learning rate', 'kept: epoch 2']) expect(svg).toContain(text)
    // Two losses, two Dice and a learning rate; the first Dice of an epoch is missing, and the line begins at the second.
    expect([...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) => points!.split(' ').length)).toEqual([3, 3, 2, 3, 3])
  } finally {
    rmSync(home, { recursive: true })
  }
})
