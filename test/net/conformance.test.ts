import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dropoutMasks } from '../../src/net/batches.ts'
import { loadCheckpoint, saveCheckpoint } from '../../src/net/checkpoint.ts'
import { fresh } from '../../src/net/early-stopping.ts'
import type { Engine } from '../../src/net/engine.ts'
import { losses } from '../../src/net/losses/index.ts'
import type { Tensors } from '../../src/net/net.ts'
import { onnxEngine } from '../../src/net/onnx/engine.ts'
import { ops } from '../../src/net/ops/index.ts'
import { close, contenders, discs, gradientsIn, planOf, smallUnet, steps } from './conformance.ts'

const reference = onnxEngine
const run = { threads: 1, device: 'cpu' } as const

interface Settings {
  readonly channels?: number
  readonly classes?: number
  readonly [name: string]: unknown
}
/** Networks that between them have every op. */
const networks: readonly (readonly [string, Settings])[] = [
  ['one class', {}],
  ['two classes by softmax, two channels', { channels: 2, classes: 2, final_activation: 'softmax' }],
  ['two classes by sigmoid, without dropout', { classes: 2, dropout_rate: 0 }],
  ['one class by the largest of the batch', { final_activation: 'relu', depth: 1 }],
  ['two classes by the largest of the batch', { classes: 2, final_activation: 'relu', depth: 1 }],
]

/** Every loss, with settings where it has any. */
const lossCases: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  DiceLoss: { smooth: 2 },
  MultiClassDiceLoss: { classes_of_interest: [1] },
  BinaryCrossEntropyLoss: {},
  FocalLoss: { gamma: 1.5 },
  FocalDiceLoss: { beta: 0.4 },
  GeneralizedDiceLoss: {},
  TverskyLoss: { alpha: 0.4 },
  FocalTverskyLoss: {},
  L2loss: {},
  AdapWingLoss: {},
  LossCombination: { losses_list: ['DiceLoss', 'L2loss'] },
}

const batchFor =
  (params: Settings, size: readonly [number, number] = [16, 12]) =>
  (seed: number) =>
    discs(3, size, { channels: params.channels ?? 1, classes: params.classes ?? 1, seed })

test('every op and every loss is in a case of the suite', () => {
  const used = new Set(networks.flatMap(([, params]) => smallUnet(params).net.layers.map(l => l.op)))
  expect(Object.keys(ops).filter(op => !used.has(op))).toEqual([])
  expect(Object.keys(losses)).toEqual(Object.keys(lossCases))
})

