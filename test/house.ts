import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

/** The source files of the project as the house rules see them: what each imports, and how. Paths are relative to the root, with `/`. */
export const root = resolve(import.meta.dirname, '..')

export interface Import {
  /** A file of the project, or a package's specifier as written. */
  readonly to: string
  readonly line: number
  /** Gone after compilation. */
  readonly typeOnly: boolean
  /** By `import()`: loaded when it is reached. */
  readonly lazy: boolean
}

/** One source file, read. */
export interface Source {
  readonly file: string
  readonly text: string
  readonly imports: readonly Import[]
  /** Lines that write to the terminal: `console.log`, `process.stdout`. */
  readonly prints: readonly number[]
}

/** All files below a folder, sorted; without what is installed or made. */
export function filesBelow(folder: string): readonly string[] {
  const full = join(root, folder)
  if (!existsSync(full)) return []
  return readdirSync(full)
    .filter(name => !['node_modules', 'dist', '.git'].includes(name))
    .flatMap(name => {
      const path = folder ? `${folder}/${name}` : name
      return statSync(join(root, path)).isDirectory() ? filesBelow(path) : [path]
    })
    .sort()
}

export const sourcesBelow = (folder: string): readonly Source[] =>
  filesBelow(folder)
    .filter(f => f.endsWith('.ts'))
    .map(f => read(f, readFileSync(join(root, f), 'utf8')))

/** Reads one file's imports and prints. */
export function read(file: string, text: string): Source {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false)
  const lineOf = (node: ts.Node): number => tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
  const imports: Import[] = []
  const prints: number[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean, lazy: boolean): void => {
    if (specifier && ts.isStringLiteralLike(specifier))
      imports.push({ to: target(file, specifier.text), line: lineOf(node), typeOnly, lazy })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node.importClause), false)
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly, false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true, false)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0], false, true)
    else if (ts.isPropertyAccessExpression(node) && printers.has(dotted(node))) prints.push(lineOf(node))
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return { file, text, imports, prints }
}

const printers = new Set([
  'process.stdout',
  'process.stderr',
  ...['log', 'info', 'warn', 'error', 'debug', 'table'].map(m => `console.${m}`),
])

const dotted = (node: ts.PropertyAccessExpression): string =>
  ts.isIdentifier(node.expression) ? `${node.expression.text}.${node.name.text}` : ''

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.length > 0 && named.elements.every(e => e.isTypeOnly)
}

const target = (file: string, specifier: string): string =>
  specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)).replaceAll('\\', '/') : specifier

/** The package of a specifier: `tar`, `@types/node`; undefined for Node's own modules and for files. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('node:') || /\.[jt]s$/.test(specifier)) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Who imports whom in a circle, as trails; each circle once. */
export function cycles(sources: readonly Source[]): readonly string[] {
  const imports = new Map(sources.map(s => [s.file, s.imports.map(i => i.to)]))
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'open') found.push([...trail.slice(trail.indexOf(file)), file].join(' -> '))
    if (state.has(file)) return
    state.set(file, 'open')
    for (const to of imports.get(file) ?? []) visit(to, [...trail, file])
    state.set(file, 'done')
  }
  for (const { file } of sources) visit(file, [])
  return found
}

/** Files of a folder that its `index.ts` does not lead to, and that do not stand above it by importing the index themselves. */
export function unlisted(folder: string, sources: readonly Source[]): readonly string[] {
  const index = `${folder}/index.ts`
  const within = new Map(sources.filter(s => dirname(s.file) === folder).map(s => [s.file, s.imports.map(i => i.to)]))
  if (!within.has(index)) return [`${folder} has no index.ts`]
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file) || !within.has(file)) return
    reached.add(file)
    within.get(file)!.forEach(visit)
  }
  visit(index)
  return [...within].filter(([file, to]) => !reached.has(file) && !to.includes(index)).map(([file]) => `${file} is not listed in ${index}`)
}
