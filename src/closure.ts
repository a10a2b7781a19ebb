import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import type { Digest } from './artifact.ts'
import { digestText } from './fingerprint.ts'

/** A file's code with everything it imports by a relative path, as one text that knows no comments, types or formatting. */
export interface Closure {
  /** Over the three below. */
  readonly digest: Digest
  readonly code: string
  /** The packages it imports: `scipy-js 1.2.0` where their versions were asked for, else their names. Sorted. */
  readonly packages: readonly string[]
  /** The data files it names, each with the digest of its content. Sorted. */
  readonly data: readonly string[]
  /** The files it is made of, absolute, sorted. */
  readonly files: readonly string[]
}

export interface ClosureOptions {
  /** Look up the installed version of each package, from the file that imports it. */
  readonly versions?: boolean
  /** Files whose content shall not count (how messages are worded), by absolute path. */
  readonly ignore?: (file: string) => boolean
}

/** What both uses of esbuild share: one module, packages left outside. */
export const bundling = {
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'silent',
  legalComments: 'none',
  // Code as written, so that the digest cannot hang on the tsconfig.json that happens to lie around.
  tsconfigRaw: '{}',
} as const satisfies BuildOptions

/** The closure of one file. Throws esbuild's BuildFailure when it does not parse. */
export async function closureOf(file: string, options: ClosureOptions = {}): Promise<Closure> {
  const [closure] = await closuresOf([file], options)
  return closure!
}

/** The closures of several files of one folder, in one go. */
export async function closuresOf(entries: readonly string[], options: ClosureOptions = {}): Promise<readonly Closure[]> {
  return entries.length === 0 ? [] : gather(entries, options, new Set())
}

async function gather(entries: readonly string[], options: ClosureOptions, opened: ReadonlySet<string>): Promise<readonly Closure[]> {
  const { build } = await import('esbuild')
  // Wrapped modules (those imported lazily) carry their path relative to this folder: it must not hang on where we were started.
  const folder = dirname(resolve(entries[0]!))
  const built = await build({
    ...bundling,
    entryPoints: entries.map(e => resolve(e)),
    absWorkingDir: folder,
    outdir: folder,
    metafile: true,
    packages: 'external',
    minifyWhitespace: true,
    plugins: options.ignore ? [ignoring(options.ignore)] : [],
  })
  const text = new Map(built.outputFiles.map(out => [out.path, out.text]))
  const byEntry = new Map(
    Object.entries(built.metafile.outputs).map(([path, meta]) => [
      resolve(folder, meta.entryPoint!),
      { code: text.get(resolve(folder, path))!, meta },
    ]),
  )
  return Promise.all(
    entries.map(e => {
      const { code, meta } = byEntry.get(resolve(e))!
      return assemble({ code, meta, folder, metafile: built.metafile }, options, opened)
    }),
  )
}

interface Bundle {
  readonly code: string
  readonly meta: Metafile['outputs'][string]
  /** What the paths of the other fields are relative to. */
  readonly folder: string
  readonly metafile: Metafile
}

async function assemble({ code, meta, folder, metafile }: Bundle, options: ClosureOptions, opened: ReadonlySet<string>): Promise<Closure> {
  const inputs = reachable(meta.entryPoint!, metafile)
  const files = inputs.map(f => resolve(folder, f))
  const beside = sorted(files.flatMap(besides))
  // A worker's code is read by its thread and not imported, yet it is part of what the node does. It may lead back to who starts it.
  const started = beside.filter(f => isCode(f) && !opened.has(f))
  const workers = (await Promise.all(started.map(f => gather([f], options, new Set([...opened, ...started]))))).flat()
  const tables = beside.filter(f => !isCode(f)).map(f => `${basename(f)} ${createHash('sha256').update(readFileSync(f)).digest('hex')}`)
  const data = sorted([...tables, ...workers.flatMap(w => w.data)])
  const own = inputs.flatMap(f =>
    metafile.inputs[f]!.imports.filter(i => i.external).map(i => packageLine(i.path, resolve(folder, f), options)),
  )
  const packages = sorted([...own.flat(), ...workers.flatMap(w => w.packages)])
  return {
    code: [code, ...workers.map(w => w.code)].join('\n'),
    packages,
    data,
    files: sorted([...files, ...beside, ...workers.flatMap(w => w.files)]),
    digest: digestText(JSON.stringify([code, packages, data, workers.map(w => w.digest)])),
  }
}

/** Every file that one entry leads to, itself among them. */
function reachable(entry: string, metafile: Metafile): readonly string[] {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const i of metafile.inputs[file]!.imports) if (!i.external) visit(i.path)
  }
  visit(entry)
  return [...seen]
}

const sorted = (list: readonly string[]): readonly string[] => [...new Set(list)].sort()
const isCode = (file: string): boolean => /\.[mc]?[jt]s$/.test(file)

/**
 * The files that a module names beside itself: data that it reads and workers that it starts, by `new URL('./table.json', import.meta.url)`
 * or `workerFile(import.meta.url, 'worker')`.
 */
function besides(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8')
  const byUrl = text.matchAll(/new URL\(\s*['"`](\.\.?\/[^'"`$]+)['"`]\s*,\s*import\.meta\.url\s*,?\s*\)/g)
  const byName = text.matchAll(/workerFile\(\s*import\.meta\.url\s*,\s*['"]([^'"]+)['"]\s*,?\s*\)/g)
  return [...byUrl, ...[...byName].map(([, name]) => ['', `${name!}${extname(file)}`])]
    .map(([, path]) => resolve(dirname(file), path!))
    .filter(existsSync)
}

/** A package's name and, when asked for, its installed version; nothing for Node's own modules and for this package. */
function packageLine(specifier: string, importer: string, options: ClosureOptions): readonly string[] {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (isBuiltin(specifier) || name === 'voxelpipe' || specifier.startsWith('.')) return []
  return [options.versions ? `${specifier} ${installedVersion(name, dirname(importer))}` : specifier]
}

function installedVersion(name: string, folder: string): string {
  const manifest = join(folder, 'node_modules', name, 'package.json')
  if (existsSync(manifest)) return String((JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown }).version)
  return dirname(folder) === folder ? '(not installed)' : installedVersion(name, dirname(folder))
}

/** Leaves the import of these files standing, without what is in them. */
const ignoring = (ignore: (file: string) => boolean): Plugin => ({
  name: 'ignoring',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) =>
      ignore(resolve(resolveDir, path)) ? { path: `./${basename(path)}`, external: true } : undefined,
    )
  },
})
