/// <reference lib="dom" />
import { readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { transform } from 'esbuild'
import * as ort from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readVolume } from '../../src/image/nifti.ts'
import { makeSmallPackage, type SmallPackage } from '../package/small-package.ts'
import { browserTest, openBrowser, watch } from './chromium.ts'
import { segmentPlainly } from './plain-segment.ts'

let small: SmallPackage
let ours: Float32Array

beforeAll(async () => {
  small = makeSmallPackage({
    transforms: '{ NormalizeInstance: {} }',
    train: '{ network: { depth: 2, n_filters: 8 }, batch_size: 4, training_time: { num_epochs: 15 } }',
  })
  const { code, out } = small.pipe('segment', '-m', 'cord', small.image, '--binarize-prediction=-1')
  expect(code).toBe(0)
  ours = (await readVolume(join(small.dir, out.trim()))).data
  // It has learned something: a mask that is neither empty nor everything, and not of one value.
  const share = ours.filter(v => v >= 0.5).length / ours.length
  expect([share > 0.005, share < 0.5]).toEqual([true, true])
}, 180_000)
afterAll(() => rmSync(small.dir, { recursive: true, force: true }))

const model = () => readFileSync(join(small.dir, 'cord', 'cord.onnx'))
const image = () => readFileSync(small.image)

/** The command leaves out what is at most 0.01, as ivadomed does. */
function expectOurs(values: ArrayLike<number>): void {
  expect(values.length).toBe(ours.length)
  const apart = ours.reduce((most, v, i) => Math.max(most, v === 0 && values[i]! < 0.0101 ? 0 : Math.abs(v - values[i]!)), 0)
  expect(apart).toBeLessThan(1e-4)
}

test('a model trained here segments in onnxruntime-node as in our command', async () => {
  expectOurs(await segmentPlainly(ort, new Uint8Array(model()), new Uint8Array(image())))
})

browserTest('the same model segments the same image in a browser, by onnxruntime-web, and asks nobody else', async () => {
  const server = await serve()
  const browser = await openBrowser()
  try {
    const { port } = server.address() as AddressInfo
    const page = await browser.newPage()
    const { requests, errors } = watch(page)
    await page.goto(`http://127.0.0.1:${port}/`)
    const values = await page.evaluate(() => (window as unknown as { segmented: Promise<number[]> }).segmented)
    expectOurs(values)
    expect(errors).toEqual([])
    expect(requests.every(url => url.startsWith(`http://127.0.0.1:${port}/`))).toBe(true)
    expect(requests.some(url => url.endsWith('.wasm'))).toBe(true)
  } finally {
    await browser.close()
    server.close()
  }
})

const html = `<!doctype html>
<title>segment</title>
<link rel="icon" href="data:," />
<script type="module">
  import * as ort from '/ort.wasm.min.mjs'
  import { segmentPlainly } from '/plain-segment.js'
  // More threads need a page that is cross-origin isolated.
  ort.env.wasm.numThreads = 1
  const bytes = async path => new Uint8Array(await (await fetch(path)).arrayBuffer())
  window.segmented = (async () => [...(await segmentPlainly(ort, await bytes('/model.onnx'), await bytes('/image')))])()
</script>`

/** The page, the model, the image and the runtime from node_modules, on loopback. */
async function serve(): Promise<Server> {
  const code = await transform(readFileSync(join(import.meta.dirname, 'plain-segment.ts'), 'utf8'), { loader: 'ts' })
  const runtime = (file: string) => readFileSync(join(import.meta.dirname, '../../node_modules/onnxruntime-web/dist', file))
  const files: Readonly<Record<string, () => readonly [type: string, body: string | Buffer]>> = {
    '/': () => ['text/html', html],
    '/plain-segment.js': () => ['text/javascript', code.code],
    '/model.onnx': () => ['application/octet-stream', model()],
    '/image': () => ['application/octet-stream', image()],
    '/ort.wasm.min.mjs': () => ['text/javascript', runtime('ort.wasm.min.mjs')],
    '/ort-wasm-simd-threaded.mjs': () => ['text/javascript', runtime('ort-wasm-simd-threaded.mjs')],
    '/ort-wasm-simd-threaded.wasm': () => ['application/wasm', runtime('ort-wasm-simd-threaded.wasm')],
  }
  const server = createServer((request, response) => {
    const found = files[request.url ?? '']
    if (!found) return response.writeHead(404).end()
    const [type, body] = found()
    return response.writeHead(200, { 'content-type': type }).end(body)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return server
}
