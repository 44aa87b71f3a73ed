const WIDTH = 760
const LABEL = 210
const VALUE = 70
const BAR = 13
const GAP = 10
const COLOURS = ['#2563eb', '#93b4f5']
const OURS = ['#c2410c', '#f5b48a']

/**
 * Bars that lie, one group per row and one bar per series, with a line from quartile to quartile.
 *
 * @param rows `{ title, isOurs, values: [{ median, q1, q3, text }] }`
 * @param footer lines below, such as the machine
 */
export function barChart({ title, series, rows, footer }) {
  const most = Math.max(...rows.flatMap(({ values }) => values.map(({ q3 }) => q3)))
  const scale = (value) => (value / most) * (WIDTH - LABEL - VALUE - 20)
  const group = series.length * BAR + GAP
  const top = series.length > 1 ? 62 : 42
  const bottom = top + rows.length * group
  const height = bottom + 12 + footer.length * 15
  const body = [
    text({ x: 16, y: 24, size: 15, weight: 600 }, title),
    ...(series.length > 1 ? series.flatMap((name, at) => legend(name, at)) : []),
    ...rows.flatMap((row, at) => bars(row, top + at * group, scale)),
    ...footer.map((line, at) => text({ x: 16, y: bottom + 16 + at * 15, size: 11, fill: '#555' }, line)),
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...body,
    '</svg>\n',
  ].join('\n')
}

function legend(name, at) {
  const x = LABEL + at * 220
  return [rect(x, 38, 11, 11, COLOURS[at]), text({ x: x + 17, y: 48, size: 12 }, name)]
}

function bars({ title, isOurs, values }, y, scale) {
  const middle = y + (values.length * BAR) / 2 + 4
  const colours = isOurs ? OURS : COLOURS
  return [
    text({ x: LABEL - 10, y: middle, size: 12, anchor: 'end', weight: isOurs ? 600 : 400 }, title),
    ...values.flatMap((value, at) => bar(value, y + at * BAR, colours[at], scale)),
  ]
}

function bar({ median, q1, q3, text: label }, y, fill, scale) {
  const [from, to, line] = [LABEL + scale(q1), LABEL + scale(q3), y + (BAR - 2) / 2]
  return [
    rect(LABEL, y, Math.max(1, scale(median)), BAR - 2, fill),
    `<path d="M${at(from)} ${at(line)}H${at(to)}" stroke="#111" stroke-width="1"/>`,
    text({ x: Math.max(to, LABEL + scale(median)) + 6, y: y + BAR - 3, size: 11 }, label),
  ]
}

function rect(x, y, width, height, fill) {
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${height}" fill="${fill}"/>`
}

function text({ x, y, size, weight = 400, anchor = 'start', fill = '#111' }, content) {
  return `<text x="${at(x)}" y="${at(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${fill}">${escaped(content)}</text>`
}

const at = (number) => String(Math.round(number * 10) / 10)

function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
