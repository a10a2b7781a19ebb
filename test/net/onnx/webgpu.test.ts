import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

/** Software Vulkan: Chromium's SwiftShader, which brings the loader too, and Mesa's lavapipe. */
const drivers = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json']
const driver = drivers.find(path => existsSync(path))
const reason = driver === undefined ? ' (skipped: no software Vulkan is installed)' : ''

const name = `predictions and training on WebGPU, by a software Vulkan, are those of the processor${reason}`
// The software compiles every kernel first.
test.skipIf(driver === undefined)(name, { timeout: 240_000 }, () => {
  const env = { ...process.env, VK_DRIVER_FILES: driver!, LD_LIBRARY_PATH: dirname(driver!) }
  const child = join(import.meta.dirname, 'webgpu-child.ts')
  const text = execFileSync(process.execPath, ['--import', 'tsx', child], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const differences = JSON.parse(text.slice(text.lastIndexOf('{'))) as { predicted: number; trained: number }
  expect(differences.predicted).toBeLessThan(1e-5)
  expect(differences.trained).toBeLessThan(1e-5)
})
