import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const launcher = join(import.meta.dirname, '../../dist/bundle/pipe.js')
/** Starts the command as node does, and says at its end whether V8 refused what the build had compiled. */
const start = async (...flags: readonly string[]): Promise<string> => {
  const text = `process.execArgv = []
    process.argv = ['node', ${JSON.stringify(launcher)}, 'nodes', 'split']
    const { script } = require(process.argv[1])
    process.on('exit', () => console.log('rejected: ' + script.cachedDataRejected))`
  return (await promisify(execFile)(process.execPath, [...flags, '--eval', text])).stdout
}

test('the command starts with what V8 compiled when it was built; with another V8 it compiles anew, and says the same', async () => {
  const [asBuilt, other] = await Promise.all([start(), start('--no-opt')])
  expect(asBuilt).toMatch(/rejected: false\n$/)
  expect(other).toMatch(/rejected: true\n$/)
  expect(other.replace('rejected: true', 'rejected: false')).toBe(asBuilt)
})
