import { barChart } from './chart.js'
import { millis, percent, times } from './format.js'

const MODES = { sequential: 'one by one', concurrent: '64 at once' }
const TOKENS = { distinct: 'new tokens', repeating: '1,000 tokens repeating' }
const FRAMEWORKS = { express: 'Express', fastify: 'Fastify' }

/** The charts of the page, as files with their text. */
export function chartsOf(results) {
  return Object.entries(results).flatMap(([section, { environment, result }]) => {
    const footer = footerOf(environment)
    return (CHARTS[section]?.(result) ?? []).map(({ file, ...chart }) => ({
      file,
      text: barChart({ ...chart, footer }),
    }))
  })
}

/** The machine and all versions, in lines that fit. */
function footerOf({ machine, software, peers }) {
  const lines = []
  for (const [name, version] of Object.entries(peers)) {
    const [last = ''] = lines.slice(-1)
    if (lines.length > 0 && last.length + name.length < 100) lines[lines.length - 1] += `, ${name} ${version}`
    else lines.push(`${name} ${version}`)
  }
  return [machine, `${software}. Median; the line goes from quartile to quartile.`, ...lines]
}

const CHARTS = {
  verification: ({ cases }) =>
    pairs(cases, ({ algorithm, tokens }) => `${algorithm}-${tokens}`).map(([name, pair]) => ({
      file: `verification-${name.toLowerCase()}.svg`,
      title: `${pair[0].algorithm}, ${TOKENS[pair[0].tokens]}: tokens per second, as a multiple of raw crypto.verify`,
      series: pair.map(({ mode }) => MODES[mode]),
      rows: grouped(pair, 'ratio', times),
    })),
  http: ({ cases }) =>
    pairs(cases, ({ framework }) => framework).map(([framework, pair]) => ({
      file: `http-${framework}.svg`,
      title: `${FRAMEWORKS[framework]}: requests per second kept of the unprotected route`,
      series: pair.map(({ tokens }) => TOKENS[tokens]),
      rows: grouped(pair, 'kept', percent),
    })),
  startup: ({ rows }) => [
    {
      file: 'startup-import.svg',
      title: 'Time of the first import, in milliseconds',
      series: ['import'],
      rows: grouped([{ rows }], 'importMs', millis),
    },
  ],
}

/** Cases that make one chart together, under the name that they have in common. */
function pairs(cases, nameOf) {
  const found = new Map()
  for (const one of cases) found.set(nameOf(one), [...(found.get(nameOf(one)) ?? []), one])
  return [...found]
}

function grouped(cases, key, format) {
  return cases[0].rows.map(({ name, title, isOurs = false }) => ({
    title,
    isOurs,
    values: cases.map(({ rows }) => {
      const value = rows.find((row) => row.name === name)[key]
      return { ...value, text: format(value.median) }
    }),
  }))
}
