/**
 * What a page does: columns sort, and charts tell their values, by pointer and by keyboard. Plain JavaScript as text, since it must be
 * the same bytes however this program is built; test/browser drives it.
 */
export const script = `'use strict'
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0]
  const heads = [...table.tHead.rows[0].cells]
  heads.forEach((head, at) => head.querySelector('button').addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending'
    const numeric = head.classList.contains('number')
    const key = row => row.cells[at].dataset.by
    const order = (a, b) => numeric ? a - b : a.localeCompare(b, 'en', { numeric: true })
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)]
      // What is undefined stays last, whichever way.
      if (x === '' || y === '') return (x === '') - (y === '')
      return down ? order(y, x) : order(x, y)
    })
    for (const other of heads) other.setAttribute('aria-sort', 'none')
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending')
    body.append(...rows)
  }))
}
for (const figure of document.querySelectorAll('figure[data-chart]')) {
  const { width, x, y, text } = JSON.parse(figure.dataset.chart)
  const [plot, svg, cursor, output] = ['.plot', 'svg', '.cursor', 'output'].map(name => figure.querySelector(name))
  const rest = output.textContent
  let at = -1
  const show = index => {
    at = Math.max(0, Math.min(x.length - 1, index))
    cursor.removeAttribute('hidden')
    const line = cursor.querySelector('line')
    line.setAttribute('x1', x[at])
    line.setAttribute('x2', x[at])
    cursor.querySelectorAll('circle').forEach((circle, series) => {
      const place = y[series][at]
      circle.setAttribute('visibility', place === null ? 'hidden' : 'visible')
      circle.setAttribute('cx', x[at])
      if (place !== null) circle.setAttribute('cy', place)
    })
    output.textContent = text[at]
  }
  const hide = () => {
    at = -1
    cursor.setAttribute('hidden', '')
    output.textContent = rest
  }
  plot.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect()
    const place = (event.clientX - box.left) / box.width * width
    show(x.reduce((best, value, i) => Math.abs(value - place) < Math.abs(x[best] - place) ? i : best, 0))
  })
  plot.addEventListener('pointerleave', hide)
  plot.addEventListener('blur', hide)
  const moves = { ArrowRight: () => at + 1, ArrowLeft: () => at < 0 ? x.length - 1 : at - 1, Home: () => 0, End: () => x.length - 1 }
  plot.addEventListener('keydown', event => {
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    show(move())
  })
}
`
