import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const script = resolve(import.meta.dirname, '../../scripts/tfjs-node-from-wheel')
const headers = join(dirname(dirname(realpathSync(process.execPath))), 'include', 'node', 'node_api.h')
const lacking =
  process.platform !== 'linux'
    ? 'not on Linux'
    : !existsSync(headers)
      ? 'no headers of Node.js beside it'
      : spawnSync('g++', ['--version']).error
        ? 'no g++'
        : undefined
const compiled = test.skipIf(lacking !== undefined)

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'from-wheel-'))))
afterEach(() => rmSync(dir, { recursive: true }))

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}
const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(script, args, { cwd: dir, encoding: 'utf8' })
  return { status, stdout, stderr: stderr.replaceAll(dir, 'DIR') }
}

/** A package with a binding that asks TensorFlow for its version, as that of @tensorflow/tfjs-node does. */
function packageIn(folder: string): void {
  put(`${folder}/package.json`, '{ "name": "@tensorflow/tfjs-node", "version": "4.22.0" }')
  put(`${folder}/binding/tfjs_backend.cc`, '#include "tensorflow/c/c_api.h"\nconst char* version_of() { return TF_Version(); }\n')
  put(
    `${folder}/binding/tfjs_binding.cc`,
    `#include <node_api.h>
#include "tensorflow/c/eager/c_api.h"
const char* version_of();
static napi_value Init(napi_env env, napi_value exports) {
  napi_value version;
  napi_create_string_latin1(env, version_of(), NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "TF_Version", version);
  return exports;
}
NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
`,
  )
}

/** What a wheel of TensorFlow holds of what the script takes: headers, and two libraries made here, which only know their version. */
function wheelIn(folder: string): void {
  put(`${folder}/tensorflow/include/tensorflow/c/c_api.h`, 'extern "C" const char* TF_Version(void);\n')
  put(`${folder}/tensorflow/include/tensorflow/c/eager/c_api.h`, '#include "tensorflow/c/c_api.h"\n')
  put('version.cc', 'extern "C" const char* TF_Version(void) { return "2.99.0"; }\n')
  put('nothing.cc', '')
  for (const [name, source] of [
    ['cc', 'version.cc'],
    ['framework', 'nothing.cc'],
  ] as const) {
    const so = `libtensorflow_${name}.so.2`
    execFileSync('g++', ['-shared', '-fPIC', `-Wl,-soname,${so}`, join(dir, source), '-o', join(dir, folder, 'tensorflow', so)])
  }
}

const reason = lacking === undefined ? '' : ` (skipped: ${lacking})`

compiled(
  `compiles the binding against a wheel, which then loads with the wheel's library${reason}`,
  () => {
    packageIn('pkg')
    wheelIn('site-packages')
    execFileSync('python3', [
      '-m',
      'zipfile',
      '-c',
      join(dir, 'tensorflow-2.99.0-py3-none-any.whl'),
      join(dir, 'site-packages', 'tensorflow'),
    ])
    rmSync(join(dir, 'site-packages'), { recursive: true })
    const { status, stdout, stderr } = run('tensorflow-2.99.0-py3-none-any.whl', 'pkg')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('- package @tensorflow/tfjs-node 4.22.0\n')
    expect(stdout).toContain('- it runs on TensorFlow 2.99.0\n')
    // Where node-pre-gyp looks for it.
    const [napi] = readdirSync(join(dir, 'pkg/lib')) as [string]
    expect(napi).toMatch(/^napi-v\d$/)
    const binding = createRequire(import.meta.url)(join(dir, 'pkg/lib', napi, 'tfjs_binding.node')) as { TF_Version: string }
    expect(binding.TF_Version).toBe('2.99.0')
  },
  120_000,
)

compiled(
  `takes a folder that holds tensorflow, finds the package in node_modules, and may be run again${reason}`,
  () => {
    packageIn('node_modules/@tensorflow/tfjs-node')
    wheelIn('site-packages')
    expect(run('site-packages').status).toBe(0)
    expect(run('site-packages')).toMatchObject({ status: 0, stderr: '' })
  },
  120_000,
)

compiled(`says which of the things it needs is not there, and how to get it${reason}`, () => {
  expect(run()).toMatchObject({ status: 2 })
  expect(run('x.whl', 'pkg')).toMatchObject({
    status: 1,
    stderr:
      'error  pkg has no binding/tfjs_backend.cc\n    npm install --ignore-scripts @tensorflow/tfjs-node (or -node-gpu), then give its folder\n',
  })
  packageIn('pkg')
  expect(run('x.whl', 'pkg')).toMatchObject({
    status: 1,
    stderr: 'error  there is no x.whl\n    fetch one: pip download --no-deps tensorflow-cpu\n',
  })
  put('other/tensorflow/readme', '')
  expect(run('other', 'pkg').stderr).toBe(
    'error  other holds no tensorflow/include/tensorflow/c/eager/c_api.h\n    give a wheel of tensorflow or tensorflow-cpu itself, not of a package beside it\n',
  )
  put('other/tensorflow/include/tensorflow/c/eager/c_api.h', '')
  expect(run('other', 'pkg').stderr).toBe(
    'error  other holds no tensorflow/libtensorflow_cc.so.2\n    give a wheel for Linux of TensorFlow 2; those for Windows and macOS are laid out differently\n',
  )
  put('x.whl', 'no archive')
  expect(run('x.whl', 'pkg').stderr).toContain('error  x.whl cannot be unpacked\n')
  expect(existsSync(join(dir, 'pkg/lib'))).toBe(false)
})

compiled(
  `a binding that does not compile is an error, and leaves none behind${reason}`,
  () => {
    packageIn('pkg')
    wheelIn('site-packages')
    put('pkg/binding/tfjs_backend.cc', 'int broken(\n')
    const { status, stderr } = run('site-packages', 'pkg')
    expect(status).toBe(1)
    expect(stderr).toContain('error  the binding does not compile against this TensorFlow\n')
    expect(readdirSync(join(dir, 'pkg/lib')).flatMap(f => readdirSync(join(dir, 'pkg/lib', f)))).toEqual([])
  },
  120_000,
)
