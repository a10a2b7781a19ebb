import type { Sentence } from './sentence.ts'

const didYouMean = (nearest: string | undefined): string | undefined => (nearest === undefined ? undefined : `did you mean "${nearest}"?`)

/** Runs that are looked for, and what is compared of them. */
export const compareFailures = {
  'no-runs': (f: { where: string }): Sentence => ({
    what: `there are no runs in ${f.where}`,
    hint: 'make one with pipe run, or name another folder of runs with --out',
  }),
  'not-a-run': (f: { path: string; detail: string }): Sentence => ({
    what: `this is not the folder of a run: ${f.path}`,
    facts: [f.detail],
    hint: 'list the runs with: pipe runs',
  }),
  'unknown-run': (f: { reference: string; pipelines: readonly string[]; newest: readonly string[]; nearest?: string }): Sentence => ({
    what: `no run is called "${f.reference}"`,
    facts: [`there are runs of: ${f.pipelines.join(', ')}`, ...(f.newest.length > 0 ? [`the newest: ${f.newest.join(', ')}`] : [])],
    hint:
      didYouMean(f.nearest) ??
      'give the folder of a run, an id or its beginning, latest, a pipeline, or a pipeline@2 for the one before its latest',
  }),
  'ambiguous-run': (f: { reference: string; runs: readonly string[] }): Sentence => ({
    what: `"${f.reference}" may be ${f.runs.length} runs`,
    facts: f.runs,
    hint: 'write more of the id',
  }),
  'no-such-latest': (f: { reference: string; done: number; runs: number }): Sentence => ({
    what: `there is no "${f.reference}"`,
    facts: [`of ${f.runs} ${f.runs === 1 ? 'run' : 'runs'}, ${f.done} went well; @1 is the latest of those, @2 the one before it`],
    hint: 'a run that did not go well is named by its id: list them with pipe runs',
  }),
  'few-runs': (f: { given: number }): Sentence => ({
    what: `two runs at least are compared, and ${f.given} is given`,
    hint: 'as in: pipe compare quickstart@2 quickstart',
  }),
  'same-run': (f: { first: string; second: string; run: string }): Sentence => ({
    what: `"${f.first}" and "${f.second}" are the same run: ${f.run}`,
    hint: 'list the runs with: pipe runs',
  }),
  'unknown-fact': (f: { name: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: `nothing called "${f.name}" is known of the images`,
    facts:
      f.nearest === undefined ? [f.known.length > 0 ? `known are: ${f.known.join(', ')}` : 'nothing at all is: the index is gone'] : [],
    hint: didYouMean(f.nearest) ?? 'columns of participants.tsv are known, fields of sidecars, contrast and session',
  }),
  'unknown-metric': (f: { name: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: `none of the runs has a metric "${f.name}"`,
    facts: f.nearest === undefined ? [`there are: ${f.known.join(', ')}`] : [],
    hint: didYouMean(f.nearest),
  }),
  'cannot-write-file': (f: { path: string; detail: string }): Sentence => ({
    what: `cannot write ${f.path}`,
    facts: [f.detail],
    hint: 'name a file in a folder that is there and that you may write to',
  }),
  'no-metrics': (f: { reasons: readonly string[]; wanted: string }): Sentence => ({
    what: `there are no metrics of two runs to compare, and ${f.wanted} needs them`,
    facts: f.reasons,
  }),
} as const
