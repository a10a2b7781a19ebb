import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { sweepPage } from '../../src/pages/sweep-page.ts'
import { gridOfTrials, swept } from '../pages/swept.ts'
import { browserTest } from './chromium.ts'
import { expectLegible, expectNarrow, expectWhole, openPage, pageOnDisk } from './page-checks.ts'

const made = pageOnDisk(home => {
  const path = join(home, 'sweep.html')
  writeFileSync(path, sweepPage(swept(gridOfTrials)))
  return path
})

browserTest('the page of a sweep opens from disk, asks for nothing else, and its lines are read by arrow keys', async () => {
  const { page, watched } = await openPage(made.browser, made.url)
  await expectWhole(page, watched, made.url)
  expect(await page.locator('h2').allTextContents()).toEqual(['Trials', 'All params at once', 'Param by param', 'Two params'])
  const chart = page.locator('figure.parallel')
  await chart.locator('.plot').focus()
  await page.keyboard.press('End')
  expect(await chart.locator('output').textContent()).toBe('trial 2: model.loss DiceLoss, model.lr 0.001: 0.9000')
  // The best value of the map is strongest.
  const colours = await page.evaluate<string[]>(
    `['0.9000', '0.4000'].map(text => getComputedStyle([...document.querySelectorAll('.heat td')].find(td => td.textContent === text)).backgroundColor)`,
  )
  expect(colours[0]).not.toBe(colours[1])
  await page.close()
})

browserTest('the page of a sweep can be read on dark and light, on paper, and on a narrow screen', async () => {
  await expectLegible(made.browser, made.url, ['small', 'a', 'td', 'output', 'caption'])
  await expectNarrow(made.browser, made.url)
})
