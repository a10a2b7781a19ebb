import { readFile } from 'node:fs/promises'
import type { Tensors } from './net.ts'

/** The weights in a file: an `.onnx` model, or the `.safetensors` of a PyTorch `state_dict`. */
export async function readWeightsFile(path: string): Promise<Tensors> {
  const bytes = await readFile(path)
  if (path.endsWith('.safetensors')) return (await import('./safetensors.ts')).readSafetensors(bytes, path)
  return (await import('./onnx/read-weights.ts')).readWeights(bytes, path)
}
