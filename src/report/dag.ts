import { place } from './figures.ts'
import { html, trusted, type Html } from './html.ts'

/** A box of a drawn graph: two lines of text or more, the first in bold. */
export interface Box {
  readonly id: string
  readonly lines: readonly string[]
  /** A light colour: the text on it is dark. */
  readonly fill: string
  /** Told when pointed at. */
  readonly hint?: string
}

const LINE = 16
const PADDING = 10
/** Of text at 12 pixels, on the wide side. */
const CHARACTER = 7.3

/** A box to be laid out, in pixels. */
export interface Size {
  readonly id: string
  readonly width: number
  readonly height: number
}

export const sizeOf = ({ id, lines }: Box): Size => ({
  id,
  width: Math.max(70, Math.ceil(Math.max(...lines.map(l => l.length)) * CHARACTER) + 2 * PADDING),
  height: lines.length * LINE + PADDING,
})

export type Edge = readonly [from: string, to: string]

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where boxes have their middles, and by which points edges go: `layOut` of layout.ts makes it, of the boxes' sizes. */
export interface Layout {
  readonly places: readonly Point[]
  readonly paths: readonly (readonly Point[])[]
}

/** A box where it is drawn. */
interface Place extends Size, Point {}

/** A directed acyclic graph as an SVG that needs nothing around it; from left to right. `label`: its text alternative. */
export function dagSvg(boxes: readonly Box[], edges: readonly Edge[], label: string, { places: middles, paths }: Layout): Html {
  const places = boxes.map((box, i): Place => ({ ...sizeOf(box), ...middles[i]! }))
  const [left, right] = extent([...places.flatMap(p => [p.x - p.width / 2, p.x + p.width / 2]), ...paths.flat().map(p => p.x)])
  const [top, bottom] = extent([...places.flatMap(p => [p.y - p.height / 2, p.y + p.height / 2]), ...paths.flat().map(p => p.y)])
  const [width, height] = [right - left, bottom - top]
  return html`<svg class="dag" xmlns="http://www.w3.org/2000/svg" viewBox="${left} ${top} ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}" font-family="system-ui, sans-serif" font-size="12">
<defs><marker id="dag-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#808080"/></marker></defs>
${edges.map(
  (edge, i) =>
    html`<path d="${curve(paths[i]!)}" fill="none" stroke="#808080" stroke-width="1.4"${isImplied(edge, edges) && trusted(' stroke-opacity="0.4"')} marker-end="url(#dag-arrow)"/>\n`,
)}
${boxes.map((box, i) => drawn(box, places[i]!))}</svg>`
}

/** Whole numbers around all values, with a margin. */
const extent = (values: readonly number[]): readonly [number, number] => [
  Math.floor(Math.min(...values)) - 8,
  Math.ceil(Math.max(...values)) + 8,
]

/** Whether one gets from its start to its end by way of others too: the eye then finds the order without it. */
export function isImplied([from, to]: Edge, edges: readonly Edge[]): boolean {
  const open = edges.filter(([a, b]) => a === from && b !== to).map(([, b]) => b)
  const seen = new Set<string>()
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true
    if (seen.has(at)) continue
    seen.add(at)
    open.push(...edges.filter(([a]) => a === at).map(([, b]) => b))
  }
  return false
}

/** A smooth line: through the middles between its points, which it bends towards. */
function curve(points: readonly Point[]): string {
  const at = ({ x, y }: Point): string => `${place(x)} ${place(y)}`
  const [first, ...rest] = points
  if (!first) return ''
  const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
  const bends = rest.slice(0, -1).map((p, i) => `Q${at(p)} ${at(i === rest.length - 2 ? rest.at(-1)! : middle(p, rest[i + 1]!))}`)
  return `M${at(first)}${bends.join('')}L${at(rest.at(-1) ?? first)}`
}

function drawn({ lines, fill, hint }: Box, { x, y, width, height }: Place): Html {
  const top = y - height / 2
  return html`<g>${hint !== undefined && html`<title>${hint}</title>`}<rect x="${place(x - width / 2)}" y="${place(top)}" width="${place(width)}" height="${place(height)}" rx="6" fill="${fill}" stroke="#606060"/>${lines.map(
    (line, i) =>
      html`<text x="${place(x)}" y="${place(top + PADDING / 2 + LINE * (i + 0.75))}" text-anchor="middle" fill="#111"${i === 0 && trusted(' font-weight="600"')}>${line}</text>`,
  )}</g>\n`
}
