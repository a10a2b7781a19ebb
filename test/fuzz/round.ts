import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printFailures } from '../../src/cli/print.ts'
import { failureOf } from '../../src/exec/unit.ts'
import { Random } from '../../src/random.ts'
import { failuresOfError, targets, type Target } from './targets.ts'

/** How a round ended: with a result, with a message, or with a bug and what it was. */
export type Ended = { readonly as: 'result' | 'message' } | { readonly as: 'bug'; readonly detail: string }

export const targetNames = Object.keys(targets)
/** Targets take turns. */
export const targetOf = (round: number): string => targetNames[round % targetNames.length]!

const ESCAPE = '/tmp/voxelpipe-fuzz-escape'
/** Words of a program to its programmer. */
const internal = /^\s+at .*[:(]|node:internal|is a bug|undefined|\[object |\bTypeError|\bRangeError|\bSyntaxError|ZodError/m

/** One mutated input to one reader, in a folder of its own. The same seed and round, the same input. */
export async function fuzz(seed: number, round: number, target: Target = targets[targetOf(round)]!): Promise<Ended> {
  const home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fuzz-'))
  const dir = join(home, 'place')
  for (const name of ['in', 'out']) mkdirSync(join(dir, name), { recursive: true })
  try {
    const ended = await attempt(() => target(new Random(seed, 'fuzz', round), dir), dir)
    const astray = [...readdirSync(home).filter(n => n !== 'place'), ...readdirSync(dir).filter(n => n !== 'in' && n !== 'out')]
    if (astray.length > 0 || existsSync(ESCAPE)) return { as: 'bug', detail: `written outside: ${[...astray, ESCAPE].join(', ')}` }
    return ended
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function attempt(work: () => Promise<void>, dir: string): Promise<Ended> {
  try {
    await work()
    return { as: 'result' }
  } catch (error) {
    const failures = failuresOfError(error) ?? systemFailures(error)
    if (!failures) return { as: 'bug', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    const text = printFailures(failures, { color: false, cwd: dir })
    const wrong = internal.exec(text.replaceAll(/^ {4}.*$/gm, ''))
    return wrong ? { as: 'bug', detail: `the message says "${wrong[0]}":\n${text}` } : { as: 'message' }
  }
}

/** What the system refuses (a name that is too long) is told by the engine. */
function systemFailures(error: unknown) {
  const { failure } = failureOf(error, 'fuzz')
  return failure.kind === 'node-threw' ? undefined : [failure]
}
