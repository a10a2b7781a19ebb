import type { Sentence } from './sentence.ts'

/** Images, labels, datasets, splits: what can be wrong with the data. */
export const imageFailures = {
  'not-nifti': (f: { path: string; detail: string }): Sentence => ({ what: `not a readable NIfTI image: ${f.path}`, facts: [f.detail] }),
} as const
