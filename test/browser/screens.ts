import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode, encode } from 'fast-png'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** A picture of what a browser showed: red, green, blue of every pixel, row by row. */
export interface Shown {
  readonly width: number
  readonly height: number
  /** Numbers of a pixel: of four the last is its opacity. */
  readonly channels: number
  readonly pixels: Uint8Array | Uint8ClampedArray | Uint16Array
}

const folder = join(import.meta.dirname, 'screens')
const WIDTH = 320
/** Pictures are held against each other in cells of so many pixels: text in another font is about as dark there. */
const CELL = 16
/** How much higher or lower a part of a page may be than it was: in another font, lines break elsewhere. */
const STRETCH = 0.15
/** How much of what is drawn may be elsewhere or of another colour. Other fonts come to 0.1 at most, a section that is gone to 0.2 (screens.test.ts). */
const LIMIT = 0.16

/** A part of a page, or what of a page is seen, 320 pixels wide. */
export async function shown(part: Locator | Page): Promise<Shown> {
  const { width, height, channels, data } = decode(await part.screenshot({ animations: 'disabled' }))
  const rows = Math.max(1, Math.round((height / width) * WIDTH))
  const pixels = means({ width, height, channels, pixels: data }, rows, WIDTH)
  return { width: WIDTH, height: rows, channels: 3, pixels: Uint8Array.from(pixels.flat(), Math.round) }
}

/**
 * What is wrong with a picture, held against how it looked before; undefined where they look alike. `sum |a - b| / sum (|a - p| + |b - p|)`
 * over their cells a and b, where p is the colour of the paper: 0 for equal ones, 1 where nothing is where something was.
 */
export function unlike(now: Shown, before: Shown): string | undefined {
  if (Math.abs(now.height / before.height - 1) > STRETCH) return `it is ${now.height} pixels high, and was ${before.height}`
  const rows = Math.max(1, Math.round(before.height / CELL))
  const paper = paperOf(before)
  const [a, b] = [now, before].map(picture => means(picture, rows, WIDTH / CELL)) as [readonly Colour[], readonly Colour[]]
  const sum = (of: (i: number) => number): number => a.reduce((all, _, i) => all + of(i), 0)
  const ink = sum(i => distance(a[i]!, paper) + distance(b[i]!, paper))
  const share = ink === 0 ? 0 : sum(i => distance(a[i]!, b[i]!)) / ink
  return share <= LIMIT ? undefined : `${(share * 100).toFixed(0)} % of what is drawn differs`
}

type Colour = readonly number[]
const distance = (a: Colour, b: Colour): number => Math.max(...a.map((v, c) => Math.abs(v - b[c]!)))

/** The colour of most pixels. */
function paperOf({ pixels }: Shown): Colour {
  const counts = new Map<number, number>()
  for (let i = 0; i < pixels.length; i += 3) {
    const colour = (pixels[i]! << 16) | (pixels[i + 1]! << 8) | pixels[i + 2]!
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, m], [, n]) => n - m)[0]!
  return [most >> 16, (most >> 8) & 255, most & 255]
}

/** The mean colour of each of so many cells, row by row. */
function means({ width, height, channels, pixels }: Shown, rows: number, columns: number): readonly Colour[] {
  return Array.from({ length: rows * columns }, (_, i) => {
    const [top, bottom] = range(Math.floor(i / columns), rows, height)
    const [left, right] = range(i % columns, columns, width)
    const sums = [0, 0, 0]
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) for (let c = 0; c < 3; c++) sums[c]! += pixels[channels * (y * width + x) + c]!
    return sums.map(total => total / ((right - left) * (bottom - top)))
  })
}

/** Which of `length` pixels the `i`-th of `count` cells has: one at least. */
function range(i: number, count: number, length: number): readonly [from: number, to: number] {
  const from = Math.floor((i * length) / count)
  return [from, Math.max(from + 1, Math.floor(((i + 1) * length) / count))]
}

/** It looks as in `screens/<name>.png`. With UPDATE_SCREENS=1 that is written anew: look at what changed before it is committed. */
export async function expectScreen(part: Locator | Page, name: string): Promise<void> {
  const now = await shown(part)
  const path = join(folder, `${name}.png`)
  if (process.env['UPDATE_SCREENS']) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, encode({ ...now, data: Uint8Array.from(now.pixels), depth: 8 }))
  }
  if (!existsSync(path)) throw new Error(`there is no ${path} to hold the page against: run the test with UPDATE_SCREENS=1, and look at it`)
  const { data: pixels, ...size } = decode(readFileSync(path))
  expect([name, unlike(now, { ...size, pixels })]).toEqual([name, undefined])
}
