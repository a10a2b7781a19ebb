/// <reference lib="dom" />
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { encodePng } from '../../src/image/png.ts'
import { openViewer, type Viewer } from '../../src/view/server.ts'
import { block, finished, makeRuns, runId, type Runs } from '../view/site.ts'
import { browserTest, hasBrowser, openBrowser, watch, type Watched } from './chromium.ts'
import { expectScreen } from './screens.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })
/** Where a picture of what was seen is put, for who wants to look. */
const pictures = process.env['VIEW_PICTURES']
const pageDir = join(import.meta.dirname, '../../dist/bundle/view')
let [runs, viewer, browser] = [undefined, undefined, undefined] as [Runs | undefined, Viewer | undefined, Browser | undefined]

beforeAll(async () => {
  if (!hasBrowser) return
  runs = await makeRuns()
  viewer = await openViewer({ place: { root: runs.root }, pageDir }, { host: '127.0.0.1', port: 0 })
  browser = await openBrowser(['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'])
})
afterAll(async () => {
  await browser?.close()
  await viewer?.close()
  runs?.close()
})

let picture: Promise<void> | undefined
/** A run whose one image is a picture: grey, but light at the upper left, and black in its first pixel. */
async function addPicture(runs: Runs): Promise<void> {
  const [height, width] = [30, 50]
  const png = (light: number, grey: number) => {
    const isLight = (p: number) => p % width < width / 2 && Math.floor(p / width) < height / 2
    const pixels = Uint8Array.from({ length: height * width }, (_, p) => (p === 0 ? 0 : isLight(p) ? light : grey))
    return encodePng({ height, width, pixels })
  }
  const dataset = runs.artifact('dataset', {}, { 'sub-01_SEM.png': png(250, 120), 'sub-01_SEM_seg.png': png(0, 0) })
  const row = { ...{ id: 'sub-01_SEM', dataset: 0, subject: 'sub-01', contrast: 'SEM', entities: {} }, image: 'sub-01_SEM.png' }
  const metadata = { PixelSize: '[0.1, 0.1]', PixelSizeUnits: 'um' }
  const index = runs.artifact('index', { targets: ['_seg'], images: [{ ...row, labels: [['sub-01_SEM_seg.png']], metadata }] })
  const mask = join(runs.home, 'mask.nii.gz')
  const size = Math.fround(1e-4)
  const affine = [size, 0, 0, 0, 0, size, 0, 0, 0, 0, size, 0, 0, 0, 0, 1]
  const grid = { shape: [height, width, 1], affine, qformCode: 0, sformCode: 2, xyztUnits: 2 }
  await writeNifti(mask, { ...grid, data: new Uint8Array(height * width), dtype: 'uint8' })
  const files = { 'sub-01_SEM_pred.nii.gz': readFileSync(mask) }
  const masks = runs.artifact('masks', { targets: ['_seg'], images: { 'sub-01_SEM': { file: 'sub-01_SEM_pred.nii.gz' } } }, files)
  runs.addRun('pictures', runId, finished, { dataset, index, masks })
}

const openPage = (): Promise<Page> => browser!.newPage({ viewport: { width: 1280, height: 800 } })
/** One page for all tests that look at the run: NiiVue takes seconds to begin, where no graphics card helps. */
let [page, watched] = [undefined, undefined] as [Page | undefined, Watched | undefined]
async function runPage(): Promise<{ readonly page: Page; readonly watched: Watched }> {
  if (!page || !watched) {
    page = await openPage()
    watched = watch(page)
    await page.goto(address('/'))
    await page.locator(`a[href="/runs/demo/${runId}"]`).click()
  }
  return { page, watched }
}
const address = (path: string): string => `http://127.0.0.1:${viewer!.port}${path}?token=${viewer!.token}`
const shown = (page: Page, id: string) => page.waitForSelector(`#canvas[data-shown="${id}"]`, { timeout: 30_000 })
const layer = (page: Page, role: string) => page.locator(`li[data-role="${role}"] input[type=checkbox]`)

interface Pixels {
  readonly width: number
  readonly height: number
  readonly at: (x: number, y: number) => readonly [number, number, number]
}

