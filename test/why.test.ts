import { expect, test } from 'vitest'
import type { Digest } from '../src/artifact.ts'
import type { Fingerprint } from '../src/fingerprint.ts'
import { changesBetween, describeChange } from '../src/why.ts'

const digestOf = (letter: string): Digest => letter.repeat(64) as Digest

const base: Fingerprint = {
  format: 1,
  node: 'postprocess',
  code: '1',
  params: [
    { name: 'binarize_prediction', thr: 0.5 },
    { name: 'remove_small', unit: 'vox', thr: 3 },
  ],
  inputs: { predictions: [digestOf('a')] },
  reads: [],
}
const changes = (now: Partial<Fingerprint>): string[] => changesBetween(base, { ...base, ...now }).map(describeChange)

test('a changed value of an ordered list is named by its entry', () => {
  expect(
    changes({
      params: [
        { name: 'binarize_prediction', thr: 0.5 },
        { name: 'remove_small', unit: 'vox', thr: 5 },
      ],
    }),
  ).toEqual(['param remove_small.thr: 3 -> 5'])
})

test('a changed order of the same entries is said as such', () => {
  expect(
    changes({
      params: [
        { name: 'remove_small', unit: 'vox', thr: 3 },
        { name: 'binarize_prediction', thr: 0.5 },
      ],
    }),
  ).toEqual(['order of param: binarize_prediction, remove_small -> remove_small, binarize_prediction'])
})

test('an entry that came or went is shown whole', () => {
  expect(changes({ params: [{ name: 'binarize_prediction', thr: 0.5 }] })).toEqual([
    'param remove_small: {"name":"remove_small","unit":"vox","thr":3} -> (none)',
  ])
})

test('inputs are named; their digests are shortened', () => {
  expect(changes({ inputs: { predictions: [digestOf('b')] } })).toEqual(['input predictions changed ([aaaaaaaa] -> [bbbbbbbb])'])
})

test('code, seed and engine are told, code first', () => {
  expect(changes({ code: '2', seed: 1, engine: 'onnxruntime-node 2 on cpu' })).toEqual([
    'code of postprocess: "1" -> "2"',
    'seed: (none) -> 1',
    'engine: (none) -> "onnxruntime-node 2 on cpu"',
  ])
})
