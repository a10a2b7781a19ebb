import type { Sentence } from './sentence.ts'

/** Found while a configuration of ivadomed is read. */
export const ivadomedFailures = {
  'config-is-folder': (f: { path: string }): Sentence => ({
    what: `a folder, and not a configuration: ${f.path}`,
    hint: 'give the .json file itself, such as config.json in it',
  }),
  'config-is-yaml': (f: { path: string }): Sentence => ({
    what: `a YAML file, and not a configuration of ivadomed: ${f.path}`,
    hint: 'configurations end in .json; a pipeline in YAML needs no import: pipe run takes it',
  }),
  'config-not-json': (f: { path: string }): Sentence => ({
    what: `the name of a configuration ends in .json, and this does not: ${f.path}`,
    hint: 'if it holds JSON, rename it',
  }),
  'json-syntax': (f: { detail: string; hint?: string }): Sentence => ({ what: f.detail, hint: f.hint }),
  'not-yet': (f: { key: string; given: string; what: string; off?: string }): Sentence => ({
    what: `${f.key} is ${f.given}: ${f.what} cannot be done yet`,
    hint: f.off === undefined ? 'remove it to go on without' : `to go on without: ${f.off}`,
  }),
} as const
