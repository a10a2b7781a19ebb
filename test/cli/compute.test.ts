import { describe, expect, test } from 'vitest'
import { chooseCompute, gpusOf, type Machine } from '../../src/cli/compute.ts'

const plain: Machine = { gpus: [], onnx: { version: '1.30.0', hasCuda: false }, tfjs: undefined }
const tfjs = (name: '@tensorflow/tfjs-node' | '@tensorflow/tfjs-node-gpu') => ({ name, version: '4.22.0', manifest: 'package.json' })
const chosen = (engine: string | undefined, device: string | undefined, machine: Partial<Machine> = {}) => {
  const result = chooseCompute({ ...(engine && { engine }), ...(device && { device }) }, { ...plain, ...machine })
  return result.ok ? [result.value.engine, result.value.why, result.value.gpus.join()] : result.failures
}

describe('the engine and the device of a run', () => {
  test('auto is ONNX Runtime on the processor where there is no GPU', () => {
    expect(chosen(undefined, undefined)).toEqual(['onnxruntime-node 1.30.0 on cpu', 'no NVIDIA GPU was found', ''])
  })
  test('auto takes CUDA where a card and its library are there, and says what is missing where one is', () => {
    const onnx = { version: '1.30.0', hasCuda: true }
    expect(chosen('onnx', 'auto', { gpus: ['0', '1'], onnx })).toEqual([
      'onnxruntime-node 1.30.0 on cuda',
      "an NVIDIA GPU and ONNX Runtime's CUDA files are there",
      '0,1',
    ])
    expect(chosen('onnx', 'auto', { gpus: ['0'] })).toEqual([
      'onnxruntime-node 1.30.0 on cpu',
      "there is an NVIDIA GPU, and ONNX Runtime's CUDA files are not there",
      '',
    ])
    expect(chosen('auto', 'auto', { onnx })).toEqual(['onnxruntime-node 1.30.0 on cpu', 'no NVIDIA GPU was found', ''])
  })
  test('a device asked for by name is taken; of WebGPU there is one', () => {
    expect(chosen('onnx', 'webgpu', { gpus: ['0', '1'] })).toEqual(['onnxruntime-node 1.30.0 on webgpu', 'asked for', '0'])
    expect(chosen('onnx', 'cuda')).toEqual(['onnxruntime-node 1.30.0 on cuda', 'asked for', '0'])
  })
  test('TensorFlow.js runs on the GPU where its package for GPUs and a card are there', () => {
    const gpu = { tfjs: tfjs('@tensorflow/tfjs-node-gpu') }
    expect(chosen('tfjs', undefined, { ...gpu, gpus: ['2'] })).toEqual([
      '@tensorflow/tfjs-node-gpu 4.22.0 on gpu',
      'an NVIDIA GPU and @tensorflow/tfjs-node-gpu are there',
      '2',
    ])
    expect(chosen('tfjs', undefined, gpu)).toEqual(['@tensorflow/tfjs-node-gpu 4.22.0 on cpu', 'no NVIDIA GPU was found', ''])
    expect(chosen('tfjs', 'cpu', { ...gpu, gpus: ['2'] })).toEqual(['@tensorflow/tfjs-node-gpu 4.22.0 on cpu', 'asked for', ''])
    expect(chosen('tfjs', undefined, { tfjs: tfjs('@tensorflow/tfjs-node'), gpus: ['2'] })).toEqual([
      '@tensorflow/tfjs-node 4.22.0 on cpu',
      'there is an NVIDIA GPU, and @tensorflow/tfjs-node-gpu is not installed',
      '',
    ])
  })
  test('what is not there is a failure, and nothing else is taken in its place', () => {
    expect(chosen('tfjs', undefined)).toMatchObject([{ kind: 'tfjs-missing' }])
    expect(chosen('tfjs', 'gpu', { tfjs: tfjs('@tensorflow/tfjs-node'), gpus: ['0'] })).toMatchObject([
      { kind: 'device-missing', device: 'gpu' },
    ])
    expect(chosen('torch', undefined)).toMatchObject([{ kind: 'unknown-choice', option: '--engine' }])
    expect(chosen('tfjs', 'cuda')).toMatchObject([{ kind: 'unknown-choice', option: '--device', known: ['auto', 'cpu', 'gpu'] }])
    expect(chosen('onnx', 'gpu')).toMatchObject([{ kind: 'unknown-choice', known: ['auto', 'cpu', 'webgpu', 'cuda'] }])
  })
})

test('the number of a GPU is not in the name that fingerprints have', () => {
  const onnx = { version: '1.30.0', hasCuda: true }
  expect(chosen('onnx', 'cuda', { gpus: ['0'], onnx })[0]).toBe(chosen('onnx', 'cuda', { gpus: ['5'], onnx })[0])
})

test.each([
  [undefined, '0,1'],
  ['1', '1'],
  ['1, 0', '1,0'],
  ['GPU-8932f937', 'GPU-8932f937'],
  ['', ''],
  ['-1', ''],
  ['0,-1,1', '0'],
  ['0,7,1', '0'],
])('CUDA_VISIBLE_DEVICES=%s of two GPUs leaves %s', (visible, left) => {
  expect(gpusOf(visible, ['0', '1']).join()).toBe(left)
})
