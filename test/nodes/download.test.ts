import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'vitest'
import download from '../../nodes/download.ts'
import { zipOf } from '../fetch/archives.ts'
import { withFolder } from './each.ts'
import { failureOf, runWhole } from './whole.ts'

const description = { name: 'data-1/dataset_description.json', data: '{ "Name": "tiny" }' }
const zip = zipOf([description, { name: 'data-1/sub-1/anat/sub-1_T1w.nii', data: 'voxels' }])
const sha256 = createHash('sha256').update(zip).digest('hex')

/** Serves one answer on 127.0.0.1 while the body runs. */
async function serving(answer: () => Buffer, body: (base: string) => Promise<void>): Promise<void> {
  for (const name of ['HTTP_PROXY', 'http_proxy']) Reflect.deleteProperty(process.env, name)
  const server = createServer((_, response) => response.end(answer()))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('an archive becomes a dataset that calls itself what its description says', () =>
  withFolder(home =>
    serving(
      () => zip,
      async base => {
        const { document, dir, lines, progress } = await runWhole(download, home, { urls: `${base}/x`, sha256 }, {})
        assert.deepEqual(document, { name: 'tiny' })
        assert.equal(readFileSync(join(dir, 'sub-1/anat/sub-1_T1w.nii'), 'utf8'), 'voxels')
        assert.deepEqual(lines, [`info: unpacked 2 files, 0.0 MB, from ${base}/x`])
        assert.deepEqual(progress.at(-1), { done: zip.length, total: zip.length, unit: 'byte' })
      },
    ),
  ))

test('what cannot be unpacked is not kept for the next run', () =>
  withFolder(home =>
    serving(
      () => Buffer.from('<html>'),
      async base => {
        assert.match(await failureOf(() => runWhole(download, home, { urls: [base] }, {})), /^not an archive that can be unpacked/)
        assert.deepEqual(readdirSync(join(home, 'scratch')), [])
      },
    ),
  ))

test('a hostile archive writes nothing, inside or outside', () =>
  withFolder(async home => {
    mkdirSync(join(home, 'a'))
    const archive = join(home, 'a', 'evil.zip')
    writeFileSync(archive, zipOf([description, { name: '../../evil', data: 'x' }]))
    const text = await failureOf(() => runWhole(download, join(home, 'a'), { urls: `file:${archive}` }, {}))
    assert.match(text, /the archive was refused/)
    assert.deepEqual(readdirSync(join(home, 'a', 'out')), [])
    assert.ok(!existsSync(join(home, 'evil')) && existsSync(archive))
  }))

test('a checksum says what is meant; without one the URLs do, and the content of local files', () =>
  withFolder(async home => {
    const file = join(home, 'a.zip')
    writeFileSync(file, zip)
    const params = (settings: unknown) => download.params.parse(settings)
    const mirrors = [
      { urls: 'https://a.example/x.zip', sha256 },
      { urls: ['https://b.example/y.zip', `file:${file}`], sha256 },
    ]
    const [a, b] = mirrors.map(m => download.meaning!(params(m)))
    assert.deepEqual(a, b)
    assert.deepEqual(download.reads!(params(mirrors[1])), [])
    const local = params({ urls: [`file:${file}`, `file:${join(home, 'none.zip')}`, 'https://a.example/x.zip'] })
    assert.deepEqual(download.reads!(local), [file, join(home, 'none.zip')])
    assert.deepEqual(download.meaning!(local), { urls: ['file:', 'file:', 'https://a.example/x.zip'], strip_root: true })
    assert.deepEqual(params({ urls: `file:${file}` }), { urls: [`file:${file}`], strip_root: true })
    for (const wrong of [{ urls: [] }, { urls: 'data.zip' }, { urls: 'ftp://a/b' }, { urls: 'https://a/b', sha256: 'abc' }, {}])
      assert.ok(!download.params.safeParse(wrong).success, JSON.stringify(wrong))
  }))
