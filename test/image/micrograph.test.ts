import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { expect, test } from 'vitest'
import { FailureError } from '../../src/failure.ts'
import { readMicrograph, readMicrographMask } from '../../src/image/micrograph.ts'
import { pixelSizeInMm } from '../../src/image/pixel-size.ts'
import { encodePng } from '../../src/image/png.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'

const folder = 'loader/microscopy'
interface Golden {
  readonly cases: readonly {
    readonly image_file: string
    readonly is_gt?: boolean
    readonly pixel_size?: readonly number[]
    readonly pixel_size_units?: string
    readonly error?: string | null
    readonly uint8?: Descriptor
    readonly zooms?: readonly number[]
  }[]
  readonly get_microscopy_pixelsize: readonly {
    readonly metadata: { readonly PixelSize?: readonly number[]; readonly PixelSizeUnits?: string }
    readonly pixelsize_mm_YXZ: readonly number[] | null
  }[]
}
const golden = () => goldenCases(folder) as Golden

/** Row by row, as the golden arrays lie. */
const byRow = (data: Float32Array, [height, width]: readonly [number, number, number]): number[] =>
  Array.from(data, (_, p) => data[Math.floor(p / width) + height * (p % width)]!)

sharedTest(`golden/${folder}`, 'pictures are read as ivadomed reads them, number by number', async () => {
  const pictures = golden().cases.filter(c => c.uint8 && !c.is_gt)
  expect(pictures.length).toBe(7)
  for (const { image_file, pixel_size, pixel_size_units, uint8, zooms } of pictures) {
    const size = pixelSizeInMm(pixel_size, pixel_size_units)!
    const { data, shape, spacing } = await readMicrograph(join(shared, 'golden', folder, image_file), size)
    expect({ [image_file]: [...shape] }).toEqual({ [image_file]: [...uint8!.shape] })
    expect({ [image_file]: byRow(data, shape) }).toEqual({ [image_file]: [...goldenArray(folder, uint8!)] })
    expect([...spacing]).toEqual(zooms)
  }
})

sharedTest(`golden/${folder}`, 'masks are 1 from the middle grey on, as in ivadomed', async () => {
  for (const { image_file, uint8 } of golden().cases.filter(c => c.is_gt)) {
    const { data, shape } = await readMicrographMask(join(shared, 'golden', folder, image_file), [1, 1, 1])
    expect({ [image_file]: byRow(data, shape) }).toEqual({ [image_file]: [...goldenArray(folder, uint8!)] })
  }
})

sharedTest(`golden/${folder}`, 'sizes of pixels are those of ivadomed, and what it refuses is refused', () => {
  const rows = golden().get_microscopy_pixelsize
  expect(rows).toHaveLength(8)
  for (const { metadata, pixelsize_mm_YXZ } of rows)
    expect(pixelSizeInMm(metadata.PixelSize, metadata.PixelSizeUnits) ?? null).toEqual(pixelsize_mm_YXZ)
})

async function withFile<T>(name: string, bytes: Uint8Array, body: (path: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'micrograph-'))
  try {
    writeFileSync(join(dir, name), bytes)
    return await body(join(dir, name))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

test('grey of 1, 2 and 4 bits and colours of a palette become 0 to 255', async () => {
  const read = (bytes: Uint8Array) => withFile('a.png', bytes, async path => [...(await readMicrograph(path, [1, 1, 1])).data])
  const bits = (depth: 1 | 2 | 4, ...data: number[]) => encode({ width: 2, height: 1, depth, channels: 1, data: Uint8Array.from(data) })
  expect(await read(bits(1, 0b01000000))).toEqual([0, 255])
  expect(await read(bits(2, 0b01100000))).toEqual([85, 170])
  expect(await read(bits(4, 0x1f))).toEqual([17, 255])
  // Black, white and a red between them, stretched: 255 * 0.299 = 76.
  const palette = Uint8Array.of(0, 0, 0, 255, 255, 255, 255, 0, 0)
  expect(await read(encodePng({ width: 3, height: 1, pixels: Uint8Array.of(1, 0, 2) }, palette))).toEqual([255, 0, 76])
})

test('a picture that is damaged is told, wherever it is cut', async () => {
  const png = Buffer.from(encodePng({ width: 8, height: 8, pixels: Uint8Array.from({ length: 64 }, (_, i) => 3 * i) }))
  const changed = Buffer.from(png)
  changed[60]! ^= 1
  const kindOf = (name: string, bytes: Uint8Array) =>
    withFile(name, bytes, path =>
      readMicrograph(path, [1, 1, 1]).then(
        () => 'read',
        (error: unknown) => (error instanceof FailureError ? error.failure.kind : String(error)),
      ),
    )
  for (let end = 1; end < png.length - 12; end += 7) expect(await kindOf('a.png', png.subarray(0, end))).toBe('picture-unreadable')
  expect(await kindOf('a.png', changed)).toBe('picture-unreadable')
  const wide = (width: number) => Buffer.from(encodePng({ width, height: 1, pixels: new Uint8Array(width) }))
  expect(await kindOf('a.png', wide(32768))).toBe('picture-unreadable')
  expect(await kindOf('a.png', wide(32767))).toBe('read')
  expect(await kindOf('a.png', new Uint8Array(0))).toBe('file-empty')
  for (const text of ['no picture', 'II*\0', 'II*\0\x08\0\0\0\xff\xff'])
    expect(await kindOf('a.tif', Buffer.from(text, 'latin1'))).toBe('picture-unreadable')
})

sharedTest(`golden/${folder}`, 'a TIFF that is cut short is told', async () => {
  const tiff = readFileSync(join(shared, 'golden', folder, 'gray16.tif'))
  for (let end = 9; end < tiff.length - 200; end += 401)
    await withFile('a.tif', tiff.subarray(0, end), async path => {
      await expect(readMicrograph(path, [1, 1, 1])).rejects.toBeInstanceOf(FailureError)
    })
})
