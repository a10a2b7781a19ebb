import { codeOf } from '../files.ts'

const undefinedFor =
  (...codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes(codeOf(error) ?? '')) throw error
  }

/** For `catch`: undefined where a file is not there. */
export const ifMissing = undefinedFor('ENOENT', 'ENOTDIR')

/** For `catch`: undefined also where a file may not be read, or is a link in a circle. */
export const ifOutOfReach = undefinedFor('ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')