/** What the canvas shows on the screen, unpacked by a page of its own. */
async function canvasOf(page: Page, name: string): Promise<Pixels> {
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
  const path = pictures === undefined ? {} : { path: join(pictures, `${name}.png`) }
  const png = (await page.locator('#canvas').screenshot(path)).toString('base64')
  const blank = await browser!.newPage()
  const { width, height, text } = await blank.evaluate(async base64 => {
    const image = new Image()
    image.src = `data:image/png;base64,${base64}`
    await image.decode()
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!
    context.drawImage(image, 0, 0)
    const pixels = context.getImageData(0, 0, image.width, image.height).data
    // A text goes over to us much faster than a list of numbers.
    const parts = Array.from({ length: image.height }, (_, y) =>
      String.fromCharCode(...pixels.subarray(4 * y * image.width, 4 * (y + 1) * image.width)),
    )
    return { width: image.width, height: image.height, text: btoa(parts.join('')) }
  }, png)
  const data = Buffer.from(text, 'base64')
  await blank.close()
  return { width, height, at: (x, y) => [0, 1, 2].map(c => data[4 * (x + width * y) + c]!) as [number, number, number] }
}

const differ = (a: readonly number[], b: readonly number[]): boolean => a.some((v, c) => Math.abs(v - b[c]!) > 12)
const behind = [28, 31, 36] as const

/** The rectangle of the image: from the middle out, until most of a line is what lies behind it. */
function frameOf({ width, height, at }: Pixels) {
  const isBehind = (count: number, pixel: (i: number) => readonly number[]): boolean =>
    Array.from({ length: count }, (_, i) => pixel(i)).filter(p => !differ(p, behind)).length > count / 2
  const column = (x: number): boolean => x < 0 || x >= width || isBehind(height, y => at(x, y))
  const row = (y: number): boolean => y < 0 || y >= height || isBehind(width, x => at(x, y))
  const walk = (isOut: (i: number) => boolean, from: number, by: 1 | -1): number => {
    let i = from
    while (!isOut(i)) i += by
    return i
  }
  const [x, y] = [width >> 1, height >> 1]
  return { left: walk(column, x, -1) + 1, right: walk(column, x, 1), top: walk(row, y, -1) + 1, bottom: walk(row, y, 1) }
}

browserTest('the list leads to a run, whose worst slice is there before NiiVue is asked for', async () => {
  const { page, watched } = await runPage()
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>('#look')?.naturalWidth)
  expect(await page.locator('#look').evaluate(look => [look.getBoundingClientRect().width > 400, look.checkVisibility()])).toEqual([
    true,
    true,
  ])
  await shown(page, 'sub-01_T2w')
  const asked = watched.requests.map(url => new URL(url).pathname)
  expect(asked.findIndex(path => path.endsWith('/look'))).toBeGreaterThan(0)
  expect(asked.findIndex(path => path.endsWith('/look'))).toBeLessThan(asked.indexOf('/assets/niivue.js'))
  expect(await page.locator('#look').evaluate(look => look.checkVisibility({ visibilityProperty: true }))).toBe(false)
})

browserTest('the page of a run shows its images, layers, curves and steps, asks nobody else, and says nothing in the console', async () => {
  const { page, watched } = await runPage()
  await shown(page, 'sub-01_T2w')
  expect(page.url()).not.toContain('token')
  expect(await page.locator('#facts').textContent()).toContain('sub-01_T2w')
  expect(await page.locator('#summary').textContent()).toContain('mean Dice 0.8750 on 2 images')
  expect(await page.locator('#layers li').evaluateAll(all => all.map(li => li.getAttribute('data-role')))).toEqual([
    'image',
    'truth',
    'mask',
  ])
  expect(await page.locator('#curves svg').count()).toBeGreaterThan(0)
  await expect.poll(() => page.locator('#steps').textContent(), { timeout: 20_000 }).toContain('model')
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, 'run.png') })
  expect(watched.requests.filter(url => !/^(data|blob):/.test(url) && new URL(url).host !== `127.0.0.1:${viewer!.port}`)).toEqual([])
  expect(watched.errors).toEqual([])
})

