import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { compareRuns } from '../../src/compare/compare.ts'
import { comparePage } from '../../src/pages/compare-page.ts'
import { MadeRuns } from '../compare/made-runs.ts'
import { threeRuns } from '../pages/compared-runs.ts'
import { browserTest } from './chromium.ts'
import { column, expectLegible, expectNarrow, expectWhole, openPage, pageOnDisk } from './page-checks.ts'

const made = pageOnDisk(async home => {
  const runs = new MadeRuns()
  const opened = await Promise.all(threeRuns(runs).map(dir => runs.open(dir)))
  const comparison = compareRuns(opened, { per: 'subject', metrics: [], by: 'sex' })
  runs.remove()
  if (!comparison.ok) throw new Error(JSON.stringify(comparison.failures))
  const path = join(home, 'comparison.html')
  writeFileSync(path, comparePage(comparison.value, { all: false }))
  return path
})

browserTest('a comparison opens from disk with all its parts, asks for nothing else, and nothing goes wrong', async () => {
  const { page, watched } = await openPage(made.browser, made.url)
  expect(await page.title()).toBe('Comparison of 3 runs')
  expect(await page.locator('h2').allTextContents()).toEqual(['What differs', 'Metrics', 'Who moved', 'The runs'])
  expect(await page.locator('figure.parallel').count()).toBe(6)
  await expectWhole(page, watched, made.url)
  await page.close()
})

browserTest('a line of a slope chart is read where the pointer is, and one after the other by arrow keys', async () => {
  const { page } = await openPage(made.browser, made.url)
  const chart = page.locator('figure.parallel').first()
  const [plot, output] = [chart.locator('.plot'), chart.locator('output')]
  await plot.scrollIntoViewIfNeeded()
  const svg = (await chart.locator('svg').boundingBox())!
  const scale = svg.width / 360
  // The middle of the line of sub-3, whose points the drawing has.
  const line = chart.locator('.item', { hasText: 'sub-3' }).locator('polyline')
  const ends = (await line.getAttribute('points'))!.split(' ').map(p => p.split(',').map(Number) as [number, number])
  const [x, y] = [0, 1].map(i => (ends[0]![i]! + ends[1]![i]!) / 2) as [number, number]
  await page.mouse.move(svg.x + x * scale, svg.y + y * scale)
  expect(await output.textContent()).toBe('sub-3: 0.9000 → 0.8500 (-0.0500)')
  expect(await chart.locator('.item.on title').textContent()).toContain('sub-3')
  await page.mouse.move(0, 0)
  expect(await output.textContent()).toBe('')
  await plot.focus()
  const read: (string | null)[] = []
  for (let i = 0; i < 5; i++) {
    await page.keyboard.press('ArrowRight')
    read.push((await output.textContent())!.split(':')[0]!)
  }
  expect(read).toEqual(['sub-4', 'sub-1', 'sub-3', 'sub-2', 'mean'])
  await page.close()
})

browserTest('tables of a comparison sort by keyboard', async () => {
  const { page } = await openPage(made.browser, made.url)
  const caption = 'dice_class0 of 4 subjects from A to B, the one that moved most first'
  const table = page.locator(`table:has(caption:text-is("${caption}"))`)
  await table.locator('th', { hasText: 'B - A' }).locator('button').press('Enter')
  expect(await column(page, caption, 3)).toEqual(['-0.0500', '0', '0.1000', '0.1500'])
  await page.close()
})

browserTest('a comparison can be read on dark and light, on paper, and on a narrow screen', async () => {
  await expectLegible(made.browser, made.url, ['small', 'figcaption', 'a', 'td', '.note', 'dt', 'output'])
  await expectNarrow(made.browser, made.url)
})
