import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../../src/event.ts'
import { describe, FailureError } from '../../src/failure.ts'
import type { Artifacts, Inputs, WholeNode } from '../../src/node.ts'

/** What one run of a whole node gave. */
export interface RanWhole<T> {
  readonly document: T
  /** The folder that becomes the artifact. */
  readonly dir: string
  /** `info: ...` and `warn: ...`, in order. */
  readonly lines: readonly string[]
  readonly progress: readonly Progress[]
}

/** Runs a whole node as the engine does, in `out` and `scratch` below a folder; the document passes the output's schema. */
export async function runWhole<P, I extends Inputs, T>(
  node: WholeNode<P, I, T>,
  home: string,
  settings: unknown,
  inputs: Artifacts<I>,
  seed = 0,
): Promise<RanWhole<T>> {
  const [dir, scratch] = [join(home, 'out'), join(home, 'scratch')]
  for (const path of [dir, scratch]) mkdirSync(path, { recursive: true })
  const lines: string[] = []
  const progress: Progress[] = []
  const document = await node.run({
    dir,
    scratch,
    seed,
    compute: { engine: 'onnx', device: 'cpu' },
    threads: 1,
    signal: new AbortController().signal,
    progress: p => progress.push(p),
    log: (line, level = 'info') => lines.push(`${level}: ${line}`),
    params: node.params.parse(settings),
    inputs,
  })
  // As it comes back from the cache: through JSON, and through the schema.
  const stored = node.output.schema.parse(JSON.parse(JSON.stringify(document)))
  return { document: stored, dir, lines, progress }
}

/** What the user reads when the work fails as it may; throws when it does not fail. */
export async function failureOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof FailureError) return describe(error.failure)
    throw error
  }
  throw new Error('it did not fail')
}
