import type { Progress } from '../event.ts'
import type { Chain } from '../transforms/chain.ts'
import type { EpochRecord } from './curves.ts'
import type { StoppingRule } from './early-stopping.ts'
import type { Engine, TrainPlan } from './engine.ts'
import type { Net, Tensor, Tensors } from './net.ts'
import type { SampleRef } from './samples.ts'
import type { ScheduleParams } from './schedules/index.ts'

/** Everything that a training is decided by, and what it reports to. */
export interface TrainOptions {
  readonly engine: Engine
  readonly net: Net
  /** The weights and running statistics to start from. */
  readonly initial: Tensors
  readonly plan: TrainPlan
  readonly train: readonly SampleRef[]
  readonly validation: readonly SampleRef[]
  /** Transforms done at every draw. */
  readonly chain: Chain
  /** Labels keep their values between 0 and 1; else they are cut at 0.5. */
  readonly soft?: boolean | undefined
  /** Of the channels some become 0, in training. */
  readonly inputDropout?: boolean | undefined
  readonly batchSize: number
  /** Of the whole training, as the schedule counts them. */
  readonly epochs: number
  /** The epoch after which this part of it ends; absent: the last. */
  readonly until?: number | undefined
  /** The checkpoint of the part before, and what it is called in messages. */
  readonly resume?: { readonly path: string; readonly name: string } | undefined
  /** The file that the last checkpoint is kept in; absent: it goes with the others. */
  readonly keep?: string | undefined
  readonly initialLr: number
  readonly schedule: ScheduleParams
  readonly earlyStopping: StoppingRule
  readonly seed: number
  /** A folder that outlives a kill; a training found there is gone on with. */
  readonly checkpoints: string
  /** Threads that read and transform batches ahead of the steps; 0: none. Does not shape the result. */
  readonly workers: number
  readonly signal: AbortSignal
  /** Training batches are mixed, with lambda ~ Beta(alpha, alpha). */
  readonly mixupAlpha?: number | undefined
  /**
   * The training samples of an epoch (counted from 1), where they are given rather than shuffled: as many as there are, some
   * of them several times and others not at all where they are balanced.
   */
  readonly order?: ((epoch: number) => readonly number[]) | undefined
  /** Looks on at the validation set; shapes nothing. */
  readonly watch?: ValidationWatch | undefined
  readonly progress: (p: Progress) => void
  readonly log: (line: string, level?: 'info' | 'warn') => void
}

/** Keeps something of what is predicted for the validation set, in every epoch of this part of a training. */
export interface ValidationWatch {
  /** The prediction for a batch, [N, K, H, W], whose first sample has this place in the validation set. */
  see(from: number, prediction: Tensor): void
  /** The epoch is over: what was seen in it is put where it outlives a kill. Asked for before the epoch's checkpoint is written. */
  keep(epoch: number): Promise<void>
  /** Whether what was kept is there for all epochs of this part up to this one. */
  holds(epoch: number): Promise<boolean>
}

/** What a training came to. */
export interface TrainResult {
  /** Weights and running statistics of the epoch with the lowest validation loss. */
  readonly best: Tensors
  /** Those after the last epoch. */
  readonly final: Tensors
  readonly bestEpoch: number
  readonly curves: readonly EpochRecord[]
  readonly stopped: 'epochs' | 'early-stopping'
}
