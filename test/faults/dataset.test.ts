import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checksum, editImage, expectMessage, otherUser, Place, readEvents, type PipeOptions } from './place.ts'

let place: Place
beforeEach(async () => {
  place = new Place()
  await place.phantom()
  place.pipeline()
})
afterEach(() => place.remove())

const everySubject = ['01', '02', '03', '04', '05'] as const
const image = (subject: string): string => `data/sub-${subject}/anat/sub-${subject}_T2w.nii.gz`
const label = (subject: string): string => `data/derivatives/labels/sub-${subject}/anat/sub-${subject}_T2w_seg-manual.nii.gz`
const edit = (path: string, change: (bytes: Buffer) => unknown): void => editImage(place.at(path), change)

// The header's fields by their place in NIfTI-1: the number of dimensions and their sizes, and what a voxel is.
const dims = 40
const datatype = 70
const bitsPerVoxel = 72
const voxels = 352

/** The same image with float32 voxels, one of which is no number. */
const withNan = (bytes: Buffer): Buffer => {
  bytes.writeInt16LE(16, datatype)
  bytes.writeInt16LE(32, bitsPerVoxel)
  const floats = Buffer.alloc((bytes.length - voxels) * 2)
  floats.writeFloatLE(NaN, 400)
  return Buffer.concat([bytes.subarray(0, voxels), floats])
}
const constant = (bytes: Buffer): Buffer => bytes.fill(7, voxels)

/** What is wrong, how it comes about, and what has to be said: what, where, what to do. */
interface Fault {
  readonly what: string
  readonly make?: () => void
  /** Beside those of every run. */
  readonly args?: readonly string[]
  readonly says: readonly (string | RegExp)[]
}

const faults: readonly Fault[] = [
  {
    what: 'a folder that does not exist',
    args: ['--set', 'dataset.path=dat'],
    says: ['the dataset folder does not exist', '/dat', 'check the path'],
  },
  {
    what: 'a file in the place of the folder',
    args: ['--set', 'dataset.path=p.yaml'],
    says: ['a folder was expected, and this is a file', 'p.yaml', 'give the folder'],
  },
  {
    what: 'an empty dataset',
    make: () => {
      rmSync(place.at('data'), { recursive: true })
      mkdirSync(place.at('data'))
    },
    says: ['the dataset folder is empty', '/data', 'give the folder that holds sub-'],
  },
  {
    what: 'a dataset of empty folders',
    make: () => {
      rmSync(place.at('data'), { recursive: true })
      mkdirSync(place.at('data/sub-01/anat'), { recursive: true })
    },
    says: ['the dataset has no image of the kind', 'images: none'],
  },
  {
    what: 'a contrast that is not there',
    args: ['--set', 'index.contrasts=[T9w]'],
    says: ['T9w', 'T2w.nii.gz (5)', 'change contrasts'],
  },
  {
    what: 'a label suffix that is not there',
    args: ['--set', 'index.target_suffix=[_lesion]'],
    says: ['_lesion', 'labels: _seg-manual (5)', /there is _seg-manual$/m],
  },
  {
    what: 'an image of no bytes',
    make: () => {
      writeFileSync(place.at(image('02')), '')
    },
    says: ['the image is an empty file', image('02'), 'copy or download it again'],
  },
  {
    what: 'a text that is called an image',
    make: () => {
      writeFileSync(place.at(image('02')), 'this is no image, whatever its name says')
    },
    says: ['not a readable NIfTI image', image('02'), 'convert it'],
  },
  {
    what: 'a truncated gzip',
    make: () => {
      truncateSync(place.at(image('02')), 2000)
    },
    says: ['the image is cut short', image('02'), 'copy or download it again'],
  },
  {
    what: 'a gzip with a burst in it',
    make: () => {
      const bytes = readFileSync(place.at(image('02'))).fill(0x55, 1500, 1600)
      writeFileSync(place.at(image('02')), bytes)
    },
    says: ['the image is', image('02'), 'copy or download it again'],
  },
  {
    what: 'a header that promises the moon',
    make: () => {
      edit(image('02'), bytes => {
        for (const axis of [1, 2, 3]) bytes.writeInt16LE(30_000, dims + 2 * axis)
      })
    },
    says: ['the image is too large', '30000 x 30000 x 30000', image('02')],
  },
  {
    what: 'a label of another shape',
    make: () => {
      edit(label('02'), bytes => {
        bytes.writeInt16LE(23, dims + 2)
      })
    },
    says: ['a label does not have the shape of its image', '24 x 24 x 4', '23 x 24 x 4', image('02'), label('02'), 'resample the label'],
  },
  {
    what: 'a voxel that is no number',
    make: () => {
      edit(image('02'), withNan)
    },
    says: ['1 of the 2304 voxels are NaN', image('02'), 'leave the image out'],
  },
  {
    what: 'a 4D image',
    make: () => {
      edit(image('02'), bytes => {
        for (const [at, n] of [4, 24, 24, 2, 2].entries()) bytes.writeInt16LE(n, dims + 2 * at)
      })
    },
    says: ['an image of 2 volumes', image('02'), 'give one volume'],
  },
  {
    what: 'images that are all constant',
    make: () => {
      for (const subject of everySubject) edit(image(subject), constant)
    },
    says: ['no slice is left of 5 images', 'filter_empty_input', 'constant'],
  },
  {
    what: 'a table with a row cut short',
    make: () => {
      writeFileSync(place.at('data/participants.tsv'), 'participant_id\tage\nsub-01\n')
    },
    says: ['participants.tsv, line 2', 'parted by tabs'],
  },
  {
    what: 'a sidecar that is not JSON',
    make: () => {
      writeFileSync(place.at('data/sub-02/anat/sub-02_T2w.json'), '{"a": ')
    },
    says: ['sub-02_T2w.json', 'not JSON', 'mend it, or delete it'],
  },
]

