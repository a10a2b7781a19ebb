import type { Sentence } from './sentence.ts'

/** Files, folders, archives, downloads. */
export const fileFailures = {
  'file-missing': (f: { path: string; role: string }): Sentence => ({
    what: `${f.role} does not exist: ${f.path}`,
    hint: 'check the path; a relative one starts at the current folder',
  }),
  'file-unreadable': (f: { path: string; role: string; detail: string }): Sentence => ({
    what: `${f.role} cannot be read: ${f.path}`,
    facts: [f.detail],
    hint: 'look who may read it (ls -l), and whether its disk is there',
  }),
  'file-empty': (f: { path: string; role: string }): Sentence => ({
    what: `${f.role} is an empty file: ${f.path}`,
    hint: 'copy or download it again',
  }),
  'not-a-folder': (f: { path: string }): Sentence => ({
    what: `a folder was expected, and this is a file: ${f.path}`,
    hint: 'give the folder that holds sub-... and participants.tsv; an archive is unpacked by the download node (file: URL)',
  }),
  'empty-folder': (f: { path: string }): Sentence => ({
    what: `the dataset folder is empty: ${f.path}`,
    hint: 'give the folder that holds sub-... and participants.tsv',
  }),
  'disk-full': (f: { path: string; detail: string }): Sentence => ({
    what: `no space is left to write ${f.path}`,
    facts: [f.detail],
    hint: 'free some space, or move the cache with --cache, or the results with --out; what was written so far is kept, and the next run goes on from there',
  }),
  'download-failed': (f: { reasons: readonly { url: string; reason: string }[] }): Sentence => ({
    what: f.reasons.length === 1 ? 'the URL gives nothing' : `none of the ${f.reasons.length} URLs gives the file`,
    facts: f.reasons.map(r => `${r.url}: ${r.reason}`),
    hint: 'check the URLs and the network (HTTPS_PROXY is honoured); a local copy can be given with --set <step>.urls=file:/path/to/file.zip',
  }),
  'archive-damaged': (f: { path: string; detail: string }): Sentence => ({
    what: `the archive is damaged or cut short: ${f.path}`,
    facts: [f.detail],
    hint: 'get it again, and set sha256 so that a damaged copy is noticed at once',
  }),
  'archive-unknown': (f: { path: string }): Sentence => ({
    what: `not an archive that can be unpacked: ${f.path}`,
    facts: ['it starts neither as a .zip nor as a .tar.gz does'],
    hint: 'look whether the URL leads to a web page instead of the file itself',
  }),
  'archive-empty': (f: { path: string }): Sentence => ({ what: `the archive holds no file: ${f.path}` }),
  'archive-hostile': (f: { path: string; entry: string; detail: string }): Sentence => ({
    what: `the archive was refused, and nothing of it is kept: ${f.path}`,
    facts: [`entry ${JSON.stringify(f.entry)} ${f.detail}`],
    hint: 'an archive of data has no such entries; unpack it by hand, look at it, and give the folder with the folder node',
  }),
} as const
