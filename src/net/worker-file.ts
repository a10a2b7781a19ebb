import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The JavaScript file of a worker thread that lies beside the calling module (`import.meta.url`). Compiled code finds it there;
 * code that runs from its TypeScript sources (the tests) finds it in `dist/`, since a worker thread of Node 20 reads no TypeScript.
 */
export function workerFile(from: string, name: string): string {
  const here = fileURLToPath(from)
  if (!here.endsWith('.ts')) return join(dirname(here), `${name}.js`)
  const root = packageRoot(dirname(here))
  const built = join(root, 'dist', relative(root, dirname(here)), `${name}.js`)
  if (!existsSync(built)) throw new Error(`${built} does not exist: run "npm run build" first`)
  return built
}

function packageRoot(dir: string): string {
  if (existsSync(join(dir, 'package.json'))) return dir
  if (dirname(dir) === dir) throw new Error('no package.json above this file')
  return packageRoot(dirname(dir))
}
