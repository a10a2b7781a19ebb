import type { ThresholdRow } from '../statistics/threshold-search.ts'
import { figure, plural } from './figures.ts'
import { html, type Html } from './html.ts'
import { lineChart } from './line-chart.ts'

/** What a search for the best threshold found. */
export interface FoundThreshold {
  readonly threshold: number
  /** Mean over the images. */
  readonly dice: number
  readonly images: number
  readonly table: readonly ThresholdRow[]
}

/** Dice over the threshold, and the receiver operating characteristic. */
export function thresholdSection({ threshold, dice, images, table }: FoundThreshold): Html {
  const roc = table
    .filter(row => row.recall !== null && row.falsePositiveRate !== null)
    .sort((a, b) => a.falsePositiveRate! - b.falsePositiveRate! || a.recall! - b.recall!)
  const chosen = table.find(row => row.threshold === threshold)
  return html`<p>Of the thresholds tried on ${plural(images, 'image')}, ${threshold} has the highest mean Dice, ${figure(dice)}.</p>
<div class="charts">
${lineChart({
  title: 'Dice by threshold',
  x: { name: 'threshold', values: table.map(row => row.threshold) },
  y: 'Dice',
  series: [{ name: 'Dice', values: table.map(row => row.dice) }],
  within: [0, 1],
  mark: { at: threshold, text: `chosen: ${threshold}` },
})}
${lineChart({
  title: 'Receiver operating characteristic',
  x: { name: 'false positive rate', values: roc.map(row => row.falsePositiveRate!) },
  y: 'recall',
  series: [{ name: 'recall', values: roc.map(row => row.recall) }],
  within: [0, 1],
  ...(typeof chosen?.falsePositiveRate === 'number' && { mark: { at: chosen.falsePositiveRate, text: `threshold ${threshold}` } }),
})}
</div>`
}
