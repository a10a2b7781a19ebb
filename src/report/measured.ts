/** What the report needs of a table of metrics (the artifact `metrics`). */
export interface MetricsTable {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly image: string; readonly values: Readonly<Record<string, number | null>> }[]
  readonly intervals?: Readonly<Record<string, { readonly low: number; readonly high: number } | null>> | undefined
}

/** What the report says of an image beside its metrics. */
export interface ImageFacts {
  readonly id: string
  readonly subject: string
  readonly contrast: string
}

/** One class of one image, with its metrics under the names that have no class. */
export interface Measured extends ImageFacts {
  /** Counted from 0. */
  readonly class: number
  readonly values: Readonly<Record<string, number | null>>
}

/** `dice_class1` is `dice` of class 1. ivadomed names no class in the number of objects of a size where there is only one. */
export function columnParts(column: string): { readonly metric: string; readonly class: number } {
  const [, metric, index] = /^(.+)_class(\d+)$/.exec(column) ?? []
  return metric === undefined ? { metric: column, class: 0 } : { metric, class: Number(index) }
}

/** The metrics of the table without their classes, each once, in order. */
export const metricsOf = (columns: readonly string[]): readonly string[] => [...new Set(columns.map(c => columnParts(c).metric))]

/** The table with a row for every class of every image. */
export function measuredOf(table: MetricsTable, classes: number, images: readonly ImageFacts[]): readonly Measured[] {
  const facts = new Map(images.map(image => [image.id, image]))
  const parts = table.columns.map(column => ({ column, ...columnParts(column) }))
  return table.rows.flatMap(({ image: id, values }) => {
    const { subject, contrast } = facts.get(id) ?? { subject: id, contrast: '' }
    return Array.from({ length: classes }, (_, index) => ({
      ...{ id, subject, contrast, class: index },
      values: Object.fromEntries(parts.filter(p => p.class === index).map(p => [p.metric, values[p.column] ?? null])),
    }))
  })
}

/** Which values of a metric are good: high ones, low ones, or those near zero. */
export type Better = 'high' | 'low' | 'zero'

/** A metric that people read first: its short name, what it is, and which way is better. */
export interface KeyMetric {
  readonly metric: string
  readonly name: string
  readonly hint: string
  /** Undefined where no value is better than another. */
  readonly better?: Better
}

/** The metrics that tables and charts show, in order; the others of the table are listed behind them. */
export const keyMetrics: readonly KeyMetric[] = [
  { metric: 'dice', name: 'Dice', hint: '2 |P ∩ G| / (|P| + |G|), higher is better', better: 'high' },
  { metric: 'iou', name: 'IoU', hint: '|P ∩ G| / |P ∪ G|, higher is better', better: 'high' },
  { metric: 'precision', name: 'Precision', hint: 'part of the prediction that is true, higher is better', better: 'high' },
  { metric: 'recall', name: 'Recall', hint: 'part of the truth that is predicted, higher is better', better: 'high' },
  {
    metric: 'relative_volume_difference',
    name: 'Volume diff.',
    hint: 'relative: (|P| - |G|) / |G|; above 0 too much is predicted, best is 0',
    better: 'zero',
  },
  { metric: 'hd95', name: 'HD95 (mm)', hint: 'Hausdorff distance, 95 %, in mm, lower is better', better: 'low' },
  { metric: 'assd', name: 'ASSD (mm)', hint: 'average symmetric surface distance, in mm, lower is better', better: 'low' },
  { metric: 'nsd', name: 'NSD', hint: 'part of the surfaces that agree within the tolerance, higher is better', better: 'high' },
  { metric: 'object_recall', name: 'Found', hint: 'part of the true objects that are found', better: 'high' },
  {
    metric: 'object_false_discovery_rate',
    name: 'False',
    hint: 'part of the predicted objects that are false, lower is better',
    better: 'low',
  },
  { metric: 'vol_gt', name: 'True mm³', hint: 'volume of the ground truth' },
  { metric: 'vol_pred', name: 'Predicted mm³', hint: 'volume of the prediction' },
]

/** Those of them that a table has. */
export const keyMetricsOf = (columns: readonly string[]): readonly KeyMetric[] => {
  const there = new Set(metricsOf(columns))
  return keyMetrics.filter(({ metric }) => there.has(metric))
}
