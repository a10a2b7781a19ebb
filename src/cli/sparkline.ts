const levels = '▁▂▃▄▅▆▇█'

/** The last `width` values as a line of bars, the lowest of them at the bottom and the highest at the top; empty for fewer than two. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.filter(Number.isFinite).slice(-width)
  if (shown.length < 2) return ''
  const low = Math.min(...shown)
  const range = Math.max(...shown) - low
  const level = (value: number): number => (range > 0 ? Math.round(((value - low) / range) * (levels.length - 1)) : 0)
  return shown.map(value => levels[level(value)]).join('')
}
