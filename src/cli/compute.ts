import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { failed, ok, type Result } from '../failure.ts'
import { findNative, nativePackages, versionOf, type Found } from '../net/tfjs/find.ts'
import type { Compute } from '../node.ts'
import type { CommonOptions } from './options.ts'

/** The engine and the device of a run, and their name in fingerprints. The number of a device never shapes a result. */
export interface Choice {
  readonly compute: Compute
  readonly engine: string
  /** Why this device, in words. */
  readonly why: string
  /** The GPUs that steps may take, by the names CUDA knows them by; none on the processor. */
  readonly gpus: readonly string[]
}

/** What a machine has, as far as files tell: nothing native is loaded. */
export interface Machine {
  /** NVIDIA's GPUs, by number or as CUDA_VISIBLE_DEVICES names them. */
  readonly gpus: readonly string[]
  readonly onnx: { readonly version: string; readonly hasCuda: boolean }
  readonly tfjs: Found | undefined
}

export const engines = ['auto', 'onnx', 'tfjs'] as const
/** The devices of each engine. */
export const devices = { onnx: ['auto', 'cpu', 'webgpu', 'cuda'], tfjs: ['auto', 'cpu', 'gpu'] } as const

/** `auto` is ONNX Runtime; of devices, the GPU where both its library and a card are there, else the processor. */
export function chooseCompute(options: CommonOptions, machine: Machine): Result<Choice> {
  const engine = engines.find(e => e === (options.engine ?? 'auto'))
  if (!engine) return failed({ kind: 'unknown-choice', option: '--engine', given: options.engine ?? '', known: engines })
  return engine === 'tfjs' ? chooseTfjs(options.device ?? 'auto', machine) : chooseOnnx(options.device ?? 'auto', machine)
}

function chooseOnnx(given: string, { onnx, gpus }: Machine): Result<Choice> {
  const wanted = devices.onnx.find(d => d === given)
  if (!wanted) return failed({ kind: 'unknown-choice', option: '--device', given, known: devices.onnx })
  const [device, why] = wanted === 'auto' ? autoOnnx(onnx.hasCuda, gpus) : ([wanted, 'asked for'] as const)
  // Of WebGPU's adapters nobody chooses: one step at a time.
  const taken = { cpu: [], webgpu: ['0'], cuda: gpus.length ? gpus : ['0'] }[device]
  return ok({ compute: { engine: 'onnx', device }, engine: `onnxruntime-node ${onnx.version} on ${device}`, why, gpus: taken })
}

const autoOnnx = (hasCuda: boolean, gpus: readonly string[]): readonly ['cpu' | 'cuda', string] =>
  hasCuda && gpus.length
    ? ['cuda', "an NVIDIA GPU and ONNX Runtime's CUDA files are there"]
    : ['cpu', gpus.length ? "there is an NVIDIA GPU, and ONNX Runtime's CUDA files are not there" : 'no NVIDIA GPU was found']

function chooseTfjs(given: string, { tfjs, gpus }: Machine): Result<Choice> {
  const wanted = devices.tfjs.find(d => d === given)
  if (!wanted) return failed({ kind: 'unknown-choice', option: '--device', given, known: devices.tfjs })
  if (!tfjs) return failed({ kind: 'tfjs-missing', looked: nativePackages })
  const hasGpu = tfjs.name === '@tensorflow/tfjs-node-gpu'
  if (wanted === 'gpu' && !hasGpu)
    return failed({ kind: 'device-missing', device: 'gpu', detail: `${tfjs.name} is the package for the processor` })
  const [device, why] = wanted === 'auto' ? autoTfjs(hasGpu, gpus) : ([wanted, 'asked for'] as const)
  const taken = device === 'cpu' ? [] : gpus.length ? gpus : ['0']
  return ok({ compute: { engine: 'tfjs', device }, engine: `${versionOf(tfjs)} on ${device}`, why, gpus: taken })
}

const autoTfjs = (hasGpu: boolean, gpus: readonly string[]): readonly ['cpu' | 'gpu', string] => {
  if (!gpus.length) return ['cpu', 'no NVIDIA GPU was found']
  return hasGpu
    ? ['gpu', 'an NVIDIA GPU and @tensorflow/tfjs-node-gpu are there']
    : ['cpu', 'there is an NVIDIA GPU, and @tensorflow/tfjs-node-gpu is not installed']
}

/** This machine. */
export function thisMachine(env: NodeJS.ProcessEnv): Machine {
  const { version, folder } = onnxRuntime()
  const hasCuda = existsSync(join(folder, 'bin', 'napi-v6', 'linux', 'x64', 'libonnxruntime_providers_cuda.so'))
  return { gpus: gpusOf(env['CUDA_VISIBLE_DEVICES'], nvidiaDevices()), onnx: { version, hasCuda }, tfjs: findNative() }
}

/** The GPUs that CUDA would use: those that CUDA_VISIBLE_DEVICES names, up to the first that is none; all without it. */
export function gpusOf(visible: string | undefined, present: readonly string[]): readonly string[] {
  if (visible === undefined || present.length === 0) return present
  const named = visible.split(',').map(s => s.trim())
  const wrong = named.findIndex(s => s === '' || s.startsWith('-') || (/^\d+$/.test(s) && !present.includes(s)))
  return wrong < 0 ? named : named.slice(0, wrong)
}

const nvidiaDevices = (): readonly string[] =>
  existsSync('/dev/nvidiactl')
    ? readdirSync('/dev')
        .flatMap(name => /^nvidia(\d+)$/.exec(name)?.[1] ?? [])
        .sort((a, b) => Number(a) - Number(b))
    : []

function onnxRuntime(): { version: string; folder: string } {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node')
  let folder = dirname(entry)
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { version, folder }
}
