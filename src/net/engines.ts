import type { Engine } from './engine.ts'

/** Loads an engine: its native package comes with it, so only the steps that compute do this. */
export async function loadEngine(name: Engine['name']): Promise<Engine> {
  switch (name) {
    case 'onnx':
      return (await import('./onnx/engine.ts')).onnxEngine
    case 'tfjs':
      return (await import('./tfjs/engine.ts')).tfjsEngine()
  }
}