browserTest('the list of runs and the page of one look as they did', async () => {
  const list = await openPage()
  await list.goto(address('/'))
  await list.locator(`a[href="/runs/demo/${runId}"]`).waitFor()
  await expectScreen(list, 'view-list')
  await list.close()
  const { page } = await runPage()
  await shown(page, 'sub-01_T2w')
  await expect.poll(() => page.locator('#steps').textContent(), { timeout: 20_000 }).toContain('model')
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))
  await expectScreen(page, 'view-run')
})

browserTest('the wrong block of the mask is on the canvas where its voxels are, and goes when its layer does', async () => {
  const { page } = await runPage()
  await shown(page, 'sub-01_T2w')
  await page.locator('[data-view=axial]').click()
  await page.locator('#worst').click()
  const on = await canvasOf(page, 'mask-on')
  await layer(page, 'mask').uncheck()
  const off = await canvasOf(page, 'mask-off')
  const { left, right, top, bottom } = frameOf(off)
  // 40 x 36 voxels of 1 x 1 mm; right of the body to the right, its front up.
  expect((right - left) / (bottom - top)).toBeCloseTo(40 / 36, 1)
  // Not in the middle of a voxel: the crosshair goes through that of the block.
  const changed = (x: number, y: number): boolean => {
    const px = Math.round(left + ((x + 0.25) / 40) * (right - left))
    const py = Math.round(bottom - ((y + 0.25) / 36) * (bottom - top))
    return differ(on.at(px, py), off.at(px, py))
  }
  const [inside, around]: [boolean[], boolean[]] = [[], []]
  for (let y = block.y[0] - 2; y < block.y[1] + 2; y++)
    for (let x = block.x[0] - 2; x < block.x[1] + 2; x++)
      (x >= block.x[0] && x < block.x[1] && y >= block.y[0] && y < block.y[1] ? inside : around).push(changed(x, y))
  expect(inside.every(Boolean)).toBe(true)
  expect(around.some(Boolean)).toBe(false)
  await layer(page, 'mask').check()
})

browserTest('a picture of microscopy stands upright on the canvas, though its pixels are a ten-thousandth of a millimetre', async () => {
  await (picture ??= addPicture(runs!))
  const page = await openPage()
  await page.goto(address(`/runs/pictures/${runId}`))
  await shown(page, 'sub-01_SEM')
  await page.locator('[data-view=axial]').click()
  const seen = await canvasOf(page, 'picture')
  // Not where the crosshair is.
  const at = (x: number, y: number) => seen.at(Math.round(seen.width * x), Math.round(seen.height * y))
  expect(at(0.45, 0.45)[0]).toBeGreaterThan(200)
  for (const [x, y] of [
    [0.55, 0.45],
    [0.45, 0.55],
    [0.55, 0.55],
  ] as const) {
    expect(at(x, y)[0]).toBeLessThan(160)
    expect(differ(at(x, y), behind)).toBe(true)
  }
  await page.close()
})

browserTest('keys go to the next image and back, and switch a layer off and on', async () => {
  const { page } = await runPage()
  await shown(page, 'sub-01_T2w')
  await page.keyboard.press('n')
  await shown(page, 'sub-02_T2w')
  await page.keyboard.press('p')
  await shown(page, 'sub-01_T2w')
  await page.keyboard.press('3')
  await expect.poll(() => layer(page, 'mask').isChecked()).toBe(false)
  await page.keyboard.press('3')
  await expect.poll(() => layer(page, 'mask').isChecked()).toBe(true)
})

browserTest('a browser without WebGL shows the worst slice of every image, and says why there is no more', async () => {
  const poor = await openBrowser(['--disable-3d-apis'])
  const page = await poor.newPage()
  await page.goto(address(`/runs/demo/${runId}`))
  await page.waitForSelector('#wait.problem')
  expect(await page.locator('#wait').textContent()).toContain('of each image there is its worst slice')
  await page.keyboard.press('n')
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>('#look')?.src.endsWith('/look/sub-02_T2w'))
  expect(await page.locator('#facts').textContent()).toContain('sub-02_T2w')
  await poor.close()
})
