import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { closuresOf, type Closure } from '../src/closure.ts'
import { digestText } from '../src/fingerprint.ts'
import { nodes } from '../nodes/index.ts'

/**
 * Built-in nodes say by a number which results are theirs, so that a refactoring costs nobody a training. What keeps that honest is
 * `versions.json`: the number beside the digest of the code. Run as a program (`npm run versions`), this file keeps it up to date.
 */
export interface Recorded {
  readonly version: number
  readonly digest: string
}
export type Versions = Readonly<Record<string, Recorded>>

const root = resolve(import.meta.dirname, '..')
export const recordFile = join(import.meta.dirname, 'versions.json')
export const recorded = (): Versions => JSON.parse(readFileSync(recordFile, 'utf8')) as Versions

/** How messages are worded and events are typed decides no result. */
const wording = (file: string): boolean =>
  ['failure.ts', 'event.ts', `failures${sep}`].some(name => file.startsWith(join(root, 'src', name)))
/** Nor does what a parameter is described as. In the text of a closure every string is a plain literal. */
const describing = /\.describe\((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.)*`)\)/gs

/** The nodes as they are now. */
export async function current(): Promise<Versions> {
  const names = readdirSync(join(root, 'nodes'))
    .map(f => f.replace(/\.ts$/, ''))
    .filter(name => Object.hasOwn(nodes, name))
    .sort()
  const closures = await closuresOf(
    names.map(name => join(root, 'nodes', `${name}.ts`)),
    { ignore: wording },
  )
  const all: Readonly<Record<string, { readonly version: number }>> = nodes
  const digest = ({ code, data }: Closure) => digestText([code.replace(describing, ''), ...data].join('\n')).slice(0, 16)
  return Object.fromEntries(names.map((name, i) => [name, { version: all[name]!.version, digest: digest(closures[i]!) }]))
}

/** What is wrong between the record and the code, as sentences that say what to do. */
export function problems(before: Versions, now: Versions): readonly string[] {
  const changed = Object.entries(now).flatMap(([name, { version, digest }]) => {
    const was = before[name]
    const record = `npm run versions -- --raise ${name}`
    if (!was) return [`${name} is a new node: ${record}`]
    if (version < was.version)
      return [`${name} went back from version ${was.version} to ${version}: raise it above ${was.version} in nodes/${name}.ts`]
    if (version > was.version) return [`${name} has a new version, ${version}: ${record}`]
    if (digest === was.digest) return []
    return [
      `the code of ${name} changed, or something that it imports, and its version is still ${version}.\n` +
        `    If equal inputs can now give another result: set version: ${version + 1} in nodes/${name}.ts, then ${record}\n` +
        `    If you are sure that results stay the same: npm run versions -- --same ${name}`,
    ]
  })
  const gone = Object.keys(before).filter(name => !Object.hasOwn(now, name))
  return [...changed, ...gone.map(name => `${name} is no longer a node: npm run versions -- --gone ${name}`)]
}

const allowed: Readonly<Record<string, (was: Recorded | undefined, is: Recorded | undefined) => string | undefined>> = {
  '--raise': (was, is) =>
    !is
      ? 'there is no such node'
      : was && is.version <= was.version
        ? `its version is still ${is.version}: raise it in the file of the node first`
        : undefined,
  '--same': (was, is) =>
    !is || !was
      ? 'it is not recorded yet: use --raise'
      : is.version !== was.version
        ? `its version changed from ${was.version} to ${is.version}: use --raise`
        : undefined,
  '--gone': (was, is) => (is ? 'it is still a node' : was ? undefined : 'it is not recorded'),
}

/** The record after `--raise a b --same c`; or why not. `all` stands for all nodes of which that may be said. */
export function updated(before: Versions, now: Versions, args: readonly string[]): Versions | string {
  const after: Record<string, Recorded> = { ...before }
  let how: string | undefined
  for (const arg of args) {
    if (arg.startsWith('--')) {
      if (!Object.hasOwn(allowed, arg)) return `${arg} is unknown; known: ${Object.keys(allowed).join(' ')}`
      how = arg
      continue
    }
    if (how && arg === 'all') {
      for (const name of Object.keys(now)) if (!allowed[how]!(before[name], now[name])) after[name] = now[name]!
      continue
    }
    if (!how) return `say what to do with ${arg}: ${Object.keys(allowed).join(' or ')}`
    const refused = allowed[how]!(before[arg], now[arg])
    if (refused) return `${arg}: ${refused}`
    if (how === '--gone') Reflect.deleteProperty(after, arg)
    else after[arg] = now[arg]!
  }
  return Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function main(args: readonly string[]): Promise<void> {
  const now = await current()
  const after = updated(recorded(), now, args)
  if (typeof after === 'string') {
    console.error(after)
    process.exitCode = 2
    return
  }
  writeFileSync(recordFile, `${JSON.stringify(after, undefined, 2)}\n`)
  const left = problems(after, now)
  console.log(left.length ? left.join('\n') : `${Object.keys(now).length} nodes, all as recorded`)
  process.exitCode = left.length ? 1 : 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2))
