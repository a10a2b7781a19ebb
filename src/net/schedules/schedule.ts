import type { z } from 'zod'

/** What a training knows of itself beside the schedule's own settings. */
export interface Course {
  readonly initialLr: number
  readonly epochs: number
}

/** How the learning rate goes over a training: a function of time, so that a resumed training needs no state of it. */
export interface Schedule<S extends z.ZodObject = z.ZodObject> {
  /** As `scheduler.lr_scheduler.name` has it: PyTorch's name of the class. */
  readonly name: string
  /** One sentence, for the documentation. */
  readonly summary: string
  /** Its settings, `name` among them. */
  readonly params: S
  /** What time is counted in: epochs, or steps of the optimiser. */
  readonly per: 'epoch' | 'batch'
  /** The rate follows from the number of epochs of the whole training. */
  readonly overAllEpochs?: boolean
  /** The learning rate at time `t`, counted from 0. */
  rate(params: z.infer<S>, course: Course, t: number): number
  /** Settings that were given and change nothing: accepted for the sake of ivadomed's configuration files. */
  ignored?(params: z.infer<S>): readonly string[]
}

/** Gives a literal its types. Does nothing else. */
export const defineSchedule = <S extends z.ZodObject>(schedule: Schedule<S>): Schedule<S> => schedule
