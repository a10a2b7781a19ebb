import assert from 'node:assert/strict'
import { test } from 'vitest'
import { keepsSlice } from '../../src/image/slice-filter.ts'
import { goldenCases, sharedTest } from '../golden.ts'

const plain = { emptyInput: true, emptyMask: false, absentClass: false }
const image = Float32Array.of(1, 2)
const drawn = Float32Array.of(0, 1)
const empty = new Float32Array(2)

test('a constant slice goes, unless it is asked to stay', () => {
  assert.ok(!keepsSlice(plain, [Float32Array.of(5, 5)], [drawn]))
  assert.ok(!keepsSlice(plain, [image, empty], [drawn]))
  assert.ok(keepsSlice({ ...plain, emptyInput: false }, [empty], [drawn]))
})

test('an empty mask goes when that is asked; one drawn class is enough', () => {
  assert.ok(keepsSlice(plain, [image], [empty]))
  assert.ok(!keepsSlice({ ...plain, emptyMask: true }, [image], [empty, empty]))
  assert.ok(keepsSlice({ ...plain, emptyMask: true }, [image], [empty, drawn]))
  assert.ok(!keepsSlice({ ...plain, emptyMask: true }, [image], []))
})

test('an absent class goes when that is asked', () => {
  assert.ok(!keepsSlice({ ...plain, absentClass: true }, [image], [empty, drawn]))
  assert.ok(keepsSlice({ ...plain, absentClass: true }, [image], [drawn, drawn]))
})

sharedTest('golden/loader/filters', 'slices are kept and dropped as ivadomed does', () => {
  const { samples, SliceFilter } = goldenCases('loader/filters') as {
    samples: Record<string, { input: unknown[]; gt: unknown[] }>
    SliceFilter: { params: Record<string, boolean>; keep: Record<string, boolean> }[]
  }
  const arrays = (list: unknown[]) => list.map(a => Float32Array.from([a].flat(3) as number[]))
  let checked = 0
  for (const { params, keep } of SliceFilter) {
    // Of a classifier: test/net/slice-classifier.test.ts.
    if (params['filter_classification']) continue
    const filters = {
      emptyInput: params['filter_empty_input'] ?? true,
      emptyMask: params['filter_empty_mask'] ?? false,
      absentClass: params['filter_absent_class'] ?? false,
    }
    for (const [name, expected] of Object.entries(keep)) {
      checked++
      assert.equal(
        keepsSlice(filters, arrays(samples[name]!.input), arrays(samples[name]!.gt)),
        expected,
        `${name} ${JSON.stringify(params)}`,
      )
    }
  }
  assert.equal(checked, 65)
})

test('a slice with little region of interest goes; without a region nothing is asked of it', () => {
  const filters = { ...plain, roi: 1 }
  assert.ok(!keepsSlice(filters, [image], [], Float32Array.of(0, 0.2)))
  assert.ok(keepsSlice(filters, [image], [], Float32Array.of(0.1, -1)))
  assert.ok(keepsSlice(filters, [image], []))
  assert.ok(keepsSlice(plain, [image], [], empty))
  assert.ok(!keepsSlice({ ...plain, roi: 0 }, [image], [], empty))
})

sharedTest('golden/loader/filters', 'regions of interest are small to the same count as in ivadomed', () => {
  const { filter_roi } = goldenCases('loader/filters') as { filter_roi: { nonzero: number; thr: number; discard: boolean }[] }
  assert.equal(filter_roi.length, 20)
  for (const { nonzero, thr, discard } of filter_roi) {
    const roi = Float32Array.from({ length: 9 }, (_, i) => Number(i < nonzero))
    assert.equal(keepsSlice({ ...plain, roi: thr }, [image], [], roi), !discard, `${nonzero} ${thr}`)
  }
})
