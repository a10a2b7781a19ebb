import { readFileSync } from 'node:fs'
import { failed, ok, type Result } from '../failure.ts'

/** The text of a pipeline file, or why there is none. */
export function readText(path: string): Result<string> {
  try {
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const role = 'the pipeline file'
    return failed(code === 'ENOENT' ? { kind: 'file-missing', path, role } : { kind: 'file-unreadable', path, role, detail: message })
  }
}
