import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Digest } from '../src/artifact.ts'
import { canonical, keyOf, type Fingerprint } from '../src/fingerprint.ts'

const fingerprint: Fingerprint = { format: 1, node: 'slice', code: '1', params: { b: 1, a: [1, 2] }, inputs: {}, reads: [] }

test('the order in which keys were written does not matter', () => {
  expect(canonical({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}')
  expect(canonical({ a: { c: 3, d: 2 }, b: 1 })).toBe(canonical({ b: 1, a: { d: 2, c: 3 } }))
})

test('keys are sorted by code unit, whatever the locale', () => {
  expect(canonical({ ä: 1, z: 2, a: 3, Z: 4 })).toBe('{"Z":4,"a":3,"z":2,"ä":1}')
})

test('any JSON value survives, and equal values give equal text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = canonical(value)
      expect(canonical(JSON.parse(text))).toBe(text)
    }),
  )
})

test('what JSON would silently lose is refused, and the message says where it is', () => {
  expect(() => canonical({ metrics: [1, Number.NaN] })).toThrow('$.metrics[1] is NaN')
  expect(() => canonical({ when: new Date(0) })).toThrow('$.when is a Date')
  expect(() => canonical({ f: () => 1 })).toThrow('$.f is a function')
})

test('an undefined member is as good as none', () => {
  expect(canonical({ a: 1, b: undefined })).toBe('{"a":1}')
})

test('every part of a fingerprint changes the key', () => {
  const changed: Fingerprint[] = [
    { ...fingerprint, node: 'other' },
    { ...fingerprint, code: '2' },
    { ...fingerprint, params: { b: 2, a: [1, 2] } },
    { ...fingerprint, params: { b: 1, a: [2, 1] } },
    { ...fingerprint, inputs: { x: 'ab' as Digest } },
    { ...fingerprint, reads: ['ab' as Digest] },
    { ...fingerprint, seed: 0 },
    { ...fingerprint, engine: 'onnxruntime-node 1.30.0 on cpu' },
    { ...fingerprint, element: { id: 'sub-01', value: null, files: {} } },
  ]
  expect(new Set([fingerprint, ...changed].map(keyOf)).size).toBe(changed.length + 1)
})

test('the key of a known fingerprint stays what it was: results of earlier versions are still found', () => {
  expect(keyOf(fingerprint)).toMatchInlineSnapshot(`"1cf0d4170d7e0d6bd156c763aaa6bb9372ab9282f50f51c75fd68463e27976ee"`)
})
