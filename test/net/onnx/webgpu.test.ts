import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

/** Software Vulkan: Chromium's SwiftShader, which brings the loader too, and Mesa's lavapipe. */
const drivers = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json']
const driver = drivers.find(path => existsSync(path))
const reason = driver === undefined ? ' (skipped: no software Vulkan is installed)' : ''

test.skipIf(driver === undefined)(`a prediction on WebGPU, by a software Vulkan, is that of the processor${reason}`, () => {
  const env = { ...process.env, VK_DRIVER_FILES: driver!, LD_LIBRARY_PATH: dirname(driver!) }
  const child = join(import.meta.dirname, 'webgpu-child.ts')
  const text = execFileSync(process.execPath, ['--import', 'tsx', child], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  expect((JSON.parse(text.slice(text.lastIndexOf('{'))) as { difference: number }).difference).toBeLessThan(1e-5)
})
