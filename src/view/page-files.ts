/** What the page is made of: address -> file, and its type. Nothing else of the folder is given away. */
export const pageFiles: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  'page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
  'style.css': { file: 'style.css', type: 'text/css; charset=utf-8' },
  'niivue.js': { file: 'niivue.umd.js', type: 'text/javascript; charset=utf-8' },
}

/** The types of files of a run; others are bytes. NIfTI goes as it lies: its gzip is the reader's. */
const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  gif: 'image/gif',
  csv: 'text/plain; charset=utf-8',
  json: 'text/plain; charset=utf-8',
}

/** The type that a file of a run is sent as. */
export const typeOf = (path: string): string => types[/\.(\w+)$/.exec(path)?.[1] ?? ''] ?? 'application/octet-stream'
