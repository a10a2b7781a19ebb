import { show, type Chain } from '../transforms/chain.ts'
import type { Net } from './net.ts'
import { scheduleOf } from './schedules/index.ts'
import { parameterCount } from './shapes.ts'
import type { TrainParams } from './train-params.ts'

/** What a training is about to do. */
export interface Training {
  readonly params: TrainParams
  readonly net: Net
  readonly axis: string
  readonly channels: number
  readonly targets: readonly string[]
  readonly once: Chain
  readonly draw: Chain
  /** How many slices, or patches of them. */
  readonly training: number
  readonly validation: number
  /** The model that it starts from, where there is one, and how many of its layers are kept as they are. */
  readonly transfer?: { readonly from: string; readonly frozen: number; readonly layers: number } | undefined
}

interface Line {
  readonly text: string
  readonly level: 'info' | 'warn'
}

/** What ivadomed's console says before the first epoch, in its words. */
export function describeTraining(of: Training): readonly Line[] {
  const { params, net, axis, channels, targets } = of
  const { name: architecture, ...settings } = params.network
  const { lr_scheduler, initial_lr } = params.scheduler
  const { name: loss, ...lossSettings } = params.loss
  const ignored = scheduleOf(lr_scheduler).ignored?.(lr_scheduler) ?? []
  const dropout = params.is_input_dropout ? ['Some channels of every training slice are dropped at random, at every draw.'] : []
  const samples = params.patches ? `patches of shape [${params.patches.length_2D.join(', ')}]` : 'slices'
  const info = [
    `Selected architecture: ${architecture}, with the following parameters:`,
    ...lines({ ...settings, in_channel: channels, out_channel: outputs(targets.length), is_2d: true }),
    `${parameterCount(net).toLocaleString('en-US')} trainable parameters.`,
    ...(['training', 'validation'] as const).flatMap(set => [
      `Selected transformations for the ['${set}'] dataset:`,
      ...show([...of.once, ...of.draw], set),
    ]),
    ...dropout,
    `Loaded ${of.validation} ${axis} ${samples} for the validation set.`,
    `Loaded ${of.training} ${axis} ${samples} for the training set.`,
    ...startOf(of),
    `Scheduler parameters: ${JSON.stringify({ initial_lr, ...lr_scheduler })}`,
    `Selected Loss: ${loss}`,
    `with the parameters: ${JSON.stringify(lossSettings)}`,
  ]
  return [
    ...info.map((text): Line => ({ text, level: 'info' })),
    ...warnings(of).map((text): Line => ({ text, level: 'warn' })),
    ...(ignored.length
      ? [{ text: `No effect on ${lr_scheduler.name}, as in ivadomed: ${ignored.join(', ')}.`, level: 'warn' } as const]
      : []),
  ]
}

/** What the weights are at first, and what is done to slices that is seldom done. */
function startOf({ params, transfer }: Training): readonly string[] {
  const mixup = params.mixup_alpha === null ? [] : [`Mixup of training slices, alpha ${params.mixup_alpha}.`]
  if (!transfer) return ["Initialising model's weights from scratch.", ...mixup]
  const { from, frozen, layers } = transfer
  const rest = params.transfer_learning.reset ? 'start from new weights' : 'go on from its weights'
  return [
    `Initialising model's weights from ${from}: ${frozen} of ${layers} layers stay as they are, ${layers - frozen} ${rest}.`,
    ...mixup,
  ]
}

function warnings({ params: { transfer_learning: t }, transfer }: Training): readonly string[] {
  if (transfer && transfer.frozen === 0 && t.reset)
    return [
      'Nothing of the model to start from is used: all layers are trained, and reset. Set reset to false, or retrain_fraction below 1.',
    ]
  if (!transfer && t.retrain_fraction < 1) return ['transfer_learning.retrain_fraction has no effect: there is no model to start from.']
  return []
}

/** ivadomed counts the background among several classes. */
const outputs = (classes: number): number => (classes > 1 ? classes + 1 : 1)

const lines = (settings: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(settings).map(([key, value]) => `${key}: ${String(value)}`)
