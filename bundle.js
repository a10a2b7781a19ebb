// The last step of the build: the command and its workers as a few files, since a plan that must answer in 0.3 s has no time
// to open three hundred. The modules below dist/src stay as they are for those who import the package.
import { cpSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'

rmSync('dist/bundle', { recursive: true, force: true })

/** `import { z } from 'zod'` holds all of zod, its forty languages too; a namespace lets what is not used be left out. */
const lessOfZod = {
  name: 'less-of-zod',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]dist[\\/](src|nodes)[\\/].*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace("import { z } from 'zod'", "import * as z from 'zod'"),
    })),
}

await build({
  entryPoints: { pipe: 'dist/src/cli/main.js', 'augment-worker': 'dist/src/net/augment-worker.js' },
  outdir: 'dist/bundle',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  plugins: [lessOfZod],
  minifyWhitespace: true,
  minifySyntax: true,
  // Native, or loaded only when used.
  external: ['onnxruntime-node', 'esbuild', 'piscina', 'nifti-reader-js', 'tar', 'undici', 'yauzl-promise', '@keyv/*'],
  // Packages in CommonJS ask for Node's own modules by `require`.
  banner: { js: "import { createRequire as makeRequire } from 'node:module'\nconst require = makeRequire(import.meta.url)" },
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
