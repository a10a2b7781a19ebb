import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { codeOf } from '../files.ts'
import { UsageError, type Context } from './context.ts'

/** Writes the file that an option names; one that cannot be written is a mistake of the command line. */
export async function writeAsked(file: string, content: string | Uint8Array, { cwd }: Pick<Context, 'cwd'>): Promise<void> {
  await writeFile(resolve(cwd, file), content).catch((error: unknown) => {
    if (codeOf(error) === undefined) throw error
    throw new UsageError([{ kind: 'cannot-write-file', path: file, detail: (error as Error).message }])
  })
}
