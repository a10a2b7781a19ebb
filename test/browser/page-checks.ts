import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { hasBrowser, openBrowser, watch, type Watched } from './chromium.ts'

/** A page that is made once for the tests of a file, and a browser to look at it. `make` puts it into a folder, and gives its path. */
export function pageOnDisk(make: (home: string) => string | Promise<string>): { readonly browser: Browser; readonly url: string } {
  const home = mkdtempSync(join(tmpdir(), 'page-'))
  let browser: Browser | undefined
  let url = ''
  beforeAll(async () => {
    if (!hasBrowser) return
    url = pathToFileURL(await make(home)).href
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(home, { recursive: true })
  })
  return {
    get browser() {
      return browser!
    },
    get url() {
      return url
    },
  }
}

/** Opens a page that lies on disk; the options are those of playwright's `newPage`. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ readonly page: Page; readonly watched: Watched }> {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, ...options })
  const watched = watch(page)
  await page.goto(url)
  return { page, watched }
}

/** The texts of a column of the table with this caption, from the top. */
export async function column(page: Page, caption: string, at: number): Promise<string[]> {
  const rows = await page.locator(`table:has(caption:text-is("${caption}")) tbody tr`).all()
  return Promise.all(rows.map(row => row.locator('th, td').nth(at).innerText()))
}

/** It asked for nothing else, nothing went wrong, every drawing says what it shows, and every link of the contents leads somewhere. */
export async function expectWhole(page: Page, { requests, errors }: Watched, url: string): Promise<void> {
  expect(requests.filter(request => !request.startsWith('data:'))).toEqual([url])
  expect(errors).toEqual([])
  expect(await page.locator('svg[role=img]:not([aria-label]), svg[aria-label=""]').count()).toBe(0)
  for (const link of await page.locator('nav a').all()) expect(await page.locator((await link.getAttribute('href'))!).count()).toBe(1)
}

/** How light a CSS colour is, 0 to 1 (WCAG 2.2, relative luminance). */
function luminance(color: string): number {
  const [r, g, b] = /\d+, \d+, \d+/
    .exec(color)![0]
    .split(', ')
    .map(v => {
      const c = Number(v) / 255
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Dark and light are as the system says, the text of these elements can be read on both, and on paper it is black on white. */
export async function expectLegible(browser: Browser, url: string, selectors: readonly string[]): Promise<void> {
  const seen: number[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(browser, url, { colorScheme })
    const colours = (of: string) =>
      page.evaluate<readonly [string, string]>(
        `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('${of}')).color]`,
      )
    seen.push(luminance((await colours('h1'))[0]))
    for (const of of selectors) {
      const [paper, ink] = (await colours(of)).map(luminance) as [number, number]
      const contrast = (Math.max(paper, ink) + 0.05) / (Math.min(paper, ink) + 0.05)
      expect({ colorScheme, of, legible: contrast >= 4.5 }).toEqual({ colorScheme, of, legible: true })
    }
    await page.emulateMedia({ media: 'print' })
    expect(await colours('h1')).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)'])
    await page.close()
  }
  expect(seen[0]).toBe(1)
  expect(seen[1]).toBeLessThan(0.05)
}

/** On a narrow screen and on paper nothing sticks out to the side. */
export async function expectNarrow(browser: Browser, url: string): Promise<void> {
  const { page } = await openPage(browser, url, { viewport: { width: 390, height: 800 } })
  const width = () => page.evaluate<number>('document.documentElement.scrollWidth')
  expect(await width()).toBeLessThanOrEqual(390)
  await page.setViewportSize({ width: 720, height: 1000 })
  await page.emulateMedia({ media: 'print' })
  expect(await width()).toBeLessThanOrEqual(720)
  await page.close()
}
