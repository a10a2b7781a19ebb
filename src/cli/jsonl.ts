import type { Listener } from '../event.ts'

/** `--json`: every event as one JSON object a line. A number that JSON cannot hold (NaN, Infinity) is written as text. */
export function jsonLines(write: (line: string) => void): Listener {
  return event =>
    write(
      `${JSON.stringify(event, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`,
    )
}
