import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { nodes } from '../../nodes/index.ts'
import bidsIndex from '../../nodes/bids-index.ts'
import type { Artifact, Digest } from '../../src/artifact.ts'
import { readSplit } from '../../src/bids/given-split.ts'
import { datasetName } from '../../src/bids/dataset.ts'
import { readSidecar, readTsv } from '../../src/bids/tables.ts'
import { FailureError } from '../../src/failure.ts'
import { unpack } from '../../src/fetch/archive.ts'
import { eachVolume, readHeader, readLabels, readVolume, readVolumes } from '../../src/image/nifti.ts'
import { niftiHeader } from '../../src/image/nifti-write.ts'
import { importConfig } from '../../src/ivadomed/import.ts'
import { loadPipeline } from '../../src/pipeline/load.ts'
import type { Failure, Result } from '../../src/failure.ts'
import type { Random } from '../../src/random.ts'
import { loadUserNode } from '../../src/user-node.ts'
import { tarGzOf, zipOf } from '../fetch/archives.ts'
import { tutorial } from '../ivadomed/importing.ts'
import { runWhole } from '../nodes/whole.ts'
import { mutateBytes, mutateHeader, mutateJson, mutateText } from './mutate.ts'

/** Something that reads what others wrote. `dir` has an empty folder `in` for what it writes, and `out` for what is made of it. */
export type Target = (random: Random, dir: string) => Promise<void>

const unless = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Failures(result.failures)
  return result.value
}

/** Several failures, as a command prints them. */
export class Failures extends Error {
  readonly failures: readonly Failure[]
  constructor(failures: readonly Failure[]) {
    super('failures')
    this.failures = failures
  }
}

const root = resolve(import.meta.dirname, '../..')
const pipelines = readdirSync(join(root, 'pipelines'))
  .filter(name => name.endsWith('.yaml'))
  .map(name => readFileSync(join(root, 'pipelines', name), 'utf8'))
const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!

const loading = (dir: string) => ({ registry: nodes, sets: [], env: { HOME: '/somewhere' }, cwd: join(dir, 'in'), loadUserNode })

const pipeline: Target = async (random, dir) => {
  writeFileSync(join(dir, 'in/p.yaml'), mutateText(pick(random, pipelines), random))
  unless(await loadPipeline('p.yaml', loading(dir)))
}

const configuration: Target = async (random, dir) => {
  const whole = random.uniform() < 0.3
  const config = JSON.stringify(whole ? tutorial() : mutateJson(tutorial(), random), undefined, 2)
  const { yaml } = unless(
    importConfig('c.json', whole ? mutateText(config, random) : config, { registry: nodes, allowUnknown: random.uniform() < 0.5 }),
  )
  unless(await loadPipeline('c.json', { ...loading(dir), text: yaml }))
}

const image = (dtype: 'uint8' | 'int16' | 'float32', shape: readonly number[], bytes: number): Buffer => {
  const header = {
    shape,
    dtype,
    affine: [2, 0, 0, -9, 0, 2, 0, -9, 0, 0, 3, -9, 0, 0, 0, 1],
    qformCode: 1,
    sformCode: 1,
    xyztUnits: 10,
  } as const
  const voxels = shape.reduce((a, b) => a * b, 1) * bytes
  return Buffer.concat([niftiHeader(header), Uint8Array.from({ length: voxels }, (_, i) => i % 251)])
}
const images = [image('uint8', [5, 4, 3], 1), image('int16', [4, 4, 2, 2], 2), image('float32', [3, 3, 1], 4)]
const readers: readonly ((path: string) => Promise<unknown>)[] = [
  readHeader,
  readVolume,
  readLabels,
  readVolumes,
  async path => {
    for await (const { data } of eachVolume(path)) if (data.length === 0) throw new Error('an image without voxels')
  },
]

const nifti: Target = async (random, dir) => {
  const bytes = mutateHeader(pick(random, images), random)
  const [name, packed] = pick(random, [
    ['i.nii', bytes],
    ['i.nii.gz', gzipSync(bytes)],
    ['i.nii.gz', mutateBytes(gzipSync(bytes), random)],
  ] as const)
  writeFileSync(join(dir, 'in', name), packed)
  await pick(random, readers)(join(dir, 'in', name))
}

