import { execFileSync, type ExecFileSyncOptions } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

// npm run test:tfjs [-- WHEEL]: the engine tfjs on TensorFlow itself. In a user's folder as docs/tfjs.md makes one (the npm package, its
// binding compiled on a wheel of TensorFlow, which pip fetches where none is named) the suite that both engines pass, and the quickstart.
const { positionals } = parseArgs({ allowPositionals: true })
const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'voxelpipe-tfjs-'))
const run = (command: string, args: readonly string[], options: ExecFileSyncOptions = {}): void => {
  console.log(`\n$ ${command} ${args.join(' ')}`)
  execFileSync(command, args, { cwd: folder, stdio: 'inherit', ...options })
}

try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '@tensorflow/tfjs-node@4.22.0'])
  run('sh', [join(root, 'scripts/tfjs-node-from-wheel'), positionals[0] === undefined ? fetched() : resolve(positionals[0])])
  // The engine is found from the folder that the tests are run in.
  run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', root, 'test/net/conformance.test.ts'])
  const [onnx, tfjs] = (['onnx', 'tfjs'] as const).map(diceOf) as [number, number]
  console.log(`\nquickstart, mean test Dice: ${onnx.toFixed(4)} by onnx, ${tfjs.toFixed(4)} by tfjs`)
  if (Math.abs(onnx - tfjs) > 0.02) throw new Error('they differ by more than 0.02')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function fetched(): string {
  run('python3', ['-m', 'pip', 'download', '--no-deps', '--dest', join(folder, 'wheel'), 'tensorflow-cpu'])
  return join(folder, 'wheel', readdirSync(join(folder, 'wheel'))[0]!)
}

/** The mean Dice of the quickstart's test images. */
function diceOf(engine: string): number {
  run(process.execPath, [join(root, 'dist/bundle/pipe.js'), 'run', join(root, 'pipelines/quickstart.yaml'), '--engine', engine])
  const [head, ...rows] = readFileSync(join(folder, 'runs/quickstart/latest/metrics/evaluation_3Dmetrics.csv'), 'utf8').trim().split('\n')
  const column = head!.split(',').indexOf('dice_class0')
  const values = rows.map(row => Number(row.split(',')[column]))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
