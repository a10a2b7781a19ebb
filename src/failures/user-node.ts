import type { Sentence } from './sentence.ts'

/** Of nodes that users write themselves. */
export const userNodeFailures = {
  'user-node-missing': (f: { path: string; kinds: readonly string[] }): Sentence => ({
    what: `there is no node at ${f.path}`,
    hint: `a node of your own is a file ending in ${f.kinds.join(', ')}; its path counts from the folder of the pipeline file`,
  }),
  'user-node-syntax': (f: { path: string; line: number; column: number; detail: string; text: string }): Sentence => ({
    what: `${f.path}:${f.line}:${f.column} ${f.detail}`,
    facts: f.text ? [f.text, `${' '.repeat(f.column - 1)}^`] : [],
  }),
  'user-node-throws': (f: { path: string; detail: string; place?: string }): Sentence => ({
    what: `${f.path} stopped with an error while it was loaded: ${f.detail}`,
    facts: f.place ? [f.place] : [],
    hint: 'what a node does belongs into its run function; outside it there should be definitions only',
  }),
  'user-node-shape': (f: { path: string; problems: readonly string[] }): Sentence => ({
    what: `${f.path} does not give a node`,
    facts: f.problems,
    hint: "end the file with: export default defineNode({ ... }), from: import { defineNode } from 'voxelpipe'",
  }),
  /** In the node's own words: `fail('...')` of the package. */
  'user-node-says': (f: { what: string; facts?: readonly string[]; hint?: string }): Sentence => f,
} as const
