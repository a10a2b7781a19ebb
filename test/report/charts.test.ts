import { expect, test } from 'vitest'
import { lineChart } from '../../src/report/line-chart.ts'
import { stripChart } from '../../src/report/strip-chart.ts'

const unescaped = (text: string): string => text.replaceAll('&quot;', '"')

test('a line goes through its values and is broken where there is none; the text alternative says what there is to see', () => {
  const { html } = lineChart({
    title: 'Loss',
    x: { name: 'epoch', values: [1, 2, 3, 4] },
    y: 'loss',
    series: [{ name: 'training', values: [1, 0.5, null, 0] }],
    mark: { at: 4, text: 'kept: epoch 4' },
    size: [372, 256],
  })
  // From 64 to 352 across, from 212 (0) to 12 (1) up.
  expect(html).toContain('<polyline points="64,12 160,112"/>')
  expect(html).toContain('<circle cx="352" cy="212" r="3"/>')
  expect(html).toContain('Loss, by epoch: training from 1 to 0, lowest 0 at epoch 4, highest 1 at 1. kept: epoch 4.')
  const [, data] = /data-chart="([^"]*)"/.exec(html)!
  expect(JSON.parse(unescaped(data!))).toEqual({
    width: 372,
    x: [64, 160, 256, 352],
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
    size: [372, 256],
  })
  const circles = [...html.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"><title>([^<]*)/g)].map(m => [Number(m[1]), Number(m[2]), m[3]])
  expect(circles).toEqual([
    [133, 212, 'T1w-0: 0'],
    [133, 162, 'T1w-1: 0.2500'],
    [133, 112, 'T1w-2: 0.5000'],
    [133, 62, 'T1w-3: 0.7500'],
    [133, 12, 'T1w-4: 1'],
    [283, 112, 'T2w-0: 0.5000'],
  ])
  expect(html.match(/class="violin"/g)).toHaveLength(1)
  expect([...html.matchAll(/class="(?:quartile|median)"[^>]* y1="(\d+)"/g)].map(m => Number(m[1]))).toEqual([162, 62, 112, 112, 112, 112])
  expect(html).toContain('aria-label="Dice: T1w, 5 images: median 0.5000, from 0 to 1; T2w, 1 image: median 0.5000, from 0.5000 to 0.5000."')
})

test('points that would cover each other lie side by side, the same way every time', () => {
  const chart = stripChart({ title: 'Dice', y: 'Dice', groups: [group('T1w', [0.5, 0.5, 0.5, 0.9])] })
  const places = [...chart.html.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(m => [Number(m[1]), Number(m[2])] as const)
  for (const [i, a] of places.entries())
    for (const b of places.slice(i + 1)) expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeGreaterThanOrEqual(6.99)
  expect(stripChart({ title: 'Dice', y: 'Dice', groups: [group('T1w', [0.5, 0.5, 0.5, 0.9])] })).toEqual(chart)
})
