import { expect, test } from 'vitest'
import { lineChart } from '../../src/report/line-chart.ts'
import { numberAxis, parallelChart, wordAxis } from '../../src/report/parallel-chart.ts'
import { slopeChart } from '../../src/report/slope-chart.ts'
import { stripChart } from '../../src/report/strip-chart.ts'

const unescaped = (text: string): string => text.replaceAll('&quot;', '"')

test('a line goes through its values and is broken where there is none; the text alternative says what there is to see', () => {
  const { html } = lineChart({
    title: 'Loss',
    x: { name: 'epoch', values: [1, 2, 3, 4] },
    y: 'loss',
    series: [{ name: 'training', values: [1, 0.5, null, 0] }],
    mark: { at: 4, text: 'kept: epoch 4' },
    size: [380, 256],
  })
  // From 72 to 360 across, from 212 (0) to 12 (1) up.
  expect(html).toContain('<polyline points="72,12 168,112"/>')
  expect(html).toContain('<circle cx="360" cy="212" r="3"/>')
  expect(html).toContain('Loss, by epoch: training from 1 to 0, lowest 0 at epoch 4, highest 1 at 1. kept: epoch 4.')
  const [, data] = /data-chart="([^"]*)"/.exec(html)!
  expect(JSON.parse(unescaped(data!))).toEqual({
    x: [72, 168, 264, 360],
    text: ['epoch 1: training 1', 'epoch 2: training 0.5000', 'epoch 3: training –', 'epoch 4: training 0'],
    y: [[12, 112, null, 212]],
  })
})

test('a chart of nothing says so', () => {
  const nothing = lineChart({ title: 'Loss', x: { name: 'epoch', values: [] }, y: 'loss', series: [] })
  expect(nothing.html).toBe('<p class="note">Loss: nothing to draw.</p>')
  expect(stripChart({ title: 'Dice', y: 'Dice', groups: [{ name: 'T1w', points: [] }] }).html).toContain('undefined for every image')
})

const group = (name: string, values: readonly number[]) => ({ name, points: values.map((value, i) => ({ value, of: `${name}-${i}` })) })

test('every value is a point at its place that tells its image; from five on a violin stands behind; lines are median and quartiles', () => {
  const { html } = stripChart({
    title: 'Dice',
    y: 'Dice',
    groups: [group('T1w', [0, 0.25, 0.5, 0.75, 1]), group('T2w', [0.5])],
    size: [380, 238],
  })
  const circles = [...html.matchAll(/<circle class="item" cx="([\d.]+)" cy="([\d.]+)" r="3.5"><title>([^<]*)/g)].map(m => [
    Number(m[1]),
    Number(m[2]),
    m[3],
  ])
  expect(circles).toEqual([
    [141, 212, 'T1w-0: 0'],
    [141, 162, 'T1w-1: 0.2500'],
    [141, 112, 'T1w-2: 0.5000'],
    [141, 62, 'T1w-3: 0.7500'],
    [141, 12, 'T1w-4: 1'],
    [291, 112, 'T2w-0: 0.5000'],
  ])
  expect(html.match(/class="violin"/g)).toHaveLength(1)
  expect([...html.matchAll(/class="(?:quartile|median)"[^>]* y1="(\d+)"/g)].map(m => Number(m[1]))).toEqual([162, 62, 112, 112, 112, 112])
  expect(html).toContain(
    'aria-label="Dice: T1w, 5 images: median 0.5000, from 0 to 1; T2w, 1 image: median 0.5000, from 0.5000 to 0.5000."',
  )
})

test('points that would cover each other lie side by side, the same way every time', () => {
  const chart = stripChart({ title: 'Dice', y: 'Dice', groups: [group('T1w', [0.5, 0.5, 0.5, 0.9])] })
  const places = [...chart.html.matchAll(/<circle class="item" cx="([\d.]+)" cy="([\d.]+)"/g)].map(
    m => [Number(m[1]), Number(m[2])] as const,
  )
  for (const [i, a] of places.entries())
    for (const b of places.slice(i + 1)) expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeGreaterThanOrEqual(6.99)
  expect(stripChart({ title: 'Dice', y: 'Dice', groups: [group('T1w', [0.5, 0.5, 0.5, 0.9])] })).toEqual(chart)
})

test('a slope chart has a line for each pair, the one that moved most first, and says which got better', () => {
  const { html } = slopeChart({
    title: 'Dice, A to B',
    names: ['A', 'B'],
    unit: 'subject',
    pairs: [
      { of: 'sub-1', a: 0, b: 0.2 },
      { of: 'sub-2', a: 1, b: 0.4 },
      { of: 'sub-3', a: 0.6, b: 0.6 },
    ],
    better: (a, b) => b - a,
  })
  // From 0 at 286 to 1 at 34 up; A at 56, B at 304 across.
  const items = [...html.matchAll(/class="item (\w+)"><title>([^<]*)<\/title><polyline points="([^"]*)"/g)].map(m => m.slice(1))
  expect(items).toEqual([
    ['worse', 'sub-2: 1 → 0.4000 (-0.6000)', '56,34 304,185.2'],
    ['better', 'sub-1: 0 → 0.2000 (+0.2000)', '56,286 304,235.6'],
    ['equal', 'sub-3: 0.6000 → 0.6000 (0)', '56,134.8 304,134.8'],
    ['mean', 'mean: 0.5333 → 0.4000 (-0.1333)', '56,151.6 304,185.2'],
  ])
  expect(html).toContain(
    'aria-label="Dice, A to B: 3 subjects from A to B, 1 better, 1 worse, 1 as before; mean: 0.5333 → 0.4000 (-0.1333)."',
  )
})

test('numbers lie on an axis by their size, those that span decades by their logarithm, and words one below the other', () => {
  const lr = numberAxis('learning rate', [0.0001, 0.01])
  expect(lr.axis.ticks).toEqual([
    { at: 0, text: '1e-4' },
    { at: 0.5, text: '0.001' },
    { at: 1, text: '0.01' },
  ])
  expect(lr.at(0.001)).toBeCloseTo(0.5, 12)
  const depth = numberAxis('depth', [2, 4])
  expect([2, 3, 4].map(depth.at)).toEqual([0, 0.5, 1])
  const words = wordAxis('loss', ['DiceLoss', 'FocalLoss'])
  expect(words.axis.ticks.map(t => t.at)).toEqual([0.75, 0.25])
  const { html } = parallelChart({
    title: 'Trials',
    words: 'Two trials.',
    axes: [words.axis, lr.axis],
    items: [{ text: 'trial 1', at: [words.at('FocalLoss'), undefined], look: 0.5 }],
    size: [360, 300],
  })
  // One place alone is a mark, and an item all the same.
  expect(html).toContain(
    '<g class="item shade" style="--t:0.5"><title>trial 1</title><polyline points="56,223"/><circle cx="56" cy="223" r="2.5"/></g>',
  )
})
