import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodes } from '../nodes/index.ts'
import { cycles, filesBelow, packageOf, read, root, sourcesBelow, unlisted, type Source } from './house.ts'

const src = sourcesBelow('src')
const shipped = [...src, ...sourcesBelow('nodes')]
const all = [...shipped, ...sourcesBelow('test')]

// --- who may import whom, type imports included ---

/** Words that every part of the house uses. */
const common = [
  'src/failure.ts',
  'src/failures/',
  'src/event.ts',
  'src/random.ts',
  'src/mt19937.ts',
  'src/npy.ts',
  'src/ordered.ts',
  'src/nearest.ts',
  'src/csv.ts',
  'src/files.ts',
  'src/secret.ts',
]
/** Folders that know what an image, a dataset or a network is; not where pipelines, caches and terminals are. */
const domains = [
  'src/image/',
  'src/bids/',
  'src/integrity/',
  'src/phantom/',
  'src/fetch/',
  'src/transforms/',
  'src/metrics/',
  'src/postprocess/',
  'src/uncertainty/',
  'src/statistics/',
  'src/net/',
  'src/package/',
  'src/qc/',
  'src/report/',
  'src/tensorboard/',
]
/** What a node is, and what it is given: all of the machine that those know who do its work. */
const contract = ['src/node.ts', 'src/artifact.ts']
/** The pipeline machine's folders; its other files lie in src/ itself. */
const machine = ['src/pipeline/', 'src/exec/', 'src/upkeep/']

/** A file belongs to the first row that its path starts with, and may import what begins with one of the row's entries. */
const rows: readonly (readonly [string, readonly string[]])[] = [
  ['src/failure.ts', common],
  ['src/failures/', ['src/failures/']],
  ['src/event.ts', [...common, 'src/artifact.ts']],
  ['src/cli/main.ts', ['src/', 'nodes/']],
  ['src/cli/', ['src/']],
  // What ivadomed's configurations mean here; knows pipelines, and nothing of images.
  ['src/ivadomed/', [...common, ...machine, 'src/*.ts', 'src/ivadomed/']],
  // Runs held against each other: reads what the machine wrote, and does statistics on it.
  ['src/compare/', [...common, ...machine, 'src/*.ts', 'src/statistics/', 'src/compare/']],
  // Pages of runs held against each other: what was compared, drawn with the parts of a report.
  ['src/pages/', [...common, 'src/compare/', 'src/report/', 'src/pages/']],
  // What the trials of a sweep are: knows pipelines, and nothing of images.
  ['src/sweep/', [...common, ...machine, 'src/*.ts', 'src/sweep/']],
  // Reads runs as they lie on disk, and images with what the domains know of them.
  ['src/view/', [...common, ...domains, 'src/artifact.ts', 'src/runs.ts', 'src/view/']],
  ['src/net/ops/', ['src/net/op.ts', 'src/net/net.ts', 'src/net/ops/']],
  ...domains.map(d => [d, [...common, ...domains, ...contract]] as const),
  ...machine.map(m => [m, [...common, ...machine, 'src/*.ts']] as const),
  ['src/', [...common, ...machine, 'src/*.ts']],
  ['nodes/', [...common, ...domains, ...contract, 'nodes/']],
]
/** Never, whatever the row says. */
const never: readonly (readonly [string, string])[] = [
  ['src/net/onnx/', 'src/net/tfjs/'],
  ['src/net/tfjs/', 'src/net/onnx/'],
  ['nodes/', 'nodes/index.ts'],
]

const matches = (file: string, entry: string): boolean =>
  entry === 'src/*.ts' ? /^src\/[^/]+\.ts$/.test(file) : entry.endsWith('/') ? file.startsWith(entry) : file === entry

function wrongImports(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ file, imports }) => {
    const [row, may] = rows.find(([prefix]) => file.startsWith(prefix))!
    return imports
      .filter(({ to }) => /^(src|nodes|test)\//.test(to))
      .filter(
        ({ to }) => !may.some(entry => matches(to, entry)) || never.some(([from, not]) => file.startsWith(from) && to.startsWith(not)),
      )
      .map(({ to, line }) => `${file}:${line} may not import ${to} (the rule of ${row})`)
  })
}

