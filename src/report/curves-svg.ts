import type { EpochRecord } from '../net/curves.ts'
import { chartsOfCurves } from './charts-of-curves.ts'
import { html, trusted, type Html } from './html.ts'
import { lineDrawing, type LineChart } from './line-chart.ts'

const [WIDTH, HEIGHT, HEAD] = [380, 250, 44]

/** The look of the report on paper, as far as these charts need it. */
const style = `text{font:11px system-ui,sans-serif;fill:#444}.title{font-weight:600;font-size:13px;fill:#000}.name{fill:#000}
.grid{stroke:#ddd}.base{stroke:#444}.mark{stroke:#444;stroke-dasharray:3 3}polyline{fill:none;stroke-width:2}
.s0 polyline,line.s0{stroke:#0072b2}.s1 polyline,line.s1{stroke:#d55e00;stroke-dasharray:7 3}.s0 circle{fill:#0072b2}.s1 circle{fill:#d55e00}`

/** The curves of a training as one SVG that needs nothing around it: loss, Dice and learning rate side by side. */
export function curvesSvg(curves: readonly EpochRecord[], bestEpoch: number): string {
  const charts = chartsOfCurves(curves, bestEpoch)
  const [width, height] = [charts.length * WIDTH, HEAD + HEIGHT]
  const title = `Training curves, ${curves.length} epochs; epoch ${bestEpoch} is kept`
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${title}</title><style>${trusted(style)}</style><rect width="100%" height="100%" fill="#fff"/>
${charts.map((chart, at) => html`<g transform="translate(${at * WIDTH},0)">${panel(chart)}</g>\n`)}</svg>
`.html
}

function panel(chart: LineChart): Html {
  const drawing = lineDrawing({ ...chart, size: [WIDTH, HEIGHT] })
  const { title, series } = chart
  return html`<text class="title" x="66" y="20">${title}</text>${series.length > 1 && series.map(({ name }, at) => key(name, at))}
<g transform="translate(0,${HEAD})">${drawing ? drawing.content : html`<text x="66" y="40">nothing to draw</text>`}</g>`
}

/** What a line is, below the title. */
function key(name: string, at: number): Html {
  const x = 66 + at * 120
  return html`<line class="s${at}" x1="${x}" x2="${x + 16}" y1="34" y2="34" stroke-width="2"/><text x="${x + 20}" y="38">${name}</text>`
}
