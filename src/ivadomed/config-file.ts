import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { failed, ok, type Result } from '../failure.ts'

const role = 'the configuration'

/** The text of a configuration, or what the path is in its place. `path` is absolute. */
export async function readConfigFile(path: string): Promise<Result<string>> {
  try {
    if ((await stat(path)).isDirectory()) return failed({ kind: 'config-is-folder', path })
    const extension = extname(path).toLowerCase()
    if (extension === '.yaml' || extension === '.yml') return failed({ kind: 'config-is-yaml', path })
    if (extension !== '.json') return failed({ kind: 'config-not-json', path })
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return failed(code === 'ENOENT' ? { kind: 'file-missing', path, role } : { kind: 'file-unreadable', path, role, detail: message })
  }
}
