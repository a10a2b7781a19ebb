import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { sweepPage } from '../../src/pages/sweep-page.ts'
import { gridOfTrials, swept } from '../pages/swept.ts'
import { browserTest } from './chromium.ts'
import { openPage, pageOnDisk } from './page-checks.ts'
import { expectScreen, shown, unlike } from './screens.ts'

const made = pageOnDisk(home => {
  const path = join(home, 'sweep.html')
  writeFileSync(path, sweepPage(swept(gridOfTrials)))
  return path
})

browserTest('a page in other fonts is taken for the same; with other colours, or without a part of it, it is not', async () => {
  const { page } = await openPage(made.browser, made.url)
  const main = page.locator('main')
  const before = await shown(main)
  const changed = async (css: string): Promise<string | undefined> => {
    const style = await page.addStyleTag({ content: css })
    const found = unlike(await shown(main), before)
    await style.evaluate(element => (element as unknown as { remove(): void }).remove())
    return found
  }
  for (const font of ['serif', 'monospace', 'sans-serif'])
    expect([font, await changed(`*{font-family:${font}!important}`)]).toEqual([font, undefined])
  expect(await changed('*{letter-spacing:.2px}')).toBeUndefined()
  expect(await changed('section:nth-of-type(2){display:none}')).toMatch(/pixels high/)
  expect(await changed('section:nth-of-type(2){visibility:hidden}')).toMatch(/% of what is drawn differs/)
  expect(await changed(':root{filter:invert(1);background:#000}')).toMatch(/% of what is drawn differs/)
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(unlike(await shown(main), before)).toMatch(/% of what is drawn differs/)
  await page.close()
})

browserTest('the page of a sweep looks as it did', async () => {
  const { page } = await openPage(made.browser, made.url)
  await expectScreen(page.locator('main'), 'sweep')
  await page.close()
})
