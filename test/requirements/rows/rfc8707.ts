import type { RequirementRow } from '../row.ts'
import { tested } from '../row.ts'

export const rfc8707 = [
  {
    id: 'RFC8707-2-a',
    level: 'MUST',
    layer: 'core',
    summary: 'A resource identifier is an absolute URI without fragment',
    status: tested,
  },
  {
    id: 'RFC8707-2-b',
    level: 'PROC',
    layer: 'core',
    summary: 'An abstract audience may stand for the resource; audiences compare exactly',
    status: tested,
  },
  {
    id: 'RFC8707-3-a',
    level: 'PROC',
    layer: 'core',
    summary: 'With several tenants, the audience includes the tenant',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
