import type { RequirementRow } from '../row.ts'
import { tested } from '../row.ts'

export const rfc7516 = [
  {
    id: 'RFC7516-9-a',
    level: 'PROC',
    layer: 'jose',
    summary: 'Five segments or `enc` mean JWE, three mean JWS, and the two have to agree',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
