import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeNifti } from '../image/nifti-write.ts'
import { Random } from '../random.ts'
import { type Contrast, contrasts, drawAnatomy, sampleAnatomy } from './anatomy.ts'
import { type Scanner, scan } from './scan.ts'
import { type Stored, storeAs } from './store.ts'

/** What to make. Shape and spacing are along right, anterior and superior, whatever the orientation of storage. */
export interface PhantomParams {
  readonly subjects: number
  readonly shape: readonly [number, number, number]
  readonly spacing: readonly [number, number, number]
  readonly contrasts: readonly Contrast[]
  /** Orientations of storage, as nibabel names them; subject s has the one at s modulo their number. */
  readonly orientations: readonly string[]
  /** Turn of the stored grid about the left-right axis, in degrees. */
  readonly tilt: number
  readonly bias: number
  readonly noise: number
  /** Images left out, such as `sub-03_T2star`. */
  readonly missing: readonly string[]
}

export const phantomDefaults: PhantomParams = {
  subjects: 8,
  shape: [48, 48, 8],
  spacing: [1, 1, 5],
  contrasts,
  orientations: ['RPI', 'LPI', 'RAS', 'PIR'],
  tilt: 0,
  bias: 0.25,
  noise: 0.04,
  missing: [],
}

/** Three places where the phantoms were scanned: each has its machine, its gain and its noise. */
const institutions = [
  { id: 'harbour', Manufacturer: 'Siemens', gain: 600, noise: 1 },
  { id: 'lakeside', Manufacturer: 'Philips', gain: 1500, noise: 1.25 },
  { id: 'northgate', Manufacturer: 'GE', gain: 250, noise: 0.8 },
] as const

/** Sidecar fields in the units of BIDS: seconds and degrees. */
const sequences: Readonly<Record<Contrast, Readonly<Record<string, number>>>> = {
  T1w: { EchoTime: 0.0024, RepetitionTime: 2.3, FlipAngle: 9 },
  T2w: { EchoTime: 0.12, RepetitionTime: 1.5, FlipAngle: 120 },
  T2star: { EchoTime: 0.017, RepetitionTime: 0.6, FlipAngle: 30 },
}

/** Names of the subjects of a phantom: `sub-01` ... */
export const phantomSubjects = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `sub-${String(i + 1).padStart(Math.max(2, String(count).length), '0')}`)

/**
 * Writes a BIDS dataset with spinal-cord-like anatomy below `dir`: images, sidecars, participants.tsv, and the cord's
 * labels `<image>_seg-manual.nii.gz` below derivatives/labels. Equal params and seed give equal bytes; a subject is the
 * same whatever the number of subjects. Signs of life come through `each`, once a subject.
 */
export async function makePhantom(
  dir: string,
  params: Partial<PhantomParams> = {},
  seed = 6,
  each: (done: number) => void = () => undefined,
): Promise<void> {
  const p: PhantomParams = { ...phantomDefaults, ...params }
  const names = phantomSubjects(p.subjects)
  await writeTables(dir, names, seed)
  for (const [at, name] of names.entries()) {
    await writeSubject(dir, name, at, p, seed)
    each(at + 1)
  }
}

async function writeSubject(dir: string, name: string, at: number, p: PhantomParams, seed: number): Promise<void> {
  const random = new Random(seed, 'phantom', at)
  const fieldOfView = [0, 1, 2].map(i => p.shape[i]! * p.spacing[i]!) as unknown as [number, number, number]
  const tissues = sampleAnatomy(drawAnatomy(fieldOfView, random), p.shape, p.spacing)
  const centreRas = [random.uniform(-20, 20), random.uniform(-40, 40), random.uniform(-60, 60)] as const
  const place = { spacingMm: p.spacing, centreRas, tiltDegrees: p.tilt }
  const code = p.orientations[at % p.orientations.length]!
  const institution = institutions[at % institutions.length]!
  const scanner: Scanner = { gain: institution.gain, bias: p.bias, noise: p.noise * institution.noise }
  const label = storeAs(code, p.shape, tissues.cord, place)
  for (const contrast of p.contrasts) {
    const stem = `${name}_${contrast}`
    if (p.missing.includes(stem)) continue
    const voxels = scan(tissues.signal[contrast], p.shape, scanner, new Random(seed, 'phantom', at, contrast))
    await writeVolume(join(dir, name, 'anat', `${stem}.nii.gz`), storeAs(code, p.shape, voxels, place), 'int16')
    const { Manufacturer } = institution
    await writeJson(join(dir, name, 'anat', `${stem}.json`), { Manufacturer, MagneticFieldStrength: 3, ...sequences[contrast] })
    await writeVolume(join(dir, 'derivatives', 'labels', name, 'anat', `${stem}_seg-manual.nii.gz`), label, 'uint8')
    await writeJson(join(dir, 'derivatives', 'labels', name, 'anat', `${stem}_seg-manual.json`), { Author: 'voxelpipe phantom' })
  }
}

async function writeTables(dir: string, names: readonly string[], seed: number): Promise<void> {
  const random = new Random(seed, 'phantom', 'participants')
  const rows = names.map((name, at) => {
    const sex = random.uniform() < 0.5 ? 'F' : 'M'
    return [name, sex, 20 + random.integer(50), institutions[at % institutions.length]!.id].join('\t')
  })
  await writeText(join(dir, 'participants.tsv'), ['participant_id\tsex\tage\tinstitution_id', ...rows].join('\n') + '\n')
  await writeJson(join(dir, 'participants.json'), {
    sex: { Description: 'sex of the phantom, drawn at random', Levels: { F: 'female', M: 'male' } },
    age: { Description: 'age of the phantom, drawn at random', Units: 'years' },
    institution_id: { Description: 'where it was scanned; decides gain, noise and manufacturer' },
  })
  await writeJson(join(dir, 'dataset_description.json'), { Name: 'voxelpipe phantom', BIDSVersion: '1.8.0', DatasetType: 'raw' })
  const labels = { Name: 'labels of the voxelpipe phantom', BIDSVersion: '1.8.0', DatasetType: 'derivative' }
  await writeJson(join(dir, 'derivatives', 'labels', 'dataset_description.json'), {
    ...labels,
    GeneratedBy: [{ Name: 'voxelpipe phantom' }],
  })
  await writeText(
    join(dir, 'README'),
    'Synthetic images with spinal-cord-like anatomy, made by the phantom node of voxelpipe. Nobody was scanned.\n',
  )
}

async function writeVolume(path: string, volume: Stored<Int16Array | Uint8Array>, dtype: 'int16' | 'uint8'): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const scannerSpace = { qformCode: 1, sformCode: 1, xyztUnits: 2 }
  await writeNifti(path, { shape: volume.shape, data: volume.data, dtype, affine: volume.affine, ...scannerSpace })
}

const writeJson = (path: string, value: unknown): Promise<void> => writeText(path, JSON.stringify(value, null, 2) + '\n')

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
