import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { failed, ok, type Result } from '../failure.ts'
import type { Compute } from '../node.ts'
import type { CommonOptions } from './options.ts'

/** The engine and the device of a run, and their name in fingerprints. The number of a device never shapes a result. */
export interface Choice {
  readonly compute: Compute
  readonly engine: string
}

const engines = ['auto', 'onnx'] as const
const devices = ['auto', 'cpu', 'webgpu', 'cuda'] as const

/** `auto` takes CUDA where both its library and a card are there, else the processor. Looks at files only: nothing native is loaded. */
export async function chooseCompute(options: CommonOptions): Promise<Result<Choice>> {
  const engine = engines.find(e => e === (options.engine ?? 'auto'))
  if (!engine) return failed({ kind: 'unknown-choice', option: '--engine', given: options.engine ?? '', known: engines })
  const wanted = devices.find(d => d === (options.device ?? 'auto'))
  if (!wanted) return failed({ kind: 'unknown-choice', option: '--device', given: options.device ?? '', known: devices })
  const { version, folder } = onnxRuntime()
  const device = wanted === 'auto' ? (hasCuda(folder) ? 'cuda' : 'cpu') : wanted
  return ok({ compute: { engine: 'onnx', device }, engine: `onnxruntime-node ${version} on ${device}` })
}

function onnxRuntime(): { version: string; folder: string } {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node')
  let folder = dirname(entry)
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { version, folder }
}

const hasCuda = (folder: string): boolean =>
  existsSync('/dev/nvidiactl') && existsSync(join(folder, 'bin', 'napi-v6', 'linux', 'x64', 'libonnxruntime_providers_cuda.so'))
