import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filmGif, readFilm, writeFilm, type Film } from '../../src/qc/film.ts'
import { readGif } from '../image/read-gif.ts'

/** A grey slice of 32 x 64, the truth a square in its middle; the prediction is nothing, then half of the slice, then the square. */
const [height, width] = [32, 64]
const plane = (of: (x: number, y: number) => number) =>
  Uint8Array.from({ length: height * width }, (_, i) => of(i % width, Math.floor(i / width)))
const square = plane((x, y) => (x >= 24 && x < 40 && y >= 8 && y < 24 ? 255 : 0))
const film: Film = {
  ...{ height, width, image: plane(() => 128), truth: square },
  predictions: [plane(() => 0), plane(x => (x >= 32 ? 255 : 0)), square],
}

test('a frame shows image, prediction, outline of the truth and number of the epoch', () => {
  const gif = readGif(filmGif(film, 7))
  // Four times as large, so that the longer side is 256.
  expect([gif.width, gif.height, gif.loops, gif.frames.length]).toEqual([256, 128, 0, 3])
  expect(gif.frames.map(f => f.delay)).toEqual([50, 50, 200])
  const at = (frame: number, x: number, y: number) => {
    const from = 4 * ((4 * y + 2) * 256 + 4 * x + 2)
    return Array.from(gif.frames[frame]!.pixels.subarray(from, from + 3))
  }
  const grey = [131, 131, 131]
  const covered = [195, 149, 46]
  expect([at(0, 20, 16), at(0, 44, 16), at(0, 32, 16)]).toEqual([grey, grey, grey])
  expect([at(1, 20, 16), at(1, 44, 16)]).toEqual([grey, covered])
  expect([at(2, 20, 16), at(2, 44, 16), at(2, 32, 16)]).toEqual([grey, grey, covered])
  // The outline is the outermost two pixels of the large square, in every frame.
  for (const { pixels } of gif.frames) {
    const line = (x: number) => Array.from(pixels.subarray(4 * (64 * 256 + x), 4 * (64 * 256 + x) + 3))
    const blue = [86, 180, 233]
    expect([95, 96, 97, 98, 157, 158, 159, 160].map(x => String(line(x)) === String(blue))).toEqual([
      ...[false, true, true, false, false, true, true, false],
    ])
  }
  // White and black in the corner: 7, 8, 9 differ.
  const corners = gif.frames.map(({ pixels }) =>
    Array.from({ length: 14 }, (_, y) => Array.from({ length: 10 }, (_, x) => pixels[4 * (y * 256 + x)])),
  )
  for (const corner of corners) expect(new Set(corner.flat())).toEqual(new Set([0, 255]))
  expect(new Set(corners.map(String)).size).toBe(3)
})

test('a long training is shown in about ten seconds, and a plane without a spread of values is drawn, too', () => {
  const many = { ...film, predictions: Array.from({ length: 100 }, () => square) }
  expect(new Set(readGif(filmGif(many, 1)).frames.map(f => f.delay))).toEqual(new Set([10, 200]))
  const small = { height: 3, width: 2, image: new Uint8Array(6), truth: new Uint8Array(6), predictions: [new Uint8Array(6)] }
  expect(readGif(filmGif(small, 1)).frames).toHaveLength(1)
})

test('a film reads back as it was written; what is none is refused', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'film-'))
  try {
    const path = join(dir, 'a.npy')
    await writeFilm(path, film)
    expect(await readFilm(path)).toEqual(film)
    const { writeNpy } = await import('../../src/npy.ts')
    await writeNpy(path, 'uint8', [4], new Uint8Array(4))
    await expect(readFilm(path)).rejects.toThrow('is no film')
  } finally {
    rmSync(dir, { recursive: true })
  }
})
