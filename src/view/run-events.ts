import { open } from 'node:fs/promises'
import type { TimedEvent } from './run-state.ts'

/** What the first and the last event fit into. */
const END = 1 << 16

/** The first and the last event of a file. */
export async function endsOf(
  path: string,
): Promise<{ readonly first?: TimedEvent; readonly last?: TimedEvent; readonly silentMs: number }> {
  const file = await open(path, 'r')
  try {
    const { size, mtimeMs } = await file.stat()
    const read = async (from: number): Promise<readonly string[]> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(END, size)), 0, Math.min(END, size), from)
      return buffer.toString('utf8', 0, bytesRead).split('\n')
    }
    const first = parsed((await read(0))[0])
    // The last line ends in a newline, so what follows it is empty, or not written whole yet.
    const last = parsed((await read(Math.max(0, size - END))).at(-2))
    return { ...(first && { first }), ...(last && { last }), silentMs: Date.now() - mtimeMs }
  } finally {
    await file.close()
  }
}

/** An event of a run's own file; a line that was cut by a kill is none. */
export function parsed(line: string | undefined): TimedEvent | undefined {
  try {
    return line ? (JSON.parse(line) as TimedEvent) : undefined
  } catch {
    return undefined
  }
}
