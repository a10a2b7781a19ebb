import { expect, test } from 'vitest'
import { html } from '../../src/report/html.ts'
import { sortableTable } from '../../src/report/table.ts'

test('a table can be read by a screen reader, and every cell has the value that it is sorted by', () => {
  const { html: text } = sortableTable({
    caption: 'All & every',
    columns: [
      { name: 'Image', numeric: false },
      { name: 'Dice', numeric: true, hint: 'higher is better' },
    ],
    rows: [
      ['sub-<i>', 0.93344],
      [{ shown: html`<a href="#x">b</a>`, by: 'b' }, null],
    ],
  })
  expect(text).toContain('role="region" aria-label="All &amp; every"')
  expect(text).toContain('<th scope="col" aria-sort="none" class="number"><button type="button" title="higher is better">Dice')
  expect(text).toContain('<tr><th scope="row" data-by="sub-&lt;i&gt;">sub-&lt;i&gt;</th><td class="number" data-by="0.93344">0.9334</td></tr>')
  expect(text).toContain('<tr><th scope="row" data-by="b"><a href="#x">b</a></th><td class="number" data-by="">–</td></tr>')
})
