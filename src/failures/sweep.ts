import type { Sentence } from './sentence.ts'

/** Found before a sweep runs: mistakes in its `sweep:` block. */
export const sweepFailures = {
  'no-sweep': (f: { file: string }): Sentence => ({
    what: `${f.file} has no "sweep:"`,
    hint: 'write what is varied, such as sweep: { grid: { model.batch_size: [8, 16] } }',
  }),
  'sweep-key': (f: { key: string }): Sentence => ({
    what: `"${f.key}" names nothing that can be varied`,
    hint: 'write step.param, vars.name or seed',
  }),
  'swept-twice': (f: { key: string; parts: readonly string[] }): Sentence => ({
    what: `"${f.key}" is varied twice: by ${f.parts.join(' and by ')}`,
    hint: 'keep one of them',
  }),
  'not-swept': (f: { key: string; owner: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: `${f.owner} names "${f.key}", which the sweep does not vary`,
    facts: f.nearest ? [] : [`it varies: ${f.known.join(', ')}`],
    hint: f.nearest ? `did you mean "${f.nearest}"?` : undefined,
  }),
  'zip-lengths': (f: { lists: readonly { readonly key: string; readonly length: number }[] }): Sentence => ({
    what: 'the lists of a zip are taken side by side, and these are not equally long',
    facts: f.lists.map(({ key, length }) => `${key}: ${length} ${length === 1 ? 'value' : 'values'}`),
    hint: 'for every combination write grid',
  }),
  'no-trials': (f: { excludes: number }): Sentence => ({
    what: 'the sweep has no trial left',
    facts: [
      f.excludes === 1
        ? 'each has all the values under exclude'
        : `each has all the values of one of the ${f.excludes} entries under exclude`,
    ],
  }),
  'no-parts': (f: { step: string; node: string; can: readonly string[] }): Sentence => ({
    what: `step "${f.step}" cannot be done in parts: node "${f.node}" has no epochs`,
    hint: f.can.length > 0 ? `those that can: ${f.can.join(', ')}` : 'halving stops trainings, and the pipeline has none',
  }),
  'unknown-score': (f: { name: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: `trainings have no "${f.name}" to compare them by`,
    facts: f.nearest ? [] : [`they have: ${f.known.join(', ')}`],
    hint: f.nearest ? `did you mean "${f.nearest}"?` : undefined,
  }),
  'decided-by-halving': (f: { key: string }): Sentence => ({
    what: `"${f.key}" is varied, and halving.epochs decides it`,
    hint: 'leave it out of the sweep, or leave out halving',
  }),
  'bad-trial': (f: { trial: string; detail: string; hint?: string }): Sentence => ({
    what: f.detail,
    facts: [`in the trial ${f.trial}`],
    hint: f.hint,
  }),
} as const
