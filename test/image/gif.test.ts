import { expect, test } from 'vitest'
import { numberPicture } from '../../src/image/digits.ts'
import { encodeGif, type Colour } from '../../src/image/gif.ts'
import { Random } from '../../src/random.ts'
import { readGif } from './read-gif.ts'

const palette = Array.from({ length: 256 }, (_, i): Colour => [i, 255 - i, (7 * i) % 256])

test('another decoder reads the pixels, the pace and the loop of what is written, plain or noisy', () => {
  const random = new Random(1, 'gif')
  for (const [height, width, colours] of [
    [1, 1, 2],
    [3, 70, 256],
    // More than a table of 4096 codes holds, so that it is begun anew.
    [131, 257, 256],
    [200, 200, 3],
  ] as const) {
    const frames = [0, 1, 2].map(() => ({
      ...{ height, width },
      pixels: Uint8Array.from({ length: height * width }, () => Math.floor(random.uniform() * colours)),
    }))
    const read = readGif(encodeGif({ frames, palette, delaysMs: [100, 50, 2000] }))
    expect([read.width, read.height, read.loops]).toEqual([width, height, 0])
    expect(read.frames.map(f => f.delay)).toEqual([10, 5, 200])
    for (const [i, { pixels }] of read.frames.entries()) {
      const expected = Uint8Array.from(Array.from(frames[i]!.pixels).flatMap(p => [...palette[p]!, 255]))
      expect(Buffer.compare(pixels, expected)).toBe(0)
    }
  }
})

test('a GIF has no more than 256 colours', () => {
  const frames = [{ height: 1, width: 1, pixels: new Uint8Array(1) }]
  expect(() => encodeGif({ frames, palette: [...palette, [0, 0, 0]], delaysMs: [100] })).toThrow('at most 256 colours, and not 257')
})

test('a number is drawn digit by digit', () => {
  const { height, width, pixels } = numberPicture(1047)
  const rows = Array.from({ length: height }, (_, y) => Array.from(pixels.subarray(y * width, (y + 1) * width), p => ' #'[p]).join(''))
  expect(rows.map(row => row.trimEnd())).toEqual([
    ...['', '  #  ### # # ###', ' ##  # # # #   #', '  #  # # ###   #', '  #  # #   #  #', ' ### ###   #  #', ''],
  ])
})
