import { z } from 'zod'
import type { Chain } from '../transforms/chain.ts'
import type { Named } from './named.ts'
import type { Net } from './net.ts'
import type { PatchGrid } from './patches.ts'
import { testingChain } from './predict.ts'

/** What is read of a card: the network. */
const cardWithNet = z.object({
  net: z.object({
    inputs: z.record(z.string(), z.array(z.union([z.string(), z.number()]))),
    layers: z.array(
      z.object({
        id: z.string(),
        op: z.string(),
        inputs: z.array(z.string()),
        attrs: z.record(z.string(), z.unknown()).exactOptional(),
      }),
    ),
    output: z.string(),
  }),
})

/** What a trained model is, as the `model` artifact's document has it. */
export interface ModelFacts {
  readonly onnx: string
  readonly channels: number
  /** What the channels are, where they are several contrasts. */
  readonly contrasts?: readonly string[]
  readonly targets: readonly string[]
  readonly axis: string
  /** The patches that slices are cut into, if they are. */
  readonly patch?: PatchGrid
}

/**
 * `model.json`: all that is needed to use a model file. How an image becomes its input, what its outputs are, what it is made of.
 * `metadata` is what the .onnx file itself carries of it. No times, so that equal trainings give equal bytes.
 */
export function modelCard(of: {
  readonly document: ModelFacts
  readonly net: Net
  readonly network: Named
  readonly once: Chain
  readonly draw: Chain
  readonly engine: string
}): { readonly text: string; readonly metadata: Readonly<Record<string, string>> } {
  const { document, net, network, once, draw, engine } = of
  const preprocessing = { once, draw: testingChain(draw).chain }
  const use = {
    axis: document.axis,
    channels: document.channels,
    ...(document.contrasts && { contrasts: document.contrasts }),
    targets: document.targets,
    preprocessing,
    ...(document.patch && { patch: document.patch }),
  }
  const card = { ...document, preprocessing, network, net, engine }
  return { text: `${JSON.stringify(card, null, 2)}\n`, metadata: { voxelpipe: JSON.stringify(use) } }
}

/** The network of a `model.json`; undefined where the text is no such card. */
export function netOfCard(text: string): Net | undefined {
  try {
    return cardWithNet.safeParse(JSON.parse(text)).data?.net
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const cardOfTraining = z.looseObject({ network: z.looseObject({ name: z.string() }), engine: z.string() })

/** What a package says of a `model.json` that a train step wrote: its network and its engine. */
export const packagedCard = (text: string): z.infer<typeof cardOfTraining> => cardOfTraining.parse(JSON.parse(text))
