import type { Interval } from '../statistics/bootstrap.ts'
import { figure } from './figures.ts'
import { html, type Html } from './html.ts'
import type { Cell } from './table.ts'

/** `[0.9105, 0.9512]`. */
export const intervalWords = ({ low, high }: Interval): string => `[${figure(low)}, ${figure(high)}]`

/** A value with its interval, if it has one, below; sorted by the value. */
export const meanCell = (mean: number | null, interval: Interval | null): Cell => ({
  shown: html`${figure(mean)}${interval && withSmall(intervalWords(interval))}`,
  by: mean,
})

const withSmall = (text: string): Html => html`<small class="interval">${text}</small>`
