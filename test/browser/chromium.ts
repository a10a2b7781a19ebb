import { existsSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { test } from 'vitest'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = process.env['CHROMIUM'] ?? places.find(path => existsSync(path))

/** Whether there is a browser to test in. */
export const hasBrowser = executablePath !== undefined

/** A test that needs a browser; skipped, with the reason in its name, where there is none. `CHROMIUM` says where it is, if not in its usual places. */
export function browserTest(name: string, body: () => Promise<void>): void {
  // Once more where it fails: a browser that draws by the processor is late at times on a busy machine; what is wrong is wrong twice.
  if (hasBrowser) test(name, { retry: 1 }, body)
  else test.skip(`${name} (skipped: no Chromium at ${places.join(', ')} or CHROMIUM)`, body)
}

/** A headless browser without a profile, which asks nobody anything. */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({ ...(executablePath !== undefined && { executablePath }), args: ['--no-sandbox', ...quiet, ...more] })
}

/** What a page asked for, and what went wrong on it. */
export interface Watched {
  readonly requests: string[]
  readonly errors: string[]
}

/** Writes down every request of a page, and every error and warning of its console. */
export function watch(page: Page): Watched {
  const [requests, errors]: [string[], string[]] = [[], []]
  page.on('request', request => requests.push(request.url()))
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text())
  })
  page.on('pageerror', error => errors.push(error.message))
  return { requests, errors }
}
