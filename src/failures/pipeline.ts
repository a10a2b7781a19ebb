import type { Sentence } from './sentence.ts'

const nearestHint = (nearest?: string): string | undefined => (nearest ? `did you mean "${nearest}"?` : undefined)
/** Lists the known names, unless the right one is suggested already. */
const knownFacts = (known: readonly string[], nearest?: string): string[] =>
  nearest ? [] : [known.length ? `known here: ${known.join(', ')}` : 'nothing may be written here']
const about = (description?: string): string[] => (description ? [description] : [])
/** `a split`, `an index`, `slices`. */
const article = (kind: string): string => (kind.endsWith('s') ? kind : `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`)
const givers = (kind: string, steps: readonly string[]): string =>
  steps.length
    ? `${steps.map(s => `"${s}"`).join(' and ')} ${steps.length === 1 ? 'gives' : 'give'} ${article(kind)}`
    : `no step of this pipeline gives ${article(kind)}`

/** The variable of the environment that a name asks for. */
const environmental = (name: string): string | undefined => /^(?:env|secret)\.(.*)/.exec(name)?.[1]

/** Found before anything runs: mistakes in a pipeline file or on the command line. */
export const pipelineFailures = {
  'yaml-syntax': (f: { detail: string; hint?: string }): Sentence => ({ what: f.detail, hint: f.hint }),
  'duplicate-key': (f: { key: string; firstLine: number }): Sentence => ({
    what: `"${f.key}" is written twice`,
    facts: [`the first one is in line ${f.firstLine}`],
    hint: 'keep one of them',
  }),
  'unknown-key': (f: { key: string; owner: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: `${f.owner} has no "${f.key}"`,
    facts: knownFacts(f.known, f.nearest),
    hint: nearestHint(f.nearest),
  }),
  'missing-key': (f: { key: string; owner: string; wants?: string; description?: string }): Sentence => ({
    what: `${f.owner} needs "${f.key}"${f.wants ? `: ${f.wants}` : ''}`,
    facts: about(f.description),
  }),
  'wrong-value': (f: { name: string; given: string; wants: string; description?: string; nearest?: string; quote?: string }): Sentence => ({
    what: `${f.name} is ${f.given}, and wants ${f.wants}`,
    facts: about(f.description),
    hint: nearestHint(f.nearest) ?? (f.quote ? `for the text itself write quotes: "${f.quote}"` : undefined),
  }),
  'refused-value': (f: { name: string; given: string; detail: string; description?: string }): Sentence => ({
    what: `${f.name} is ${f.given}: ${f.detail}`,
    facts: about(f.description),
  }),
  'bad-step-name': (f: { name: string }): Sentence => ({
    what: `"${f.name}" cannot be the name of a step`,
    facts: ['a step gives its name to a folder and to --set: a letter, then letters, digits, "-" and "_"'],
    hint: ['vars', 'seed', 'name'].includes(f.name) ? `"${f.name}" means something else after --set` : undefined,
  }),
  'unknown-node': (f: { name: string; nearest?: string }): Sentence => ({
    what: `no node is called "${f.name}"`,
    hint: nearestHint(f.nearest) ?? 'list them with: pipe nodes',
  }),
  'unknown-step': (f: { name: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: `no step is called "${f.name}"`,
    facts: f.nearest ? [] : [`the steps are: ${f.known.join(', ')}`],
    hint: nearestHint(f.nearest),
  }),
  'unknown-input': (f: { input: string; node: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: `node "${f.node}" has no input "${f.input}"`,
    facts: f.nearest ? [] : [f.known.length ? `its inputs: ${f.known.join(', ')}` : 'it takes no inputs'],
    hint: nearestHint(f.nearest),
  }),
  'missing-input': (f: { step: string; input: string; wants: string; givers: readonly string[] }): Sentence => ({
    what: `step "${f.step}" needs input "${f.input}": ${article(f.wants)}`,
    hint: f.givers.length ? `write inputs: { ${f.input}: ${f.givers[0]} }` : givers(f.wants, []),
  }),
  'wrong-kind': (f: { input: string; wants: string; from: string; gives: string; givers: readonly string[] }): Sentence => ({
    what: `input "${f.input}" wants ${article(f.wants)}, and "${f.from}" gives ${article(f.gives)}`,
    hint: givers(f.wants, f.givers),
  }),
  'one-input': (f: { input: string; given: number }): Sentence => ({
    what: `input "${f.input}" takes one step, and is given ${f.given}`,
    hint: `write ${f.input}: and the name of the step`,
  }),
  cycle: (f: { trail: readonly string[] }): Sentence => ({
    what: f.trail.length === 2 ? `step "${f.trail[0]}" waits for itself` : `these steps wait for each other: ${f.trail.join(' -> ')}`,
    hint: 'remove one of these inputs',
  }),
  'unknown-variable': (f: { name: string; known: readonly string[]; nearest?: string }): Sentence => ({
    what: environmental(f.name) ? `the environment has no variable "${environmental(f.name)}"` : `no variable is called "${f.name}"`,
    facts:
      f.nearest || environmental(f.name)
        ? []
        : [f.known.length ? `the variables are: ${f.known.join(', ')}` : 'there are none under "vars:"'],
    hint:
      nearestHint(f.nearest) ??
      (environmental(f.name) ? `set it: ${environmental(f.name)}=... pipe ...` : `set it under "vars:", or with --set ${f.name}=...`),
  }),
  'variable-syntax': (f: { text: string }): Sentence => ({
    what: `${f.text} names no variable`,
    hint: 'write ${vars.name}, ${env.NAME} or ${secret.NAME}; $${ gives the two characters ${',
  }),
  'variable-in-text': (f: { name: string; given: string }): Sentence => ({
    what: `\${${f.name}} is ${f.given}, which cannot be put inside a text`,
    hint: 'write it alone, without other characters around it',
  }),
  'variable-cycle': (f: { trail: readonly string[] }): Sentence => ({
    what: `these variables wait for each other: ${f.trail.join(' -> ')}`,
  }),
  'set-syntax': (f: { text: string; detail?: string }): Sentence => ({
    what: f.detail ?? `--set wants step.key=value, and gets "${f.text}"`,
    hint: f.detail
      ? undefined
      : 'examples: --set masks.remove_small.thr=5 --set dataset.urls=[a.zip, b.zip] --set vars.data=/data --set seed=6',
  }),
} as const
