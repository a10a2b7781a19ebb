import { plural } from './figures.ts'
import { html, type Html } from './html.ts'
import type { ImageFacts } from './measured.ts'
import { sortableTable } from './table.ts'

/** The data of a report: all images of the index, and which part each is in. */
export interface DataFacts {
  readonly datasets: readonly string[]
  readonly targets: readonly string[]
  readonly images: readonly (ImageFacts & { readonly labelled: readonly boolean[] })[]
  /** Ids, by part. Undefined where the pipeline gave no split. */
  readonly split?: Readonly<Record<'train' | 'validation' | 'test', readonly string[]>> | undefined
}

const parts = ['train', 'validation', 'test'] as const

/** What there is of each contrast, and how it was divided. */
export function dataSection({ datasets, targets, images, split }: DataFacts): Html {
  const contrasts = [...new Set(images.map(i => i.contrast))].sort()
  const groups = [...contrasts.map(contrast => images.filter(i => i.contrast === contrast)), ...(contrasts.length > 1 ? [images] : [])]
  const inPart = split && parts.map(part => new Set(split[part]))
  const subjects = (of: typeof images): number => new Set(of.map(i => i.subject)).size
  return html`<p>${datasets.length === 1 ? 'Dataset' : 'Datasets'}: ${datasets.join(', ')}. ${plural(images.length, 'image')} of ${plural(subjects(images), 'subject')}.
${targets.length === 1 ? 'Label' : 'Labels'}: ${targets.map((target, c) => `${target} (${images.filter(i => i.labelled[c]).length})`).join(', ')}.</p>
${sortableTable({
  caption: 'Images by contrast',
  columns: [
    { name: 'Contrast', numeric: false },
    ...['Images', 'Subjects', ...(inPart ? ['Training', 'Validation', 'Test'] : [])].map(name => ({ name, numeric: true })),
  ],
  rows: groups.map((of, at) => [
    contrasts[at] ?? 'all',
    ...[of.length, subjects(of)],
    ...(inPart ?? []).map(part => of.filter(i => part.has(i.id)).length),
  ]),
})}`
}
