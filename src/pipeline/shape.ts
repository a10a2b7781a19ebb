import { z } from 'zod'
import { sweepShape } from './sweep-shape.ts'

/** How a pipeline may be called: its name is a folder's. */
const pipelineName = /^[A-Za-z0-9][\w.-]*$/
/** How a step may be called: its name is a folder's, and the first word after `--set`. */
export const stepName = /^[A-Za-z][\w-]*$/
/** Words that mean something else where a step's name could stand. */
export const reservedNames: readonly string[] = ['vars', 'seed', 'name']

/** A pipeline file from outside: what may stand at its top; the sweep that most have not is not looked into. */
export const topShape = z.strictObject({
  name: z
    .string()
    .regex(pipelineName, 'the name is a folder of runs/: letters, digits, "-", "_" and "."')
    .optional()
    .describe("Names the folder of results, runs/<name>. By default the file's own name."),
  description: z.string().optional().describe('What the pipeline is for, in your words. Changes nothing.'),
  seed: z.int().min(0).default(0).describe('Decides every random number of the run: same seed, same result.'),
  vars: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Values used in several places, as ${vars.name}. Change one with --set vars.name=value.'),
  steps: z.record(z.string(), z.unknown()).describe('The steps by name, in any order: what runs first follows from their inputs.'),
  sweep: z.unknown().optional(),
})

/** The same with the shape of a sweep. */
export const fileShape = () => topShape.extend({ sweep: sweepShape().optional() })

/** One step from outside: inputs and params are checked against its node. */
export const stepShape = z.strictObject({
  node: z.string().describe('What the step does: the name of a node (list them with: pipe nodes), or the path of your own, ./my-node.ts.'),
  inputs: z.record(z.string(), z.unknown()).nullish().describe('Where each input comes from: the name of a step, or a list of names.'),
  params: z.record(z.string(), z.unknown()).nullish().describe("The node's settings."),
  timeout: z.number().positive().optional().describe('Seconds after which the step is stopped. By default never.'),
})
