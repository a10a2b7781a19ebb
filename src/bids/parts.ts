import { fail } from '../failure.ts'
import { compare, type ImageRow } from './row.ts'

/** Which ids are in which part, each list sorted. */
export interface Split {
  readonly train: readonly string[]
  readonly validation: readonly string[]
  readonly test: readonly string[]
}
export const partNames = ['train', 'validation', 'test'] as const

/** Rows of the index, part by part. */
export type Parts = Readonly<Record<(typeof partNames)[number], readonly ImageRow[]>>

/** The same work on every part. */
export const mapParts = (parts: Parts, change: (rows: readonly ImageRow[], part: keyof Parts) => readonly ImageRow[]): Parts => ({
  train: change(parts.train, 'train'),
  validation: change(parts.validation, 'validation'),
  test: change(parts.test, 'test'),
})

/** The ids of rows, sorted. */
export const ids = (rows: readonly ImageRow[]): readonly string[] => rows.map(r => r.id).sort(compare)

/** Stops a split that leaves a part without images. */
export const emptyPart = (part: string, facts: readonly string[]): never => fail({ kind: 'empty-split', part, facts })
