import type { Location } from '../failure.ts'

/** The lines that show a place: the line of the file, and under it what is meant. `gutter` is what stands left of the text. */
export interface Frame {
  readonly line: { readonly gutter: string; readonly text: string }
  readonly carets: { readonly gutter: string; readonly text: string }
}

/** The code frame of a place in a text of which `line` is the line. Long lines are cut around the place to `width` characters. */
export function frame(at: Location, line: string, width = 100): Frame {
  const number = at.text === undefined ? `${at.line} | ` : `${at.file.split(' ')[0] ?? ''} `
  // A tab is as wide as the terminal likes; a space is one.
  const flat = line.replaceAll('\t', ' ').trimEnd()
  const column = Math.min(at.column - 1, flat.length)
  const length = Math.max(1, Math.min(at.length ?? 1, flat.length - column))
  const window = windowAround(flat, column, length, Math.max(20, width - number.length))
  return {
    line: { gutter: number, text: window.text },
    carets: { gutter: ' '.repeat(number.length), text: ' '.repeat(window.column) + '^'.repeat(window.length) },
  }
}

function windowAround(text: string, column: number, length: number, width: number): { text: string; column: number; length: number } {
  if (text.length <= width) return { text, column, length }
  const shown = Math.min(length, width - 2)
  const start = Math.max(0, Math.min(column - Math.floor((width - shown) / 2), text.length - width))
  const cutLeft = start > 0
  const cutRight = start + width < text.length
  const body = text.slice(start, start + width)
  const marked = (cutLeft ? '…' : body.charAt(0)) + body.slice(1, -1) + (cutRight ? '…' : body.charAt(width - 1))
  return { text: marked, column: column - start, length: Math.min(shown, width - (column - start)) }
}
