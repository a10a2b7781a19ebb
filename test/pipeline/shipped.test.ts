import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { nodes } from '../../nodes/index.ts'
import { printFailures } from '../../src/cli/print.ts'
import { loadPipeline } from '../../src/pipeline/load.ts'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'
import { pipelineSchema, sweepFileSchema } from '../../src/pipeline/schema.ts'
import { loadSweep } from '../../src/sweep/load.ts'
import { loadUserNode } from '../../src/user-node.ts'
import { validate } from './validate.ts'

const folder = resolve(import.meta.dirname, '../../pipelines')
const all = readdirSync(folder).filter(name => name.endsWith('.yaml'))
const isSweep = (file: string): boolean => /^pipeline:/m.test(readFileSync(join(folder, file), 'utf8'))
const files = all.filter(file => !isSweep(file))
const loading = { registry: nodes, sets: [], env: {}, cwd: folder, loadUserNode }

async function open(file: string): Promise<Pipeline> {
  const result = await loadPipeline(file, loading)
  if (!result.ok) throw new Error(printFailures(result.failures, { color: false, cwd: folder }))
  return result.value
}

test('there are pipelines to look at', () => {
  expect(files).toContain('quickstart.yaml')
})

test.each(files)('%s loads, and so does what it resolves to, to the same params; editors take both', async file => {
  const pipeline = await open(file)
  const dir = mkdtempSync(join(tmpdir(), 'shipped-'))
  try {
    writeFileSync(join(dir, 'again.yaml'), pipeline.resolved())
    const again = await open(join(dir, 'again.yaml'))
    expect([...again.steps].map(([id, { params, inputs }]) => ({ id, params, inputs }))).toEqual(
      [...pipeline.steps].map(([id, { params, inputs }]) => ({ id, params, inputs })),
    )
    expect(again.resolved()).toBe(pipeline.resolved())
    expect(validate(pipelineSchema(nodes), parse(pipeline.resolved()))).toEqual([])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test.each(all.filter(isSweep))('%s loads, with all its trials; editors take it', async file => {
  const result = await loadSweep(file, loading)
  if (!result.ok) throw new Error(printFailures(result.failures, { color: false, cwd: folder }))
  expect(result.value.trials).toHaveLength(6)
  expect(validate(sweepFileSchema(), parse(readFileSync(join(folder, file), 'utf8')))).toEqual([])
})
