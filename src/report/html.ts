/** A piece of HTML or SVG in which everything from outside is escaped. */
export interface Html {
  readonly html: string
}

/** What may stand in a template: text is escaped, pieces go in as they are, lists one after the other, what is absent leaves nothing. */
export type Part = Html | string | number | false | null | undefined | readonly Part[]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as it may stand in an element or in a quoted attribute. */
export const escape = (text: string): string => text.replace(/[&<>"']/g, character => entities[character]!)

function render(part: Part): string {
  if (part === undefined || part === null || part === false) return ''
  if (typeof part === 'number') return String(part)
  if (typeof part === 'string') return escape(part)
  return 'html' in part ? part.html : part.map(render).join('')
}

/** A template of HTML: html`<td title="${note}">${value}</td>`. Names of files and subjects are safe in it; attributes must be quoted. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.reduce((text, string, at) => text + render(parts[at - 1]) + string),
})

/** Text that is HTML already, and ours: style sheets, scripts, pieces read back from a page. */
export const trusted = (text: string): Html => ({ html: text })
