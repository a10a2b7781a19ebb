import { fail } from '../failure.ts'
import { models } from '../net/models/index.ts'
import type { Net } from '../net/net.ts'
import type { ModelSettings } from './settings.ts'

/** The network that a model's JSON describes under `default_model`, in evaluation (its dropout and momentum do not matter). */
export function networkOf({ defaultModel, multichannel, contrasts, targets, volume }: ModelSettings, path: string): Net {
  if (volume) fail({ kind: 'package-not-yet', path, what: 'the weights of a network for volumes by their names' })
  const { name = 'Unet', ...given } = defaultModel
  const family = Object.hasOwn(models, String(name)) ? models[name as keyof typeof models] : undefined
  if (!family) return fail({ kind: 'package-settings', path, problems: [`default_model.name: no network ${String(name)} is known`] })
  const parsed = family.params.safeParse({ ...given, channels: multichannel ? contrasts.length : 1, classes: targets.length })
  if (parsed.success) return family.net(parsed.data)
  const problems = parsed.error.issues.map(issue => `default_model.${issue.path.join('.')}: ${issue.message}`)
  return fail({ kind: 'package-settings', path, problems })
}
