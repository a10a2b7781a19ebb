import type { Digest } from './artifact.ts'
import type { Failure } from './failure.ts'

/** `done` of `total`, in the unit's own steps, and the numbers worth plotting at this point. */
export interface Progress {
  readonly done: number
  readonly total: number
  /** What is counted: `epoch`, `batch`, `image`, `byte`. */
  readonly unit: string
  readonly metrics?: Readonly<Record<string, number>>
}

/** How many elements of an `each` step there are, and how many had to be made. */
export interface ElementCount {
  readonly total: number
  readonly ran: number
  readonly cached: number
}

/** One line of `pipe why`: a part of the fingerprint, and what became of it. */
export interface Change {
  /** Where: `param remove_small.thr`, `input model`, `code of postprocess`, `engine`. */
  readonly what: string
  readonly from: string
  readonly to: string
}

/** Why a step runs. */
export type Why =
  | { readonly kind: 'never-ran' }
  | { readonly kind: 'changed'; readonly changes: readonly Change[] }
  | { readonly kind: 'forced' }
  | { readonly kind: 'lost'; readonly detail: string }

/** Something that happened during a run. The engine emits; listeners show or store. Nothing else prints. */
export type Event =
  | {
      readonly type: 'run-started'
      readonly pipeline: string
      readonly file: string
      readonly run: string
      readonly dir: string
      readonly steps: readonly string[]
      /** What networks run on and why, where a step runs any. */
      readonly engine?: string
    }
  | { readonly type: 'node-started'; readonly step: string; readonly node: string; readonly why: Why; readonly elements?: ElementCount }
  | {
      /** Another run, perhaps of another machine, makes the same result: this one waits, and takes it. */
      readonly type: 'node-waits'
      readonly step: string
      readonly node: string
      readonly element?: string
      readonly for: { readonly run: string; readonly host: string; readonly pid: number }
    }
  | { readonly type: 'node-progress'; readonly step: string; readonly element?: string; readonly progress: Progress }
  | { readonly type: 'node-log'; readonly step: string; readonly element?: string; readonly level: 'info' | 'warn'; readonly line: string }
  | { readonly type: 'element-done'; readonly step: string; readonly element: string; readonly ms: number; readonly taken?: true }
  | {
      readonly type: 'node-done'
      readonly step: string
      readonly node: string
      readonly how: 'ran' | 'cached'
      readonly digest: Digest
      readonly ms: number
      readonly elements?: ElementCount
    }
  | { readonly type: 'node-failed'; readonly step: string; readonly node: string; readonly failure: Failure; readonly message: string }
  | {
      readonly type: 'node-skipped'
      readonly step: string
      readonly node: string
      readonly because: string
      /** It was not to run: nothing failed. */
      readonly isMeant?: true
    }
  | {
      readonly type: 'run-done'
      readonly ok: boolean
      readonly ms: number
      readonly ran: number
      readonly cached: number
      readonly failed: number
      /** Files that people open: by step, a path. */
      readonly pages?: Readonly<Record<string, string>>
    }

export type Listener = (event: Event) => void
