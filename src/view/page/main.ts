import { byId, h } from './dom.ts'
import { showRun } from './run.ts'
import { showRuns } from './runs.ts'
import { wordsOf } from './words.ts'

/** `/runs/PIPELINE/RUN`, or the list of runs. */
async function show(): Promise<void> {
  const [, kind, pipeline, run] = location.pathname.split('/').map(decodeURIComponent)
  if (kind === 'runs' && pipeline !== undefined && run !== undefined) await showRun({ pipeline, run })
  else await showRuns()
}

show().catch((error: unknown) => {
  byId('main').replaceChildren(h('p', { class: 'problem', role: 'alert' }, wordsOf(error)))
})
