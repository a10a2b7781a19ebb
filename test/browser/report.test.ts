import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import report from '../../nodes/report.ts'
import { layOut } from '../../src/report/layout.ts'
import { fillRunPlace } from '../../src/report/run-place.ts'
import { runSection } from '../../src/report/run-section.ts'
import { evaluated } from '../nodes/evaluated.ts'
import { runWhole } from '../nodes/whole.ts'
import { browserTest } from './chromium.ts'
import { column, expectLegible, expectNarrow, expectWhole, openPage, pageOnDisk } from './page-checks.ts'
import { expectScreen } from './screens.ts'

const made = pageOnDisk(async home => {
  const ran = await runWhole(report, join(home, 'report'), { title: 'A <b>report</b>' }, await evaluated(home, { n_it: 2 }))
  const steps = ['dataset', 'model'].map(id => ({ id, node: id, state: 'ran' as const, ms: 1, time: '0.0 s', elements: '' }))
  const facts = { pipeline: 'test', run: 'r', started: '2026-01-01', time: '1 s', edges: [['dataset', 'model']] as const, environment: {} }
  const path = join(home, 'report.html')
  const page = readFileSync(join(ran.dir, 'report.html'))
  const section = await runSection({ ...facts, steps, resolved: 'name: test\n' }, async (...graph) => layOut(...graph))
  writeFileSync(path, fillRunPlace(page, section))
  return path
})

const opened = () => openPage(made.browser, made.url)

browserTest('the report opens from disk with all its parts, asks for nothing else, and nothing goes wrong', async () => {
  const { page, watched } = await opened()
  await expectWhole(page, watched, made.url)
  expect(await page.title()).toBe('A <b>report</b>')
  expect(await page.locator('h2').allTextContents()).toEqual([
    ...['Where it fails, and where it does not', 'Metrics', 'Every image, by contrast', 'Objects by size', 'Training', 'Data', 'Run'],
  ])
  // Every picture is there and has a size, also those that are used twice.
  const panels = await page.locator('.panels svg').all()
  expect(panels.length).toBeGreaterThan(6)
  for (const panel of panels) {
    const [outer, inner] = await Promise.all([panel, panel.locator('image, use').first()].map(l => l.boundingBox()))
    expect(Math.abs(outer!.width - inner!.width)).toBeLessThan(2)
  }
  await page.close()
})

browserTest('columns sort by keyboard, both ways, and say so; what is undefined stays last', async () => {
  const { page } = await opened()
  const table = page.locator('table:has(caption:text-is("Every image"))')
  const head = table.locator('th', { hasText: 'Dice' })
  const before = await column(page, 'Every image', 2)
  await head.locator('button').focus()
  await page.keyboard.press('Enter')
  expect(await head.getAttribute('aria-sort')).toBe('ascending')
  const ascending = await column(page, 'Every image', 2)
  expect(ascending).toEqual([...before].sort((a, b) => Number(a) - Number(b)))
  await page.keyboard.press('Space')
  expect(await head.getAttribute('aria-sort')).toBe('descending')
  expect(await column(page, 'Every image', 2)).toEqual([...ascending].reverse())
  await table.locator('th', { hasText: 'Image' }).locator('button').press('Enter')
  expect(await head.getAttribute('aria-sort')).toBe('none')
  const names = await column(page, 'Every image', 0)
  expect(names).toEqual([...names].sort())

  const sizes = page.locator('table:has(caption:text-is("Objects of all images, by size"))')
  const recall = sizes.locator('th', { hasText: 'Recall' }).locator('button')
  for (let press = 0; press < 2; press++) {
    await recall.press('Enter')
    const values = await column(page, 'Objects of all images, by size', 4)
    expect(values).toContain('–')
    expect(values.indexOf('–')).toBe(values.filter(v => v !== '–').length)
  }
  await page.close()
})

browserTest('a chart reads its values where the pointer is, and by arrow keys', async () => {
  const { page } = await opened()
  const chart = page.locator('figure.line').first()
  const plot = chart.locator('.plot')
  const output = chart.locator('output')
  await plot.scrollIntoViewIfNeeded()
  const box = (await plot.boundingBox())!
  const rest = await output.textContent()
  expect(rest).toMatch(/^kept: epoch \d+$/)
  await page.mouse.move(box.x + box.width * 0.97, box.y + box.height / 2)
  expect(await output.textContent()).toMatch(/^epoch 12: training -?\d\.\d+, validation -?\d\.\d+$/)
  expect(await chart.locator('.cursor').isVisible()).toBe(true)
  await page.mouse.move(0, 0)
  expect(await output.textContent()).toBe(rest)
  expect(await chart.locator('.cursor').isVisible()).toBe(false)
  await plot.focus()
  await page.keyboard.press('ArrowRight')
  expect(await output.textContent()).toMatch(/^epoch 1: /)
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  expect(await output.textContent()).toMatch(/^epoch 11: /)
  await page.close()
})

browserTest('dark and light are as the system says; text can be read on both, and on paper it is black on white', () =>
  expectLegible(made.browser, made.url, ['p', 'small', 'figcaption', 'a', 'td', '.note, dt']),
)

browserTest('on a narrow screen and on paper nothing sticks out to the side', () => expectNarrow(made.browser, made.url))

browserTest('every image of a strip chart is read where the pointer is, and by arrow keys', async () => {
  const { page } = await opened()
  const chart = page.locator('figure.strip').first()
  const [plot, output] = [chart.locator('.plot'), chart.locator('output')]
  await plot.scrollIntoViewIfNeeded()
  const point = chart.locator('circle.item').last()
  const box = (await point.boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  expect(await output.textContent()).toBe(await point.locator('title').textContent())
  expect(await chart.locator('.item.on').count()).toBe(1)
  await page.mouse.move(0, 0)
  expect(await output.textContent()).toBe('')
  await plot.focus()
  await page.keyboard.press('ArrowDown')
  expect(await output.textContent()).toBe(await chart.locator('circle.item').first().locator('title').textContent())
  await page.close()
})

browserTest('every part of the report looks as it did, the first on dark as well', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(made.browser, made.url, { colorScheme })
    const parts = await page.locator('main > section').all()
    for (const part of colorScheme === 'light' ? parts : parts.slice(0, 1))
      await expectScreen(part, `report-${await part.getAttribute('id')}-${colorScheme}`)
    await page.close()
  }
})
