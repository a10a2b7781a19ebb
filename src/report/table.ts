import { figure } from './figures.ts'
import { html, type Html } from './html.ts'

/** A column of a table: what its cells are, and what its head explains. */
export interface TableColumn {
  readonly name: string
  /** Numbers stand right, and sort as numbers. */
  readonly numeric: boolean
  readonly hint?: string
}

/** A cell: a text, a number (null: undefined), or a piece that is sorted by the value beside it. */
export type Cell = string | number | null | { readonly shown: Html; readonly by: string | number | null }

/** A table of which every column can be sorted by its head: by pointer or by keyboard. The first cell of a row names it. */
export interface SortableTable {
  readonly caption: string
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly Cell[])[]
}

/** The table in a box that scrolls by itself where the page is too narrow. */
export function sortableTable({ caption, columns, rows }: SortableTable): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="sortable">
<caption>${caption}</caption>
<thead><tr>${columns.map(head)}</tr></thead>
<tbody>
${rows.map(cells => html`<tr>${cells.map((c, at) => cell(c, columns[at]!, at === 0))}</tr>\n`)}</tbody></table></div>`
}

const head = ({ name, numeric, hint }: TableColumn): Html =>
  html`<th scope="col" aria-sort="none" class="${numeric ? 'number' : 'text'}"><button type="button" title="${hint ?? name}">${name}<span aria-hidden="true"></span></button></th>`

function cell(of: Cell, { numeric }: TableColumn, first: boolean): Html {
  const { shown, by } = typeof of === 'object' && of !== null ? of : { shown: numeric ? figure(numberOf(of)) : (of ?? '–'), by: of }
  const value = by === null ? '' : String(by)
  return first
    ? html`<th scope="row" data-by="${value}">${shown}</th>`
    : html`<td class="${numeric ? 'number' : 'text'}" data-by="${value}">${shown}</td>`
}

const numberOf = (cell: string | number | null): number | null => (typeof cell === 'number' ? cell : null)
