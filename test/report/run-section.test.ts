import { expect, test } from 'vitest'
import { dagSvg as drawn, sizeOf, type Box, type Edge } from '../../src/report/dag.ts'
import { html } from '../../src/report/html.ts'
import { layOut } from '../../src/report/layout.ts'
import { fillRunPlace, runPlace } from '../../src/report/run-place.ts'
import { runSection, type RunFacts } from '../../src/report/run-section.ts'

const dagSvg = (boxes: readonly Box[], edges: readonly Edge[], label: string) =>
  drawn(boxes, edges, label, layOut(boxes.map(sizeOf), edges))
const box = (id: string) => ({ id, lines: [id, 'node'], fill: '#fff' })
const number = (text: string, name: string): number => Number(new RegExp(`${name}="(-?[\\d.]+)"`).exec(text)![1])

test('a graph runs from left to right, no box on another, everything inside the picture', () => {
  const ids = ['a', 'b', 'c', 'd', 'e']
  const edges = [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
    ['d', 'e'],
    ['a', 'e'],
    ['b', 'e'],
    ['a', 'd'],
  ] as const
  const { html: svg } = dagSvg(ids.map(box), edges, 'Steps')
  const rects = [...svg.matchAll(/<rect [^>]*>/g)].map(([r]) => ({
    ...{ x: number(r, ' x'), y: number(r, ' y'), w: number(r, ' width'), h: number(r, ' height') },
  }))
  expect(rects).toHaveLength(5)
  for (let i = 1; i < 5; i++) expect(rects[i]!.x).toBeGreaterThan(rects[i - 1]!.x + rects[i - 1]!.w)
  const [left, top, width, height] = /viewBox="([^"]*)"/.exec(svg)![1]!.split(' ').map(Number) as [number, number, number, number]
  const points = [...svg.matchAll(/ d="(M[^"]*)" fill="none"/g)].flatMap(([, d]) => [...d!.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)])
  expect(svg.match(/marker-end/g)).toHaveLength(7)
  for (const [, x, y] of points) {
    expect(Number(x)).toBeGreaterThanOrEqual(left)
    expect(Number(x)).toBeLessThanOrEqual(left + width)
    expect(Number(y)).toBeGreaterThanOrEqual(top)
    expect(Number(y)).toBeLessThanOrEqual(top + height)
  }
  // What other edges say already is drawn lighter.
  expect(svg.match(/stroke-opacity/g)).toHaveLength(3)
})

test('a graph of one step, and names that are markup, are drawn', () => {
  const { html: svg } = dagSvg([{ id: 'a', lines: ['<a>'], fill: '#fff' }], [], 'one "step"')
  expect(svg).toContain('&lt;a&gt;')
  expect(svg).toContain('aria-label="one &quot;step&quot;"')
})

test('a run is told of: which steps ran and how long, which were cached, failed or did not run; versions and machine', async () => {
  const facts: RunFacts = {
    ...{ pipeline: 'quickstart', run: '20260101-000000-abcdef', started: '2026-01-01 00:00 UTC', time: '12.3 s' },
    steps: [
      { id: 'dataset', node: 'phantom', state: 'cached', time: '0.0 s', elements: '' },
      { id: 'slices', node: 'slice', state: 'ran', ms: 3100, time: '3.1 s', elements: '29 elements, 2 made' },
      { id: 'model', node: 'train', state: 'failed', time: '', elements: '' },
      { id: 'masks', node: 'postprocess', state: 'skipped', time: '', elements: '' },
    ],
    edges: [
      ['dataset', 'slices'],
      ['slices', 'model'],
      ['model', 'masks'],
    ],
    resolved: 'name: <quickstart>\n',
    environment: { node: 'v20.0.0', command: ['pipe', 'run', 'a & b'] },
  }
  const { html: text } = await runSection(facts, async (...graph) => layOut(...graph))
  expect(text).toContain('aria-label="Steps of quickstart: dataset cached, slices ran, model failed, masks not run."')
  expect(text).toContain('<td class="number" data-by="3100">3.1 s</td><td class="text" data-by="29 elements, 2 made">')
  expect(text).toContain('<td class="text" data-by="cached">cached</td><td class="number" data-by="">–</td>')
  expect(text).toContain('name: &lt;quickstart&gt;')
  expect(text).toContain('<dt>command</dt><dd>pipe run a &amp; b</dd>')
})

test('the place of the run in a page is filled once, whatever else the page says', () => {
  const page = html`<p>${'<!--run-->'}</p>${runPlace}<p>end</p>`.html
  const filled = (page: string, html: string): string => fillRunPlace(Buffer.from(page), { html }).toString()
  expect(filled(page, 'RUN $& $1')).toBe('<p>&lt;!--run--&gt;</p>RUN $& $1<p>end</p>')
  expect(filled('<p>none</p>', 'RUN')).toBe('<p>none</p>')
})
