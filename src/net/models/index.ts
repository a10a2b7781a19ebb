import { unet } from './unet.ts'

/** Every model, by the name that pipelines know it by. */
export const models = { Unet: unet } as const
export type ModelName = keyof typeof models
