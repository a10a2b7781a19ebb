import { readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import pc from 'picocolors'
import { sentence, type Failure, type Location } from '../failure.ts'
import { frame } from './frame.ts'

/** How failures are printed. */
export interface PrintOptions {
  /** By default as NO_COLOR, FORCE_COLOR and the terminal say. */
  readonly color?: boolean
  /** What relative names of files are relative to, and what names are shown relative to. */
  readonly cwd?: string
  /** Where long lines of frames are cut. */
  readonly columns?: number
}

type Colors = ReturnType<typeof pc.createColors>

/** Every failure with its place, its line of the file, its facts and its hint; then how many there are. Ends in a newline. */
export function printFailures(failures: readonly Failure[], options: PrintOptions = {}): string {
  const colors = pc.createColors(options.color ?? pc.isColorSupported)
  const sources = new Map<string, readonly string[] | undefined>()
  const blocks = failures.map(failure => failureLines(failure, options, colors, sources).join('\n'))
  const count = failures.length > 1 ? [colors.bold(`${failures.length} mistakes`)] : []
  return `${[...blocks, ...count].join('\n\n')}\n`
}

/** One failure, as `printFailures` prints it. */
export const printFailure = (failure: Failure, options: PrintOptions = {}): string => printFailures([failure], options)

const INDENT = '    '

function failureLines(
  failure: Failure,
  options: PrintOptions,
  colors: Colors,
  sources: Map<string, readonly string[] | undefined>,
): string[] {
  const { what, facts = [], hint } = sentence(failure)
  const { at } = failure
  const head = at ? `${colors.cyan(placeWords(at, options))}  ${colors.bold(what)}` : `${colors.red('error')}  ${colors.bold(what)}`
  return [
    head,
    ...(at ? frameLines(at, options, colors, sources) : []),
    ...facts.flatMap(fact => fact.split('\n')).map(line => INDENT + line),
    ...(hint ? [INDENT + colors.green(hint)] : []),
  ]
}

function placeWords(at: Location, options: PrintOptions): string {
  if (at.text !== undefined) return at.file
  return `${shownPath(at.file, options.cwd ?? process.cwd())}:${at.line}:${at.column}`
}

/** A path as the user would type it: relative where it lies below the current folder. */
export function shownPath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return path
  const short = relative(cwd, path)
  return short && !short.startsWith('..') ? short : path
}

function frameLines(at: Location, options: PrintOptions, colors: Colors, sources: Map<string, readonly string[] | undefined>): string[] {
  const line = at.text ?? linesOf(at.file, options.cwd ?? process.cwd(), sources)?.[at.line - 1]
  if (!line?.trim()) return []
  const { line: top, carets } = frame(at, line, (options.columns ?? 100) - INDENT.length)
  const marks = carets.text.trimStart()
  const space = ' '.repeat(carets.gutter.length + carets.text.length - marks.length)
  return [`${INDENT}${colors.dim(top.gutter)}${top.text}`, `${INDENT}${space}${colors.red(marks)}`]
}

/** The frame is a help: a file that is gone meanwhile costs the frame, not the message. */
function linesOf(file: string, cwd: string, sources: Map<string, readonly string[] | undefined>): readonly string[] | undefined {
  if (sources.has(file)) return sources.get(file)
  let lines: readonly string[] | undefined
  try {
    lines = readFileSync(resolve(cwd, file), 'utf8').split(/\r?\n/)
  } catch {
    lines = undefined
  }
  sources.set(file, lines)
  return lines
}
