import type { RequirementRow } from '../row.ts'
import { tested } from '../row.ts'

export const rfc7797 = [
  {
    id: 'RFC7797-6-a',
    level: 'MUST',
    layer: 'jose',
    summary: '`b64` is always listed in `crit`',
    status: tested,
  },
  {
    id: 'RFC7797-7-a',
    level: 'MUST NOT',
    layer: 'jose',
    summary: 'JWTs never use `b64:false`',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
