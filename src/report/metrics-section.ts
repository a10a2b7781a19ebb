import type { Aggregate } from './aggregate.ts'
import { contrastsOf } from './aggregate.ts'
import { html, type Html } from './html.ts'
import { meanCell } from './mean-cell.ts'
import { keyMetricsOf, type KeyMetric, type Measured } from './measured.ts'
import { stripChart } from './strip-chart.ts'
import { sortableTable, type Cell, type SortableTable } from './table.ts'

/** What the tables and charts of metrics show. */
export interface MetricsShown {
  readonly targets: readonly string[]
  readonly columns: readonly string[]
  readonly rows: readonly Measured[]
  readonly aggregates: readonly Aggregate[]
}

/** Per class and contrast: means with their 95 % confidence intervals. */
export function summaryTable({ targets, columns, aggregates }: MetricsShown): SortableTable {
  const shown = keyMetricsOf(columns)
  return {
    caption: 'Means over images, with 95 % confidence intervals by bootstrap over subjects',
    columns: [...groupColumns(targets), { name: 'Contrast', numeric: false }, { name: 'Images', numeric: true }, ...shown.map(columnOf)],
    rows: aggregates.map(a => [
      ...groupCells(targets, a.class),
      a.contrast ?? 'all',
      a.images,
      ...shown.map(({ metric }): Cell => {
        const summary = a.of.get(metric)
        return summary ? meanCell(summary.mean, summary.interval) : null
      }),
    ]),
  }
}

/** A row for every class of every image. `link`: the id of an element of the page that shows an image, where there is one. */
export function imagesTable({ targets, columns, rows }: MetricsShown, link: (image: string) => string | undefined): SortableTable {
  const shown = keyMetricsOf(columns)
  return {
    caption: 'Every image',
    columns: [{ name: 'Image', numeric: false }, { name: 'Contrast', numeric: false }, ...groupColumns(targets), ...shown.map(columnOf)],
    rows: rows.map(row => {
      const target = link(row.id)
      const name = target === undefined ? row.id : { shown: html`<a href="#${target}">${row.id}</a>`, by: row.id }
      return [name, row.contrast, ...groupCells(targets, row.class), ...shown.map(({ metric }) => row.values[metric] ?? null)]
    }),
  }
}

const columnOf = ({ name, hint }: KeyMetric) => ({ name, hint, numeric: true })
/** The class of a row is told where there are several. */
const groupColumns = (targets: readonly string[]) => (targets.length > 1 ? [{ name: 'Class', numeric: false }] : [])
const groupCells = (targets: readonly string[], index: number) => (targets.length > 1 ? [targets[index]!] : [])

/** Everything that was measured, over all images. */
export function allMetricsTable({ targets, aggregates }: MetricsShown): SortableTable {
  const numbers = ['Images', 'Mean', 'CI low', 'CI high', 'Std', 'Median', 'Min', 'Max'].map(name => ({ name, numeric: true }))
  return {
    caption: 'Every metric over all images',
    columns: [{ name: 'Metric', numeric: false }, ...groupColumns(targets), ...numbers],
    rows: aggregates
      .filter(a => a.contrast === undefined)
      .flatMap(a =>
        [...a.of.values()].map(s => [
          ...[s.metric, ...groupCells(targets, a.class), s.images, s.mean],
          ...[s.interval?.low ?? null, s.interval?.high ?? null, s.std, s.median, s.min, s.max],
        ]),
      ),
  }
}

/** The metrics whose distribution is drawn. */
const drawn = ['dice', 'hd95', 'relative_volume_difference']

/** Every image as a point, by contrast: a chart for each of the metrics read first, and each class. */
export function distributions({ targets, columns, rows }: MetricsShown): Html {
  const shown = keyMetricsOf(columns).filter(({ metric }) => drawn.includes(metric))
  const contrasts = contrastsOf(rows)
  return html`<div class="charts">${shown.flatMap(({ metric, name, better }) =>
    targets.map((target, index) =>
      stripChart({
        title: targets.length > 1 ? `${name}, ${target}` : name,
        y: name,
        within: better === 'high' ? [1, 1] : [0, 0],
        groups: contrasts.map(contrast => ({
          name: contrast,
          points: rows.flatMap(row => {
            const value = row.values[metric] ?? null
            return row.class === index && row.contrast === contrast && value !== null ? [{ value, of: row.id }] : []
          }),
        })),
      }),
    ),
  )}</div>`
}

/** The tables of the section. */
export function metricsTables(shown: MetricsShown, link: (image: string) => string | undefined): Html {
  return html`${sortableTable(summaryTable(shown))}
${sortableTable(imagesTable(shown, link))}
<details><summary>All metrics</summary>${sortableTable(allMetricsTable(shown))}</details>`
}
