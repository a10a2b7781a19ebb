import type { Metadata } from './tables.ts'

/** One image of the index, as `nodes/artifacts.ts` has it on disk. */
export interface ImageRow {
  readonly id: string
  /** Which of the datasets it is of, from 0; the paths are relative to that dataset's folder. */
  readonly dataset: number
  /** With its prefix, as in participants.tsv: `sub-01`. */
  readonly subject: string
  /** With its prefix: `ses-02`. */
  readonly session?: string
  /** The suffix of its name: `T2w`; of several channels all of them: `T1w+T2w`. */
  readonly contrast: string
  /** Without prefixes: `{ sub: '01', ses: '02' }`. */
  readonly entities: Readonly<Record<string, string>>
  readonly image: string
  /** Of several channels: their files in order, `image` first. */
  readonly channels?: readonly string[]
  /** Per class the files of its raters; empty where the label is missing. */
  readonly labels: readonly (readonly string[])[]
  readonly roi?: string
  readonly metadata: Metadata
}

/** The contrasts of an image: of several channels more than one. */
export const contrastsOf = ({ contrast, channels }: ImageRow): readonly string[] => (channels ? contrast.split('+') : [contrast])

/** The files of an image: one a channel. */
export const filesOf = ({ image, channels }: ImageRow): readonly string[] => channels ?? [image]

/** The order of rows and names everywhere: by code units, the same in every locale. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
