import { join } from 'node:path'
import { measure } from './measure.ts'

/** A training as PyTorch is to repeat it: shapes and settings; the values of the voxels do not change its time. */
export interface TorchTraining {
  readonly train: number
  readonly validation: number
  readonly size: readonly [number, number]
  readonly depth: number
  readonly filters: number
  readonly classes: number
  readonly batch: number
  readonly threads: number
  /** The transforms of each draw as ivadomed does them, in the process of the training. */
  readonly affine: boolean
  readonly elastic: boolean
}

export interface TorchTimes {
  readonly torch: string
  readonly parameters: number
  /** Seconds; of the training batches and the validation batches of one epoch, after three batches of warm-up. */
  readonly trainSeconds: number
  readonly validationSeconds: number
  /** Seconds within `trainSeconds` for making the samples. */
  readonly sampleSeconds: number
  readonly residentMiB?: number
}

let found: string | undefined

/** A Python that has PyTorch. */
export async function pythonWithTorch(): Promise<string> {
  const named = process.env['VOXELPIPE_BENCH_PYTHON']
  for (const python of named ? [named] : [found ?? 'python3', '/usr/bin/python3'])
    try {
      await measure([python, '-c', 'import torch, scipy'])
      return (found = python)
    } catch {
      continue
    }
  throw new Error('no Python with torch and scipy: apt-get install python3-torch python3-scipy, or name one by VOXELPIPE_BENCH_PYTHON')
}

/** Times one epoch of a training in PyTorch, in a process of its own. */
export async function torchTraining(training: TorchTraining): Promise<TorchTimes> {
  const { stdout, residentMiB } = await measure([
    await pythonWithTorch(),
    join(import.meta.dirname, 'training_torch.py'),
    JSON.stringify(training),
  ])
  const times = JSON.parse(stdout.trim().split('\n').at(-1)!) as TorchTimes
  return { ...times, ...(residentMiB !== undefined && { residentMiB }) }
}
