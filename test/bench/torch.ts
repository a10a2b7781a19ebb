import { existsSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { readNpyHeader } from '../../src/npy.ts'
import { measure } from './measure.ts'
import type { PipeRun } from './pipe.ts'

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

/**
 * glibc told to keep what is freed: as installed, PyTorch gives its large tensors back to the system and takes them again, which
 * is slow on a machine with slow page faults. Users do not set this; it is PyTorch at its best, and told beside PyTorch as it is.
 */
export const memoryKept = { MALLOC_MMAP_THRESHOLD_: '4294967296', MALLOC_TRIM_THRESHOLD_: '8589934592' } as const

/** Times one epoch of a training in PyTorch, in a process of its own. */
export async function torchTraining(training: TorchTraining, env: Readonly<Record<string, string>> = {}): Promise<TorchTimes> {
  const command = [await pythonWithTorch(), join(import.meta.dirname, 'training_torch.py'), JSON.stringify(training)]
  const { stdout, residentMiB } = await measure(command, { env })
  const times = JSON.parse(stdout.trim().split('\n').at(-1)!) as TorchTimes
  return { ...times, ...(residentMiB !== undefined && { residentMiB }) }
}

/** What PyTorch has to repeat: the settings of the pipeline as it ran, and the sizes of what it made. */
export async function trainingOf(run: PipeRun): Promise<TorchTraining> {
  const { steps } = ranPipeline.parse(parse(readFileSync(join(run.dir, 'pipeline.yaml'), 'utf8')))
  const parts = splitFile.parse(JSON.parse(readFileSync(join(run.dir, 'split/split_datasets.json'), 'utf8')))
  const shapes = async (ids: readonly string[]): Promise<readonly (readonly number[])[]> =>
    (await Promise.all(ids.map(id => npyShape(join(run.dir, 'tensors', `${id}_image.npy`))))).filter(s => s !== undefined)
  const count = (list: readonly (readonly number[])[]): number => list.reduce((sum, s) => sum + s[0]!, 0)
  const [train, validation] = [await shapes(parts.train), await shapes(parts.valid)]
  const [, , height, width] = train[0]!
  const transforms = JSON.stringify(steps.tensors.params)
  return {
    train: count(train),
    validation: count(validation),
    size: [height!, width!],
    depth: steps.model.params.network.depth,
    filters: steps.model.params.network.n_filters,
    classes: steps.index.params.target_suffix.length,
    batch: steps.model.params.batch_size,
    threads: 2,
    affine: transforms.includes('"RandomAffine"'),
    elastic: transforms.includes('"ElasticTransform"'),
  }
}

const ranPipeline = z.object({
  steps: z.object({
    index: z.object({ params: z.object({ target_suffix: z.array(z.unknown()) }) }),
    tensors: z.object({ params: z.unknown() }),
    model: z.object({ params: z.object({ batch_size: z.int(), network: z.object({ depth: z.int(), n_filters: z.int() }) }) }),
  }),
})
const splitFile = z.object({ train: z.array(z.string()), valid: z.array(z.string()) })

/** Undefined for an image all of whose slices were dropped. */
async function npyShape(path: string): Promise<readonly number[] | undefined> {
  if (!existsSync(path)) return undefined
  const file = await open(path)
  try {
    return (await readNpyHeader(file)).shape
  } finally {
    await file.close()
  }
}
