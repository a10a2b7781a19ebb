import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Artifact, Digest } from '../../src/artifact.ts'
import type { Artifacts, EachNode, Element, Inputs, Work } from '../../src/node.ts'

/** A folder of its own for a test, gone afterwards. */
export async function withFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'node-test-'))
  try {
    await body(dir)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** An artifact of what lies in a folder. */
export function artifactIn<T>(kind: string, dir: string, value: T): Artifact<T> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(dir.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()
  return { kind, digest: kind as Digest, dir, value, files: files.map(path => ({ path, size: 0, digest: `of ${path}` as Digest })) }
}

/** What one run of an `each` node gave. */
export interface Ran<T, V> {
  readonly document: T
  readonly elements: readonly Element<V>[]
  /** `info: ...` and `warn: ...`, in order. */
  readonly lines: readonly string[]
}

/** Runs an `each` node as the engine does: its elements, each of them (with what JSON keeps of its document), then the document. */
export async function runEach<P, I extends Inputs, T, V, R, S extends keyof I>(
  node: EachNode<P, I, T, V, R, S>,
  dir: string,
  settings: unknown,
  inputs: Artifacts<I>,
): Promise<Ran<T, V>> {
  const lines: string[] = []
  const work: Work = {
    dir,
    scratch: dir,
    seed: 0,
    compute: { engine: 'onnx', device: 'cpu' },
    threads: 1,
    signal: new AbortController().signal,
    progress: () => undefined,
    log: (line, level = 'info') => lines.push(`${level}: ${line}`),
  }
  const params = node.params.parse(settings)
  const elements = node.each.elements({ params, inputs })
  const results = new Map<string, R>()
  for (const element of elements) {
    const result = await node.each.run({ ...work, ...element, inputs })
    results.set(element.id, JSON.parse(JSON.stringify(result)) as R)
  }
  const document = node.output.schema.parse(await node.each.collect({ ...work, params, inputs, results }))
  return { document, elements, lines }
}
