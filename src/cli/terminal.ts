import pc from 'picocolors'
import type { Event, Listener } from '../event.ts'
import { LiveBlock, widthOf, type Stream } from './live.ts'
import { measureWords } from './measures.ts'
import { printFailure, shownPath } from './print.ts'
import { StepProgress } from './progress.ts'
import { clockWords, countWords, durationWords, elementWords, metricWords, plural } from './units.ts'

/** Where the screen is, and what is known before the run. */
export interface TerminalOptions {
  readonly stream: Stream
  /** All steps of the pipeline: their names make the first column. */
  readonly steps: readonly string[]
  /** Named at the end: where the results are. */
  readonly runDir: string
  readonly cwd?: string
  /** True: plain lines, also on a terminal. */
  readonly plain?: boolean
  /** True: nothing but failures. */
  readonly quiet?: boolean
  /** The last lines: what the user may do next. */
  readonly next?: (ok: boolean) => readonly string[]
}

/** A run on the screen: on a terminal a block that is redrawn, elsewhere plain lines without escape codes. */
export function terminal(options: TerminalOptions): Listener {
  const screen = new Screen(options)
  if (!options.quiet) return event => screen.show(event)
  return event => {
    if (event.type === 'node-failed' || (event.type === 'run-done' && !event.ok)) screen.show(event)
  }
}

/** Whether a terminal is to be drawn on: not where it cannot move its cursor, and not where nobody sits before it. */
export const isDrawable = (env: NodeJS.ProcessEnv): boolean => env['TERM'] !== 'dumb' && !env['CI']

/** After this many warnings of one step the others are only counted: all are in the log of the run. */
const MAX_WARNINGS = 5
/** A plain log gets a line of progress without numbers worth keeping at most this often. */
const QUIET_MS = 15_000