for (const { what, make, args = [], says } of faults)
  test(`${what}: a message, exit 1, and the dataset as it was`, async () => {
    make?.()
    const before = checksum(place.at('data'))
    expectMessage(await place.pipe(['run', 'p.yaml', '--until', 'slices', ...args]), 1, ...says)
    expect(checksum(place.at('data'))).toBe(before)
  })

const asOther: PipeOptions = otherUser === undefined ? {} : { uid: otherUser }
for (const hidden of [image('02'), 'data/sub-02', 'data'])
  test(`${hidden} that may not be read: it is named, and nothing is said of writing`, async () => {
    chmodSync(place.dir, 0o777)
    chmodSync(place.at(hidden), 0)
    const run = await place.pipe(['run', 'p.yaml'], asOther)
    chmodSync(place.at(hidden), 0o755)
    expectMessage(run, 1, 'cannot be read', hidden, 'permission denied', 'look who may read it')
    expect(run.out).not.toContain('write')
  })

test('a whole run, and a second one, leave the dataset as it was, to the byte', async () => {
  const before = checksum(place.at('data'))
  for (const set of ['masks.remove_small.thr=3', 'masks.remove_small.thr=4'])
    expect((await place.pipe(['run', 'p.yaml', '--set', set])).code).toBe(0)
  expect(checksum(place.at('data'))).toBe(before)
})

test('an image that is repaired costs its own work: what was cached stays', async () => {
  const good = readFileSync(place.at(image('02')))
  edit(image('02'), withNan)
  expect((await place.run('--until', 'slices', '--jobs', '1')).code).toBe(1)
  writeFileSync(place.at(image('02')), good)
  const again = await place.run('--until', 'slices')
  expect(again.code).toBe(0)
  // The first of five was done when the second failed.
  expect(again.ran).toEqual(['index', 'slices 4/5'])
})

test('one constant image is warned of and left out, also where it is to be predicted', async () => {
  const split = await place.run('--until', 'split')
  expect(split.code).toBe(0)
  const parts = JSON.parse(place.read('runs/small/latest/split/split_datasets.json').toString()) as { test: [string] }
  edit(image(parts.test[0].slice(4, 6)), constant)
  const run = await place.pipe(['run', 'p.yaml'])
  expectMessage(run, 0, `${parts.test[0]}: none of the 4 axial slices is left`)
})

test('links that lead nowhere are named, and links in a circle are walked once', async () => {
  rmSync(place.at(image('02')))
  symlinkSync('../../../.git/annex/objects/gone', place.at(image('02')))
  symlinkSync('..', place.at('data/sub-01/up'))
  symlinkSync('../sub-03', place.at('data/sub-04/cross'))
  symlinkSync('../sub-04', place.at('data/sub-03/cross'))
  const run = await place.pipe(['run', 'p.yaml', '--until', 'index', '--json'])
  const { events } = readEvents(run.out)
  const warnings = events.filter(e => e.type === 'node-log' && e['level'] === 'warn').map(e => String(e['line']))
  expect(warnings[0]).toContain('a link leads to nothing and is not used: sub-02/anat/sub-02_T2w.nii.gz')
  expect(run.code).toBe(0)
})
