import type { RunSummary } from '../runs.ts'
import { getRuns, pageOf } from './api.ts'
import { byId, h } from './dom.ts'
import { dateWords, diceWords, timeWords } from './words.ts'
import { nameOfSweep, titleOf } from '../sweep-name.ts'

/** The list of all runs; the trials of a sweep are below it. */
export async function showRuns(): Promise<void> {
  const runs = await getRuns()
  const isTrial = (run: RunSummary): boolean => runs.some(sweep => isOf(run, sweep))
  const rows = runs
    .filter(run => !isTrial(run))
    .flatMap(run => [
      rowOf(run),
      ...runs
        .filter(trial => isOf(trial, run))
        .sort(byTrial)
        .map(rowOf),
    ])
  byId('title').textContent = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`
  const head = h('tr', {}, ...['run', 'started', 'state', 'time', 'mean Dice'].map(name => h('th', { scope: 'col' }, name)))
  const none = h('p', {}, 'There are no runs yet: ', h('code', {}, 'pipe run pipelines/quickstart.yaml'), ' makes one.')
  byId('main').replaceChildren(runs.length ? h('table', { class: 'runs' }, h('thead', {}, head), h('tbody', {}, ...rows)) : none)
}

const isOf = (trial: RunSummary, sweep: RunSummary): boolean =>
  trial.trial !== undefined && sweep.run === nameOfSweep(trial.trial.sweep) && trial.pipeline === sweep.pipeline
const byTrial = (a: RunSummary, b: RunSummary): number => (a.trial?.trial ?? 0) - (b.trial?.trial ?? 0)

const rowOf = (run: RunSummary): HTMLElement =>
  h(
    'tr',
    { class: run.trial ? 'trial' : undefined },
    h('td', {}, h('a', { href: pageOf(run) }, run.trial ? `trial ${run.trial.trial}` : run.pipeline), ` ${titleOf(run.run)}`),
    h('td', {}, dateWords(run.started)),
    h('td', {}, h('span', { class: `state ${run.state}` }, run.state)),
    h('td', { class: 'number' }, run.ms === undefined ? '' : timeWords(run.ms)),
    h('td', { class: 'number' }, diceWords(run.dice)),
  )
