import { figure, place } from './figures.ts'
import { html, type Html } from './html.ts'

/** A table whose cells are as strong in colour as their values are good. */
export interface HeatMap {
  readonly caption: string
  /** What rows and columns are. */
  readonly names: readonly [rows: string, columns: string]
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** By row and column; undefined where there is none. */
  readonly values: readonly (readonly (number | undefined)[])[]
  /** From 0, the worst, to 1, the best. */
  readonly shade: (value: number) => number
}

/** The map as a table, which a screen reader reads as one. */
export const heatMap = ({ caption, names, rows, columns, values, shade }: HeatMap): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="heat">
<caption>${caption}</caption>
<thead><tr><th scope="col">${names[0]} ↓ ${names[1]} →</th>${columns.map(name => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row, r) => html`<tr><th scope="row">${row}</th>${values[r]!.map(value => (value === undefined ? html`<td>–</td>` : html`<td style="--t:${place(shade(value))}">${figure(value)}</td>`))}</tr>\n`)}</tbody></table></div>`
