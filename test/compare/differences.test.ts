import { expect, test } from 'vitest'
import { differences } from '../../src/compare/differences.ts'
import { readFacts, type PipelineFacts } from '../../src/compare/facts.ts'
import { describe } from '../../src/failure.ts'

/** A pipeline as a run has it. */
function facts(steps: string, code: Record<string, string> = {}, programs: Record<string, string> = {}): PipelineFacts {
  const read = readFacts('runs/x', `name: x\nseed: 1\nsteps:\n${steps}`, code, programs)
  if (!read.ok) throw new Error(read.failures.map(describe).join('\n'))
  return read.value
}

const rows = (...pipelines: readonly PipelineFacts[]) => differences(pipelines).map(d => [d.kind, d.where, ...d.values])

test('equal pipelines do not differ', () => {
  const text = '  a: { node: train, params: { x: { y: [1, 2] } } }'
  expect(rows(facts(text, { a: '3' }), facts(text, { a: '3' }))).toEqual([])
})

test('params are told by their whole path, with what only one has', () => {
  const [a, b] = ['{ x: { y: 1, z: [1] }, w: 1 }', '{ x: { y: 2, z: [1, 2] }, v: {} }'].map(p =>
    facts(`  m: { node: train, params: ${p} }`),
  )
  expect(rows(a!, b!)).toEqual([
    ['param', 'm.x.y', 1, 2],
    ['param', 'm.x.z', [1], [1, 2]],
    ['param', 'm.w', 1, undefined],
    ['param', 'm.v', undefined, {}],
  ])
})

test('the same transforms in another order are a difference', () => {
  const [a, b] = ['{ CenterCrop: {}, Resample: {} }', '{ Resample: {}, CenterCrop: {} }'].map(p =>
    facts(`  t: { node: transform, params: ${p} }`),
  )
  expect(rows(a!, b!)).toEqual([['order', 't', 'CenterCrop, Resample', 'Resample, CenterCrop']])
})

test('a step that only one has is one line; nodes, inputs, timeouts and code are told', () => {
  const a = facts(
    '  a: { node: x, inputs: { i: b }, timeout: 3 }\n  b: { node: y, params: { p: 1 } }',
    { a: '1' },
    { voxelpipe: '0.1.0', engine: 'e' },
  )
  const b = facts('  a: { node: z, inputs: { i: [c, d] } }', { a: '2' }, { voxelpipe: '0.2.0' })
  expect(rows(a, b)).toEqual([
    ['program', 'voxelpipe', '0.1.0', '0.2.0'],
    ['node', 'a', 'x', 'z'],
    ['code', 'a', '1', '2'],
    ['input', 'a.i', ['b'], ['c', 'd']],
    ['timeout', 'a', 3, undefined],
    ['step', 'b', 'y', undefined],
  ])
})

test('what looked like a variable is text again; code that an older run did not note is no difference', () => {
  const a = facts(`  a: { node: x, params: { p: '$\${HOME}' } }`, { a: '1' })
  expect(a.steps.get('a')!.params).toEqual({ p: '${HOME}' })
  expect(rows(a, facts(`  a: { node: x, params: { p: '$\${HOME}' } }`))).toEqual([])
})

test('what is no resolved pipeline is said', () => {
  const said = ['a: [', 'steps: 3', ''].map(text => readFacts('runs/x', text)).map(r => (r.ok ? '' : r.failures.map(describe).join('')))
  expect(said[0]).toContain('its pipeline.yaml cannot be read: ')
  expect(said[1]).toContain('its pipeline.yaml is no resolved pipeline')
  expect(said[2]).toContain('its pipeline.yaml is no resolved pipeline')
})
