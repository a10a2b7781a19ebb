import type { ElementCount, Progress } from '../event.ts'

/** `0.4 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`. */
export function durationWords(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`
}

/** `0:07`, `2:05`, `1:02:03`: for clocks that tick. */
export function clockWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const [hours, minutes, rest] = parts as [number, number, number]
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`
}

const pad = (n: number): string => String(n).padStart(2, '0')

/** `epoch 3/100`, `12.3 of 50.0 MB`; without a total only what is done. */
export function countWords({ done, total, unit }: Progress): string {
  if (unit === 'byte') return total > 0 ? `${megabytes(done)} of ${megabytes(total)} MB` : `${megabytes(done)} MB`
  return total > 0 ? `${unit} ${done}/${total}` : `${unit} ${done}`
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

/** `29 elements, 2 made`: how many an `each` step has, and how many had to be made. */
export function elementWords({ total, ran }: ElementCount): string {
  const all = `${total} ${total === 1 ? 'element' : 'elements'}`
  return ran === total || ran === 0 ? all : `${all}, ${ran} made`
}

/** `loss 0.2134  dice 0.87`: four digits that mean something. */
export const metricWords = (metrics: Readonly<Record<string, number>>): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${numberWords(value)}`)
    .join('  ')

/** Four digits that mean something. */
export const numberWords = (value: number): string => (Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4))))

/** `3 steps`, `1 step`. */
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
