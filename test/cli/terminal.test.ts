import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Digest } from '../../src/artifact.ts'
import { jsonLines } from '../../src/cli/jsonl.ts'
import { cut, type Stream } from '../../src/cli/live.ts'
import { sparkline } from '../../src/cli/sparkline.ts'
import { isDrawable, terminal } from '../../src/cli/terminal.ts'
import { clockWords, countWords, durationWords } from '../../src/cli/units.ts'
import type { Event } from '../../src/event.ts'
import { Glass } from './glass.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const steps = ['dataset', 'slices', 'model', 'metrics']
const digest = '00' as Digest
const begin: Event = {
  type: 'run-started',
  pipeline: 'quickstart',
  file: '/home/u/pipelines/quickstart.yaml',
  run: 'r',
  dir: '/home/u/runs/quickstart/r',
  steps,
}
const starts = (step: string, elements?: { total: number; ran: number; cached: number }): Event => ({
  type: 'node-started',
  step,
  node: step,
  why: { kind: 'never-ran' },
  ...(elements ? { elements } : {}),
})
const ends = (step: string, how: 'ran' | 'cached', ms: number, elements?: { total: number; ran: number; cached: number }): Event => ({
  type: 'node-done',
  step,
  node: step,
  how,
  digest,
  ms,
  ...(elements ? { elements } : {}),
})
const epoch = (done: number, loss: number): Event => ({
  type: 'node-progress',
  step: 'model',
  progress: { done, total: 10, unit: 'epoch', metrics: { loss, 'validation dice': 0.5 } },
})
const batch = (done: number): Event => ({ type: 'node-progress', step: 'model', progress: { done, total: 16, unit: 'batch' } })
const log = (step: string, level: 'info' | 'warn', line: string, element?: string): Event => ({
  type: 'node-log',
  step,
  level,
  line,
  ...(element ? { element } : {}),
})

const after = (ms: number, show: (e: Event) => void, ...events: Event[]): void => {
  vi.advanceTimersByTime(ms)
  events.forEach(show)
}

function screen(stream: Stream): (e: Event) => void {
  return terminal({ stream, steps, runDir: '/home/u/runs/quickstart/latest', cwd: '/home/u' })
}

test('on a terminal, running steps are a block below the finished ones', () => {
  const glass = new Glass()
  const show = screen(glass)
  show(begin)
  show(ends('dataset', 'cached', 0))
  after(500, show, starts('slices', { total: 29, ran: 2, cached: 27 }))
  after(1000, show, { type: 'element-done', step: 'slices', element: 'a', ms: 900 }, starts('model'))
  after(200, show, log('slices', 'warn', 'the label is missing', 'sub-01_T2w'))
  vi.advanceTimersByTime(100)
  expect(glass.text).toMatchInlineSnapshot(`
    "quickstart  pipelines/quickstart.yaml, 4 steps
    ✓ dataset       cached
    warning  slices sub-01_T2w: the label is missing
    ▸ slices    ━━━━━━━━━━━━━━━─  28/29 elements  0:01  ETA 0:01
    ▸ model     0:00
      1 to come: metrics"
  `)

  after(900, show, ends('slices', 'ran', 3100, { total: 29, ran: 2, cached: 27 }), epoch(1, 0.91234))
  after(2000, show, epoch(2, 0.75), batch(8))
  vi.advanceTimersByTime(1000)
  expect(glass.text).toMatchInlineSnapshot(`
    "quickstart  pipelines/quickstart.yaml, 4 steps
    ✓ dataset       cached
    warning  slices sub-01_T2w: the label is missing
    ✓ slices         3.1 s  29 elements, 2 made
    ▸ model     ━━━━────────────  epoch 2/10  0:03  ETA 0:13
        loss 0.75  validation dice 0.5
      1 to come: metrics"
  `)

  after(100, show, log('model', 'info', 'best at epoch 2'), ends('model', 'ran', 125_000))
  show({ type: 'run-done', ok: true, ms: 129_000, ran: 2, cached: 1, failed: 0 })
  vi.advanceTimersByTime(5000)
  expect(glass.text).toMatchInlineSnapshot(`
    "quickstart  pipelines/quickstart.yaml, 4 steps
    ✓ dataset       cached
    warning  slices sub-01_T2w: the label is missing
    ✓ slices         3.1 s  29 elements, 2 made
    ✓ model     2 min 05 s  best at epoch 2
    done in 2 min 09 s: 4 steps, 2 ran, 1 cached
    results: runs/quickstart/latest"
  `)
})

