import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { open, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Failure } from '../failure.ts'
import type { Busy, Executor, JobFile, Session, UnitEvent, UnitResult } from './job.ts'
import { RESULTS, type Answer, type Order } from './worker.ts'

/** How long a cancelled step may take to stop by itself. */
const GRACE_MS = 5000
const LOG_TAIL_LINES = 12

/** Runs steps in child processes: `node MAIN exec JOBFILE`. A crash, a kill or a time-out of one is an ordinary failure. */
export const processExecutor = (main: string, env: NodeJS.ProcessEnv = process.env): Executor => ({
  async open(job, { logFile, signal, timeout, gpu }) {
    mkdirSync(dirname(logFile), { recursive: true })
    const jobFile = join(dirname(logFile), `${job.step}-${randomBytes(3).toString('hex')}.job.json`)
    await writeFile(jobFile, JSON.stringify({ ...job, cache: { ...job.cache, results: '' } }))
    const log = openSync(logFile, 'a')
    const child = fork(main, ['exec', jobFile], {
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...env, [RESULTS]: job.cache.results, ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: gpu }) },
      serialization: 'json',
    })
    closeSync(log)
    return session(child, job, { jobFile, logFile, signal, ...(timeout === undefined ? {} : { timeout }) })
  },
})

interface Options {
  readonly jobFile: string
  readonly logFile: string
  readonly signal: AbortSignal
  readonly timeout?: number
}

function session(child: ChildProcess, job: JobFile, options: Options): Session {
  const { signal } = options
  let timedOut = false
  let current: { emit: (event: UnitEvent) => void; settle: (result: UnitResult | Busy) => void } | undefined
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
    child.on('exit', (code, by) => resolve({ code, signal: by }))
    child.on('error', () => resolve({ code: -1, signal: null }))
  })

  const cancel = (): void => {
    send(child, { do: 'cancel' })
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref()
  }
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })

  child.on('message', (answer: Answer) => {
    if (answer.say === 'event') current?.emit(answer.event)
    else if (answer.say === 'done') current?.settle(answer.result)
  })

  return {
    async run(unit, emit) {
      const timer =
        options.timeout === undefined
          ? undefined
          : setTimeout(() => {
              timedOut = true
              child.kill('SIGKILL')
            }, options.timeout * 1000)
      const answered = new Promise<UnitResult | Busy>(settle => (current = { emit, settle }))
      const died = ended.then(async end => ({ ok: false, failure: await failureOfEnd(end) }) as const)
      send(child, { do: 'unit', unit })
      const result = await Promise.race([answered, died])
      clearTimeout(timer)
      current = undefined
      return 'ok' in result && !result.ok && result.failure.kind === 'node-threw'
        ? { ...result, failure: { ...result.failure, log: await saidBefore(options.logFile) } }
        : result
    },
    async close() {
      signal.removeEventListener('abort', cancel)
      send(child, { do: 'end' })
      const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await ended
      clearTimeout(late)
      await rm(options.jobFile, { force: true })
    },
  }

  async function failureOfEnd(end: { code: number | null; signal: NodeJS.Signals | null }): Promise<Failure> {
    const step = job.step
    if (signal.aborted) return { kind: 'cancelled', step }
    const log = await tail(options.logFile)
    if (timedOut) return { kind: 'timed-out', step, seconds: options.timeout ?? 0, log }
    const how = end.signal ? `killed by ${end.signal}` : `exit code ${end.code}`
    return { kind: 'step-crashed', step, how, log, logFile: options.logFile, outOfMemory: end.signal === 'SIGKILL' }
  }
}

function send(child: ChildProcess, order: Order): void {
  // A child that is gone has its end noticed by `exit`; there is nobody to tell.
  if (child.connected) child.send(order, () => undefined)
}

/** What a step printed last before its error; the trace of that is for the log. */
async function saidBefore(logFile: string): Promise<readonly string[]> {
  const lines = await tail(logFile, 4 * LOG_TAIL_LINES)
  const trace = lines.findLastIndex((line, i) => !isFrame(line) && isFrame(lines[i + 1] ?? ''))
  return (trace < 0 ? lines : lines.slice(0, trace)).slice(-LOG_TAIL_LINES)
}

const isFrame = (line: string): boolean => /^\s+at /.test(line)

/** The last lines of a log file. */
export async function tail(path: string, lines = LOG_TAIL_LINES): Promise<string[]> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return []
  try {
    const { size } = await file.stat()
    const length = Math.min(size, 16384)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).filter(Boolean)
  } finally {
    await file.close()
  }
}
