import { figure, place } from './figures.ts'
import { html, type Html } from './html.ts'
import { metricsOf, type Measured } from './measured.ts'
import { sortableTable } from './table.ts'

/** What became of the objects of one range of sizes, all images together. */
export interface SizeCount {
  /** As columns name it: `0-20vox`. */
  readonly bin: string
  readonly class: number
  readonly found: number
  readonly missed: number
  readonly right: number
  readonly false: number
}

/** The counts behind the rates of the group `objects`, summed over the images: true objects found and missed, predicted ones right and false. */
export function sizeCounts(columns: readonly string[], rows: readonly Measured[]): readonly SizeCount[] {
  const bins = metricsOf(columns).flatMap(metric => /^n_gt_objects_(.+)$/.exec(metric)?.[1] ?? [])
  const classes = [...new Set(rows.map(r => r.class))]
  return classes.flatMap(index => bins.map(bin => countOf(bin, index, rows)))
}

function countOf(bin: string, index: number, rows: readonly Measured[]): SizeCount {
  const count = { bin, class: index, found: 0, missed: 0, right: 0, false: 0 }
  for (const { values, class: of } of rows) {
    if (of !== index) continue
    const [truth, predicted] = [values[`n_gt_objects_${bin}`] ?? 0, values[`n_pred_objects_${bin}`] ?? 0]
    // Rates are ratios of whole numbers: the product is one again.
    const found = Math.round((values[`object_recall_${bin}`] ?? 0) * truth)
    const wrong = Math.round((values[`object_false_discovery_rate_${bin}`] ?? 0) * predicted)
    count.found += found
    count.missed += truth - found
    count.right += predicted - wrong
    count.false += wrong
  }
  return count
}

const percent = (part: number, of: number): number | null => (of === 0 ? null : part / of)

/** The counts as a table with bars. Nothing where objects were not counted by size. */
export function sizesSection(counts: readonly SizeCount[], targets: readonly string[]): Html | undefined {
  if (counts.length === 0) return undefined
  const most = Math.max(1, ...counts.flatMap(c => [c.found + c.missed, c.right + c.false]))
  const several = targets.length > 1
  return html`<p>Objects are connected voxels, each counted by its own size. A small structure that is missed hardly moves Dice; here it shows.</p>
${sortableTable({
  caption: 'Objects of all images, by size',
  columns: [
    { name: 'Size', numeric: false },
    ...(several ? [{ name: 'Class', numeric: false }] : []),
    { name: 'True objects', numeric: false },
    ...['Found', 'Missed', 'Recall'].map(name => ({ name, numeric: true })),
    { name: 'Predicted objects', numeric: false },
    ...['Right', 'False', 'False rate'].map(name => ({ name, numeric: true })),
  ],
  rows: counts.map(c => [
    c.bin,
    ...(several ? [targets[c.class]!] : []),
    { shown: bar(c.found, c.missed, 'fn', most, 'found', 'missed'), by: c.found + c.missed },
    ...[c.found, c.missed, percent(c.found, c.found + c.missed)],
    { shown: bar(c.right, c.false, 'fp', most, 'right', 'false'), by: c.right + c.false },
    ...[c.right, c.false, percent(c.false, c.right + c.false)],
  ]),
})}`
}

/** Two counts as one bar; of all bars the longest fills the cell. */
function bar(good: number, bad: number, kind: 'fn' | 'fp', most: number, goodWord: string, badWord: string): Html {
  const [a, b] = [place((good / most) * 160), place((bad / most) * 160)]
  return html`<svg class="bar" viewBox="0 0 160 14" width="160" height="14" role="img" aria-label="${figure(good)} ${goodWord}, ${figure(bad)} ${badWord}"><rect class="tp" width="${a}" height="14"/><rect class="${kind}" x="${a}" width="${b}" height="14"/></svg>`
}
