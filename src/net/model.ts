import type { z } from 'zod'
import type { Net } from './net.ts'

/** A family of networks: settings that users write, and the network they make. */
export interface Model<P> {
  readonly params: z.ZodType<P>
  net(params: P): Net
}
/** Gives a literal its types. */
export const defineModel = <P>(model: Model<P>): Model<P> => model
