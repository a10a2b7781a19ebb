import { html } from './html.ts'

const [start, end] = ['<!--run-->', '<!--/run-->'] as const

/** Where a page has room for what only a run knows: a result that is kept must be the same whenever it is made. */
export const runPlace = html`${{ html: start }}<p class="note">Steps, times, versions and the machine stand in the copy of this page in the folder of the run.</p>${{ html: end }}`

/** A page with the room filled; as it was where it has none. Text of the user's cannot look like it, since it is escaped. */
export function fillRunPlace(page: Buffer, content: { readonly html: string }): Buffer {
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  // Most of it is pictures: bytes, that need not be read as text.
  return from < 0 || to < from ? page : Buffer.concat([page.subarray(0, from), Buffer.from(content.html), page.subarray(to + end.length)])
}
