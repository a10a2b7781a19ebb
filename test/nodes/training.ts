import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import type { tensors as tensorsKind } from '../../nodes/artifacts.ts'
import train from '../../nodes/train.ts'
import { describe, FailureError } from '../../src/failure.ts'
import type { Job } from '../../src/node.ts'
import { chainSchema, splitChain } from '../../src/transforms/chain.ts'
import { packedImage } from '../net/samples-on-disk.ts'
import { artifactIn } from './each.ts'

type Tensors = z.infer<typeof tensorsKind.schema>
type TrainJob = Job<z.infer<typeof train.params>, typeof train.inputs>

const native = { shape: [16, 16, 4], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], qformCode: 1, sformCode: 1, xyztUnits: 2 }
/** A small training. */
export const settings = {
  batch_size: 3,
  training_time: { num_epochs: 3 },
  scheduler: { initial_lr: 0.01, lr_scheduler: { name: 'CosineAnnealingLR', base_lr: 1e-5 } },
  network: { depth: 1, n_filters: 4 },
}
const { once, draw } = splitChain(
  chainSchema.parse({
    CenterCrop: { size: [16, 16] },
    RandomAffine: { degrees: 5, scale: [0.1, 0.1], dataset_type: ['training'] },
    NormalizeInstance: { applied_to: ['im'] },
  }),
)

/** Four images of four slices, packed below `dir`. */
export async function packed(dir: string): Promise<Tensors> {
  const folder = join(dir, 'tensors')
  mkdirSync(folder, { recursive: true })
  const ids = ['sub-01', 'sub-02', 'sub-03', 'sub-04']
  for (const id of ids) await packedImage(folder, id, 4, 16)
  const image = (id: string): Tensors['images'][string] => ({
    volume: { shape: [16, 16, 4], spacing: [1, 1, 1], native },
    ...{ slices: [0, 1, 2, 3], shape: [16, 16], undo: [], image: `${id}_image.npy`, label: `${id}_label.npy` },
  })
  return {
    axis: 'axial',
    targets: ['_seg'],
    channels: 1,
    once: [...once],
    draw: [...draw],
    images: Object.fromEntries(ids.map(id => [id, image(id)])),
  }
}
/** Two images to learn from, one to validate with. */
export const split = { train: ['sub-01', 'sub-02'], validation: ['sub-03'], test: ['sub-04'] }

/** Runs the train node into `dir/name`. */
export async function run(
  dir: string,
  name: string,
  change: { tensors?: Tensors; split?: typeof split; settings?: unknown; job?: Partial<TrainJob> } & Partial<
    Pick<TrainJob['inputs'], 'index' | 'from' | 'resume'>
  > = {},
) {
  const lines: string[] = []
  const out = join(dir, name)
  mkdirSync(out, { recursive: true })
  const value = change.tensors ?? (await packed(dir))
  const job: TrainJob = {
    params: train.params.parse(change.settings ?? settings),
    inputs: {
      tensors: artifactIn('tensors', join(dir, 'tensors'), value),
      split: artifactIn('split', dir, change.split ?? split),
      index: change.index,
      from: change.from,
      resume: change.resume,
    },
    ...{ dir: out, scratch: join(dir, 'scratch', name), seed: 6, threads: 1, compute: { engine: 'onnx', device: 'cpu' } },
    signal: new AbortController().signal,
    progress: () => undefined,
    log: (line, level = 'info') => lines.push(`${level}: ${line}`),
    ...change.job,
  }
  const document = train.output.schema.parse(await train.run(job))
  const read = (file: string) => readFileSync(join(out, file))
  return { document, lines, files: readdirSync(out).sort(), read }
}

/** The message of the failure that some work ends in. */
export const messageOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((e: unknown) => e)
  assert.ok(error instanceof FailureError, String(error))
  return describe(error.failure)
}
