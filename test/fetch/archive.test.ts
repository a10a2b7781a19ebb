import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { describe as say, FailureError } from '../../src/failure.ts'
import { unpack, type UnpackOptions } from '../../src/fetch/archive.ts'
import { defaultLimits } from '../../src/fetch/entries.ts'
import { shared, sharedTest } from '../golden.ts'
import { tarGzOf, zipOf } from './archives.ts'

const root = mkdtempSync(join(tmpdir(), 'archive-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0

/** Unpacks bytes into a folder of its own; gives what lies in the folder, and beside it. */
async function unpacked(bytes: Buffer | string, options: Partial<UnpackOptions> = {}) {
  const home = join(root, String(count++))
  const dir = join(home, 'out')
  mkdirSync(dir, { recursive: true })
  const archive = typeof bytes === 'string' ? bytes : join(home, 'archive')
  if (typeof bytes !== 'string') writeFileSync(archive, bytes)
  const o = { stripRoot: true, signal: new AbortController().signal, shown: 'https://example.org/a.zip', ...options }
  let message: string | undefined
  try {
    await unpack(archive, dir, o)
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    message = say(error.failure)
  }
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(e => !e.isDirectory())
  const contents = files.map(e => [relative(dir, join(e.parentPath, e.name)), readFileSync(join(e.parentPath, e.name), 'utf8')] as const)
  const beside = readdirSync(home).filter(name => name !== 'out' && name !== 'archive')
  return { files: Object.fromEntries(contents.sort()), message, beside, dir }
}

const plain = [
  { name: 'data-1.0/', data: '' },
  { name: 'data-1.0/README', data: 'read me' },
  { name: 'data-1.0/sub-01/anat/sub-01_T1w.nii', data: 'x'.repeat(100_000) },
]
const plainFiles = { README: 'read me', 'sub-01/anat/sub-01_T1w.nii': 'x'.repeat(100_000) }

describe('an archive', () => {
  test('is unpacked without its single root folder, be it .zip or .tar.gz', async () => {
    assert.deepEqual((await unpacked(zipOf(plain))).files, plainFiles)
    assert.deepEqual((await unpacked(tarGzOf(plain.map(e => ({ ...e, type: e.name.endsWith('/') ? '5' : '0' }))))).files, plainFiles)
  })

  test('keeps its root folder when asked to, when there are two, and when it is a subject', async () => {
    assert.deepEqual(Object.keys((await unpacked(zipOf(plain), { stripRoot: false })).files)[0], 'data-1.0/README')
    assert.deepEqual(Object.keys((await unpacked(zipOf([{ name: 'a/x' }, { name: 'b/y' }]))).files), ['a/x', 'b/y'])
    assert.deepEqual(Object.keys((await unpacked(zipOf([{ name: 'sub-1/anat/x' }]))).files), ['sub-1/anat/x'])
  })

  test('comes without what macOS adds', async () => {
    const junk = ['__MACOSX/data/._a', 'data/.DS_Store', 'data/._a', 'data/b/.DS_Store'].map(name => ({ name, data: 'junk' }))
    assert.deepEqual((await unpacked(zipOf([...junk, { name: 'data/a', data: '1' }]))).files, { a: '1' })
    assert.deepEqual((await unpacked(tarGzOf([...junk, { name: './data/a', data: '1' }]))).files, { a: '1' })
  })

  test('of Windows has folders where its names have backslashes', async () => {
    assert.deepEqual((await unpacked(zipOf([{ name: 'sub-1\\anat\\a', data: '1' }]))).files, { 'sub-1/anat/a': '1' })
  })

  test('has copies in the place of links to its own files', async () => {
    const link = { name: 'd/l', data: '../a', mode: 0o120777 }
    assert.deepEqual((await unpacked(zipOf([link, { name: 'a', data: '1' }]))).files, { a: '1', 'd/l': '1' })
    const links = [
      { name: 'r/d/s', type: '2', link: '../a' },
      { name: 'r/d/h', type: '1', link: 'r/a' },
      { name: 'r/t', type: '2', link: 'd/s' },
    ]
    assert.deepEqual((await unpacked(tarGzOf([{ name: 'r/a', data: '1' }, ...links]))).files, { a: '1', 'd/s': '1', 'd/h': '1', t: '1' })
  })
})

describe('a hostile archive is refused, and nothing of it is written', () => {
  const hostile: readonly (readonly [what: string, bytes: Buffer, message: RegExp])[] = [
    [
      'an entry that leads out by ..',
      zipOf([{ name: 'ok' }, { name: '../../evil', data: 'x' }]),
      /entry "..\/..\/evil" leads out of the folder/,
    ],
    ['.. in the middle', zipOf([{ name: 'a/../../evil' }]), /leads out of the folder/],
    ['.. with backslashes', zipOf([{ name: '..\\evil' }]), /leads out of the folder/],
    ['an absolute path', zipOf([{ name: '/etc/evil' }]), /has an absolute path/],
    ['a drive', zipOf([{ name: 'C:\\evil' }]), /names a drive/],
    ['a control character', zipOf([{ name: 'a\u0000b' }]), /control characters/],
    ['the same name twice', zipOf([{ name: 'a' }, { name: 'a' }]), /is there twice/],
    ['the same name written in two ways', zipOf([{ name: 'd/a' }, { name: 'd//./a' }]), /is there twice/],
    ['names that differ in case only', zipOf([{ name: 'sub/a' }, { name: 'sub/A' }]), /differs from sub\/a in case only/],
    ['names that differ in Unicode form only', zipOf([{ name: '\u00e9' }, { name: 'e\u0301' }]), /differs from \u00e9 in case only/],
    ['a file in a file', zipOf([{ name: 'a' }, { name: 'a/b' }]), /lies in a, which is a file or a link/],
    ['a link out', zipOf([{ name: 'l', data: '../../x', mode: 0o120777 }]), /is a link to "..\/..\/x", which is no file of the archive/],
    ['an absolute link', zipOf([{ name: 'l', data: '/etc/passwd', mode: 0o120777 }]), /is a link to "\/etc\/passwd"/],
    [
      'links in a circle',
      zipOf([
        { name: 'a', data: 'b', mode: 0o120777 },
        { name: 'b', data: 'a', mode: 0o120777 },
      ]),
      /is a link to "b", which is no file/,
    ],
    [
      'a file behind a link',
      zipOf([{ name: 'l', data: '/tmp', mode: 0o120777 }, { name: 'l/evil' }]),
      /lies in l, which is a file or a link/,
    ],
    ['a device', zipOf([{ name: 'dev', mode: 0o020666 }]), /neither a file nor a folder/],
    ['tar: ..', tarGzOf([{ name: '../evil' }]), /leads out of the folder/],
    ['tar: an absolute path', tarGzOf([{ name: '/evil' }]), /has an absolute path/],
    ['tar: a backslash', tarGzOf([{ name: '..\\evil' }]), /has a backslash/],
    ['tar: a link out', tarGzOf([{ name: 'a/l', type: '2', link: '../../x' }]), /is a link to/],
    ['tar: a hard link out', tarGzOf([{ name: 'a/l', type: '1', link: '../x' }]), /is a link to/],
    ['tar: a link, and a file through it', tarGzOf([{ name: 'l', type: '2', link: '..' }, { name: 'l/evil' }]), /lies in l, which/],
    ['tar: a device', tarGzOf([{ name: 'dev', type: '3' }]), /neither a file nor a folder/],
  ]
  test.each(hostile)('%s', async (_, bytes, message) => {
    const result = await unpacked(bytes)
    assert.match(result.message ?? '(no failure)', message)
    assert.match(result.message!, /^the archive was refused, and nothing of it is kept: https:\/\/example.org\/a.zip\n/)
    assert.deepEqual([result.files, result.beside], [{}, []])
  })

  const limits = { ...defaultLimits, ratioFrom: 100_000 }
  const zeros = Buffer.alloc(1_000_000)

  test('a zip bomb, by what it declares', async () => {
    assert.match(
      (await unpacked(zipOf([{ name: 'bomb', data: zeros }]), { limits })).message!,
      /more than 200 times the archive's: a zip bomb/,
    )
    const { message } = await unpacked(zipOf([{ name: 'a', data: zeros }]), { limits: { ...limits, bytes: 1000 } })
    assert.match(message!, /above the limit of 1000 bytes/)
  })

  test('a bomb in .tar.gz, while it is listed', async () => {
    assert.match((await unpacked(tarGzOf([{ name: 'bomb', data: zeros }]), { limits })).message!, /a zip bomb/)
  })

  test('many links to one large file', async () => {
    const noise = Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * i * 7919) % 251))
    const links = Array.from({ length: 300 }, (_, i) => ({ name: `l${i}`, type: '1', link: 'a' }))
    const { message } = await unpacked(tarGzOf([{ name: 'a', data: noise }, ...links]), { limits })
    assert.match(message!, /entry "l\d+" brings .* a zip bomb/)
  })

  test('entries that share their bytes', async () => {
    const data = Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 7919) % 251))
    const entries = Array.from({ length: 20 }, (_, i) => ({ name: `f${i}`, data, ...(i > 0 ? { sharesDataOf: 0 } : {}) }))
    assert.match((await unpacked(zipOf(entries))).message!, /shares its bytes with another entry/)
  })

  test('too many entries', async () => {
    const many = Array.from({ length: 5 }, (_, i) => ({ name: `f${i}` }))
    assert.match((await unpacked(zipOf(many), { limits: { ...limits, entries: 4 } })).message!, /one of 5 entries, and at most 4/)
  })
})

