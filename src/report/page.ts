import { createHash } from 'node:crypto'
import { html, trusted, type Html } from './html.ts'
import { script } from './script.ts'
import { style } from './style.ts'

/** A part of a page under a heading of its own, which the list of contents at the top leads to. */
export interface Section {
  /** Of letters. */
  readonly id: string
  readonly title: string
  readonly body: Html
}

/** What a page is made of. */
export interface Page {
  readonly title: string
  /** Below the title, above the contents. */
  readonly lead: Html
  readonly sections: readonly Section[]
}

/** No request of any kind is allowed, and no script but ours: whatever a name in the data says, a browser does not run it. */
const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** A whole page in one file that needs no other: style and script inside, pictures as data. */
export const pageOf = ({ title, lead, sections }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<main class="page">
<header><h1>${title}</h1>${lead}
<nav aria-label="Contents">${sections.map(({ id, title: name }) => html`<a href="#${id}">${name}</a>`)}</nav></header>
${sections.map(({ id, title: name, body }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${name}</h2>\n${body}\n</section>\n`)}
</main>
<script>${trusted(script)}</script>
</body>
</html>
`.html
