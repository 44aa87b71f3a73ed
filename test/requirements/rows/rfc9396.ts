import type { RequirementRow } from '../row.ts'
import { planned } from '../row.ts'

export const rfc9396 = [
  {
    id: 'RFC9396-9.1-a',
    level: 'PROC',
    layer: 'rar',
    summary: '`authorization_details` is an array of objects with `type`',
    status: planned('rich authorization requests'),
  },
  {
    id: 'RFC9396-9.2-a',
    level: 'MUST',
    layer: 'rar',
    summary: 'In introspection it has the same structure',
    status: planned('rich authorization requests'),
  },
  {
    id: 'RFC9396-12-a',
    level: 'PROC',
    layer: 'rar',
    summary: 'String comparison is exact, no normalisation',
    status: planned('rich authorization requests'),
  },
  {
    id: 'RFC9396-2.2-a',
    level: 'DERIVED',
    layer: 'rar',
    summary: '`locations`, where present, has to include this API',
    status: planned('rich authorization requests'),
  },
  {
    id: 'RFC9396-9-b',
    level: 'DERIVED',
    layer: 'rar',
    summary: 'Unknown `type` never grants',
    status: planned('rich authorization requests'),
  },
] as const satisfies readonly RequirementRow[]
