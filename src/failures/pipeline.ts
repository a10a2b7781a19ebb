import type { Sentence } from './sentence.ts'

const nearestHint = (nearest?: string): string | undefined => (nearest ? `did you mean "${nearest}"?` : undefined)

/** Found before anything runs: mistakes in a pipeline file or on the command line. */
export const pipelineFailures = {
  'yaml-syntax': (f: { detail: string }): Sentence => ({ what: f.detail }),
  'unknown-node': (f: { name: string; nearest?: string }): Sentence => ({
    what: `no node is called "${f.name}"`,
    hint: nearestHint(f.nearest) ?? 'list them with: pipe nodes',
  }),
} as const
