/**
 * The volume of a voxel in mm³, in 32-bit steps as numpy multiplies the float32 sizes of a header: volumes agree with
 * ivadomed's to the last digit (a header's 0.5 mm may be 0.49999997).
 */
export function voxelMm3(spacing: readonly [number, number, number]): number {
  const [x, y, z] = spacing.map(Math.fround) as [number, number, number]
  return Math.fround(Math.fround(x * y) * z)
}
