import type { Stream } from '../../src/cli/live.ts'

/** A terminal as the user sees it: knows newline, return, cursor up, erase to the end of line and of screen; colours are ignored. */
export class Glass implements Stream {
  readonly isTTY = true
  columns = 80
  rows = 24
  writes = 0
  #lines: string[] = ['']
  #row = 0
  #column = 0
  #resized: (() => void) | undefined

  on(_event: 'resize', listener: () => void): void {
    this.#resized = listener
  }

  off(): void {
    this.#resized = undefined
  }

  /** Another width: as most terminals do, what is longer is wrapped. Only the cursor's own line is assumed to be empty. */
  resize(columns: number): void {
    this.columns = columns
    this.#lines = this.#lines.flatMap(line => line.trimEnd().match(new RegExp(`.{1,${columns}}`, 'g')) ?? [''])
    this.#row = this.#lines.length - 1
    this.#column = 0
    this.#resized?.()
  }

  write(text: string): void {
    this.writes++

    for (const [token] of text.matchAll(/\x1b\[(\d*)([AKJm;\d]*[AKJm])|[^\x1b]/gs)) this.#take(token)
  }

  #take(token: string): void {
    if (token === '\n') {
      this.#row++
      this.#column = 0
      this.#lines[this.#row] ??= ''
    } else if (token === '\r') this.#column = 0
    else if (token.startsWith('\x1b')) this.#command(token.at(-1)!, Number(token.slice(2, -1) || 1))
    else {
      const line = this.#lines[this.#row]!.padEnd(this.#column)
      this.#lines[this.#row] = line.slice(0, this.#column) + token + line.slice(this.#column + 1)
      this.#column++
    }
  }

  #command(letter: string, n: number): void {
    if (letter === 'A') this.#row = Math.max(0, this.#row - n)
    if (letter === 'K' || letter === 'J') this.#lines[this.#row] = this.#lines[this.#row]!.slice(0, this.#column)
    if (letter === 'J') this.#lines.length = this.#row + 1
  }

  /** What is on the screen, without empty lines at the end. */
  get text(): string {
    return this.#lines
      .map(line => line.trimEnd())
      .join('\n')
      .trimEnd()
  }
}
