import type { RunSummary } from '../runs.ts'
import { getRuns, pageOf } from './api.ts'
import { byId, h } from './dom.ts'
import { dateWords, diceWords, timeWords } from './words.ts'

/** The list of all runs. */
export async function showRuns(): Promise<void> {
  const runs = await getRuns()
  byId('title').textContent = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`
  const head = h('tr', {}, ...['run', 'started', 'state', 'time', 'mean Dice'].map(name => h('th', { scope: 'col' }, name)))
  const none = h('p', {}, 'There are no runs yet: ', h('code', {}, 'pipe run pipelines/quickstart.yaml'), ' makes one.')
  byId('main').replaceChildren(runs.length ? h('table', { class: 'runs' }, h('thead', {}, head), h('tbody', {}, ...runs.map(rowOf))) : none)
}

const rowOf = (run: RunSummary): HTMLElement =>
  h(
    'tr',
    {},
    h('td', {}, h('a', { href: pageOf(run) }, run.pipeline), ` ${run.run}`),
    h('td', {}, dateWords(run.started)),
    h('td', {}, h('span', { class: `state ${run.state}` }, run.state)),
    h('td', { class: 'number' }, run.ms === undefined ? '' : timeWords(run.ms)),
    h('td', { class: 'number' }, diceWords(run.dice)),
  )
