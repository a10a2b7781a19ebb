import { writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

/** What goes wrong in a process, given to it as JSON in the variable FAULT. Calls are those that change the disk, counted from 0. */
export type Fault =
  | { readonly kind: 'none' }
  /** Counts the calls, into a file. */
  | { readonly kind: 'count'; readonly file: string }
  /** SIGKILL at a call: before it, after it, or when half of what is to be written is. */
  | { readonly kind: 'kill-at'; readonly call: number; readonly when: 'before' | 'after' | 'half' }
  | { readonly kind: 'kill-after'; readonly ms: number }
  /** Every call from one on fails, below the cache. */
  | { readonly kind: 'errors'; readonly from: number; readonly code: 'ENOSPC' | 'EROFS' }

/** The fault of this process, and how far its clock is off. */
export const fault = JSON.parse(process.env['FAULT'] ?? '{"kind":"none"}') as Fault
const clockOff = Number(process.env['CLOCK_OFF_MS'] ?? 0)

let calls = 0
const die = (): void => void process.kill(process.pid, 'SIGKILL')

type Call = (...args: unknown[]) => Promise<unknown>

/** The call, with the fault of this process. `half` does a part of it. */
const hurt = (name: string, call: Call, half?: Call): Call =>
  async function (this: unknown, ...args) {
    const at = calls++
    if (fault.kind === 'kill-at' && at === fault.call) {
      if (fault.when === 'half' && half) await half.apply(this, args)
      if (fault.when !== 'after') return die()
    }
    if (fault.kind === 'errors' && at >= fault.from) {
      // As the system says it.
      const error = Object.assign(new Error(`${fault.code}: injected, ${name}`), { code: fault.code, syscall: name, path: args[0] })
      if (typeof args[0] !== 'string') delete (error as { path?: unknown }).path
      throw error
    }
    const result = await call.apply(this, args)
    if (fault.kind === 'kill-at' && at === fault.call) die()
    return result
  }

const changing = ['rename', 'link', 'unlink', 'rm', 'mkdir', 'rmdir', 'writeFile', 'utimes', 'chmod', 'copyFile', 'symlink'] as const

/** Puts the fault into the calls that everything of this process uses. */
async function inject(): Promise<void> {
  const module = fs as unknown as Record<string, Call>
  for (const name of changing) module[name] = hurt(name, module[name]!)
  const { open } = fs
  const opening = hurt('open', open as Call)
  module['open'] = (...args) => (args[1] === undefined || args[1] === 'r' ? (open as Call)(...args) : opening(...args))
  const probe = await open(process.execPath, 'r')
  const handle = Object.getPrototypeOf(probe) as Record<string, Call>
  await probe.close()
  const write = handle['writeFile']!
  const half: Call = function (this: unknown, data) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array)
    return write.call(this, bytes.subarray(0, bytes.length >> 1))
  }
  handle['writeFile'] = hurt('write', write, half)
  syncBuiltinESMExports()
}

function moveClock(ms: number): void {
  const Real = Date
  globalThis.Date = class extends Real {
    constructor(...args: readonly unknown[]) {
      // One cast: whatever a date is made from.
      super(...((args.length > 0 ? args : [Real.now() + ms]) as [number]))
    }
    static override now(): number {
      return Real.now() + ms
    }
  } as DateConstructor
}

if (clockOff !== 0) moveClock(clockOff)
if (fault.kind !== 'none') await inject()
if (fault.kind === 'kill-after') setTimeout(die, fault.ms)
const { file } = fault.kind === 'count' ? fault : {}
if (file !== undefined) process.on('exit', () => writeFileSync(file, String(calls)))
