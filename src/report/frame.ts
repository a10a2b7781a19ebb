import { place, ticksOf } from './figures.ts'
import { html, type Html } from './html.ts'

/** The drawing area of a chart in the units of its SVG, and what the two axes span. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** From a value to a place along an axis. */
export type Scale = (value: number) => number

/** The frame of a chart with its labels left and below; there the values alone, or the name of the axis too. */
export const frameOf = (width: number, height: number, isNamedBelow = true): Frame => ({
  width,
  height,
  left: 66,
  right: width - 14,
  top: 12,
  bottom: height - (isNamedBelow ? 44 : 26),
})

/** Linear from a range of values to a range of places. */
export const linear =
  ([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale =>
  value =>
    start + ((value - from) / (to - from || 1)) * (end - start)

/** The values of the upright axis: round numbers around all that is shown; and the scale that they span. */
export function upright(frame: Frame, range: readonly [number, number]): { readonly ticks: readonly number[]; readonly y: Scale } {
  const ticks = ticksOf(range)
  return { ticks, y: linear([ticks[0]!, ticks.at(-1)!], [frame.bottom, frame.top]) }
}

/** Lines across the frame with their values, and the name of the axis, which runs upwards. */
export function uprightAxis(frame: Frame, ticks: readonly number[], y: Scale, label: string): Html {
  const middle = place((frame.top + frame.bottom) / 2)
  return html`<g class="axis">
${ticks.map(
  t =>
    html`<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${place(y(t))}" y2="${place(y(t))}"/><text x="${frame.left - 8}" y="${place(y(t) + 4)}" text-anchor="end">${tickText(t)}</text>`,
)}
<text class="name" transform="translate(12,${middle}) rotate(-90)" text-anchor="middle">${label}</text></g>`
}

/** Values below the frame, and the name of the axis. */
export function levelAxis(frame: Frame, ticks: readonly { readonly at: number; readonly text: string }[], label?: string): Html {
  return html`<g class="axis"><line class="base" x1="${frame.left}" x2="${frame.right}" y1="${frame.bottom}" y2="${frame.bottom}"/>
${ticks.map(({ at, text }) => html`<text x="${place(at)}" y="${frame.bottom + 18}" text-anchor="middle">${text}</text>`)}
${label !== undefined && html`<text class="name" x="${place((frame.left + frame.right) / 2)}" y="${frame.height - 6}" text-anchor="middle">${label}</text>`}</g>`
}

/** `0.2`, `1000`, `1e-5`. */
export const tickText = (value: number): string =>
  value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e5) ? value.toExponential().replace('e+', 'e') : String(value)
