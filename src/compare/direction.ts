/** What is better of a metric: more of it, less of it, or what is nearer to zero. */
export type Direction = 'higher' | 'lower' | 'zero'

/** Of every metric that says how good a mask is, by its name without class and size; docs/metrics.md has the same table. */
export const directions: Readonly<Record<string, Direction>> = {
  dice: 'higher',
  iou: 'higher',
  recall: 'higher',
  precision: 'higher',
  specificity: 'higher',
  nsd: 'higher',
  hd95: 'lower',
  assd: 'lower',
  ltpr: 'higher',
  lfdr: 'lower',
  object_recall: 'higher',
  object_false_discovery_rate: 'lower',
  avd: 'lower',
  rvd: 'zero',
  relative_volume_difference: 'zero',
  mse: 'lower',
  mean_squared_error: 'lower',
}

/** Metrics that count and measure, and say nothing of good or bad. */
export const neutral: readonly string[] = ['vol_pred', 'vol_gt', 'n_pred', 'n_gt', 'n', 'n_gt_objects', 'n_pred_objects']

/** A column's metric: `ltpr_0-20vox_class1` is `ltpr`. */
export const metricOf = (column: string): string => column.replace(/_class\d+$/, '').replace(sizeSuffix, '')

const sizeSuffix = /_[\d.]+-(?:[\d.]+|INF)(?:vox|mm3)$/

/** What is better in a column; undefined where nothing is, or nothing is known of it. */
export function directionOf(column: string): Direction | undefined {
  const metric = metricOf(column)
  return Object.hasOwn(directions, metric) ? directions[metric] : undefined
}

/** Whether a column is one of the few that are shown unasked: it has a better and a worse, over objects of all sizes. */
export const isMain = (column: string): boolean => directionOf(column) !== undefined && !sizeSuffix.test(column.replace(/_class\d+$/, ''))

/** The columns that stand for a whole table: Dice of every class, or else the first that has a better. */
export function headColumns(columns: readonly string[]): readonly string[] {
  const dice = columns.filter(column => metricOf(column) === 'dice')
  const first = columns.find(isMain) ?? columns[0]
  return dice.length > 0 ? dice : first === undefined ? [] : [first]
}
