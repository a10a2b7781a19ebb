import { z } from 'zod'
import { common, type IgnoredTransform } from './transform.ts'

/** In old ivadomed configurations; samples are arrays here from beginning to end. */
export const numpyToTensor: IgnoredTransform = { kind: 'ignored', params: z.strictObject(common(['im', 'gt', 'roi'])) }
