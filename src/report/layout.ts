import * as untyped from '@dagrejs/dagre'
import { isImplied, type Edge, type Layout, type Point, type Size } from './dag.ts'

/** What is used of dagre: its own types name their files without an ending, which Node's way of resolving does not find. */
interface Dagre {
  readonly Graph: new () => DagreGraph
  readonly layout: (graph: DagreGraph) => void
}

interface DagreGraph {
  setGraph(settings: { readonly rankdir: 'LR'; readonly nodesep: number; readonly ranksep: number }): unknown
  setNode(id: string, size: { readonly width: number; readonly height: number }): unknown
  setEdge(from: string, to: string, settings: { readonly weight: number }): unknown
  node(id: string): Point
  edge(from: string, to: string): { readonly points: readonly Point[] }
}

const { Graph, layout } = untyped as unknown as Dagre

/** Boxes of these sizes and the edges between them, from left to right, laid out by dagre, whose own size of the graph leaves edges out. */
export function layOut(sizes: readonly Size[], edges: readonly Edge[]): Layout {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 34 })
  for (const { id, width, height } of sizes) graph.setNode(id, { width, height })
  for (const edge of edges) graph.setEdge(...edge, { weight: isImplied(edge, edges) ? 1 : 4 })
  layout(graph)
  const at = ({ x, y }: Point): Point => ({ x, y })
  return { places: sizes.map(({ id }) => at(graph.node(id))), paths: edges.map(edge => graph.edge(...edge).points.map(at)) }
}
