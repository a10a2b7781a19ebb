import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Digest } from '../../src/artifact.ts'
import { terminal } from '../../src/cli/terminal.ts'
import type { Event } from '../../src/event.ts'
import { Emulator } from './emulator.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const names = ['dataset', 'index', 'split', 'slices', 'tensors', 'model', 'predictions', 'masks', 'metrics', 'report']

/** A run of ten steps, as the quickstart is one; between its events the terminal gets other widths. */
function run(screen: Emulator, steps: readonly string[], widths: readonly number[], log: (step: string) => string) {
  const show = terminal({ stream: screen, steps, runDir: '/home/u/runs/quickstart/latest', cwd: '/home/u' })
  const rest = [...widths]
  const later = (ms: number, ...events: Event[]): void => {
    vi.advanceTimersByTime(ms)
    events.forEach(show)
    const next = rest.shift()
    if (next !== undefined) screen.resize(next)
  }
  later(0, { type: 'run-started', pipeline: 'q', file: '/home/u/q.yaml', run: 'r', dir: '/home/u/r', steps })
  for (const [i, step] of steps.entries()) {
    later(300, { type: 'node-started', step, node: 'train', why: { kind: 'never-ran' } })
    later(300, { type: 'node-log', step, level: 'info', line: log(step) })
    for (let done = 1; done <= 3; done++) {
      const metrics = { train_loss: 0.9, validation_loss: 0.95, validation_dice: done / 4, learning_rate: 0.001, images_per_second: 312.4 }
      later(400, { type: 'node-progress', step, progress: { done, total: 3, unit: 'epoch', metrics } })
    }
    if (i % 3 === 0) later(50, { type: 'node-log', step, level: 'warn', line: `odd ${i}` })
    later(300, { type: 'node-done', step, node: 'train', how: 'ran', digest: '00' as Digest, ms: 2100 })
  }
  later(0, { type: 'run-done', ok: true, ms: 21_000, ran: steps.length, cached: 0, failed: 0 })
  // The emulator has timers of its own.
  vi.useRealTimers()
}

/** Nothing of a block is left, and every step is there once. */
function expectClean(lines: readonly string[], steps: readonly string[]): void {
  const text = lines.join('\n')
  for (const step of steps) expect([step, lines.filter(line => line.startsWith(`✓ ${step} `)).length]).toEqual([step, 1])
  expect(text.match(/▸|━|─|images\/s|to come|epoch/g)).toBeNull()
  expect(lines.filter(line => line.startsWith('warning')).length).toBe(Math.ceil(steps.length / 3))
  expect(lines.filter(line => line.startsWith('results: ')).length).toBe(1)
}

test.each([
  ['80 columns', 80, []],
  ['40 columns', 40, []],
  ['a terminal that becomes narrower, and wide again', 80, [80, 80, 80, 80, 40, 40, 40, 60, 80, 80, 33, 33, 100, 20, 80]],
  ['one that is dragged', 100, Array.from({ length: 70 }, (_, i) => 100 - Math.abs((i % 40) - 20) * 4)],
] as const)('on %s every finished step is there once, and nothing is left of what was redrawn', async (_, columns, widths) => {
  const screen = new Emulator(columns)
  run(screen, names, widths, step => `a long line about ${step}, ${'which goes on '.repeat(8)}`)
  expectClean(await screen.lines(), names)
})

test('wide characters, joined ones and those that move the cursor take the room that the terminal gives them', async () => {
  const wide = ['データ', 'scan-é', '脊髄の分割', '🧠', '👩‍⚕️-a', 'plain']
  for (const columns of [80, 40, 23]) {
    vi.useFakeTimers({ now: 1_000_000 })
    const screen = new Emulator(columns)
    run(screen, wide, [columns, columns, columns, columns, 30, 30, 60], step => `${step}\t脊髄🧠\r\n${'長い行'.repeat(30)}`)
    expectClean(await screen.lines(), wide)
  }
})
