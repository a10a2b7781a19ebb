/// <reference lib="dom" />
import { spawn } from 'node:child_process'
import { loadavg } from 'node:os'
import { rmSync } from 'node:fs'
import { hasBrowser, openBrowser } from '../browser/chromium.ts'
import type { Bench, Figure } from './figures.ts'
import { median, repeated } from './measure.ts'
import { pipeCommand, pipeRun, workFolder } from './pipe.ts'

/** Seconds from the opening of the page. */
interface Seen {
  /** The worst slice is on the screen, as the browser says it. */
  readonly first: number
  /** NiiVue has drawn the image and its layers. */
  readonly planes: number
}

/** The page of a run of the quickstart in a headless Chromium; WebGL by its software, as there is no graphics card in a test. */
export const view: Bench = {
  title: 'the page of a run of the quickstart, until its first image is seen; Chromium without a graphics card',
  async run() {
    if (!hasBrowser) throw new Error('there is no Chromium: name one by CHROMIUM')
    rmSync(workFolder, { recursive: true, force: true })
    const { dir } = await pipeRun('quickstart.yaml', ['model.training_time.num_epochs=2'])
    const [command, ...args] = pipeCommand('view', dir)
    const viewer = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const url = await new Promise<string>(done =>
        viewer.stdout.setEncoding('utf8').on('data', (text: string) => {
          const [found] = /http\S+/.exec(text) ?? []
          if (found !== undefined) done(found)
        }),
      )
      const browser = await openBrowser(['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'])
      const seen = await repeated(5, 1, () => opened(browser, url))
      const version = browser.version()
      await browser.close()
      const others = `load average ${loadavg()[0]!.toFixed(1)}`
      const figure = (what: string, key: keyof Seen): Figure => ({
        what,
        value: median(seen.map(s => s[key])),
        unit: 's',
        from: `${seen.map(s => `${s[key].toFixed(2)} s`).join(', ')}; ${others}`,
      })
      return {
        figures: [{ ...figure('the first image', 'first'), target: { most: 1 } }, figure('planes and layers', 'planes')],
        versions: { chromium: version },
      }
    } finally {
      viewer.kill()
    }
  },
}

async function opened(browser: Awaited<ReturnType<typeof openBrowser>>, url: string): Promise<Seen> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(url, { waitUntil: 'commit' })
  const first = await page.evaluate(
    () =>
      new Promise<number>(done => {
        const watch = new PerformanceObserver(list => {
          for (const entry of list.getEntries() as (PerformanceEntry & { readonly renderTime: number })[])
            if (entry.renderTime > 0) done(entry.renderTime)
        })
        watch.observe({ type: 'element', buffered: true })
      }),
  )
  await page.waitForSelector('#canvas[data-shown]:not([data-shown=""])', { timeout: 90_000 })
  const planes = await page.evaluate(() => performance.now())
  await page.close()
  return { first: first / 1000, planes: planes / 1000 }
}