const table = 'participant_id\tage\tsex\nsub-01\t34\tM\nsub-02\tn/a\tF\n'
const sidecar = { RepetitionTime: 2.5, Manufacturer: 'A', EchoTime: 0.01, SliceTiming: [0, 1], Nested: { a: { b: null } } }
const split = { train: ['sub-01_T2w'], valid: ['sub-02_T2w'], test: ['sub-01'] }

/** A dataset whose tables and sidecars are not as they should be. */
const dataset: Target = async (random, dir) => {
  const home = join(dir, 'in')
  const anat = (subject: string, ...names: readonly string[]): string => join(home, ...names, `sub-${subject}`, 'anat')
  for (const [at, subject] of ['01', '02'].entries()) {
    mkdirSync(anat(subject), { recursive: true })
    mkdirSync(anat(subject, 'derivatives', 'labels'), { recursive: true })
    writeFileSync(join(anat(subject), `sub-${subject}_T2w.nii.gz`), gzipSync(images[0]!))
    writeFileSync(join(anat(subject, 'derivatives', 'labels'), `sub-${subject}_T2w_seg-manual.nii.gz`), gzipSync(images[0]!))
    const text = random.uniform() < 0.5 ? JSON.stringify(mutateJson(sidecar, random)) : mutateText(JSON.stringify(sidecar), random)
    if (at === 0) writeFileSync(join(anat(subject), `sub-${subject}_T2w.json`), text)
  }
  writeFileSync(join(home, 'participants.tsv'), mutateText(table, random))
  writeFileSync(join(home, 'dataset_description.json'), mutateText('{ "Name": "made", "BIDSVersion": "1.6.0" }', random))
  writeFileSync(join(dir, 'in', 'split.json'), JSON.stringify(mutateJson(split, random)))
  await pick(random, [
    async () => readTsv(join(home, 'participants.tsv'), ['participant_id']),
    async () => readSidecar(join(anat('01'), 'sub-01_T2w.json')),
    async () => readSplit(join(home, 'split.json')),
    async () => {
      const files = readdirSync(home, { recursive: true, encoding: 'utf8' })
        .filter(path => path.includes('.'))
        .sort()
        .map(path => ({ path, size: 1, digest: path as Digest }))
      const from: Artifact<{ name: string }> = {
        kind: 'dataset',
        digest: 'd' as Digest,
        dir: home,
        value: { name: datasetName(home) },
        files,
      }
      await runWhole(bidsIndex, join(dir, 'out'), { contrasts: ['T2w'], target_suffix: ['_seg-manual'] }, { datasets: [from] })
    },
  ])()
}

const entries = [
  { name: 'data/sub-01/a.txt', data: 'hello '.repeat(50) },
  { name: 'data/b.txt', data: 'x' },
  { name: 'data/sub-02/c.json', data: '{}' },
]
const paths = [
  '../e.txt',
  '/tmp/voxelpipe-fuzz-escape',
  'data/../../e.txt',
  'data/b.txt',
  'data',
  'DATA/B.TXT',
  'a\\..\\e',
  '',
  '.',
  'x/',
  'a\u0000b',
  'é',
]

const archive: Target = async (random, dir) => {
  const made = entries.map(e => (random.uniform() < 0.2 ? { ...e, name: pick(random, paths) } : e))
  const links = made.map(e =>
    random.uniform() < 0.1 ? { ...e, mode: 0o120777, type: pick(random, ['1', '2', '3', '5', 'x', 'L']), link: '../e' } : e,
  )
  const isZip = random.uniform() < 0.5
  const bytes = isZip ? zipOf(links) : tarGzOf(links)
  const how = random.uniform()
  const packed = how < 0.3 ? bytes : isZip || how < 0.5 ? mutateBytes(bytes, random) : gzipSync(mutateBytes(gunzipSync(bytes), random))
  writeFileSync(join(dir, 'in/archive'), packed)
  const options = { stripRoot: random.uniform() < 0.5, signal: new AbortController().signal, shown: 'http://example.org/archive' }
  await unpack(join(dir, 'in/archive'), join(dir, 'out'), options)
}

/** What is fuzzed, by name. */
export const targets: Readonly<Record<string, Target>> = { pipeline, configuration, nifti, dataset, archive }

/** The failures of an error that is the user's; undefined for a bug. */
export function failuresOfError(error: unknown): readonly Failure[] | undefined {
  if (error instanceof Failures) return error.failures
  return error instanceof FailureError ? [error.failure] : undefined
}
