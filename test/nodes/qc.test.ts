import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import qc from '../../nodes/qc.ts'
import type { Artifacts } from '../../src/node.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { decodeRgbPng } from '../image/png.ts'
import { artifactIn, runEach, withFolder } from './each.ts'
import { failureOf } from './whole.ts'

type Inputs = Artifacts<typeof qc.inputs>
type Point = readonly [x: number, y: number, z: number]

/** Voxels to the right, to the front and up, of 1 x 1 x 2 mm. */
const shape = [24, 20, 6] as const
const voxels = shape[0] * shape[1] * shape[2]
const point = (i: number): Point => [i % shape[0], Math.floor(i / shape[0]) % shape[1], Math.floor(i / shape[0] / shape[1])]

/** From and up to, both of them within. */
type Box = readonly [from: Point, to: Point]
const boxes = (...all: readonly Box[]): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: voxels }, (_, i) =>
    Number(all.some(([from, to]) => point(i).every((v, axis) => v >= from[axis]! && v <= to[axis]!))),
  )

const both: Box = [[4, 4, 1], [8, 8, 4]] // prettier-ignore
const maskOnly: Box = [[14, 4, 3], [17, 7, 3]] // prettier-ignore
const labelOnly: Box = [[14, 12, 3], [18, 15, 3]] // prettier-ignore
const fewWrong: Box = [[4, 12, 1], [7, 15, 1]] // prettier-ignore
const label = boxes(both, labelOnly)
const mask = boxes(both, maskOnly, fewWrong)
const image = Float32Array.from({ length: voxels }, (_, i) => 100 + point(i)[0] * 3 + point(i)[1] * 5)

interface Case {
  readonly masks: readonly Float32Array<ArrayBuffer>[]
  /** By class; undefined: the index has no label of it. */
  readonly labels: readonly (Float32Array<ArrayBuffer> | undefined)[]
  /** Stored from right to left, front to back, top to bottom. */
  readonly isTurned?: boolean
}

/** One image, its mask and its labels as the steps before leave them. */
async function inputsOf(home: string, { masks, labels, isTurned = false }: Case): Promise<Inputs> {
  const size = [1, 1, 2]
  const affine = [0, 1, 2].flatMap(axis => {
    const row = [0, 0, 0, isTurned ? size[axis]! * (shape[axis]! - 1) : 0]
    row[axis] = isTurned ? -size[axis]! : size[axis]!
    return row
  })
  const write = async (path: string, data: Float32Array<ArrayBuffer>, count = 1): Promise<void> => {
    await mkdir(join(path, '..'), { recursive: true })
    const volumes = Array.from({ length: count }, (_, c) => data.subarray(c * voxels, (c + 1) * voxels))
    const stored = Float32Array.from(volumes.flatMap(volume => [...(isTurned ? volume.toReversed() : volume)]))
    const grid = { affine: [...affine, 0, 0, 0, 1], qformCode: 1, sformCode: 1, xyztUnits: 10 }
    await writeNifti(path, { ...grid, shape: count > 1 ? [...shape, count] : shape, data: stored, dtype: 'float32' })
  }
  const [data, made] = [join(home, 'data'), join(home, 'masks')]
  await write(join(data, 'a.nii.gz'), image)
  await write(join(made, 'a_pred.nii.gz'), Float32Array.from(masks.flatMap(volume => [...volume])), masks.length)
  for (const [c, volume] of labels.entries()) if (volume) await write(join(data, `label${c}.nii.gz`), volume)
  const targets = labels.map((_, c) => `_class${c}`)
  const row = { id: 'a', dataset: 0, subject: 's', contrast: 'T2w', entities: {}, image: 'a.nii.gz', metadata: {} }
  const files = labels.map((volume, c) => (volume ? [`label${c}.nii.gz`] : []))
  return {
    masks: artifactIn('masks', made, { targets, images: { a: { file: 'a_pred.nii.gz' } } }),
    index: artifactIn('index', home, { targets, contrasts: ['T2w'], images: [{ ...row, labels: files }] }),
    datasets: [artifactIn('dataset', data, { name: 'd' })],
  }
}

interface Drawn {
  readonly images: Readonly<Record<string, Pictures>>
  readonly bytes: (name: 'worst' | 'middle') => Promise<Buffer>
}
interface Picture {
  readonly file: string
  readonly slice: number
  readonly wrong: number
}
interface Pictures {
  readonly middle: Picture
  readonly worst?: Picture | undefined
}

const drawn = (of: Case, settings: object, check: (drawn: Drawn) => Promise<void> | void): Promise<void> =>
  withFolder(async home => {
    const dir = join(home, 'qc')
    await mkdir(dir)
    const { images } = (await runEach(qc, dir, settings, await inputsOf(home, of))).document
    await check({ images, bytes: name => readFile(join(dir, images['a']![name]!.file)) })
  })

/** How many voxels of a slice are in one of two and not in the other. */
const wrongIn = (axis: number, k: number, a = mask, b = label): number =>
  a.reduce((sum, value, i) => sum + Number(point(i)[axis] === k && value !== b[i]), 0)

