import type { Sentence } from './sentence.ts'

/** Found while running: what can happen to a step. */
export const runFailures = {
  'node-threw': (f: { step: string; detail: string; stack?: string; log?: readonly string[] }): Sentence => ({
    what: `step "${f.step}" stopped on an error of the program: ${f.detail}`,
    facts: f.log ?? [],
    hint: 'this is a bug in the node; the whole trace is in the log of the step',
  }),
  'bad-output': (f: { step: string; detail: string }): Sentence => ({
    what: `step "${f.step}" gave a document that its output kind does not allow`,
    facts: [f.detail],
    hint: 'this is a bug in the node',
  }),
  'step-crashed': (f: { step: string; how: string; log: readonly string[]; logFile: string; outOfMemory: boolean }): Sentence => ({
    what: `the process of step "${f.step}" ended unexpectedly (${f.how})`,
    facts: f.log,
    hint: f.outOfMemory
      ? `it was probably stopped for using too much memory: make batches or images smaller, or use --jobs 1; whole log: ${f.logFile}`
      : `whole log: ${f.logFile}`,
  }),
  'timed-out': (f: { step: string; seconds: number; log: readonly string[] }): Sentence => ({
    what: `step "${f.step}" was stopped after ${f.seconds} s, its timeout`,
    facts: f.log,
    hint: 'raise "timeout" of the step; a training goes on from its last checkpoint',
  }),
  cancelled: (f: { step: string }): Sentence => ({ what: `step "${f.step}" was cancelled`, hint: 'run the same command to go on' }),
  'upstream-stale': (f: { step: string; needs: string }): Sentence => ({
    what: `step "${f.step}" needs "${f.needs}", which is not up to date and not among the steps asked for`,
    hint: `run it first: --until ${f.needs}`,
  }),
  'cannot-write': (f: { where: string; detail: string }): Sentence => ({
    what: `cannot write ${f.where}`,
    facts: [f.detail],
    hint: 'choose another cache folder with --cache, or another folder for results with --out',
  }),
  'same-file-twice': (f: { step: string; file: string }): Sentence => ({
    what: `two elements of step "${f.step}" both made the file ${f.file}`,
    hint: 'this is a bug in the node: name files by the id of the element',
  }),
  'no-index-step': (f: { node: string; steps: readonly string[] }): Sentence => ({
    what: 'the pipeline has no step that finds images, so there is no data to check',
    facts: [`a step of the node ${f.node} is looked for; there are: ${f.steps.join(', ')}`],
    hint: 'give a pipeline that starts from a dataset and an index, as pipelines/quickstart.yaml does',
  }),
  'secret-told': (f: { step: string; where: string }): Sentence => ({
    what: `step "${f.step}" wrote a secret into its result, which was not kept`,
    facts: [`it stands in ${f.where}`],
    hint: 'this is a bug in the node: a secret is for asking, not for keeping',
  }),
  'no-steps-between': (f: { from: string; until: string }): Sentence => ({
    what: `no step lies between --from ${f.from} and --until ${f.until}`,
    facts: [`"${f.until}" does not use "${f.from}"`],
    hint: 'give one of the two, or a later step to --until',
  }),
  'only-and-more': (f: { options: readonly string[] }): Sentence => ({
    what: `--only does not go with ${f.options.join(' and ')}`,
    hint: 'it chooses one step alone; leave out one or the other',
  }),
  'unknown-choice': (f: { option: string; given: string; known: readonly string[] }): Sentence => ({
    what: `${f.option} cannot be "${f.given}"`,
    hint: `one of: ${f.known.join(', ')}`,
  }),
  'no-transforms': (f: { file: string; steps: readonly string[] }): Sentence => ({
    what: `${f.file} has no step that transforms`,
    facts: [`its steps: ${f.steps.join(', ')}`],
    hint: 'such a step says "node: transform"',
  }),
  'which-step': (f: { node: string; known: readonly string[] }): Sentence => ({
    what: `the pipeline has ${f.known.length} steps of the node ${f.node}`,
    hint: `choose one with --step: ${f.known.join(', ')}`,
  }),
  'bad-option': (f: { option: string; given: string; wants: string }): Sentence => ({
    what: `${f.option} wants ${f.wants}, and gets "${f.given}"`,
  }),
  'unmeasured-metric': (f: { name: string; known: readonly string[] }): Sentence => ({
    what: `rank_by names a metric that was not measured: ${f.name}`,
    facts: [`measured: ${f.known.join(', ')}`],
    hint: 'name one of these, or let the step of the node evaluate measure it (params: metrics)',
  }),
  'cannot-listen': (f: { address: string; detail: string }): Sentence => ({
    what: `cannot listen on ${f.address}`,
    facts: [f.detail],
    hint: 'leave --port out, and a free one is found',
  }),
  'unknown-store': (f: { uri: string; known: readonly string[] }): Sentence => ({
    what: `no store for results is known for ${f.uri}`,
    facts: [`known: ${f.known.map(k => `${k}://`).join(' ')}`],
    hint: 'or give the path of a folder',
  }),
  'store-not-installed': (f: { uri: string; package: string }): Sentence => ({
    what: `keeping results at ${f.uri} needs the package ${f.package}`,
    hint: `npm install ${f.package}`,
  }),
} as const
