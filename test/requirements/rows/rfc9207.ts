import type { RequirementRow } from '../row.ts'
import { notApplicable } from '../row.ts'

export const rfc9207 = [
  {
    id: 'RFC9207-n/a',
    level: 'N/A',
    layer: 'docs',
    summary: 'The authorization response names its issuer',
    status: notApplicable('It binds clients and authorization servers.'),
  },
] as const satisfies readonly RequirementRow[]
