import { fail } from '../failure.ts'
import { partNames, type Parts } from './parts.ts'

/** What must not be torn apart by a split, beside subjects: groups of images that hold the same bytes. */
export type Duplicates = readonly (readonly string[])[]

/** What the guard knows beside the parts. */
export interface Guard {
  readonly duplicates: Duplicates
  /** The column that the split is made by, for the message. */
  readonly by: string
  /** Where images of equal content are allowed on two sides, this is told of them instead. */
  readonly allow?: ((line: string) => void) | undefined
}

/**
 * No subject may be in two parts, whatever its sessions and datasets: its images are too alike. Nor may two images of the
 * same content: what is tested on would have been trained on.
 */
export function guardParts(parts: Parts, { duplicates, by, allow }: Guard): void {
  const homeOfSubject = new Map<string, string>()
  const homeOfImage = new Map<string, string>()
  for (const part of partNames)
    for (const { id, subject } of parts[part]) {
      const other = homeOfSubject.get(subject)
      if (other !== undefined && other !== part) fail({ kind: 'split-subject', subject, parts: [other, part], column: by })
      homeOfSubject.set(subject, part)
      homeOfImage.set(id, part)
    }
  for (const group of duplicates) {
    const placed = group.flatMap(id => (homeOfImage.has(id) ? [{ id, part: homeOfImage.get(id)! }] : []))
    const stray = placed.find(({ part }) => part !== placed[0]!.part)
    if (!stray) continue
    const [images, sides] = [
      [placed[0]!.id, stray.id],
      [placed[0]!.part, stray.part],
    ]
    if (!allow) fail({ kind: 'split-content', images, parts: sides })
    allow(`the same image is in the ${sides.join(' and the ')} part (${images.join(', ')}): what is measured will be too good`)
  }
}