test('everyone imports only whom they may', () => {
  expect(wrongImports(shipped)).toEqual([])
})

test('the import rules see a node that imports the cache, a machine that knows images, a type from the command line', () => {
  const wrong = (file: string, text: string) => wrongImports([read(file, text)])
  expect(wrong('nodes/a.ts', `import { cache } from '../src/cache.ts'`)).toHaveLength(1)
  expect(wrong('src/plan.ts', `import type { Image } from './image/nifti.ts'`)).toHaveLength(1)
  expect(wrong('src/metrics/dice.ts', `type A = import('../cli/main.ts').A`)).toHaveLength(1)
  expect(wrong('src/net/ops/conv.ts', `export { a } from '../onnx/graph.ts'`)).toHaveLength(1)
  expect(wrong('src/net/onnx/graph.ts', `const a = await import('../tfjs/engine.ts')`)).toHaveLength(1)
  expect(wrong('src/cli/run.ts', `import { nodes } from '../../nodes/index.ts'`)).toHaveLength(1)
  expect(wrong('src/cli/main.ts', `import { nodes } from '../../nodes/index.ts'`)).toEqual([])
  expect(wrong('nodes/a.ts', `import { fail } from '../src/failure.ts'\nimport { x } from '../src/image/nifti.ts'`)).toEqual([])
})

test('no file imports itself by way of others', () => {
  expect(cycles(all)).toEqual([])
  const circle = [read('src/a.ts', `import './b.ts'`), read('src/b.ts', `import type { A } from './a.ts'`)]
  expect(cycles(circle)).toEqual(['src/a.ts -> src/b.ts -> src/a.ts'])
})

// --- nothing unlisted ---

const listed = [
  'src/net/ops',
  'src/net/losses',
  'src/net/models',
  'src/net/schedules',
  'src/transforms',
  'src/postprocess',
  'src/metrics',
  'nodes',
]

test.each(listed)('every file of %s is in its list', folder => {
  expect(unlisted(folder, all)).toEqual([])
})

test('every node is called as its file', () => {
  const files = filesBelow('nodes').map(f => f.slice('nodes/'.length, -'.ts'.length))
  expect(Object.keys(nodes).sort()).toEqual(files.filter(f => !['index', 'artifacts'].includes(f)))
})

test('a file that no list names is noticed; what listed files share, and what uses the list, is not', () => {
  const folder = [
    read('src/x/index.ts', `import './a.ts'`),
    read('src/x/a.ts', `import './shared.ts'`),
    read('src/x/shared.ts', ''),
    read('src/x/forgotten.ts', `import './shared.ts'`),
    read('src/x/user.ts', `import './index.ts'`),
  ]
  expect(unlisted('src/x', folder)).toEqual(['src/x/forgotten.ts is not listed in src/x/index.ts'])
})

// --- what source files say ---

test('only the command line prints', () => {
  // What the process of a step prints is the log of the step.
  const mayPrint = (file: string): boolean => file.startsWith('src/cli/') || file === 'src/exec/worker.ts'
  const prints = shipped.filter(s => !mayPrint(s.file)).flatMap(s => s.prints.map(line => `${s.file}:${line}`))
  expect(prints).toEqual([])
  expect(read('src/a.ts', '// console.log\nconsole.log(1)\nprocess.stdout.write("x")').prints).toEqual([2, 3])
})

/** Loaded when used, so that `pipe plan` starts at once. */
const heavy = /^(onnxruntime-node|nifti-reader-js|tar|yauzl-promise|undici|piscina|esbuild|@tensorflow\/.*)$/

test('heavy packages are imported lazily', () => {
  const early = (sources: readonly Source[]) =>
    sources.flatMap(s =>
      s.imports
        .filter(i => heavy.test(packageOf(i.to) ?? '') && !i.lazy && !i.typeOnly)
        .map(i => `${s.file}:${i.line} imports ${i.to} at once`),
    )
  expect(early(shipped)).toEqual([])
  expect(early([read('src/a.ts', `import { x } from 'tar'\nimport type { y } from 'tar'\nawait import('tar')`)])).toEqual([
    'src/a.ts:1 imports tar at once',
  ])
})

