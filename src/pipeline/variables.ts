import { parseDocument } from 'yaml'
import type { Location } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { secretToken, type Environment } from '../secret.ts'
import { child, type Mapping, type Member, type Report, type Scalar, type Tree } from './tree.ts'
import { kindWords } from './words.ts'

/** `$${` stands for `${`; a variable is closed by `}`. */
const token = /\$\$\{|\$\{([^}]*)(\}?)/g

/**
 * Replaces `${vars.x}` and `${env.X}` in every text of a pipeline file. A text that is one variable and nothing else takes
 * the variable's type. Variables may use others, in any order. `${secret.X}`, of the environment too, stays as it is: its value
 * is known to the process of the step alone.
 */
export function substitute(root: Mapping, env: Environment, report: Report): Mapping {
  return new Substitution(root.entries.get('vars')?.value, env, report).root(root)
}

/** Every name that `${vars...}` asks for: `--set` may give a value to these, though the file does not. */
export function namesUsed(tree: Tree): Set<string> {
  const names = new Set<string>()
  const visit = (t: Tree): void => {
    if (t.kind === 'list') t.items.forEach(visit)
    if (t.kind === 'mapping') for (const { value } of t.entries.values()) visit(value)
    if (t.kind === 'scalar' && typeof t.value === 'string')
      for (const [, name] of t.value.matchAll(token)) if (name?.trim().startsWith('vars.')) names.add(name.trim().split('.')[1]!)
  }
  visit(tree)
  return names
}

class Substitution {
  readonly #vars: Tree | undefined
  readonly #env: Environment
  readonly #report: Report
  readonly #done = new Map<string, Tree>()
  readonly #open: string[] = []

  constructor(vars: Tree | undefined, env: Environment, report: Report) {
    this.#vars = vars
    this.#env = env
    this.#report = report
  }

  root(root: Mapping): Mapping {
    const entries = [...root.entries].map(([key, m]): [string, Member] => [
      key,
      { ...m, value: key === 'vars' ? this.#variables(m.value) : this.tree(m.value) },
    ])
    return { ...root, entries: new Map(entries) }
  }

  #variables(vars: Tree): Tree {
    if (vars.kind !== 'mapping') return vars
    return { ...vars, entries: new Map([...vars.entries].map(([key, m]) => [key, { ...m, value: this.#variable(key, m.value, m.key) }])) }
  }

  tree(tree: Tree): Tree {
    if (tree.kind === 'list') return { ...tree, items: tree.items.map(item => this.tree(item)) }
    if (tree.kind === 'mapping')
      return { ...tree, entries: new Map([...tree.entries].map(([key, m]) => [key, { ...m, value: this.tree(m.value) }])) }
    if (tree.kind !== 'scalar' || typeof tree.value !== 'string' || !tree.value.includes('${')) return tree
    return this.#text(tree, tree.value)
  }

  #text(scalar: Scalar, text: string): Tree {
    const hole: Tree = { kind: 'hole', at: scalar.at }
    const whole = /^\$\{([^}]*)\}$/.exec(text)
    if (whole) {
      const value = this.#lookup(whole[1]!.trim(), spot(scalar, text))
      if (!value) return hole
      const typed = value.kind === 'scalar' && value.source === ENV && !/^["']/.test(scalar.source) ? asYaml(value) : value
      return { ...typed, at: scalar.at }
    }
    const missing: string[] = []
    const replaced = text.replace(token, (match: string, name: string | undefined, close: string) => {
      if (name === undefined) return '${'
      const at = spot(scalar, match)
      if (!close) this.#report({ kind: 'variable-syntax', text: match, at })
      const value = close ? this.#lookup(name.trim(), at) : undefined
      if (value?.kind === 'scalar' && value.value !== null) return String(value.value)
      if (value && value.kind !== 'hole') this.#report({ kind: 'variable-in-text', name: name.trim(), given: kindWords(value), at })
      missing.push(match)
      return ''
    })
    return missing.length ? hole : { ...scalar, value: replaced }
  }

  #lookup(name: string, at: Location): Tree | undefined {
    const [space, ...path] = name.split('.')
    if (space === 'env' && path.length === 1) return this.#environment(path[0]!, at)
    if (space === 'secret' && path.length === 1) return this.#secret(path[0]!, at)
    if (space === 'vars' && path.length) return this.#vars?.kind === 'hole' ? undefined : this.#walk(path, name, at)
    this.#report({ kind: 'variable-syntax', text: `\${${name}}`, at })
    return undefined
  }

  #walk(path: readonly string[], name: string, at: Location): Tree | undefined {
    let here = this.#vars
    for (const [depth, key] of path.entries()) {
      const next = child(here, key)
      if (!next) {
        if (here?.kind !== 'hole') this.#unknown(here, ['vars', ...path.slice(0, depth)].join('.'), name, at)
        return undefined
      }
      here = depth === 0 ? this.#variable(key, next, at) : next
    }
    return here
  }

  #environment(name: string, at: Location): Tree | undefined {
    const value = this.#env[name]
    return value === undefined ? this.#notInEnvironment('env', name, at) : { kind: 'scalar', value, at, source: ENV }
  }

  #secret(name: string, at: Location): Tree | undefined {
    if (this.#env[name] === undefined) return this.#notInEnvironment('secret', name, at)
    return { kind: 'scalar', value: secretToken(name), at, source: '' }
  }

  #notInEnvironment(space: string, name: string, at: Location): undefined {
    const near = nearest(name, Object.keys(this.#env))
    this.#report({ kind: 'unknown-variable', name: `${space}.${name}`, known: [], ...(near ? { nearest: near } : {}), at })
    return undefined
  }

  /** A variable's value, replaced once, when it is first asked for. */
  #variable(key: string, raw: Tree, at: Location): Tree {
    const done = this.#done.get(key)
    if (done) return done
    if (this.#open.includes(key)) {
      this.#report({ kind: 'variable-cycle', trail: [...this.#open.slice(this.#open.indexOf(key)), key].map(k => `vars.${k}`), at })
      return { kind: 'hole', at }
    }
    this.#open.push(key)
    const value = this.tree(raw)
    this.#open.pop()
    this.#done.set(key, value)
    return value
  }

  #unknown(tree: Tree | undefined, prefix: string, name: string, at: Location): void {
    const known = tree?.kind === 'mapping' ? [...tree.entries.keys()].map(key => `${prefix}.${key}`) : []
    const near = nearest(name, known)
    this.#report({ kind: 'unknown-variable', name, known, ...(near ? { nearest: near } : {}), at })
  }
}

/** Marks a value that came from the environment, where everything is text. */
const ENV = '\0env'

/** Without quotes around `${env.X}`, what the environment holds is read as if it stood there: 5 is a number. */
function asYaml(scalar: Scalar): Scalar {
  const document = parseDocument(String(scalar.value), { prettyErrors: false })
  const value: unknown = document.errors.length ? undefined : document.toJS()
  return typeof value === 'number' || typeof value === 'boolean' ? { ...scalar, value } : scalar
}

/** Where in a scalar a part of it is written; the scalar itself where that cannot be told. */
function spot(scalar: Scalar, part: string): Location {
  const offset = scalar.source.split('\n', 1)[0]!.indexOf(part)
  return offset < 0 ? scalar.at : { ...scalar.at, column: scalar.at.column + offset, length: part.length }
}
