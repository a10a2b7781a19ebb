import { expect } from 'vitest'
import { fileFailures } from '../../src/failures/files.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(fileFailures)

example({ kind: 'file-missing', path: '/data/p.yaml', role: 'the pipeline file' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the pipeline file does not exist: /data/p.yaml
        check the path; a relative one starts at the current folder
    "
  `),
)
example({ kind: 'file-unreadable', path: '/data/p.yaml', role: 'the pipeline file', detail: 'permission denied' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the pipeline file cannot be read: /data/p.yaml
        permission denied
        look who may read it (ls -l), and whether its disk is there
    "
  `),
)
example({ kind: 'file-empty', path: '/data/a.nii.gz', role: 'the image' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the image is an empty file: /data/a.nii.gz
      copy or download it again
  "
`),
)
example({ kind: 'not-a-folder', path: '/data/a.zip' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  a folder was expected, and this is a file: /data/a.zip
      give the folder that holds sub-... and participants.tsv; an archive is unpacked by the download node (file: URL)
  "
`),
)
example({ kind: 'empty-folder', path: '/data' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  the dataset folder is empty: /data
        give the folder that holds sub-... and participants.tsv
    "
  `),
)
example({ kind: 'disk-full', path: '/cache/x', detail: 'ENOSPC: no space left on device' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no space is left to write /cache/x
      ENOSPC: no space left on device
      free some space, or move the cache with --cache, or the results with --out; what was written so far is kept, and the next run goes on from there
  "
`),
)
example(
  {
    kind: 'download-failed',
    reasons: [
      { url: 'https://a.example/x.zip', reason: '404 Not Found' },
      { url: 'https://b.example/x.zip', reason: 'no such host' },
    ],
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "error  none of the 2 URLs gives the file
      https://a.example/x.zip: 404 Not Found
      https://b.example/x.zip: no such host
      check the URLs and the network (HTTPS_PROXY is honoured); a local copy can be given with --set <step>.urls=file:/path/to/file.zip
  "
`),
)
example({ kind: 'archive-damaged', path: 'x.zip', detail: 'the central directory is missing' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the archive is damaged or cut short: x.zip
      the central directory is missing
      get it again, and set sha256 so that a damaged copy is noticed at once
  "
`),
)
example({ kind: 'archive-unknown', path: 'x.html' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  not an archive that can be unpacked: x.html
      it starts neither as a .zip nor as a .tar.gz does
      look whether the URL leads to a web page instead of the file itself
  "
`),
)
example({ kind: 'archive-empty', path: 'x.zip' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the archive holds no file: x.zip
  "
`),
)
example({ kind: 'archive-hostile', path: 'x.zip', entry: '../../etc/passwd', detail: 'leads out of its folder' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the archive was refused, and nothing of it is kept: x.zip
      entry "../../etc/passwd" leads out of its folder
      an archive of data has no such entries; unpack it by hand, look at it, and give the folder with the folder node
  "
`),
)

complete()
