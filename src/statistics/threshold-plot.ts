import type { ThresholdRow } from './threshold-search.ts'

const [side, margin] = [300, 48]

/** The table as a picture: Dice over the threshold, with the chosen one marked, and beside it the receiver operating characteristic. */
export function thresholdPlot(table: readonly ThresholdRow[], best: ThresholdRow & { readonly dice: number }): string {
  const dice = table.flatMap(({ threshold, dice }) => (dice === null ? [] : [[threshold, dice] as const]))
  const roc = table.flatMap(({ recall, falsePositiveRate }) =>
    recall === null || falsePositiveRate === null ? [] : [[falsePositiveRate, recall] as const],
  )
  const marked = best.recall === null || best.falsePositiveRate === null ? undefined : ([best.falsePositiveRate, best.recall] as const)
  const title = `best threshold ${best.threshold}, Dice ${best.dice.toFixed(4)}`
  const [width, height] = [2 * (side + 2 * margin), side + 2 * margin]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    '<rect width="100%" height="100%" fill="white"/>',
    panel(margin, title, ['threshold', 'Dice'], dice, [best.threshold, best.dice]),
    panel(3 * margin + side, 'ROC', ['false positive rate', 'recall'], roc, marked),
    '</svg>',
    '',
  ].join('\n')
}

type Point = readonly [x: number, y: number]

/** A square from 0 to 1 both ways, with a line through the points and a ring around one. */
function panel(left: number, title: string, [x, y]: readonly [string, string], points: readonly Point[], marked?: Point): string {
  const place = ([px, py]: Point): string => `${(left + px * side).toFixed(1)},${(margin + (1 - py) * side).toFixed(1)}`
  const [middle, bottom] = [left + side / 2, margin + side]
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap(t => [
    `<text x="${left + t * side}" y="${bottom + 16}" text-anchor="middle">${t}</text>`,
    `<text x="${left - 6}" y="${bottom - t * side + 4}" text-anchor="end">${t}</text>`,
  ])
  const [cx, cy] = marked ? place(marked).split(',') : []
  return [
    `<rect x="${left}" y="${margin}" width="${side}" height="${side}" fill="none" stroke="black"/>`,
    `<text x="${middle}" y="${margin - 12}" text-anchor="middle">${title}</text>`,
    `<text x="${middle}" y="${bottom + 36}" text-anchor="middle">${x}</text>`,
    `<text transform="translate(${left - 34},${margin + side / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
    ...ticks,
    `<polyline points="${points.map(place).join(' ')}" fill="none" stroke="steelblue" stroke-width="2"/>`,
    ...(marked ? [`<circle cx="${cx}" cy="${cy}" r="5" fill="none" stroke="firebrick" stroke-width="2"/>`] : []),
  ].join('\n')
}
