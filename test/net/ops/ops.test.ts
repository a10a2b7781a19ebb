import { expect, test } from 'vitest'
import { ops, type OpName } from '../../../src/net/ops/index.ts'
import { checkOp, type OpCase } from '../check-net.ts'

/** One line a case. `fixed`: inputs through which no gradient flows. */
const cases: readonly (readonly [OpName, OpCase])[] = [
  ['conv', { inputs: [[2, 3, 5, 4]], attrs: { filters: 4 } }],
  ['conv', { inputs: [[1, 4, 4, 5]], attrs: { filters: 2 } }],
  ['conv', { inputs: [[3, 2, 5, 3]], attrs: { filters: 2 } }],
  ['conv', { inputs: [[2, 3, 1, 4]], attrs: { filters: 2 } }],
  ['conv', { inputs: [[2, 3, 4, 3]], attrs: { filters: 2, kernel: 1 } }],
  ['conv', { inputs: [[1, 2, 6, 5]], attrs: { filters: 3, kernel: 5 } }],
  ['relu', { inputs: [[2, 3, 4, 5]] }],
  ['batchnorm', { inputs: [[3, 2, 4, 3]] }],
  ['batchnorm', { inputs: [[1, 3, 5, 4]], attrs: { momentum: 0.5 } }],
  ['dropout', { inputs: [[3, 4, 2, 3]], attrs: { rate: 0.25 } }],
  ['maxpool', { inputs: [[2, 3, 4, 6]] }],
  ['maxpool', { inputs: [[1, 2, 5, 7]] }],
  [
    'upsample',
    {
      inputs: [
        [2, 3, 3, 4],
        [2, 1, 6, 8],
      ],
      fixed: [1],
    },
  ],
  [
    'upsample',
    {
      inputs: [
        [1, 2, 3, 2],
        [1, 1, 7, 5],
      ],
      fixed: [1],
    },
  ],
  [
    'upsample',
    {
      inputs: [
        [2, 2, 1, 3],
        [2, 1, 3, 7],
      ],
      fixed: [1],
    },
  ],
  [
    'concat',
    {
      inputs: [
        [2, 1, 3, 4],
        [2, 3, 3, 4],
        [2, 2, 3, 4],
      ],
    },
  ],
  ['sigmoid', { inputs: [[2, 3, 4, 3]] }],
  ['sigmoid', { inputs: [[2, 3, 4, 3]], attrs: { background: true } }],
  ['softmax', { inputs: [[2, 3, 4, 3]] }],
  ['softmax', { inputs: [[2, 4, 2, 3]], attrs: { background: true } }],
  ['relu-normalised', { inputs: [[2, 1, 4, 5]] }],
  ['relu-normalised', { inputs: [[2, 3, 3, 4]], attrs: { background: true } }],
]

for (const [op, c] of cases) {
  const title = `${op} of ${c.inputs.map(s => s.join('x')).join(' and ')} ${JSON.stringify(c.attrs ?? {})}`
  test(`${title} agrees with TensorFlow.js and with finite differences`, () => checkOp(op, c))
}

test('every op has a case', () => {
  expect(Object.keys(ops).filter(name => !cases.some(([op]) => op === name))).toEqual([])
})
