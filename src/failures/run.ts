import type { Sentence } from './sentence.ts'

/** Found while running: what can happen to a step. */
export const runFailures = {
  'node-threw': (f: { step: string; detail: string; stack?: string; log?: readonly string[] }): Sentence => ({
    what: `step "${f.step}" stopped on an error of the program: ${f.detail}`,
    facts: f.log ?? [],
    hint: 'this is a bug in the node; the whole trace is in the log of the step',
  }),
} as const
