import assert from 'node:assert/strict'
import { test } from 'vitest'
import { thresholdPlot } from '../../src/statistics/threshold-plot.ts'
import { bestThreshold, tally, thresholdCsv, thresholdsOf, thresholdTable } from '../../src/statistics/threshold-search.ts'
import { Random } from '../../src/random.ts'
import { near } from '../near.ts'

test('thresholds are those of numpy, without its rounding errors', () => {
  assert.deepEqual(thresholdsOf(0.1), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
  assert.deepEqual(thresholdsOf(0.3), [0.3, 0.6, 0.9])
  assert.deepEqual(thresholdsOf(0.25), [0.25, 0.5, 0.75])
  assert.deepEqual(thresholdsOf(0.5), [0.5])
  assert.equal(thresholdsOf(0.01).length, 99)
})

test('a small table by hand: a voxel at the threshold counts as predicted', () => {
  const counts = tally(Float32Array.of(0, 0.3, 0.6, 0.9), Float32Array.of(0, 1, 0, 1), [0.3, 0.6, 0.9])
  assert.deepEqual(counts, { truth: [0, 1, 0, 1], background: [1, 0, 1, 0] })
  const [low, middle, high] = thresholdTable([0.3, 0.6, 0.9], [counts])
  assert.deepEqual(low, { threshold: 0.3, dice: 4 / 5, recall: 1, falsePositiveRate: 1 / 2 })
  assert.deepEqual(middle, { threshold: 0.6, dice: 2 / 4, recall: 1 / 2, falsePositiveRate: 1 / 2 })
  assert.deepEqual(high, { threshold: 0.9, dice: 2 / 3, recall: 1 / 2, falsePositiveRate: 0 })
  assert.equal(bestThreshold([low, middle, high])!.threshold, 0.3)
})

test('it is what cutting at each threshold, image by image, and counting gives, for soft labels too', () => {
  const thresholds = thresholdsOf(0.07)
  const images = [1, 2, 3].map(seed => {
    const random = new Random(seed)
    const draw = (n: number, soft: boolean) => Float32Array.from({ length: n }, () => (soft ? random.uniform() : random.integer(2)))
    return { prediction: draw(200, true), gt: draw(200, seed === 3) }
  })
  const table = thresholdTable(
    thresholds,
    images.map(({ prediction, gt }) => tally(prediction, gt, thresholds)),
  )
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  for (const [at, thr] of thresholds.entries()) {
    const each = images.map(({ prediction, gt }) => {
      const mask = prediction.map(v => (v >= Math.fround(thr) ? 1 : 0))
      const total = (of: (i: number) => number) => gt.reduce((sum, _, i) => sum + of(i), 0)
      const hit = total(i => mask[i]! * gt[i]!)
      const truth = total(i => gt[i]!)
      const wrong = total(i => mask[i]! * (1 - gt[i]!))
      return [(2 * hit) / (total(i => mask[i]!) + truth), hit / truth, wrong / (200 - truth)] as const
    })
    const { dice, recall, falsePositiveRate } = table[at]!
    near(
      [dice!, recall!, falsePositiveRate!],
      [0, 1, 2].map(k => mean(each.map(values => values[k]!))),
      1e-9,
    )
  }
})

test('of a perfect prediction the best Dice is 1; of equal ones the highest threshold is taken, as in ivadomed', () => {
  const thresholds = thresholdsOf(0.1)
  const gt = Float32Array.of(0, 1, 1, 0)
  const best = bestThreshold(thresholdTable(thresholds, [tally(gt, gt, thresholds)]))
  assert.deepEqual(best, { threshold: 0.9, dice: 1, recall: 1, falsePositiveRate: 0 })
})

test('an image that is empty and predicted as empty does not count; where all are, there is no threshold', () => {
  const [empty, full] = [new Float32Array(3), Float32Array.of(1, 1, 0)]
  const none = tally(empty, empty, [0.5])
  assert.equal(bestThreshold(thresholdTable([0.5], [none])), undefined)
  assert.equal(bestThreshold(thresholdTable([0.5], [none, tally(full, full, [0.5])]))!.dice, 1)
})

test('classes are counted together', () => {
  const [a, b, c, d] = [
    [0.9, 0.2],
    [1, 0],
    [0.6, 0.7],
    [0, 1],
  ].map(v => Float32Array.from(v))
  const apart = tally(c!, d!, [0.5], tally(a!, b!, [0.5]))
  assert.deepEqual(apart, tally(Float32Array.of(...a!, ...c!), Float32Array.of(...b!, ...d!), [0.5]))
})

test('the table is a CSV file, and a picture with the best threshold marked', () => {
  const table = [
    { threshold: 0.25, dice: 0.5, recall: 1, falsePositiveRate: 0.2 },
    { threshold: 0.5, dice: 0.75, recall: null, falsePositiveRate: 0 },
  ]
  assert.equal(thresholdCsv(table), 'threshold,dice,recall,false_positive_rate\n0.25,0.5,1,0.2\n0.5,0.75,,0\n')
  const svg = thresholdPlot(table, { ...table[1]!, dice: 0.75 })
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg".*\n<title>best threshold 0.5, Dice 0.7500<\/title>/)
  // The panel of the Dice begins at 48 and is 300 wide and high.
  assert.ok(svg.includes('<polyline points="123.0,198.0 198.0,123.0"'))
  assert.ok(svg.includes('<circle cx="198.0" cy="123.0"'))
  const opened = [...svg.matchAll(/<(\w+)[^>]*(?<!\/)>/g)].map(m => m[1])
  const closed = [...svg.matchAll(/<\/(\w+)>/g)].map(m => m[1])
  assert.deepEqual(opened.toSorted(), closed.toSorted())
})