class Screen {
  readonly #options: TerminalOptions
  readonly #cwd: string
  readonly #live: LiveBlock | undefined
  readonly #colors: ReturnType<typeof pc.createColors>
  readonly #width: number
  readonly #running = new Map<string, StepProgress>()
  readonly #waiting = new Set<string>()
  readonly #spoke = new Map<string, number>()
  #skipped = 0
  #steps: number

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#cwd = options.cwd ?? process.cwd()
    const tty = options.stream.isTTY === true && !options.plain
    this.#colors = pc.createColors(tty && pc.isColorSupported)
    this.#live = tty ? new LiveBlock(options.stream, now => this.#block(now)) : undefined
    this.#width = Math.min(24, Math.max(0, ...options.steps.map(widthOf)))
    this.#steps = options.steps.length
  }

  show(event: Event): void {
    const now = Date.now()
    switch (event.type) {
      case 'run-started':
        this.#steps = event.steps.length
        event.steps.forEach(step => this.#waiting.add(step))
        return this.#line(
          `${this.#colors.bold(event.pipeline)}  ${shownPath(event.file, this.#cwd)}, ${plural(event.steps.length, 'step')}${event.engine === undefined ? '' : `, networks on ${event.engine}`}`,
        )
      case 'node-started':
        this.#waiting.delete(event.step)
        this.#running.set(event.step, new StepProgress(event, now))
        return this.#live?.update()
      case 'node-waits': {
        const { run, host, pid } = event.for
        return this.#line(
          this.#row(this.#colors.yellow('…'), event.step, `waits for the run ${run}, which makes the same (${host}, process ${pid})`),
        )
      }
      case 'node-progress':
        return this.#progress(event, now)
      case 'node-log':
        return this.#log(event)
      case 'element-done': {
        const step = this.#running.get(event.step)
        if (step) step.elementsDone++
        return this.#live ? this.#live.update() : this.#now(event.step, now, false)
      }
      case 'node-done':
        return this.#done(event)
      case 'node-failed':
        return this.#failed(event, now)
      case 'node-skipped':
        this.#skipped++
        this.#finish(event.step, this.#running.get(event.step))
        // What is not to run is told by the table of its sweep.
        if (event.isMeant) return this.#live?.update()
        return this.#line(this.#row(this.#colors.dim('-'), event.step, this.#colors.dim(`not run: ${event.because}`)))
      case 'run-done':
        return this.#summary(event)
    }
  }

  #progress({ step: name, element, progress }: Extract<Event, { type: 'node-progress' }>, now: number): void {
    const step = this.#running.get(name)
    if (!step || element !== undefined) return
    step.note(progress, now)
    if (this.#live) this.#live.update()
    else this.#now(name, now, progress.metrics !== undefined && progress.unit !== 'batch')
  }

  /** A plain line of how far a step is: at once when it is worth keeping (an epoch), else now and then. */
  #now(name: string, now: number, worth: boolean): void {
    const step = this.#running.get(name)
    if (!step || (!worth && now - (this.#spoke.get(name) ?? step.started) < QUIET_MS)) return
    this.#spoke.set(name, now)
    this.#line(`${name}: ${this.#progressWords(step, now).join('  ')}`)
  }

  #log({ step: name, element, level, line }: Extract<Event, { type: 'node-log' }>): void {
    const step = this.#running.get(name)
    if (level === 'warn') {
      if (step && ++step.warnings > MAX_WARNINGS) return
      const who = element === undefined ? name : `${name} ${element}`
      return this.#line(`${this.#colors.yellow('warning')}  ${who}: ${line}`)
    }
    if (element !== undefined) return
    if (step) step.lastLine = line
    if (!this.#live) this.#line(`${name}: ${line}`)
  }

  #done(event: Extract<Event, { type: 'node-done' }>): void {
    const step = this.#running.get(event.step)
    this.#finish(event.step, step)
    const { bold, dim, green } = this.#colors
    const facts = event.elements ? elementWords(event.elements) : this.#live ? (step?.lastLine ?? '') : ''
    const time = event.how === 'cached' ? dim('cached'.padStart(TIME)) : bold(durationWords(event.ms).padStart(TIME))
    this.#line(this.#row(green('✓'), event.step, time, facts))
  }

  #failed({ step: name, failure }: Extract<Event, { type: 'node-failed' }>, now: number): void {
    const step = this.#running.get(name)
    this.#finish(name, step)
    const after = step ? `failed after ${durationWords(now - step.started)}` : 'failed'
    this.#line(this.#row(this.#colors.red('✗'), name, this.#colors.red(after)))
    const text = printFailure(failure, {
      color: this.#colors.isColorSupported,
      cwd: this.#cwd,
      columns: this.#options.stream.columns ?? 100,
    })
    this.#whole(`${text.trimEnd().replace(/^(?=.)/gm, '  ')}\n`)
  }

  #finish(name: string, step: StepProgress | undefined): void {
    this.#running.delete(name)
    this.#waiting.delete(name)
    const more = (step?.warnings ?? 0) - MAX_WARNINGS
    if (more > 0) this.#line(`${this.#colors.yellow('warning')}  ${name}: ${plural(more, 'more warning')}, all in the log of the run`)
  }

  #summary(event: Extract<Event, { type: 'run-done' }>): void {
    const { bold, green, red } = this.#colors
    this.#running.clear()
    this.#waiting.clear()
    this.#live?.close()
    const verb = event.ok ? green('done') : red(event.failed ? 'failed' : 'stopped')
    const counts = [
      `${event.ran} ran`,
      `${event.cached} cached`,
      ...(event.failed ? [`${event.failed} failed`] : []),
      ...(this.#skipped ? [`${this.#skipped} not run`] : []),
    ]
    this.#whole(
      `${bold(verb)} ${event.ok ? 'in' : 'after'} ${durationWords(event.ms)}: ${plural(this.#steps, 'step')}, ${counts.join(', ')}\n`,
    )
    this.#whole(`${event.ok ? 'results' : 'what there is'}: ${shownPath(this.#options.runDir, this.#cwd)}\n`)
    for (const [step, path] of Object.entries(event.pages ?? {})) this.#whole(`${step}: ${shownPath(path, this.#cwd)}\n`)
    for (const line of this.#options.next?.(event.ok) ?? []) this.#whole(`${line}\n`)
  }

  /** What is redrawn: the steps that run, with the numbers of a training in a line of their own, and those that wait. */
  #block(now: number): readonly string[] {
    const lines = [...this.#running.values()].flatMap(step => {
      const measured = measureWords({ metrics: step.metrics, history: name => step.history(name) })
      return [this.#runningLine(step, now), ...(measured ? [`    ${measured}`] : [])]
    })
    const waiting = [...this.#waiting]
    return lines.length && waiting.length ? [...lines, this.#colors.dim(`  ${waiting.length} to come: ${waiting.join(', ')}`)] : lines
  }

  #runningLine(step: StepProgress, now: number): string {
    const elapsed = this.#colors.dim(clockWords(now - step.started))
    const facts = [this.#bar(step.fraction), ...this.#progressWords(step, now, elapsed)].filter(Boolean)
    return this.#row(this.#colors.cyan('▸'), step.step, facts.join('  '))
  }

  /** How far, how long, and what was measured: what may be cut off comes last. */
  #progressWords(step: StepProgress, now: number, elapsed = ''): string[] {
    const { elements } = step
    const outer = step.counts[0]
    const count = elements
      ? `${elements.cached + step.elementsDone}/${plural(elements.total, 'element')}`
      : outer
        ? countWords(outer)
        : this.#live
          ? step.lastLine
          : ''
    const left = step.remaining(now)
    const measured = this.#live ? '' : metricWords(step.metrics)
    return [count, elapsed, left === undefined ? '' : `ETA ${clockWords(left)}`, measured].filter(Boolean)
  }

  #bar(fraction: number | undefined): string {
    if (fraction === undefined || (this.#options.stream.columns ?? 80) < 60) return ''
    const full = Math.floor(fraction * BAR)
    return this.#colors.cyan('━'.repeat(full)) + this.#colors.dim('─'.repeat(BAR - full))
  }

  #row(mark: string, step: string, ...facts: readonly string[]): string {
    const room = ' '.repeat(Math.max(0, this.#width - widthOf(step)))
    return `${mark} ${step}${room}   ${facts.filter(Boolean).join('  ')}`.trimEnd()
  }

  /** One line, never wrapped on a terminal. */
  #line(line: string): void {
    if (this.#live) this.#live.above(line)
    else this.#whole(`${line}\n`)
  }

  #whole(text: string): void {
    if (this.#live) this.#live.print(text)
    else this.#options.stream.write(text)
  }
}

/** Characters of a progress bar. */
const BAR = 16
/** Characters of the time that a finished step took: `2 min 05 s`. */
const TIME = 10
