import type { Affine, Shape3 } from './affine.ts'
export type { Shape3 } from './affine.ts'

/** How voxels are stored, as NIfTI names it; in memory they are float32, or bytes as they are stored (`Labels`). */
export type Datatype = 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'float32' | 'float64'

/** What is known of an image without its voxels. */
export interface ImageHeader {
  /** Voxels along the stored axes i, j, k. A 2D image has a third axis of 1. */
  readonly shape: Shape3
  /** How many volumes follow each other in the file: classes, time points. 1 for a 3D image. */
  readonly volumes: number
  /** Millimetres between voxels along i, j, k: the header's own float32 values, as `get_zooms` of nibabel. */
  readonly spacing: readonly [number, number, number]
  /** Voxel index (i, j, k, 1) to RAS millimetres: sform, else qform, else centred with x flipped, as nibabel. */
  readonly affine: Affine
  readonly datatype: Datatype
  /** NIfTI's codes for what the affines mean; 0: unknown. */
  readonly qformCode: number
  readonly sformCode: number
  /** NIfTI's byte of units: 2 for millimetres, plus 8 for seconds. */
  readonly xyztUnits: number
}

/** An image with its voxels: i varies fastest, then j, k, volume (the order of the file), after scl_slope and scl_inter. */
export interface Volume extends ImageHeader {
  readonly data: Float32Array<ArrayBuffer>
}

/** The same, but bytes that have no scale stay bytes: of a mask a quarter of the memory, most of whose time is spent on getting it. */
export interface Labels extends ImageHeader {
  readonly data: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>
}
