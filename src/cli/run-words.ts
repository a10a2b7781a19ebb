import pc from 'picocolors'
import type { Run } from '../compare/run.ts'
import { plural } from './units.ts'

/** `2026-11-26 07:00:36`, in the time of this machine. */
export function timeWords(iso: string): string {
  const t = new Date(iso)
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = [t.getFullYear(), two(t.getMonth() + 1), two(t.getDate())].join('-')
  return `${day} ${[t.getHours(), t.getMinutes(), t.getSeconds()].map(two).join(':')}`
}

/** `done: 9 steps, 3 ran`, `failed at model: ...`: how a run ended, and how much of it was work. */
export function resultWords({ state, steps, facts }: Run): string {
  const count = (how: string): number => [...steps.values()].filter(step => step.how === how).length
  const failed = [...steps].flatMap(([id, step]) => (step.how === 'failed' ? [id] : []))
  const at = failed.length > 0 ? ` at ${failed.join(', ')}` : ''
  return `${state}${at}: ${plural(facts.steps.size, 'step')}, ${count('ran')} ran, ${count('cached')} cached`
}

/** The colour of a state. */
export const stateColors = { done: pc.green, failed: pc.red, stopped: pc.yellow, unfinished: pc.yellow } as const

/** `0.9 MB`, `1.24 GB`. */
export const sizeWords = (bytes: number): string => (bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`)
