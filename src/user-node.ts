import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BuildFailure, Plugin } from 'esbuild'
import { bundling, closureOf } from './closure.ts'
import { failed, ok, type Failure, type Result } from './failure.ts'
import { importUser } from './import-user.ts'
import type { AnyNode } from './node.ts'
import { nodeProblems } from './node-shape.ts'

/** Endings of the files that a node may be written in. */
const kinds = ['.ts', '.mts', '.js', '.mjs'] as const

/** A node of the user's own, and what stands for its code in the fingerprint. */
export interface UserNode {
  readonly node: AnyNode
  /** The digest of its import closure, the versions of the packages it imports included. */
  readonly code: string
}

/** Is this the name of a node, or the path of a user's own? */
export const isNodePath = (name: string): boolean => name.startsWith('./') || name.startsWith('../') || isAbsolute(name)

/**
 * Loads a node from the user's file: TypeScript or JavaScript, with whatever it imports beside it. Its `import ... from 'voxelpipe'`
 * gets this running package; other packages are found from the user's file. `shown` is how messages call the file.
 */
export async function loadUserNode(file: string, shown: string = file): Promise<Result<UserNode>> {
  if (!(kinds as readonly string[]).includes(extname(file)) || !statSync(file, { throwIfNoEntry: false })?.isFile())
    return failed({ kind: 'user-node-missing', path: shown, kinds })
  let code: string
  let text: string
  try {
    text = await loadable(file)
    code = (await closureOf(file, { versions: true })).digest
  } catch (error) {
    if (isBuildFailure(error)) return failed(...syntaxFailures(error, file, shown))
    throw error
  }
  const loaded = await load(text, file)
  if (!loaded.ok) return failed({ kind: 'user-node-throws', path: shown, ...describeError(loaded.error, file) })
  const problems = nodeProblems(loaded.value)
  if (problems.length > 0) return failed({ kind: 'user-node-shape', path: shown, problems })
  return ok({ node: loaded.value as AnyNode, code })
}

/** One module that can be imported from anywhere: every package in it by its absolute URL. */
async function loadable(file: string): Promise<string> {
  const { build } = await import('esbuild')
  const built = await build({
    ...bundling,
    entryPoints: [file],
    absWorkingDir: dirname(resolve(file)),
    sourcemap: 'inline',
    // A trace then names the user's file, where it lies.
    sourceRoot: `${pathToFileURL(dirname(resolve(file))).href}/`,
    conditions: [],
    plugins: [packagesByUrl, placesByFile],
  })
  return built.outputFiles[0]!.text
}

/** Imports the text; whatever the user's own code throws comes back as a value. */
async function load(text: string, file: string): Promise<{ ok: true; value: unknown } | { ok: false; error: unknown }> {
  process.setSourceMapsEnabled(true)
  const folder = mkdtempSync(join(tmpdir(), 'voxelpipe-node-'))
  try {
    const module = join(folder, `${basename(file, extname(file))}.js`)
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(module, text)
    const { default: value } = (await importUser(pathToFileURL(module).href)) as { default?: unknown }
    return { ok: true, value }
  } catch (error) {
    return { ok: false, error }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `scipy-js` -> `file:///.../node_modules/scipy-js/index.js`; `voxelpipe` -> the package that is running now. */
const packagesByUrl: Plugin = {
  name: 'packages-by-url',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, resolveDir, kind, importer, pluginData }) => {
      if (kind === 'entry-point' || pluginData === 'asked' || isBuiltin(path)) return undefined
      const own = ownModule(path)
      if (own) return { path: own, external: true }
      const found = await build.resolve(path, { resolveDir, kind, importer, pluginData: 'asked' })
      if (found.errors.length === 0) return { path: pathToFileURL(found.path).href, external: true }
      return { errors: [{ text: `the package "${path}" is not installed where this file can find it` }] }
    })
  },
}

/** The URL of a module of this package, by what its package.json exports; undefined for other packages. */
function ownModule(specifier: string): string | undefined {
  if (specifier !== 'voxelpipe' && !specifier.startsWith('voxelpipe/')) return undefined
  const here = fileURLToPath(import.meta.url)
  // Run from dist/src/*.js or, by tests, from src/*.ts: the exports name the former.
  const root = resolve(dirname(here), '..', ...(extname(here) === '.js' ? ['..'] : []))
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { default: string }> }
  const target = exports[specifier.replace('voxelpipe', '.')]?.default
  if (!target) return undefined
  const module = extname(here) === '.js' ? target : target.replace('./dist/', './').replace(/\.js$/, '.ts')
  return pathToFileURL(join(root, module)).href
}

/** `import.meta` of a bundled file means the file itself, not the place that the bundle is loaded from. */
const placesByFile: Plugin = {
  name: 'places-by-file',
  setup(build) {
    build.onLoad({ filter: /\.[mc]?[jt]s$/ }, async ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta')) return undefined
      const { transform } = await import('esbuild')
      const define = {
        'import.meta.url': JSON.stringify(pathToFileURL(path).href),
        'import.meta.filename': JSON.stringify(path),
        'import.meta.dirname': JSON.stringify(dirname(path)),
      }
      const loader = /ts$/.test(path) ? 'ts' : 'js'
      const { code } = await transform(text, { loader, define, sourcefile: basename(path), sourcemap: 'inline', logLevel: 'silent' })
      return { contents: code, loader: 'js' }
    })
  },
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error && Array.isArray(error.errors)

function syntaxFailures(failure: BuildFailure, file: string, shown: string): readonly Failure[] {
  return failure.errors.map(({ text, location }) => {
    const where = location && resolve(dirname(resolve(file)), location.file)
    return {
      kind: 'user-node-syntax',
      // A mistake in an imported file is shown by that file's path.
      path: !where || where === resolve(file) ? shown : join(dirname(shown), location.file),
      line: location?.line ?? 1,
      column: (location?.column ?? 0) + 1,
      detail: text,
      text: location?.lineText ?? '',
    }
  })
}

/** The message, and the first place of the trace that is in the user's own file. */
function describeError(error: unknown, file: string): { detail: string; place?: string } {
  if (!(error instanceof Error)) return { detail: String(error) }
  const line = (error.stack ?? '').split('\n').find(l => l.includes(basename(file)))
  const place = /:(\d+):\d+\)?$/.exec(line ?? '')
  return { detail: error.message, ...(place && existsSync(file) ? { place: `${basename(file)}, line ${place[1]!}` } : {}) }
}
