import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { nodes } from '../../nodes/index.ts'
import { checkPipelineData } from '../../src/cli/check-data.ts'
import { openPipeline, UsageError, type Context } from '../../src/cli/context.ts'
import { makePhantom } from '../../src/phantom/phantom.ts'

const dir = mkdtempSync(join(tmpdir(), 'check-data-'))
afterAll(() => rmSync(dir, { recursive: true }))
beforeAll(() => makePhantom(join(dir, 'data'), { subjects: 2, shape: [8, 8, 2], contrasts: ['T1w', 'T2w'] }))

const pipeline = `name: p
steps:
  dataset: { node: folder, params: { path: ${join(dir, 'data')} } }
  index: { node: bids-index, inputs: { datasets: dataset }, params: { target_suffix: [_seg-manual] } }
`

/** `pipe check --data` of a pipeline of folders, in this process. */
async function checked(text: string, sets: readonly string[] = []) {
  const file = join(dir, 'p.yaml')
  writeFileSync(file, text)
  let [out, err] = ['', '']
  const context: Context = {
    registry: () => Promise.resolve(nodes),
    main: 'none',
    version: '0',
    env: {},
    cwd: dir,
    out: t => (out += t),
    err: t => (err += t),
  }
  const opened = await openPipeline(file, { cache: join(dir, 'cache'), set: sets }, context)
  try {
    return { code: await checkPipelineData(opened, context), out, err }
  } finally {
    await opened.cache.close()
  }
}

test('pipe check --data prints a table of what there is, and how many findings of each kind', async () => {
  const { code, out } = await checked(pipeline)
  assert.equal(code, 0)
  assert.match(out, /^4 images of 2 subjects\n\ncontrast  stored as  images  voxels +spacing in mm  type\nT1w +LPI +1 +8 x 8 x 2/)
  assert.match(out, /\nlabel +files  empty  marked voxels +mm3\n_seg-manual +4 /)
  assert.match(out, /\n0 errors, 0 warnings, 0 notes\n$/)
})

test('pipe check --data gives 1 for what would stop a run, and goes on', async () => {
  const labels = join(dir, 'data/derivatives/labels/sub-01/anat/sub-01_T1w_seg-manual.nii.gz')
  writeFileSync(labels, 'no image')
  const { code, out } = await checked(pipeline)
  assert.equal(code, 1)
  assert.match(out, /\nerror {4}not a readable NIfTI image: .*sub-01_T1w_seg-manual.nii.gz\n {13}/)
  assert.match(out, /\n1 error, 0 warnings, 0 notes\n$/)
  const none = await checked(pipeline, ['index.contrasts=[FLAIR]'])
  assert.equal(none.code, 1)
  assert.match(none.err, /the dataset has no image of the kind that is asked for/)
})

test('pipe check --data of a folder that is not there gives 1', async () => {
  const { code, err } = await checked(pipeline, [`dataset.path=${join(dir, 'nowhere')}`])
  assert.equal(code, 1)
  assert.match(err, /the dataset folder does not exist/)
})

test('pipe check --data of a pipeline without an index is a mistake of usage', async () => {
  const alone = pipeline.slice(0, pipeline.indexOf('  index:'))
  await assert.rejects(checked(alone), (e: unknown) => e instanceof UsageError && e.failures[0]!.kind === 'no-index-step')
})
