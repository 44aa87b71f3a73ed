import { growthTables } from './growth.js'
import { httpTables } from './http.js'
import { introspectionTables } from './introspection.js'
import { memoryTables } from './memory.js'
import { startupTables } from './startup.js'
import { verificationTables } from './verification.js'

const whole = { parts: [[]], merge: ([result]) => result }
const inParts = (option, names) => ({
  parts: names.map((name) => [`--${option}`, name]),
  merge: (results) => ({ cases: results.flatMap(({ cases }) => cases) }),
})

/** What is measured, in this order; each part in a process of its own. */
export const SECTIONS = [
  {
    name: 'verification',
    ...inParts('algorithms', ['RS256', 'PS256', 'ES256', 'Ed25519']),
    tables: verificationTables,
  },
  { name: 'http', ...inParts('frameworks', ['express', 'fastify']), tables: httpTables },
  { name: 'introspection', ...whole, tables: introspectionTables },
  { name: 'startup', ...whole, tables: startupTables },
  { name: 'memory', ...whole, tables: memoryTables },
  { name: 'growth', ...whole, tables: growthTables },
]
