import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** A whole line of a file, and the place in the file where it ends. */
export interface TailedLine {
  readonly line: string
  readonly end: number
}

const CHUNK = 1 << 18
const NEWLINE = 10

/** The lines of a file from a place on, and then those that are added to it, until the signal; looks every `pollMs`. */
export async function* tailLines(path: string, from: number, signal: AbortSignal, pollMs = 300): AsyncGenerator<TailedLine> {
  const file = await open(path, 'r')
  try {
    const chunk = Buffer.alloc(CHUNK)
    let rest = Buffer.alloc(0)
    for (let at = from; !signal.aborted;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK, at)
      if (bytesRead === 0) await setTimeout(pollMs, undefined, { signal }).catch(() => undefined)
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      at += bytesRead
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        yield { line: bytes.toString('utf8', start, end), end: at - bytes.length + end + 1 }
        start = end + 1
      }
      rest = bytes.subarray(start)
    }
  } finally {
    await file.close()
  }
}
