import { readFile } from 'node:fs/promises'
import { allowedFile } from './allowed.ts'
import { stepsOfKind } from './kinds.ts'
import type { ShownStep } from './run-folder.ts'
import type { Point } from './run-state.ts'

/** The curves of the models that a run has, from their `curves.csv`: also of those that were in the cache. */
export async function curvesOf(steps: readonly ShownStep[]): Promise<Readonly<Record<string, readonly Point[]>>> {
  const models = stepsOfKind('model', steps)
  const curves = await Promise.all(
    models.map(async ({ step }) => {
      const file = await allowedFile(steps, step.name, 'curves.csv')
      return [step.name, file ? pointsOf(await readFile(file.path, 'utf8')) : []] as const
    }),
  )
  return Object.fromEntries(curves)
}

/** The lines of a table whose first column counts; empty cells are left out. */
function pointsOf(csv: string): readonly Point[] {
  const [head = [], ...rows] = csv
    .trimEnd()
    .split('\n')
    .map(line => line.split(','))
  return rows.map(row => {
    const cells = head.flatMap((name, c) => (c > 0 && row[c] ? [[name, Number(row[c])] as const] : []))
    return { at: Number(row[0]), metrics: Object.fromEntries(cells) }
  })
}
