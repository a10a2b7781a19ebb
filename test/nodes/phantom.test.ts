import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import phantom from '../../nodes/phantom.ts'
import { withFolder } from './each.ts'
import { runWhole } from './whole.ts'

const small = { subjects: 3, shape: [12, 12, 2], missing: ['sub-02_T2star'] }

test('the phantom node makes a dataset, tells its progress, and depends on the seed', () =>
  withFolder(async home => {
    const one = await runWhole(phantom, join(home, '1'), small, {}, 6)
    assert.deepEqual(one.document, { name: 'phantom' })
    assert.deepEqual(one.lines, ['info: phantom: 3 subjects, 8 images of 12x12x2 voxels'])
    assert.deepEqual(one.progress.at(-1), { done: 3, total: 3, unit: 'subject' })
    assert.ok(!existsSync(join(one.dir, 'sub-02/anat/sub-02_T2star.nii.gz')))
    const other = await runWhole(phantom, join(home, '2'), small, {}, 7)
    const bytes = (dir: string) => readFileSync(join(dir, 'sub-01/anat/sub-01_T1w.nii.gz'))
    assert.ok(!bytes(one.dir).equals(bytes(other.dir)))
    assert.equal(phantom.seeded, true)
  }))

test('the phantom node refuses orientations that are none, and missing images that it would not make', () => {
  const problems = (params: unknown) => phantom.params.safeParse(params).error?.issues.map(i => `${i.path.join('.')}: ${i.message}`) ?? []
  assert.match(problems({ orientations: ['RPX'] })[0]!, /^orientations.0: three letters that name each axis once/)
  assert.deepEqual(problems({ missing: ['sub-09_T1w'] }), ['missing.0: the phantom has no image "sub-09_T1w"'])
  assert.equal(problems({ subject: 3 }).length, 1)
  assert.deepEqual(problems({}), [])
})
