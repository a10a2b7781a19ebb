import type { Location } from '../failure.ts'

/** Something worth knowing of an import. `warn`: the pipeline may not do what the configuration was meant to do. */
export interface Note {
  readonly level: 'note' | 'warn'
  readonly text: string
  readonly at: Location
}

/** Takes one note. */
export type Say = (note: Note) => void
