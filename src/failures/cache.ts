import type { Sentence } from './sentence.ts'

/** Looking after a cache. */
export const cacheFailures = {
  'no-cache': (f: { path: string }): Sentence => ({
    what: `there is no cache at ${f.path}`,
    hint: 'name it with --cache, or run a pipeline first',
  }),
  'nothing-to-pin': (f: { run: string; cache: string }): Sentence => ({
    what: `no result of the run ${f.run} lies in this cache`,
    facts: [`the cache: ${f.cache}`],
    hint: 'name the cache of the run with --cache, or run it again',
  }),
  'not-pinned': (f: { run: string; pinned: readonly string[] }): Sentence => ({
    what: `${f.run} is not pinned`,
    facts: [f.pinned.length ? `pinned: ${f.pinned.join(', ')}` : 'nothing is'],
    hint: 'write it as pipe cache du shows it',
  }),
} as const
