import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One run of a whole command. */
export interface Measured {
  readonly seconds: number
  /** MiB: the largest sum of what all its processes had resident at one moment. Undefined where /proc is missing. */
  readonly residentMiB?: number
  /** MiB: the largest peak (VmHWM) of one of its processes. */
  readonly largestProcessMiB?: number
  /** MiB: the peak of the first process alone. */
  readonly firstProcessMiB?: number
  /** MiB that the first process has read, from files and otherwise, as last seen: up to 50 ms before its end. */
  readonly readMiB?: number
  readonly stdout: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Sees the output as it comes. */
  readonly echo?: boolean
}

/** Runs a command to its end; throws with the tail of its errors when it fails. */
export async function measure(command: readonly string[], options: CommandOptions = {}): Promise<Measured> {
  const started = performance.now()
  const child = spawn(command[0]!, command.slice(1), {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const memory = watchMemory(child.pid)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (options.echo) process.stdout.write(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | string>((done, refuse) => {
    child.on('error', refuse)
    child.on('close', (status, signal) => done(status ?? signal ?? 'unknown'))
  })
  const seconds = (performance.now() - started) / 1000
  const peaks = memory.stop()
  if (code !== 0) throw new Error(`${command.join(' ')}\nended with ${code}\n${(stderr || stdout).slice(-4000)}`)
  return { seconds, ...peaks, stdout }
}

const INTERVAL_MS = 50

function watchMemory(pid: number | undefined): { stop(): Omit<Measured, 'seconds' | 'stdout'> } {
  let resident = 0
  let largest = 0
  let first = 0
  let readBytes = 0
  const look = (): void => {
    const all = pid === undefined ? [] : family(pid).map(memoryOf)
    resident = Math.max(
      resident,
      all.reduce((sum, m) => sum + m.now, 0),
    )
    largest = Math.max(largest, ...all.map(m => m.peak))
    first = Math.max(first, all[0]?.peak ?? 0)
    readBytes = Math.max(readBytes, Number(/^rchar: (\d+)/.exec(read(`/proc/${pid}/io`))?.[1] ?? 0))
  }
  look()
  const timer = setInterval(look, INTERVAL_MS)
  return {
    stop() {
      clearInterval(timer)
      if (resident === 0) return {}
      const [residentMiB, largestProcessMiB, firstProcessMiB] = [resident / 1024, largest / 1024, first / 1024]
      return { residentMiB, largestProcessMiB, firstProcessMiB, readMiB: readBytes / 2 ** 20 }
    },
  }
}

/** A process and all that it has started and that still live. */
function family(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim()
  return [pid, ...(children ? children.split(/\s+/).flatMap(child => family(Number(child))) : [])]
}

/** KiB, now and at most so far. */
function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = read(`/proc/${pid}/status`)
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  return { now: kib('VmRSS'), peak: kib('VmHWM') }
}

/** Empty for a process that is gone, and where there is no /proc. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The middle of the values; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('no values')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Does something `warmUp` times for nothing, then `times` times for its numbers. */
export async function repeated<T>(times: number, warmUp: number, body: (round: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = []
  for (let round = 0; round < warmUp + times; round++) {
    const result = await body(round)
    if (round >= warmUp) results.push(result)
  }
  return results
}
