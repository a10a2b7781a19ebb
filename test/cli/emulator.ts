import xterm from '@xterm/headless'
import type { Stream } from '../../src/cli/live.ts'

/** A terminal that is another's work: what is written to it is kept, and shown when asked for. Lines wrap anew when its width changes. */
export class Emulator implements Stream {
  readonly isTTY = true
  columns: number
  readonly rows = 24
  readonly #began: number
  readonly #happened: (string | number)[] = []
  #resized: (() => void) | undefined

  constructor(columns: number) {
    this.#began = this.columns = columns
  }

  on(_event: 'resize', listener: () => void): void {
    this.#resized = listener
  }

  off(): void {
    this.#resized = undefined
  }

  write(text: string): void {
    this.#happened.push(text)
  }

  /** Another width. The process hears of it when the terminal has wrapped what it shows. */
  resize(columns: number): void {
    this.columns = columns
    this.#happened.push(columns)
    this.#resized?.()
  }

  /** The lines that somebody sees, those that scrolled away too, without empty ones at the end; `row` joins what wrapped. */
  async lines(): Promise<readonly string[]> {
    const terminal = new xterm.Terminal({ ...{ cols: this.#began, rows: this.rows }, convertEol: true, allowProposedApi: true })
    for (const what of this.#happened) {
      if (typeof what === 'number') terminal.resize(what, this.rows)
      else await new Promise<void>(done => terminal.write(what, done))
    }
    const { active } = terminal.buffer
    const shown = Array.from({ length: active.length }, (_, i) => active.getLine(i)!.translateToString(true))
    terminal.dispose()
    while (shown.at(-1) === '') shown.pop()
    return shown
  }
}
