import { html, type Html } from './html.ts'

/** A drawing of things that are read one by one: each is an element of the class `item` whose title says what it is. */
export interface ItemsFigure {
  readonly title: string
  /** A class of the style sheet. */
  readonly kind: 'strip' | 'parallel' | 'scatter'
  /** What there is to see, as a sentence: the text alternative. */
  readonly words: string
  readonly size: readonly [width: number, height: number]
  readonly legend?: Html
  readonly content: Html
}

/** The figure: what the pointer is nearest to is read out below it, and so are all of them in turn by arrow keys. */
export const itemsFigure = ({ title, kind, words, size: [width, height], legend, content }: ItemsFigure): Html =>
  html`<figure class="chart items ${kind}"><figcaption><strong>${title}</strong> ${legend}</figcaption>
<div class="plot" tabindex="0" role="group" aria-label="${title}: each by arrow keys">
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">
${content}</svg></div>
<output aria-live="polite"></output>
</figure>`