test('a training shows its numbers in a second line, the Dice as bars, and what comes after it', () => {
  const glass = new Glass()
  const show = screen(glass)
  show(begin)
  for (const step of ['dataset', 'slices']) show(ends(step, 'cached', 0))
  show(starts('model'))
  const dice = [0.1, 0.4, 0.6, 0.75, 0.8, 0.85]
  dice.forEach((validation_dice, i) => {
    const metrics = {
      train_loss: 0.9 - i / 10,
      validation_loss: 0.95 - i / 10,
      validation_dice,
      learning_rate: 0.001,
      images_per_second: 312.4,
    }
    after(1000, show, { type: 'node-progress', step: 'model', progress: { done: i + 1, total: 10, unit: 'epoch', metrics } })
  })
  vi.advanceTimersByTime(100)
  expect(glass.text).toMatchInlineSnapshot(`
    "quickstart  pipelines/quickstart.yaml, 4 steps
    ✓ dataset       cached
    ✓ slices        cached
    ▸ model     ━━━━━━━━━───────  epoch 6/10  0:06  ETA 0:04
        loss 0.4000  validation 0.4500  Dice 0.8500 ▁▄▆▇██  312 images/s
      1 to come: metrics"
  `)
  expect(Math.max(...glass.text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
})

test('a terminal that becomes narrower wraps the old block, and the new one takes its place', () => {
  const glass = new Glass()
  const show = screen(glass)
  show(begin)
  show(starts('slices', { total: 29, ran: 2, cached: 27 }))
  after(200, show, starts('model'), epoch(1, 0.9))
  vi.advanceTimersByTime(200)
  for (const columns of [40, 25, 100]) glass.resize(columns)
  vi.advanceTimersByTime(2000)
  expect(glass.text.match(/slices/g)).toHaveLength(1)
  expect(glass.text.match(/model/g)).toHaveLength(1)
  expect(glass.text).toMatch(/^quickstart {2}pipelines/)
  show({ type: 'run-done', ok: true, ms: 1, ran: 2, cached: 0, failed: 0 })
  glass.resize(30)
  expect(glass.text.match(/results/g)).toHaveLength(1)
})

test('where nobody sits before the terminal, or it cannot be drawn on, lines are plain', () => {
  expect([{}, { CI: 'true' }, { TERM: 'dumb' }, { TERM: 'xterm' }].map(isDrawable)).toEqual([true, false, false, true])
  const glass = new Glass()
  let text = ''
  const stream = { isTTY: true, columns: 80, write: (t: string) => ((text += t), glass.write(t)) }
  const show = terminal({ stream, steps, runDir: '/home/u/runs/quickstart/latest', cwd: '/home/u', plain: true })
  show(starts('model'))
  show(epoch(1, 0.9))
  show(ends('model', 'ran', 3200))
  expect(text).not.toContain('\x1b')
  expect(text).toBe('model: epoch 1/10  ETA 0:00  loss 0.9  validation dice 0.5\n✓ model          3.2 s\n')
})

test('--quiet says nothing of a run that goes well, and all of one that fails', () => {
  let text = ''
  const quiet = { steps, runDir: '/home/u/runs/quickstart/latest', cwd: '/home/u', quiet: true, next: () => ['to go on: pipe run p.yaml'] }
  const show = terminal({ stream: { write: (t: string) => (text += t) }, ...quiet })
  for (const event of [begin, starts('model'), epoch(1, 0.9), log('model', 'warn', 'odd'), ends('model', 'ran', 3200)]) show(event)
  show({ type: 'run-done', ok: true, ms: 12_300, ran: 2, cached: 7, failed: 0 })
  expect(text).toBe('')
  show({ type: 'node-failed', step: 'model', node: 'train', failure: { kind: 'cancelled', step: 'model' }, message: '' })
  show({ type: 'run-done', ok: false, ms: 3300, ran: 0, cached: 2, failed: 1 })
  expect(text).toMatchInlineSnapshot(`
    "✗ model     failed
      error  step "model" was cancelled
          run the same command to go on
    failed after 3.3 s: 4 steps, 0 ran, 2 cached, 1 failed
    what there is: runs/quickstart/latest
    to go on: pipe run p.yaml
    "
  `)
})

test('the last bars of a sparkline go from the lowest value to the highest', () => {
  expect(sparkline([9, 0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█')
  expect(sparkline([2, 2, 2], 8)).toBe('▁▁▁')
  expect([sparkline([], 8), sparkline([1], 8), sparkline([NaN, 1], 8)]).toEqual(['', '', ''])
})

test('the block is redrawn at most every 100 ms, and the clock ticks by itself', () => {
  const glass = new Glass()
  const show = screen(glass)
  show(begin)
  show(starts('model'))
  const before = glass.writes
  for (let i = 0; i < 1000; i++) after(1, show, batch(i % 16))
  expect(glass.writes - before).toBeGreaterThan(5)
  expect(glass.writes - before).toBeLessThanOrEqual(10)
  vi.advanceTimersByTime(5000)
  expect(glass.text).toMatch(/ 0:0[56] /)
})

test('no line of the block is longer than the terminal, and the block is never higher', () => {
  const glass = new Glass()
  glass.columns = 30
  glass.rows = 6
  const show = screen(glass)
  for (let i = 0; i < 9; i++)
    after(200, show, starts(`step-with-a-very-long-name-${i}`), log(`step-with-a-very-long-name-${i}`, 'info', 'x'.repeat(50)))
  vi.advanceTimersByTime(200)
  const lines = glass.text.split('\n')
  expect(Math.max(...lines.map(line => line.length))).toBe(30)
  expect(lines).toHaveLength(4)
  expect(lines.at(-1)).toBe('  and 6 more')
})

test('without a terminal every event worth reading is one plain line', () => {
  let text = ''
  const show = screen({ write: (t: string) => (text += t) })
  show(begin)
  show(ends('dataset', 'cached', 0))
  show(starts('slices', { total: 29, ran: 2, cached: 27 }))
  show(log('slices', 'warn', 'the label is missing', 'sub-01_T2w'))
  after(3100, show, ends('slices', 'ran', 3100, { total: 29, ran: 2, cached: 27 }), starts('model'))
  for (let i = 1; i <= 16; i++) after(100, show, batch(i))
  show(log('model', 'info', '120 slices to train on'))
  show(epoch(1, 0.9))
  for (let i = 1; i <= 16; i++) after(100, show, batch(i))
  show(epoch(2, 0.7))
  show(ends('model', 'ran', 3200))
  show({ type: 'run-done', ok: true, ms: 12_300, ran: 2, cached: 7, failed: 0 })
  expect(text).not.toContain('\x1b')
  expect(text).toMatchInlineSnapshot(`
    "quickstart  pipelines/quickstart.yaml, 4 steps
    ✓ dataset       cached
    warning  slices sub-01_T2w: the label is missing
    ✓ slices         3.1 s  29 elements, 2 made
    model: 120 slices to train on
    model: epoch 1/10  ETA 0:14  loss 0.9  validation dice 0.5
    model: epoch 2/10  ETA 0:13  loss 0.7  validation dice 0.5
    ✓ model          3.2 s
    done in 12.3 s: 4 steps, 2 ran, 7 cached
    results: runs/quickstart/latest
    "
  `)
})

test('pages that people open are the last lines', () => {
  let text = ''
  const show = screen({ write: (t: string) => (text += t) })
  const pages = { report: '/home/u/runs/quickstart/r/report.html', other: '/tmp/other.html' }
  show({ type: 'run-done', ok: true, ms: 100, ran: 0, cached: 4, failed: 0, pages })
  expect(text.split('\n').slice(1)).toEqual([
    'results: runs/quickstart/latest',
    'report: runs/quickstart/r/report.html',
    'other: /tmp/other.html',
    '',
  ])
})

test('without a terminal a long step says how far it is now and then', () => {
  let text = ''
  const show = screen({ write: (t: string) => (text += t) })
  show(starts('dataset'))
  for (let i = 1; i <= 60; i++)
    after(1000, show, { type: 'node-progress', step: 'dataset', progress: { done: i * 1e6, total: 60e6, unit: 'byte' } })
  expect(text).toMatchInlineSnapshot(`
    "dataset: 15.0 of 60.0 MB  ETA 0:45
    dataset: 30.0 of 60.0 MB  ETA 0:30
    dataset: 45.0 of 60.0 MB  ETA 0:15
    dataset: 60.0 of 60.0 MB
    "
  `)
})

test('a failure is printed whole, and what did not run is named', () => {
  let text = ''
  const show = screen({ write: (t: string) => (text += t) })
  show(starts('model'))
  const failure = { kind: 'loss-not-finite', epoch: 3, step: 41, loss: 'NaN', during: 'training' } as const
  after(3200, show, { type: 'node-failed', step: 'model', node: 'train', failure, message: '' })
  show({ type: 'node-skipped', step: 'metrics', node: 'evaluate', because: 'model failed' })
  show({ type: 'run-done', ok: false, ms: 3300, ran: 0, cached: 2, failed: 1 })
  expect(text).toMatchInlineSnapshot(`
    "✗ model     failed after 3.2 s
      error  the training loss became NaN at epoch 3, step 41
          it happened before the first checkpoint
          lower the learning rate (scheduler.initial_lr), or look for images with extreme intensities
    - metrics   not run: model failed
    failed after 3.3 s: 4 steps, 0 ran, 2 cached, 1 failed, 1 not run
    what there is: runs/quickstart/latest
    "
  `)
})

test('of many warnings of one step the first ones are shown, and the others counted', () => {
  let text = ''
  const show = screen({ write: (t: string) => (text += t) })
  show(starts('slices'))
  for (let i = 0; i < 40; i++) show(log('slices', 'warn', 'odd', `sub-${i}`))
  show(ends('slices', 'ran', 100))
  expect(text.match(/odd/g)).toHaveLength(5)
  expect(text).toContain('warning  slices: 35 more warnings, all in the log of the run\n')
})

test('the time left follows the pace, also after a resumed start', () => {
  const glass = new Glass()
  const show = screen(glass)
  show(starts('model'))
  after(60_000, show, epoch(4, 0.5))
  after(10_000, show, epoch(5, 0.4))
  vi.advanceTimersByTime(100)
  expect(glass.text).toContain('ETA 0:5')
})

test('times and counts read naturally', () => {
  expect([0, 400, 12_345, 59_949, 59_950, 125_000, 3_599_600, 3_720_000].map(durationWords)).toEqual([
    '0.0 s',
    '0.4 s',
    '12.3 s',
    '59.9 s',
    '1 min 00 s',
    '2 min 05 s',
    '1 h 00 min',
    '1 h 02 min',
  ])
  expect([7000, 125_000, 3_723_000].map(clockWords)).toEqual(['0:07', '2:05', '1:02:03'])
  expect(countWords({ done: 12_300_000, total: 50e6, unit: 'byte' })).toBe('12.3 of 50.0 MB')
  expect(countWords({ done: 12, total: 0, unit: 'image' })).toBe('image 12')
})

test('a line is cut by what is seen, not by its escape codes', () => {
  expect(cut('\x1b[31mabcdef\x1b[39m', 6)).toBe('\x1b[31mabcdef\x1b[39m')
  expect(cut('\x1b[31mabcdef\x1b[39mg', 6)).toBe('\x1b[31mabcde…\x1b[39m')
  expect(cut('abc\x1b[31mdef\x1b[39m', 4)).toBe('abc\x1b[31m…\x1b[39m')
  expect([5, 4, 3].map(columns => cut('脊髄図', columns))).toEqual(['脊髄…', '脊…', '脊…'])
  expect(cut('👩‍⚕️👩‍⚕️👩‍⚕️', 5)).toBe('👩‍⚕️👩‍⚕️…')
  expect(cut('a\tb\r\nc', 9)).toBe('a b c')
})

test('--json gives one object a line that can be read again', () => {
  let text = ''
  const show = jsonLines(line => (text += line))
  show(begin)
  show(ends('slices', 'ran', 3100, { total: 29, ran: 2, cached: 27 }))
  show({ type: 'node-progress', step: 'model', progress: { done: 1, total: 2, unit: 'epoch', metrics: { loss: NaN } } })
  expect(text.endsWith('\n')).toBe(true)
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  expect(lines).toEqual([
    begin,
    { type: 'node-done', step: 'slices', node: 'slices', how: 'ran', digest, ms: 3100, elements: { total: 29, ran: 2, cached: 27 } },
    { type: 'node-progress', step: 'model', progress: { done: 1, total: 2, unit: 'epoch', metrics: { loss: 'NaN' } } },
  ])
})
