import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { SampleRef } from '../../src/net/samples.ts'
import { largestOf, SliceWatch, watchedSlices } from '../../src/net/slice-watch.ts'

const sample = (id: string, slice: number) => ({ id, slice, row: 0, image: '' })

test('the slices are drawn by the seed, none twice, and more of them hold those of fewer', () => {
  const once = Array.from({ length: 20 }, (_, i) => sample(`sub-${i >> 2}`, i & 3))
  const validation = [...once, ...once.slice(0, 10)]
  const of = (count: number, seed: number) => watchedSlices(validation, count, seed)
  expect(of(5, 1)).toEqual(of(5, 1))
  expect(of(5, 1)).not.toEqual(of(5, 2))
  expect(of(30, 1)).toEqual(once.map((_, i) => i))
  for (const place of of(5, 1)) expect(of(9, 1)).toContain(place)
})

test('a plane has the largest value of all classes as a byte', () => {
  const data = Float32Array.from([9, 9, 9, 9, 0, 0.2, 0.5, -1, 1, 0.1, 0.25, -2])
  expect([...largestOf({ shape: [3, 2, 1, 2], data }, 1)]).toEqual([128, 51])
  expect([...largestOf({ shape: [3, 2, 1, 2], data }, 2)]).toEqual([255, 26])
})

test('what was seen of an epoch reads back, and shows when it is lost, cut short or changed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'watch-'))
  try {
    const prediction = { shape: [2, 1, 1, 2], data: Float32Array.from([0, 1, 0.2, 0.4]) }
    const watch = new SliceWatch([1, 2], dir, 4)
    for (const epoch of [4, 5]) {
      watch.see(0, prediction)
      watch.see(2, prediction)
      await watch.keep(epoch)
    }
    expect((await watch.planes(5)).map(plane => [...plane])).toEqual([4, 5].map(() => [51, 102, 0, 255]))
    expect(await Promise.all([3, 5, 6].map(epoch => watch.holds(epoch)))).toEqual([true, true, false])
    expect(await watch.planes(3)).toEqual([])
    const path = join(dir, 'epoch-000004.planes')
    const whole = readFileSync(path)
    for (const hurt of [Buffer.alloc(0), whole.subarray(0, 10), whole.subarray(0, 35), whole.map((b, i) => (i === 2 ? b ^ 1 : b))]) {
      writeFileSync(path, hurt)
      expect(await watch.holds(5)).toBe(false)
    }
    rmSync(path)
    expect(await watch.holds(5)).toBe(false)
    await expect(watch.planes(5)).rejects.toThrow('lost')
    await expect(new SliceWatch([7], dir, 1).keep(1)).rejects.toThrow('not seen whole')
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('patches of a slice are different samples, each with a picture of its own', () => {
  const patch = (x: number): SampleRef => ({ id: 'a', slice: 0, row: 0, image: 'a.npy', patch: { place: [0, x], length: [8, 8] } })
  expect(watchedSlices([patch(0), patch(8), patch(8), patch(16)], 9, 1)).toEqual([0, 1, 3])
})