function mentions(files: readonly string[], pattern: RegExp): readonly string[] {
  return files.flatMap(file =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
  )
}

test('no file knows where on a machine it lies', () => {
  // Invented ones have a home of one letter.
  const ours = ['src', 'nodes', 'test', 'pipelines', '.ci', 'docs'].flatMap(filesBelow)
  const top = filesBelow('').filter(f => !f.includes('/') && /\.(md|json|js|ts)$/.test(f) && f !== 'package-lock.json')
  const text = [...ours, ...top].filter(f => /\.(ts|js|md|ya?ml|json|py|sh)$|\/run$/.test(f))
  expect(mentions(text, /(?<![\w.])\/(?:(?:work|root|Users|mnt)\/\w|home\/\w\w)/)).toEqual([])
})

test('neither compiler nor linter is silenced without a reason', () => {
  const files = all.map(s => s.file).filter(f => f !== 'test/house.test.ts')
  expect(mentions(files, /@ts-(ignore|nocheck|expect-error)/)).toEqual([])
  expect(mentions(files, /eslint-disable(?!.* -- )/)).toEqual([])
})

test('every source file can be read in one sitting', () => {
  const long = shipped.map(s => ({ file: s.file, lines: s.text.split('\n').length })).filter(s => s.lines > 300)
  expect(long).toEqual([])
})

// --- package.json ---

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
}
const manifestOf = (folder: string): Partial<Manifest> => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
const manifest = manifestOf('.') as Manifest
const importedBy = (sources: readonly Source[]): ReadonlySet<string> =>
  new Set(sources.flatMap(s => s.imports.flatMap(i => packageOf(i.to) ?? [])))

test('every dependency is used, and every package used is a dependency', () => {
  const used = importedBy(shipped)
  expect(Object.keys(manifest.dependencies).filter(d => !used.has(d))).toEqual([])
  const known = { ...manifest.dependencies, ...manifest.peerDependencies }
  // Types may come from a package that only development installs.
  const needed = importedBy(shipped.map(s => ({ ...s, imports: s.imports.filter(i => !i.typeOnly) })))
  expect([...needed].filter(u => !Object.hasOwn(known, u))).toEqual([])
  expect([...used].filter(u => !Object.hasOwn({ ...known, ...manifest.devDependencies }, u))).toEqual([])
})

test('every development dependency is used', () => {
  const configs = ['eslint.config.js', 'vitest.config.ts'].map(f => read(f, readFileSync(join(root, f), 'utf8')))
  const used = importedBy([...all, ...configs])
  const scripts = Object.values(manifest.scripts).join(' ').split(/\s+/)
  const wanted = Object.keys(manifest.dependencies).flatMap(d =>
    existsSync(join(root, 'node_modules', d)) ? Object.keys(manifestOf(`node_modules/${d}`).peerDependencies ?? {}) : [],
  )
  const typed = (name: string): boolean => name.startsWith('@types/') && ['node', ...used].includes(name.slice('@types/'.length))
  const idle = Object.keys(manifest.devDependencies).filter(d => !used.has(d) && !scripts.includes(d) && !wanted.includes(d) && !typed(d))
  // eslint loads it through the package that its configuration imports.
  expect(idle.filter(d => d !== 'eslint')).toEqual([])
})

// TypeScript 6.0.3 leaves some dynamic imports as they are when it rewrites `.ts` to `.js`; then only `node dist/...` fails.
test('every dynamic import of the built files names a built file', () => {
  const built = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter(f => f.endsWith('.js'))
  const left = built.filter(f => /import\(\s*['"]\.[^'"]*\.ts['"]/.test(readFileSync(join(root, 'dist', f), 'utf8')))
  expect(built.length).toBeGreaterThan(100)
  expect(left).toEqual([])
})
