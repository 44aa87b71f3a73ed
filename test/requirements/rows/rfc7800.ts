import type { RequirementRow } from '../row.ts'
import { planned, tested } from '../row.ts'

export const rfc7800 = [
  {
    id: 'RFC7638-3-a',
    level: 'PROC',
    layer: 'dpop',
    summary: 'A thumbprint covers the required members only, sorted, without white space',
    status: planned('DPoP'),
  },
  {
    id: 'RFC7800-3.1-a',
    level: 'MUST',
    layer: 'core',
    summary: 'Unknown `cnf` members may be ignored; here a `cnf` that cannot be checked refuses the token',
    status: tested,
  },
  {
    id: 'RFC7800-3.1-b',
    level: 'MUST',
    layer: 'core',
    summary: '`cnf` stands for a single key',
    status: tested,
  },
  {
    id: 'RFC8693-4.1-a',
    level: 'MUST',
    layer: 'core',
    summary: 'Access control looks at top-level claims and the outermost `act` only',
    status: tested,
  },
  {
    id: 'RFC8693-4.2-a',
    level: 'PROC',
    layer: 'core',
    summary: '`scope` is one string with spaces',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
