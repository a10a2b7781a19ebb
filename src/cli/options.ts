import type { Command } from 'commander'

/** Options that several commands share. */
export interface CommonOptions {
  readonly set?: readonly string[]
  readonly cache?: string
  readonly results?: string
  readonly engine?: string
  readonly device?: string
}

/** `--set a --set b` gathers. */
export const gather = (value: string, earlier: readonly string[] | undefined): string[] => [...(earlier ?? []), value]

/** Adds the options of every command that reads a pipeline. */
export function withPipeline(command: Command): Command {
  return command
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--set <step.key=value>', 'another value for a param, for this run; may be given several times', gather)
    .option('--cache <dir>', 'where results are kept (default: VOXELPIPE_CACHE, else cache)')
    .option(
      '--results <uri>',
      'keep the result records in a Keyv store, such as redis://host (default: VOXELPIPE_RESULTS, else in the cache)',
    )
    .option('--engine <name>', 'what runs the networks: auto, onnx, tfjs', 'auto')
    .option('--device <name>', 'where they run: auto, cpu; with onnx webgpu, cuda; with tfjs gpu', 'auto')
}
