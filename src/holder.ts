import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { codeOf } from './files.ts'
import { digestText } from './fingerprint.ts'

/** Who holds a lease: a process, so exactly that it is never taken for another; all of it fits the name of a file. */
export interface Holder {
  /** Unique: no two leases ever have the same. */
  readonly id: string
  /** The host's name, for people. */
  readonly host: string
  /** Equal only where process numbers mean the same: one boot of one host, one namespace of processes. */
  readonly machine: string
  readonly pid: number
  /** When the process began, as the system counts it; empty where it does not tell. Numbers of processes are used again. */
  readonly begun: string
  /** The run that the work is for. */
  readonly run: string
}

/** This process as a holder, for a run. */
export function thisHolder(run: string): Holder {
  const { host, machine, begun } = here()
  return { id: randomBytes(8).toString('hex'), host, machine, pid: process.pid, begun, run }
}

/** The holder as the name of a file. */
export const holderName = (h: Holder): string =>
  [h.id, h.machine, h.pid, h.begun, encodeURIComponent(h.run).slice(0, 80), encodeURIComponent(h.host).slice(0, 80)].join(',')

/** The holder that a file's name tells, or undefined where it is none. */
export function holderOf(name: string): Holder | undefined {
  const [id, machine, pid, begun, run, host, ...more] = name.split(',')
  if (!id || !machine || !pid || begun === undefined || run === undefined || host === undefined || more.length) return undefined
  return { id, machine, pid: Number(pid), begun, run: decoded(run), host: decoded(host) }
}

/** Whether a holder still lives: certain for a process of this machine, unknown for another's. */
export function lifeOf(holder: Holder): 'alive' | 'dead' | 'unknown' {
  if (holder.machine !== here().machine) return 'unknown'
  if (!isAlive(holder.pid)) return 'dead'
  const begun = beginOf(holder.pid)
  if (begun === 'zombie') return 'dead'
  // Without the time of its begin, the number may be another's by now: only its heartbeat can tell.
  if (begun === '' || holder.begun === '') return 'unknown'
  return begun === holder.begun ? 'alive' : 'dead'
}

/** Whether a process of this machine has that number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

let known: Pick<Holder, 'host' | 'machine' | 'begun'> | undefined
function here(): Pick<Holder, 'host' | 'machine' | 'begun'> {
  if (known) return known
  const host = hostname()
  // Containers may share a host's name and not its processes; a host that was started anew has none of its old ones.
  const parts = [host, text(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')), text(() => readlinkSync('/proc/self/ns/pid'))]
  known = { host, machine: digestText(parts.join('\n')).slice(0, 16), begun: beginOf(process.pid) }
  return known
}

/** Field 22 of /proc/PID/stat: clock ticks from the boot to the begin of the process. The name, field 2, may hold anything. */
function beginOf(pid: number): string {
  const stat = text(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return 'zombie'
  return fields[19] ?? ''
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Nothing, where the system has no such file. */
function text(read: () => string): string {
  try {
    return read().trim()
  } catch {
    return ''
  }
}
