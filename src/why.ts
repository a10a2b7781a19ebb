import type { Change, Why } from './event.ts'
import { canonical, type Fingerprint } from './fingerprint.ts'
import type { ResultRecord } from './cache.ts'

/** Why there is no result for this fingerprint: the differences to the nearest earlier one of the same node. */
export function explain(wanted: Fingerprint, earlier: readonly ResultRecord[]): Why {
  const candidates = earlier.map(record => changesBetween(record.fingerprint, wanted))
  const nearest = candidates.reduce<readonly Change[] | undefined>(
    (best, changes) => (best === undefined || changes.length < best.length ? changes : best),
    undefined,
  )
  return nearest === undefined ? { kind: 'never-ran' } : { kind: 'changed', changes: nearest }
}

/** Every part in which two fingerprints differ, first causes first: code, params, inputs, the rest. */
export function changesBetween(old: Fingerprint, now: Fingerprint): readonly Change[] {
  const changes: Change[] = []
  const compare = (what: string, from: unknown, to: unknown): void => {
    if (canonical(from ?? null) !== canonical(to ?? null)) changes.push({ what, from: short(from), to: short(to) })
  }
  compare(`code of ${now.node}`, old.code, now.code)
  compare('fingerprint format', old.format, now.format)
  compareLeaves(old.params, now.params, 'param', changes)
  compare('seed', old.seed, now.seed)
  compare('engine', old.engine, now.engine)
  for (const name of new Set([...Object.keys(old.inputs), ...Object.keys(now.inputs)]))
    compare(`input ${name}`, old.inputs[name], now.inputs[name])
  compare('files read', old.reads, now.reads)
  compareLeaves(old.element?.value, now.element?.value, 'element', changes)
  for (const name of new Set([...Object.keys(old.element?.files ?? {}), ...Object.keys(now.element?.files ?? {})]))
    compare(`file ${name}`, old.element?.files[name], now.element?.files[name])
  return changes
}

/** Values that differ, each under its own path: `param remove_small.thr`. Lists of named entries are compared by name and order. */
function compareLeaves(old: unknown, now: unknown, path: string, changes: Change[]): void {
  if (canonical(old ?? null) === canonical(now ?? null)) return
  const [from, to] = [members(old), members(now)]
  if (!from || !to) {
    changes.push({ what: path, from: short(old), to: short(now) })
    return
  }
  const before = changes.length
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
    compareLeaves(from[key], to[key], path.includes(' ') ? `${path}.${key}` : `${path} ${key}`, changes)
  if (changes.length === before)
    changes.push({ what: `order of ${path}`, from: Object.keys(from).join(', '), to: Object.keys(to).join(', ') })
}

/** The members of an object, or of a list whose entries all have different names. */
function members(x: unknown): Record<string, unknown> | undefined {
  if (typeof x !== 'object' || x === null) return undefined
  if (!Array.isArray(x)) return x as Record<string, unknown>
  const list = x as readonly unknown[]
  const names = list.map(v => (typeof v === 'object' && v !== null && 'name' in v && typeof v.name === 'string' ? v.name : undefined))
  if (names.length === 0 || names.some(n => n === undefined) || new Set(names).size !== names.length) return undefined
  return Object.fromEntries(list.map((v, i) => [names[i]!, v]))
}

const DIGEST = /^[0-9a-f]{64}$/

/** A value as a sentence shows it: digests by their beginning, long values cut. */
function short(x: unknown): string {
  if (x === undefined) return '(none)'
  if (typeof x === 'string') return DIGEST.test(x) ? x.slice(0, 8) : JSON.stringify(x)
  const text = JSON.stringify(x).replaceAll(/"([0-9a-f]{8})[0-9a-f]{56}"/g, '$1')
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** A reason as one line of text. */
export function describeWhy(why: Why): string {
  switch (why.kind) {
    case 'never-ran':
      return 'it has never run'
    case 'forced':
      return 'it was asked for with --force'
    case 'lost':
      return `its earlier result is lost: ${why.detail}`
    case 'changed': {
      const shown = why.changes.slice(0, 3).map(describeChange)
      const more = why.changes.length - shown.length
      return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
    }
  }
}

/** `param remove_small.thr: 3 -> 5`; of an input only that it changed, since a digest says nothing to people. */
export function describeChange({ what, from, to }: Change): string {
  return what.startsWith('input ') || what.startsWith('file') ? `${what} changed (${from} -> ${to})` : `${what}: ${from} -> ${to}`
}
