import type { About } from './about.ts'
import type { ToPackage } from './config.ts'

/** A model card (Mitchell et al. 2019) in markdown: what the model is for, what it learned from, how good it is, where it comes from. */
export function packageCard({ about, axis, targets, contrasts, multichannel, postprocessing }: ToPackage): string {
  const { data, training } = about
  return [
    `# ${about.name}`,
    about.description || 'No description was given.',
    '## Use',
    about.intendedUse || 'No intended use was stated. Not a medical device.',
    table([
      ['Licence', about.licence || 'not stated'],
      ['Input', `${axis} slices, ${multichannel ? `${contrasts.length} channels: ${contrasts.join(', ')}` : contrasts.join(' or ')}`],
      ['Output', targets.map(target => `\`${target}\``).join(', ')],
      ['After it', postprocessing.map(({ name }) => name).join(', ') || 'soft values, 0 to 1'],
    ]),
    `    pipe segment -m ${about.name} image.nii.gz`,
    '## Data',
    `${data.subjects} subjects; contrasts ${data.contrasts.join(', ')}.`,
    table([
      ['Training', `${data.split.train.length} images`],
      ['Validation', `${data.split.validation.length} images`],
      ['Test', `${data.split.test.length} images: ${data.split.test.join(', ')}`],
    ]),
    '## Metrics',
    metricsOf(about),
    '## Provenance',
    table([
      ['Network', `${about.network.name}, ${about.parameters} parameters`],
      ['Trained', `${training.epochs} epochs, best at ${training.bestEpoch} (validation loss ${training.bestValidationLoss.toFixed(4)})`],
      ['Engine', about.engine],
      ...Object.entries(about.provenance).map(([what, digest]) => [what, `sha256 ${digest}`] as const),
    ]),
    'The sha256 of every training file is in the JSON beside this page (`training_sha256`).',
    '',
  ].join('\n\n')
}

const table = (rows: readonly (readonly [string, string])[]): string =>
  ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`)].join('\n')

function metricsOf({ metrics }: About): string {
  if (!metrics) return 'Not evaluated.'
  const shown = (value: number | null | undefined): string => (value === null || value === undefined ? 'undefined' : value.toPrecision(4))
  const rows = Object.entries(metrics.means).map(([name, mean]) => {
    const interval = metrics.intervals[name]
    return `| ${name} | ${shown(mean)} | ${interval ? `${shown(interval.low)} to ${shown(interval.high)}` : 'too few subjects'} |`
  })
  return [`Over ${metrics.images} images.`, '', '| metric | mean | 95 % interval |', '| --- | --- | --- |', ...rows].join('\n')
}
