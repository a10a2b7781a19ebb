import { DirectedGraph } from 'graphology'
import { topologicalGenerations } from 'graphology-dag'
import type { Step } from './pipeline/pipeline.ts'

/** Who waits for whom: the steps of a checked pipeline as a directed acyclic graph, edges from maker to user. */
export class StepGraph {
  readonly #graph = new DirectedGraph()

  constructor(steps: ReadonlyMap<string, Step>) {
    for (const id of steps.keys()) this.#graph.addNode(id)
    for (const step of steps.values()) for (const source of new Set(Object.values(step.inputs).flat())) this.#graph.addEdge(source, step.id)
  }

  /** Steps such that each comes after all that it needs; within a generation in the order of the file. */
  order(): string[] {
    return this.generations().flat()
  }

  /** Steps that could run side by side. */
  generations(): string[][] {
    return topologicalGenerations(this.#graph)
  }

  /** Every pair (maker, user). */
  edges(): [string, string][] {
    return this.#graph.mapEdges((_edge, _attributes, source, target) => [source, target])
  }

  /** The steps themselves, and all that uses what they make, directly or not. */
  downstream(of: readonly string[]): Set<string> {
    return this.#reach(of, id => this.#graph.outNeighbors(id))
  }

  /** The steps themselves, and all that they need, directly or not. */
  upstream(of: readonly string[]): Set<string> {
    return this.#reach(of, id => this.#graph.inNeighbors(id))
  }

  #reach(from: readonly string[], next: (id: string) => string[]): Set<string> {
    const seen = new Set(from)
    const open = [...from]
    for (let id = open.pop(); id !== undefined; id = open.pop())
      for (const neighbour of next(id))
        if (!seen.has(neighbour)) {
          seen.add(neighbour)
          open.push(neighbour)
        }
    return seen
  }
}
