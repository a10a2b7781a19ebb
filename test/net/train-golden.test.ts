import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unet } from '../../src/net/models/unet.ts'
import type { Tensors } from '../../src/net/net.ts'
import { onnxEngine } from '../../src/net/onnx/engine.ts'
import type { SampleRef } from '../../src/net/samples.ts'
import { scheduleParams } from '../../src/net/schedules/index.ts'
import { train } from '../../src/net/train.ts'
import { writeNpy } from '../../src/npy.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'

interface State {
  readonly file: string
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string; readonly offset: number }[]
}
interface FullRun {
  readonly name: string
  readonly model_params: { readonly depth: number; readonly n_filters: number; readonly dropout_rate: number; readonly bn_momentum: number }
  readonly training_params: {
    readonly batch_size: number
    readonly training_time: { num_epochs: number; early_stopping_patience: number; early_stopping_epsilon: number }
    readonly scheduler: { readonly initial_lr: number; readonly lr_scheduler: unknown }
    readonly loss: { readonly name: string }
  }
  readonly initial_state: State
  readonly train_input: Descriptor
  readonly train_target: Descriptor
  readonly valid_input: Descriptor
  readonly valid_target: Descriptor
  readonly train_order: readonly (readonly number[])[]
  readonly lr_per_epoch: readonly number[]
  readonly loss_per_valid_step: readonly number[]
  readonly scalars_per_epoch: readonly (readonly [string, number, Readonly<Record<string, number>>])[]
  readonly epochs_run: number
  readonly best_epoch: number
  readonly best_state: State
  readonly final_state: State
}
const folder = 'training/full_run'

/** The float32 tensors of a stored state_dict; counters of batches, which are integers, are of no use to us. */
function stateOf({ file, tensors }: State): Tensors {
  const bytes = readFileSync(join(shared, 'golden', folder, file))
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const floats = tensors.filter(t => t.dtype === 'float32')
  return Object.fromEntries(
    floats.map(({ name, shape, offset }) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [name, { shape, data: numbers.slice(offset, offset + size) }]
    }),
  )
}

async function samples(dir: string, id: string, input: Descriptor, target: Descriptor): Promise<readonly SampleRef[]> {
  const paths = { image: join(dir, `${id}_image.npy`), label: join(dir, `${id}_label.npy`) }
  await writeNpy(paths.image, 'float32', input.shape, Float32Array.from(goldenArray(folder, input)))
  await writeNpy(paths.label, 'float32', target.shape, Float32Array.from(goldenArray(folder, target)))
  return Array.from({ length: input.shape[0]! }, (_, row) => ({ id, slice: row, row, ...paths }))
}

const close = (actual: number, expected: number, tolerance: number, what: string) => {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`)
}
function closeStates(actual: Tensors, expected: Tensors, what: string) {
  let compared = 0
  for (const [name, { data }] of Object.entries(expected))
    data.forEach((value, i) => {
      close(actual[name]!.data[i]!, value, 2e-5, `${what} ${name}[${i}]`)
      compared++
    })
  assert.ok(compared > 4800)
}

async function rerun(golden: FullRun, dir: string) {
  const { model_params: m, training_params: t } = golden
  const net = unet.net({ ...m, channels: 1, classes: 1, final_activation: 'sigmoid' })
  return train({
    engine: onnxEngine,
    net,
    initial: stateOf(golden.initial_state),
    plan: { loss: { name: t.loss.name, params: {} }, optimiser: { name: 'adam' }, threads: 1, device: 'cpu' },
    train: await samples(dir, 'train', golden.train_input, golden.train_target),
    validation: await samples(dir, 'validation', golden.valid_input, golden.valid_target),
    chain: [],
    batchSize: t.batch_size,
    epochs: t.training_time.num_epochs,
    initialLr: t.scheduler.initial_lr,
    schedule: scheduleParams.parse(t.scheduler.lr_scheduler),
    earlyStopping: { patience: t.training_time.early_stopping_patience, epsilon: t.training_time.early_stopping_epsilon },
    seed: 6,
    checkpoints: join(dir, 'scratch'),
    workers: 0,
    signal: new AbortController().signal,
    order: epoch => golden.train_order[epoch - 1]!,
    progress: () => undefined,
    log: () => undefined,
  })
}

function check(golden: FullRun, result: Awaited<ReturnType<typeof train>>) {
  const logged = (what: string, epoch: number) => golden.scalars_per_epoch.find(([name, e]) => name === what && e === epoch)![2]
  assert.equal(result.curves.length, golden.epochs_run)
  for (const { epoch, trainLoss, validationLoss, validationDice, learningRate } of result.curves) {
    const scale = Math.max(1, Math.abs(validationLoss))
    close(trainLoss, logged('losses', epoch)['train_loss']!, 1e-5 * scale, `training loss of epoch ${epoch}`)
    close(validationLoss, logged('losses', epoch)['val_loss']!, 1e-5 * scale, `validation loss of epoch ${epoch}`)
    close(validationDice!, logged('Validation/Metrics', epoch)['dice_score']!, 1e-5, `validation Dice of epoch ${epoch}`)
    close(learningRate, golden.lr_per_epoch[epoch - 1]!, 1e-12, `learning rate of epoch ${epoch}`)
  }
  assert.equal(result.bestEpoch, golden.best_epoch)
  closeStates(result.best, stateOf(golden.best_state), 'best')
  closeStates(result.final, stateOf(golden.final_state), 'final')
}

// In `early_stop` ivadomed's rule and the documented one agree by chance: no epoch improves by 4, be it per cent or absolute.
for (const name of ['dice_cosine', 'early_stop', 'focal_cyclic']) {
  const told = `the run ${name} of ivadomed is repeated: its losses, its Dice, its best epoch, its weights`
  sharedTest(`golden/${folder}`, told, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'voxelpipe-test-'))
    try {
      const golden = (goldenCases(folder) as { cases: readonly FullRun[] }).cases.find(c => c.name === name)!
      check(golden, await rerun(golden, dir))
    } finally {
      await rm(dir, { recursive: true })
    }
  })
}