describe('a damaged archive is a failure', () => {
  const zip = zipOf([{ name: 'a', data: 'some text' }])

  test('cut short', async () => {
    assert.match(
      (await unpacked(zip.subarray(0, zip.length - 30))).message!,
      /^the archive is damaged or cut short: .*\n.*End of Central Directory/,
    )
    const tar = tarGzOf([{ name: 'a', data: Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)) }])
    assert.match((await unpacked(tar.subarray(0, 300))).message!, /damaged or cut short/)
  })

  test('with other bytes than its checksum says', async () => {
    assert.match((await unpacked(zipOf([{ name: 'a', data: 'some text', crc: 1 }]))).message!, /damaged .*\n.*CRC32/)
  })

  test('with other sizes than its headers say', async () => {
    assert.match((await unpacked(zipOf([{ name: 'a', data: 'some text', claimed: 3 }]))).message!, /damaged|larger than/)
  })

  test('that is none, or that is empty', async () => {
    assert.match((await unpacked(Buffer.from('<html>Sign in to the network</html>'))).message!, /not an archive .*\n.*\n.*web page/)
    assert.match((await unpacked(zipOf([]))).message!, /holds no file/)
    assert.match((await unpacked(zipOf([{ name: 'only/' }]))).message!, /holds no file/)
  })
})

sharedTest('data/data_example_spinegeneric-r20200825.zip', 'the release of the tutorial is unpacked', async () => {
  const { dir, message } = await unpacked(join(shared, 'data/data_example_spinegeneric-r20200825.zip'))
  assert.equal(message, undefined)
  const names = readdirSync(dir)
  assert.ok(names.includes('participants.tsv') && names.filter(n => n.startsWith('sub-')).length === 10, names.join())
})