for (const { name, engine } of contenders) {
  if ('absent' in engine) {
    test.skip(`${name} conforms (skipped: ${engine.absent})`, () => undefined)
    continue
  }
  describe(`${name}:`, () => {
    test('two trainings give the same bytes', async () => {
      const { net, weights } = smallUnet()
      const [one, two] = await Promise.all(
        [1, 2].map(async () => {
          const t = await engine.trainer(net, weights, planOf('DiceLoss'))
          await steps(t, batchFor({}), 1, 2)
          const state = await t.state()
          await t.close()
          return state
        }),
      )
      expect(one).toEqual(two)
    })

    test('an image with too many channels is refused in a sentence', async () => {
      const predictor = await engine.predictor(smallUnet(), run)
      const refused = predictor.predict({ shape: [1, 3, 16, 16], data: new Float32Array(3 * 256) })
      await expect(refused).rejects.toMatchObject({ failure: { kind: 'model-refuses', size: '1 x 3 x 16 x 16' } })
      await predictor.close()
    })
  })
  if (engine === reference) continue
  describe(`${name} beside ONNX Runtime:`, () => {
    test.each(networks)('the forward pass in evaluation, and its loss, of %s', async (_, params) => {
      const { net, weights } = smallUnet(params)
      // Five images: evaluation takes four at a time. Sizes that do not halve evenly.
      const batch = discs(5, [13, 18], { channels: 1, classes: 1, ...params, seed: 3 })
      const [ours, theirs] = await Promise.all(
        [engine, reference].map(async e => {
          const t = await e.trainer(net, weights, planOf('DiceLoss'))
          const result = await t.evaluate(batch)
          await t.close()
          return result
        }),
      )
      close('prediction', ours!.prediction, theirs!.prediction, 5e-5)
      expect(ours!.loss).toBeCloseTo(theirs!.loss, 5)
    })

    test.each(networks)('the gradients, and what one step makes of the weights, of %s', async (_, params) => {
      const { net, weights } = smallUnet(params)
      const [ours, theirs] = await Promise.all([engine, reference].map(e => oneStep(e, net, weights, params)))
      expect(ours!.loss).toBeCloseTo(theirs!.loss, 5)
      const [got, expected] = [gradientsIn(ours!.state), gradientsIn(theirs!.state)]
      expect(Object.keys(got)).toEqual(Object.keys(expected))
      for (const [weight, gradient] of Object.entries(expected)) {
        const largest = gradient.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
        // A bias before batch norm's mean has a gradient that is nothing but rounding.
        if (largest > 1e-6) close(`gradient of ${weight}`, got[weight]!, gradient, 2e-4)
      }
      for (const [weight, value] of Object.entries(theirs!.state))
        if (!weight.startsWith('adam.')) close(weight, ours!.state[weight]!, value, 2e-4)
    })

    test.each(Object.entries(lossCases))('a step on %s %j', async (loss, params) => {
      const shape = { classes: 2, dropout_rate: 0, depth: 1 }
      const { net, weights } = smallUnet(shape)
      const [ours, theirs] = await Promise.all([engine, reference].map(e => oneStep(e, net, weights, shape, loss, params)))
      expect(Math.abs(ours!.loss - theirs!.loss)).toBeLessThanOrEqual(1e-5 * Math.abs(theirs!.loss) + 1e-6)
      const [got, expected] = [gradientsIn(ours!.state), gradientsIn(theirs!.state)]
      const last = 'decoder.last_conv.weight'
      close(`gradient of ${last}`, got[last]!, expected[last]!, 1e-4)
    })

    test('20 steps: the loss of each, and the prediction after them', async () => {
      const { net, weights } = smallUnet()
      const [ours, theirs] = await Promise.all(
        [engine, reference].map(async e => {
          const t = await e.trainer(net, weights, planOf('DiceLoss'))
          const losses = await steps(t, batchFor({}), 1, 20)
          const after = await t.evaluate(batchFor({})(99))
          await t.close()
          return { losses, after }
        }),
      )
      theirs!.losses.forEach((loss, i) => expect(Math.abs(ours!.losses[i]! - loss), `step ${i + 1}`).toBeLessThan(2e-3))
      expect(theirs!.losses.at(-1)!).toBeLessThan(theirs!.losses[0]! - 0.1)
      close('prediction', ours!.after.prediction, theirs!.after.prediction, 1e-2)
    })

    test.each([
      ['written by the reference, resumed here', reference, engine],
      ['written here, resumed by the reference', engine, reference],
      ['written and resumed here', engine, engine],
    ])('a checkpoint %s', async (_, writer, reader) => {
      const { net, weights } = smallUnet()
      const dir = await mkdtemp(join(tmpdir(), 'conformance-'))
      const whole = await writer.trainer(net, weights, planOf('DiceLoss'))
      await steps(whole, batchFor({}), 1, 3)
      const [state, bestWeights] = [await whole.state(), await whole.weights()]
      await saveCheckpoint(dir, { epoch: 1, curves: [], patience: fresh, best: { epoch: 1, loss: 0 }, state, bestWeights })
      const rest = await steps(whole, batchFor({}), 4, 8)

      const resumed = await reader.trainer(net, smallUnet({ dropout_rate: 0.3 }).weights, planOf('DiceLoss'))
      await resumed.restore((await loadCheckpoint(dir, line => expect(line).toBe('')))!.checkpoint.state)
      // To the bit, in every tensor; an engine reads what the other wrote.
      expect(await resumed.state()).toEqual(state)
      const again = await steps(resumed, batchFor({}), 4, 8)
      again.forEach((loss, i) => expect(Math.abs(loss - rest[i]!), `step ${i + 4}`).toBeLessThan(writer === reader ? 1e-12 : 1e-3))
      await Promise.all([whole.close(), resumed.close(), rm(dir, { recursive: true })])
    })

    test.each(networks)('predictions of a network with its weights, of %s', async (_, params) => {
      const { net, weights } = smallUnet(params)
      const { x } = discs(2, [15, 20], { channels: 1, ...params })
      const [ours, theirs] = await Promise.all(
        [engine, reference].map(async e => {
          const predictor = await e.predictor({ net, weights }, run)
          const y = await predictor.predict(x)
          await predictor.close()
          return y
        }),
      )
      close('prediction', ours!, theirs!, 1e-5)
    })

    test('samples with dropout on', async () => {
      const { net, weights } = smallUnet()
      const { x } = discs(2, [16, 16])
      const [ours, theirs, plain] = await Promise.all(
        ([[engine], [reference], [engine, 1]] as const).map(async ([e, mask]) => {
          const sampler = await e.sampler(net, weights, run)
          const masks = dropoutMasks(sampler.dropouts, 2, 3, 1, 1).map(m => (mask ? m.map(() => mask) : m))
          const y = await sampler.sample(x, masks)
          await sampler.close()
          return y
        }),
      )
      close('sample', ours!, theirs!, 1e-5)
      expect(ours!.data).not.toEqual(plain!.data)
    })

    test('frozen layers stay as they are, to the bit, and the others learn as with the reference', async () => {
      const { net, weights } = smallUnet()
      const frozen = net.layers.filter(l => l.id.startsWith('encoder.down_path.0')).map(l => l.id)
      const [ours, theirs] = await Promise.all(
        [engine, reference].map(async e => {
          const t = await e.trainer(net, weights, { ...planOf('DiceLoss'), frozen })
          const losses = await steps(t, batchFor({}), 1, 3)
          const state = await t.weights()
          await t.close()
          return { losses, state }
        }),
      )
      const isFrozen = (name: string) => frozen.some(id => name.startsWith(`${id}.`))
      const names = Object.keys(weights)
      expect(names.filter(isFrozen).length).toBeGreaterThan(4)
      for (const name of names.filter(isFrozen)) expect(ours!.state[name]!.data, name).toEqual(weights[name]!.data)
      for (const name of names.filter(n => !isFrozen(n))) expect(ours!.state[name]!.data, name).not.toEqual(weights[name]!.data)
      ours!.losses.forEach((loss, i) => expect(loss).toBeCloseTo(theirs!.losses[i]!, 3))
    })
  })
}

async function oneStep(
  engine: Engine,
  net: Parameters<Engine['trainer']>[0],
  weights: Tensors,
  params: Settings,
  loss = 'DiceLoss',
  lossParams: Readonly<Record<string, unknown>> = {},
) {
  // An epsilon far above rounding: without it the first step of Adam is the sign of the gradient, where that is noise too.
  const plan = { ...planOf(loss, lossParams), optimiser: { name: 'adam', epsilon: 1e-3 } } as const
  const t = await engine.trainer(net, weights, plan)
  const [value] = await steps(t, batchFor(params), 1, 1)
  const state = await t.state()
  await t.close()
  return { loss: value!, state }
}
