import { curvesOf } from './curves.ts'
import { imagesOf, type ShownImage } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import { readRun } from './run-folder.ts'
import type { Point } from './run-state.ts'

/** What the page of a run shows, but for its events. */
export interface RunPage {
  /** The worst first. */
  readonly images: readonly ShownImage[]
  /** Which way the model cuts images into slices. */
  readonly axis: 'sagittal' | 'coronal' | 'axial'
  /** By step, of models that are done. */
  readonly curves: Readonly<Record<string, readonly Point[]>>
}

/** Reads a run's folder. */
export async function runPage(dir: string): Promise<RunPage> {
  const steps = await readRun(dir)
  return { images: imagesOf(steps), axis: stepsOfKind('model', steps)[0]?.value.axis ?? 'axial', curves: await curvesOf(steps) }
}
