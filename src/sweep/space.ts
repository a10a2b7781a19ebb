/** A value that a sweep gives to a param. */
export type SweepValue = string | number | boolean | null | readonly SweepValue[] | { readonly [key: string]: SweepValue }

/** The values of one trial, or of a part of one: `step.param` -> value. */
export type Values = Readonly<Record<string, SweepValue>>

/** What a drawn param is drawn from. */
export type Distribution =
  | { readonly kind: 'choice'; readonly of: readonly SweepValue[] }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'log_uniform'; readonly low: number; readonly high: number }

/** Which trials a sweep has, checked: every combination of its parts, then those included, less those excluded, each repeated. */
export interface Space {
  /** Every combination; the first key changes slowest. */
  readonly grid: Readonly<Record<string, readonly SweepValue[]>>
  /** Side by side: the first of each, the second of each; the lists are equally long. */
  readonly zip: Readonly<Record<string, readonly SweepValue[]>>
  /** Written one by one. */
  readonly list: readonly Values[]
  /** Drawn `samples` times. */
  readonly draw: Readonly<Record<string, Distribution>>
  readonly samples: number
  /** Of the draws alone: the pipeline's own seed is not touched. */
  readonly seed: number
  readonly include: readonly Values[]
  /** A trial that has all the values of one of these is left out. */
  readonly exclude: readonly Values[]
  /** A swept param -> what the rest of a trial has to be for it to take part; in the order in which they are looked at. */
  readonly when: Readonly<Record<string, Values>>
  /** A step that splits -> how many folds each trial is run on. */
  readonly folds: Readonly<Record<string, number>>
  /** The pipeline's seeds that each trial runs with; none: the pipeline's own. */
  readonly seeds: readonly number[]
}
