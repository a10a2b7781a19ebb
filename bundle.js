// The last step of the build: the command and its workers as one file each, since a plan that must answer in 0.3 s has no time
// to open three hundred, nor to compile what they hold. The modules below dist/src stay as they are for those who import the package.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

rmSync('dist/bundle', { recursive: true, force: true })
mkdirSync('dist/bundle', { recursive: true })
writeFileSync('dist/bundle/package.json', '{ "type": "commonjs" }\n')

/** A change to the text of files, for the bundle alone; `must`: where nothing is to change, this build is out of date. */
const changed = (filter, change, must = true) => ({
  name: String(filter),
  setup: ({ onLoad }) =>
    void onLoad({ filter }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const contents = change(text)
      return contents === text && must
        ? { errors: [{ text: `bundle.js has nothing to change in ${path}: it no longer fits that file` }] }
        : { contents }
    }),
})
// Of those that fit a file the first is taken.
const plugins = [
  changed(/dist[\\/]src[\\/]import-user\.js$/, () => 'export const importUser = __importUser'),
  // The nodes of a pipeline are made when it names them.
  changed(/dist[\\/]nodes[\\/]index\.js$/, text => {
    const files = Object.fromEntries([...text.matchAll(/^import (\w+) from (".*");$/gm)].map(([, name, file]) => [name, file]))
    const lazy = text.replaceAll(
      /^ +(?:('?[\w-]+'?): )?(\w+),$/gm,
      (_, key, name) => `get ${key ?? name}() { return require(${files[name]}).default },`,
    )
    return lazy.replaceAll(/^import .*$/gm, '')
  }),
  // What is known of all letters takes a while to load, and plain output has none of them.
  changed(/dist[\\/]src[\\/]cli[\\/]live\.js$/, text =>
    text.replace("import stringWidth from 'string-width'", "const stringWidth = text => require('string-width').default(text)"),
  ),
  // `import { z } from 'zod'` holds all of zod; a namespace lets what is not used, such as forty languages, be left out.
  changed(/dist[\\/](src|nodes)[\\/].*\.js$/, text => text.replace("import { z } from 'zod'", "import * as z from 'zod'"), false),
  // Commander starts other programs only for commands that are files of their own.
  changed(/commander[\\/]lib[\\/]command\.js$/, text =>
    text.replace("= require('node:child_process')", "= { get spawn() { return require('node:child_process').spawn } }"),
  ),
]

/** @type {import('esbuild').BuildOptions} */
const forNode = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  // Short names too are read faster. A trace with the long ones: node --import tsx src/cli/main.ts.
  minify: true,
  plugins,
  // Native, or loaded only when used.
  external: ['onnxruntime-node', 'esbuild', 'piscina', 'tar', 'undici', 'yauzl-promise'],
}
await build({
  ...forNode,
  entryPoints: ['dist/src/cli/main.js'],
  outfile: 'dist/bundle/command.js',
  // What dist/bundle/pipe.js calls; a script has no `import()`.
  banner: { js: '(function (require, __importUser, __url, __build) {' },
  footer: { js: '})' },
  define: { 'import.meta.url': '__url' },
  supported: { 'dynamic-import': false },
})
const command = await readFile('dist/bundle/command.js', 'utf8')
writeFileSync('dist/bundle/command.js', `//${createHash('sha256').update(command).digest('hex')}\n${command}`)
await build({
  ...forNode,
  entryPoints: { pipe: 'dist/src/cli/launch.js', 'augment-worker': 'dist/src/net/augment-worker.js' },
  outdir: 'dist/bundle',
  banner: { js: "const __url = require('node:url').pathToFileURL(__filename).href" },
  define: { 'import.meta.url': '__url', 'import.meta.dirname': '__dirname' },
})

// The page of `pipe view`, for the browser; NiiVue as its makers built it, with its licence.
await build({
  entryPoints: { page: 'src/view/page/main.ts' },
  outdir: 'dist/bundle/view',
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2023',
  logLevel: 'warning',
})
for (const file of ['index.html', 'style.css', 'niivue.LICENSE.txt']) cpSync(`src/view/page/${file}`, `dist/bundle/view/${file}`)
cpSync('node_modules/@niivue/niivue/dist/niivue.umd.js', 'dist/bundle/view/niivue.umd.js')

// What V8 compiles for the commands that are to be quick, for `dist/bundle/pipe.js`: each adds what it compiled to what was there.
const folder = mkdtempSync(join(tmpdir(), 'voxelpipe-build-'))
const launcher = resolve('dist/bundle/pipe.js')
writeFileSync(
  join(folder, 'keep.cjs'),
  `process.argv[1] = ${JSON.stringify(launcher)}
const { script } = require(process.argv[1])
process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(resolve('dist/bundle/command.cache'))}, script.createCachedData()))`,
)
writeFileSync(
  join(folder, 'small.yaml'),
  'steps: { data: { node: phantom, params: { subjects: 1, shape: [16, 16, 2], contrasts: [T2w] } } }',
)
const { VOXELPIPE_CACHE: _cache, VOXELPIPE_RESULTS: _results, ...env } = process.env
const quick = (script, ...args) =>
  execFileSync(process.execPath, [script, ...args], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
try {
  quick(launcher, 'run', 'small.yaml')
  quick('keep.cjs', 'plan', resolve('pipelines/spinegeneric.yaml'))
  quick('keep.cjs', 'run', 'small.yaml')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
