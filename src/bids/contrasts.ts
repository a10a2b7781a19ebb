import { fail } from '../failure.ts'
import { Random } from '../random.ts'
import { emptyPart, mapParts, type Parts } from './parts.ts'
import { compare, contrastsOf, type ImageRow } from './row.ts'

/** Which contrasts the parts are made of; the names of ivadomed's contrast_params. */
export interface ContrastParams {
  /** Contrasts used for training and validation, and for testing; empty: all. An image of several channels must have all in the list. */
  readonly training_validation: readonly string[]
  readonly testing: readonly string[]
  /** Contrast -> share of its images that is kept (contrast_params.balance). */
  readonly contrast_balance: Readonly<Record<string, number>>
}

/** Contrasts are chosen after the split, so that they do not change which subject is where. */
export function chooseContrasts(parts: Parts, p: ContrastParams): Parts {
  return mapParts(parts, (rows, part) => {
    const contrasts = part === 'test' ? p.testing : p.training_validation
    const chosen = contrasts.length === 0 ? rows : rows.filter(r => contrastsOf(r).every(c => contrasts.includes(c)))
    if (chosen.length === 0 && rows.length > 0)
      emptyPart(part, [`the ${rows.length} images that the split gives it have the contrasts ${list(rows)}`, JSON.stringify(p)])
    return chosen
  })
}

/**
 * Keeps a share of a contrast's images: in each of the three parts, as ivadomed's documentation has it, the most of which the
 * share is not exceeded. They are drawn with the seed (ivadomed would take the first by name, and stops with an error
 * instead); a larger share keeps all that a smaller one kept.
 */
export function balanceContrasts(parts: Parts, balance: ContrastParams['contrast_balance'], seed: number): Parts {
  const rows = [...parts.train, ...parts.validation, ...parts.test]
  for (const contrast of Object.keys(balance))
    if (!rows.some(r => r.contrast === contrast)) fail({ kind: 'unknown-contrast', param: 'contrast_balance', contrast, there: list(rows) })
  return mapParts(parts, (all, part) => {
    const dropped = Object.entries(balance).flatMap(([contrast, share]) => {
      const images = all.filter(r => r.contrast === contrast).sort((a, b) => compare(a.id, b.id))
      const order = new Random(seed, 'contrast_balance', part, contrast).permutation(images.length)
      return order.filter((_, drawn) => (drawn + 1) / images.length > share).map(at => images[at]!)
    })
    const without = new Set(dropped)
    const left = all.filter(row => !without.has(row))
    if (left.length === 0 && all.length > 0)
      emptyPart(part, [`of its ${all.length} images contrast_balance keeps none`, JSON.stringify(balance)])
    return left
  })
}

const list = (rows: readonly ImageRow[]): string => [...new Set(rows.map(r => r.contrast))].sort(compare).join(', ') || '(none)'
