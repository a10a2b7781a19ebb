import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Event } from '../../src/event.ts'
import { readVolume } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { makePhantom } from '../../src/phantom/phantom.ts'

/** Runs on disk as `pipe run` leaves them: a dataset of the user's, artifacts in a cache, run folders that link to both. */
export interface Runs {
  readonly home: string
  /** The folder of runs. */
  readonly root: string
  readonly dataset: string
  readonly run: string
  /** Makes an artifact of files and a document; its folder. */
  artifact(kind: string, value: unknown, files?: Readonly<Record<string, string | Uint8Array>>): string
  /** Makes another run folder. */
  addRun(pipeline: string, run: string, events: readonly Event[], steps?: Readonly<Record<string, string>>): string
  close(): void
}

export const runId = '20261126-080000-abcdef'
type Span = readonly [from: number, to: number]

/** Where in sub-01 (stored as RAS) a block of the mask is wrong, in voxels; the label is nowhere near. */
export const block: { readonly x: Span; readonly y: Span; readonly slice: number } = { x: [4, 9], y: [5, 8], slice: 6 }
export const images = ['sub-01_T2w', 'sub-02_T2w'] as const

const pipelineText = `name: demo
seed: 1
steps:
  dataset: { node: folder, params: { path: data } }
  index: { node: bids-index, inputs: { datasets: [dataset] } }
  model: { node: train, inputs: { tensors: index } }
  masks: { node: postprocess, inputs: { predictions: index } }
  metrics: { node: evaluate, inputs: { masks: masks, index: index, datasets: [dataset] } }
`

/** Two images (one RAS, one LPI), their labels as masks, and in the first mask a wrong block. */
export async function makeRuns(): Promise<Runs> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'view-')))
  const [dataset, root] = [join(home, 'data'), join(home, 'runs')]
  await makePhantom(dataset, { subjects: 2, shape: [40, 36, 10], spacing: [1, 1, 2], contrasts: ['T2w'], orientations: ['RAS', 'LPI'] }, 3)

  const artifact: Runs['artifact'] = (kind, value, files = {}) => {
    const work = mkdtempSync(join(home, 'work-'))
    for (const [path, data] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true })
      writeFileSync(join(work, path), data)
    }
    return seal(home, work, kind, value)
  }
  const addRun: Runs['addRun'] = (pipeline, run, events, steps = {}) => {
    const dir = join(root, pipeline, run)
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, 'pipeline.yaml'), pipelineText)
    writeFileSync(join(dir, 'events.jsonl'), events.map((event, i) => `${JSON.stringify({ time: timeOf(i), ...event })}\n`).join(''))
    for (const [step, target] of Object.entries(steps)) symlinkSync(target, join(dir, step))
    return dir
  }

  const index = artifact('index', { targets: ['_seg-manual'], images: images.map(rowOf) })
  const maskFolder = mkdtempSync(join(home, 'masks-'))
  for (const id of images) await writeMask(dataset, maskFolder, id)
  const masks = seal(home, maskFolder, 'masks', {
    targets: ['_seg-manual'],
    images: Object.fromEntries(images.map(id => [id, { file: `${id}_pred.nii.gz` }])),
  })
  const values = { 'sub-01_T2w': 0.75, 'sub-02_T2w': 1 } as const
  const metrics = artifact('metrics', {
    rows: images.map(image => ({ image, values: { dice_class0: values[image], vol_gt_class0: 1 } })),
    means: { dice_class0: 0.875 },
  })
  const curves =
    'epoch,train_loss,validation_loss,validation_dice,validation_dice_global,learning_rate\n1,-0.1,-0.2,,0.3,0.01\n2,-0.5,-0.4,0.45,0.5,0.005\n'
  const model = artifact('model', { axis: 'axial', parameters: 1234, epochs: 2, bestEpoch: 2 }, { 'curves.csv': curves })
  const run = addRun('demo', runId, finished, { dataset, index, model, masks, metrics })
  return { home, root, dataset, run, artifact, addRun, close: () => rmSync(home, { recursive: true, force: true }) }
}

const timeOf = (second: number): string => new Date(Date.UTC(2026, 10, 26, 8, 0, second)).toISOString()

/** The row of an image in the index. */
export const rowOf = (id: string) => {
  const [subject] = id.split('_') as [string]
  const labels = [[`derivatives/labels/${subject}/anat/${id}_seg-manual.nii.gz`]]
  return { id, dataset: 0, subject, contrast: 'T2w', entities: {}, image: `${subject}/anat/${id}.nii.gz`, labels, metadata: {} }
}

async function writeMask(dataset: string, dir: string, id: string): Promise<void> {
  const label = await readVolume(join(dataset, rowOf(id).labels[0]![0]!))
  const data = Uint8Array.from(label.data)
  const [nx, ny] = label.shape
  if (id === images[0])
    for (let y = block.y[0]; y < block.y[1]; y++) for (let x = block.x[0]; x < block.x[1]; x++) data[x + nx * (y + ny * block.slice)] = 1
  await writeNifti(join(dir, `${id}_pred.nii.gz`), { ...label, data, dtype: 'uint8' })
}

/** Puts a folder where the cache would have it: under the digest of its document. */
function seal(home: string, work: string, kind: string, value: unknown): string {
  const paths = readdirSync(work, { recursive: true, encoding: 'utf8' }).filter(path => statSync(join(work, path)).isFile())
  const files = paths.sort().map(path => ({ path, size: statSync(join(work, path)).size, digest: '0' }))
  const text = JSON.stringify({ format: 1, kind, value, files })
  const digest = createHash('sha256').update(text).digest('hex')
  const dir = join(home, 'cache', 'artifacts', digest.slice(0, 2), digest)
  mkdirSync(dirname(dir), { recursive: true })
  cpSync(work, dir, { recursive: true })
  rmSync(work, { recursive: true })
  writeFileSync(join(dir, 'artifact.json'), text)
  return dir
}

const digest = '0' as never
/** Two epochs of a training, heard. */
export const epochs: readonly Event[] = [1, 2].map(done => ({
  type: 'node-progress',
  step: 'model',
  progress: { done, total: 2, unit: 'epoch', metrics: { train_loss: -0.1 * done, validation_loss: -0.2, validation_dice: 0.2 * done } },
}))
export const begun: readonly Event[] = [
  { type: 'run-started', pipeline: 'demo', file: 'demo.yaml', run: runId, dir: '', steps: ['index', 'model', 'masks'] },
  { type: 'node-done', step: 'index', node: 'bids-index', how: 'cached', digest, ms: 3 },
  { type: 'node-started', step: 'model', node: 'train', why: { kind: 'never-ran' } },
]
export const finished: readonly Event[] = [
  ...begun,
  { type: 'node-progress', step: 'model', progress: { done: 3, total: 9, unit: 'batch', metrics: { loss: 0.4 } } },
  ...epochs,
  { type: 'node-done', step: 'model', node: 'train', how: 'ran', digest, ms: 4200 },
  { type: 'run-done', ok: true, ms: 5000, ran: 4, cached: 1, failed: 0 },
]
