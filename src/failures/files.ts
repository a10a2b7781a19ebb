import type { Sentence } from './sentence.ts'

/** Files, folders, archives, downloads. */
export const fileFailures = {
  'file-missing': (f: { path: string; role: string }): Sentence => ({ what: `${f.role} does not exist: ${f.path}` }),
  'file-unreadable': (f: { path: string; role: string; detail: string }): Sentence => ({
    what: `${f.role} cannot be read: ${f.path}`,
    facts: [f.detail],
  }),
} as const