test('outlines are blue where only the label is, orange where only the mask is, and green where both are', () =>
  drawn({ masks: [mask], labels: [label] }, {}, async ({ bytes }) => {
    const picture = decodeRgbPng(await bytes('worst'))
    // 20 pixels a millimetre; the front is up, right is to the right; a white band of 8 between the two pictures.
    expect([picture.height, picture.width]).toEqual([400, 2 * 480 + 8])
    const pixel = (x: number, y: number): number[] => [
      ...picture.pixels.subarray(3 * (y * picture.width + x), 3 * (y * picture.width + x) + 3),
    ]
    const isGrey = ([r, g, b]: readonly number[]): boolean => r === g && g === b
    const colours = { both: [0, 158, 115], mask: [230, 159, 0], label: [86, 180, 233] } as const
    for (const [colour, [from, to]] of [
      ['both', both],
      ['mask', maskOnly],
      ['label', labelOnly],
    ] as const) {
      // prettier-ignore
      const [left, right] = [488 + 20 * from[0], 488 + 20 * (to[0] + 1) - 1]
      const [top, bottom] = [400 - 20 * (to[1] + 1), 400 - 20 * from[1] - 1]
      const [middleX, middleY] = [(left + right) >> 1, (top + bottom) >> 1]
      const edges = [[left, middleY], [right, middleY], [middleX, top], [middleX, bottom], [left, top], [right, bottom]] as const // prettier-ignore
      for (const [x, y] of edges) expect(pixel(x, y), `${colour} ${x} ${y}`).toEqual(colours[colour])
      const around = [[left - 1, middleY], [right + 1, middleY], [middleX, top - 1], [middleX, bottom + 1], [middleX, middleY]] as const // prettier-ignore
      for (const [x, y] of around) expect(isGrey(pixel(x, y)), `${colour} ${x} ${y}`).toBe(true)
      // What is not an outline is the image as it is beside it.
      expect(pixel(middleX, middleY)).toEqual(pixel(middleX - 488, middleY))
    }
    // Brighter to the right and to the front.
    expect(pixel(470, 10)[0]).toBeGreaterThan(pixel(10, 10)[0]!)
    expect(pixel(10, 10)[0]).toBeGreaterThan(pixel(10, 390)[0]!)
    expect(pixel(484, 100)).toEqual([255, 255, 255])
  }))

test.each(['sagittal', 'coronal', 'axial'] as const)('the worst %s slice is the one with the most voxels that are wrong', slice_axis =>
  drawn({ masks: [mask], labels: [label] }, { slice_axis }, ({ images }) => {
    const axis = { sagittal: 0, coronal: 1, axial: 2 }[slice_axis]
    const wrong = Array.from({ length: shape[axis]! }, (_, k) => wrongIn(axis, k))
    const { worst, middle } = images['a']!
    expect(worst).toEqual({ file: 'a_worst.png', slice: wrong.indexOf(Math.max(...wrong)), wrong: Math.max(...wrong) })
    expect(middle.wrong).toBe(wrong[middle.slice])
    const present = wrong.flatMap((_, k) => (mask.some((v, i) => point(i)[axis] === k && v + label[i]! > 0) ? [k] : []))
    expect(middle.slice).toBe(present[present.length >> 1])
  }),
)

test('the errors of all classes count', () => {
  const swapped = { masks: [label, mask], labels: [label, boxes(both)] } as const
  return drawn(swapped, {}, ({ images }) => {
    const wrong = Array.from({ length: shape[2] }, (_, k) => wrongIn(2, k, mask, boxes(both)))
    expect(images['a']!.worst).toMatchObject({ slice: wrong.indexOf(Math.max(...wrong)), wrong: Math.max(...wrong) })
  })
})

test('the picture does not depend on how the files are stored', async () => {
  const pictures: Buffer[] = []
  for (const isTurned of [false, true])
    await drawn({ masks: [mask], labels: [label], isTurned }, {}, async ({ images, bytes }) => {
      expect(images['a']!.worst!.slice).toBe(3)
      pictures.push(await bytes('worst'))
    })
  expect(pictures[0]!.equals(pictures[1]!)).toBe(true)
})

test('a mask that is right has no worst slice; where there is nothing, the middle one is that of the image', async () => {
  await drawn({ masks: [label], labels: [label] }, {}, ({ images }) => expect(Object.keys(images['a']!)).toEqual(['middle']))
  const none = boxes()
  await drawn({ masks: [none], labels: [none] }, {}, ({ images }) =>
    expect(images['a']).toEqual({ middle: { file: 'a_middle.png', slice: 3, wrong: 0 } }),
  )
})

test('without a label all of the mask is wrong, and nothing of it is drawn as label', () =>
  drawn({ masks: [mask], labels: [undefined] }, {}, async ({ images, bytes }) => {
    const sizes = Array.from({ length: shape[2] }, (_, k) => wrongIn(2, k, mask, boxes()))
    expect(images['a']!.worst).toMatchObject({ slice: sizes.indexOf(Math.max(...sizes)), wrong: Math.max(...sizes) })
    const { pixels } = decodeRgbPng(await bytes('worst'))
    const coloured = new Set<string>()
    for (let i = 0; i < pixels.length; i += 3)
      if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) coloured.add(pixels.subarray(i, i + 3).join())
    expect([...coloured]).toEqual(['230,159,0'])
  }))

test('a mask of an image that the index does not know is told', () =>
  withFolder(async home => {
    const inputs = await inputsOf(home, { masks: [mask], labels: [label] })
    const index = { ...inputs.index, value: { ...inputs.index.value, images: [] } }
    expect(await failureOf(() => runEach(qc, home, {}, { ...inputs, index }))).toMatchInlineSnapshot(`
      "the index does not know the image a, of which there is a mask
          it knows 0 images
        give this step the index that the masks were made with"
    `)
  }))
