import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { fail, type Failure } from '../failure.ts'

/** A JSON file of the user's by its schema. `role` says what it is for; `bad` is the failure of one that is something else. */
export function readJsonFile<T>(path: string, role: string, schema: z.ZodType<T>, bad: (detail: string) => Failure): T {
  const parsed = schema.safeParse(parse(readText(path, role), bad))
  if (parsed.success) return parsed.data
  const { path: at, message } = parsed.error.issues[0]!
  return fail(bad(`${at.join('.') || 'the file'}: ${message}`))
}

function readText(path: string, role: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (e) {
    if (e instanceof Error && 'code' in e && e.code === 'ENOENT') fail({ kind: 'file-missing', path, role })
    return fail({ kind: 'file-unreadable', path, role, detail: (e as Error).message })
  }
}

function parse(text: string, bad: (detail: string) => Failure): unknown {
  try {
    return JSON.parse(text)
  } catch (e) {
    return fail(bad((e as Error).message))
  }
}
