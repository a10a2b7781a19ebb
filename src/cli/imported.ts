import { resolve } from 'node:path'
import { ok, type Result } from '../failure.ts'
import type { Registry } from '../node.ts'

/** What an import needs of the command line. */
export interface ImportWorld {
  readonly registry: Registry
  readonly cwd: string
  readonly allowUnknown?: boolean
  /** Takes one line of what there is to say of the import, with its newline. */
  err(line: string): void
}

/** The pipeline that a configuration of ivadomed becomes, as YAML. */
export async function importedText(file: string, world: ImportWorld): Promise<Result<string>> {
  const [{ readConfigFile }, { importConfig }, { shownPath }] = await Promise.all([
    import('../ivadomed/config-file.ts'),
    import('../ivadomed/import.ts'),
    import('./print.ts'),
  ])
  const text = await readConfigFile(resolve(world.cwd, file))
  if (!text.ok) return text
  const imported = importConfig(file, text.value, world)
  if (!imported.ok) return imported
  for (const { level, text, at } of imported.value.notes)
    world.err(`${shownPath(at.file, world.cwd)}:${at.line}:${at.column}  ${level === 'warn' ? 'warning: ' : ''}${text}\n`)
  return ok(imported.value.yaml)
}
