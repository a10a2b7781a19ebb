import stringWidth from 'string-width'

/** The part of process.stdout that is used. */
export interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
  /** Told when the size changes. */
  on?(event: 'resize', listener: () => void): unknown
  off?(event: 'resize', listener: () => void): unknown
}

/** At most one redraw in this time. */
const REDRAW_MS = 100

/**
 * The last lines of a terminal, redrawn in place; what is finished scrolls away above them. Not by a package: log-update (7.2) erases as
 * many rows as the block had in the old width, so that a terminal that becomes narrower keeps what it wrapped; a test holds this one
 * against a terminal that is another's work (test/cli/live-emulated.test.ts).
 */
export class LiveBlock {
  readonly #stream: Stream
  readonly #lines: (now: number) => readonly string[]
  #drawn: readonly string[] = []
  #timer: NodeJS.Timeout | undefined
  #last = -Infinity

  constructor(stream: Stream, lines: (now: number) => readonly string[]) {
    this.#stream = stream
    this.#lines = lines
    stream.on?.('resize', this.#resized)
  }

  /** At once: what the terminal has made of the old lines is no longer what was drawn. */
  readonly #resized = (): void => {
    if (this.#drawn.length) this.print('')
  }

  /** Something changed: drawn now, or when the time since the last drawing is over. */
  update(): void {
    const wait = this.#last + REDRAW_MS - Date.now()
    if (wait <= 0) this.#draw()
    else this.#schedule(wait)
  }

  /** One finished line, cut to the width, above the block. */
  above(line: string): void {
    this.print(`${cut(line, this.#columns)}\n`)
  }

  /** Finished text above the block, as it is. */
  print(text: string): void {
    const block = this.#current()
    this.#stream.write(`${this.#erase()}${text}${block.map(line => `${line}\n`).join('')}`)
    this.#settle(block)
  }

  /** Takes the block away. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#stream.off?.('resize', this.#resized)
    if (this.#drawn.length) this.#stream.write(this.#erase())
    this.#drawn = []
  }

  get #columns(): number {
    return this.#stream.columns ?? 80
  }

  /** What the block is now; of more steps than the screen has rows, the first ones. */
  #current(): string[] {
    const lines = this.#lines(Date.now()).map(line => cut(line, this.#columns))
    const room = Math.max(1, (this.#stream.rows ?? 24) - 2)
    return lines.length <= room ? lines : [...lines.slice(0, room - 1), `  and ${lines.length - room + 1} more`]
  }

  #draw(): void {
    const block = this.#current()
    const same = block.length === this.#drawn.length && block.every((line, i) => line === this.#drawn[i])
    // Line by line over the old ones, and only then the rest is erased: no flicker.
    if (!same) this.#stream.write(`${up(this.#rowsDrawn)}${block.map(line => `${line}\x1b[K\n`).join('')}\x1b[J`)
    this.#settle(block)
  }

  #settle(block: readonly string[]): void {
    this.#drawn = block
    this.#last = Date.now()
    clearTimeout(this.#timer)
    this.#timer = undefined
    // The clocks tick although nothing happens.
    if (block.length) this.#schedule(1000)
  }

  #schedule(wait: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#draw(), wait)
    // The screen keeps nothing alive.
    this.#timer.unref()
  }

  #erase(): string {
    return this.#drawn.length ? `${up(this.#rowsDrawn)}\x1b[J` : ''
  }

  /** Terminals wrap what is there when they become narrower, so that a line may take several rows. */
  get #rowsDrawn(): number {
    return this.#drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / this.#columns)), 0)
  }
}

const up = (lines: number): string => (lines ? `\x1b[${lines}A\r` : '')

/**
 * The line cut to `columns` columns of a terminal: wide characters take two, escape codes none, and what these began is ended. What would
 * move the cursor, tabs and ends of lines, is a space.
 */
export function cut(text: string, columns: number): string {
  const line = text.replace(/[\x00-\x1a\x1c-\x1f\x7f]+/g, ' ')
  if (widthOf(line) <= columns) return line
  let room = columns - 1
  let isCut = false
  const kept = line.split(/(\x1b\[[\d;]*m)/).map((part, i) => {
    if (i % 2 === 1 || isCut) return i % 2 === 1 ? part : ''
    let shown = ''
    for (const { segment } of characters().segment(part)) {
      if (widthOf(segment) > room) {
        isCut = true
        return `${shown}…`
      }
      shown += segment
      room -= widthOf(segment)
    }
    return shown
  })
  return kept.join('')
}

/** As they are seen: several code points may be one character. */
const characters = (): Intl.Segmenter => (segmenter ??= new Intl.Segmenter())
/** Made when a line is cut: what it knows of all languages takes a while to load. */
let segmenter: Intl.Segmenter | undefined

/** Columns of a terminal. */
export const widthOf = (line: string): number => (/^[ -~]*$/.test(line) ? line.length : stringWidth(line))
