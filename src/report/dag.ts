import { Graph, layout } from '@dagrejs/dagre'
import { place } from './figures.ts'
import { html, type Html } from './html.ts'

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

const sizeOf = ({ lines }: Box) => ({
  width: Math.max(70, Math.ceil(Math.max(...lines.map(l => l.length)) * CHARACTER) + 2 * PADDING),
  height: lines.length * LINE + PADDING,
})

/** A directed acyclic graph as an SVG that needs nothing around it; from left to right, laid out by dagre. `label`: its text alternative. */
export function dagSvg(boxes: readonly Box[], edges: readonly (readonly [from: string, to: string])[], label: string): Html {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 34, marginx: 8, marginy: 8 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const box of boxes) graph.setNode(box.id, sizeOf(box))
  for (const [from, to] of edges) graph.setEdge(from, to)
  layout(graph)
  const { width = 0, height = 0 } = graph.graph()
  const [w, h] = [Math.ceil(width), Math.ceil(height)]
  return html`<svg class="dag" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-label="${label}" font-family="system-ui, sans-serif" font-size="12">
<defs><marker id="dag-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#808080"/></marker></defs>
${edges.map(([from, to]) => html`<path d="${curve(graph.edge(from, to).points ?? [])}" fill="none" stroke="#808080" stroke-width="1.4" marker-end="url(#dag-arrow)"/>\n`)}
${boxes.map(box => drawn(box, graph.node(box.id)))}</svg>`
}

interface Point {
  readonly x: number
  readonly y: number
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

function drawn({ lines, fill, hint }: Box, { x = 0, y = 0, width = 0, height = 0 }: Partial<Point & { width: number; height: number }>): Html {
  const top = y - height / 2
  return html`<g>${hint !== undefined && html`<title>${hint}</title>`}<rect x="${place(x - width / 2)}" y="${place(top)}" width="${place(width)}" height="${place(height)}" rx="6" fill="${fill}" stroke="#606060"/>${lines.map(
    (line, i) =>
      html`<text x="${place(x)}" y="${place(top + PADDING / 2 + LINE * (i + 0.75))}" text-anchor="middle" fill="#111"${i === 0 && html` font-weight="600"`}>${line}</text>`,
  )}</g>\n`
}
