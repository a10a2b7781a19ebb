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
// Values are told below a drawing: of what is nearest to the pointer, and of one after the other by arrow keys.
const reads = (figure, count, nearest, mark) => {
  const [plot, svg, output] = ['.plot', 'svg', 'output'].map(name => figure.querySelector(name))
  const rest = output.textContent
  let at = -1
  const show = index => {
    at = Math.max(0, Math.min(count - 1, index))
    output.textContent = mark(at)
  }
  const hide = () => {
    at = -1
    mark(at)
    output.textContent = rest
  }
  plot.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect()
    const scale = svg.viewBox.baseVal.width / box.width
    show(nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale))
  })
  plot.addEventListener('pointerleave', hide)
  plot.addEventListener('blur', hide)
  const [next, last] = [() => at + 1, () => at < 0 ? count - 1 : at - 1]
  const moves = { ArrowRight: next, ArrowDown: next, ArrowLeft: last, ArrowUp: last, Home: () => 0, End: () => count - 1 }
  plot.addEventListener('keydown', event => {
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    show(move())
  })
}
const least = list => list.reduce((best, value, i) => value < list[best] ? i : best, 0)
for (const figure of document.querySelectorAll('figure[data-chart]')) {
  const { x, y, text } = JSON.parse(figure.dataset.chart)
  const cursor = figure.querySelector('.cursor')
  reads(figure, x.length, place => least(x.map(value => Math.abs(value - place))), at => {
    if (at < 0) return void cursor.setAttribute('hidden', '')
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
    return text[at]
  })
}
// How far a point is from the pieces of a line.
const distance = (points, x, y) => Math.min(...points.map(([ax, ay], i) => {
  const [bx, by] = points[i + 1] ?? [ax, ay]
  const length = (bx - ax) ** 2 + (by - ay) ** 2
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
  return Math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y)
}))
for (const figure of document.querySelectorAll('figure.items')) {
  const items = [...figure.querySelectorAll('.item')]
  const lines = items.map(item => {
    const line = item.querySelector('polyline')
    return line ? [...line.points].map(({ x, y }) => [x, y]) : [[item.cx.baseVal.value, item.cy.baseVal.value]]
  })
  reads(figure, items.length, (x, y) => least(lines.map(line => distance(line, x, y))), at => {
    figure.classList.toggle('reading', at >= 0)
    items.forEach((item, i) => item.classList.toggle('on', i === at))
    return at < 0 ? '' : items[at].querySelector('title').textContent
  })
}
`
