import { expect, test } from 'vitest'
import { aligned } from '../../src/cli/columns.ts'

test('columns are under each other as a terminal shows them, numbers to the right: wide characters take two places', () => {
  const table = [
    ['step', 'dice'],
    ['\u8133', '0.9'],
    ['a', '10.25'],
  ]
  expect(aligned(table, [1])).toEqual(['step   dice', '\u8133      0.9', 'a     10.25'])
  expect(aligned([])).toEqual([])
})
