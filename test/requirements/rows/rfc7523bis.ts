import type { RequirementRow } from '../row.ts'
import { documented, tested } from '../row.ts'

export const rfc7523bis = [
  {
    id: '7523BIS-aud',
    level: 'MUST',
    layer: 'introspection',
    summary: 'The `aud` of an assertion is the issuer identifier alone',
    status: tested,
  },
  {
    id: '7523BIS-typ',
    level: 'SHOULD',
    layer: 'introspection',
    summary: 'The `typ` of an assertion is `client-authentication+jwt`',
    status: tested,
  },
  {
    id: 'RFC9325-3.1.1-a',
    level: 'MUST NOT',
    layer: 'metadata',
    summary: 'No TLS below 1.2',
    status: documented('docs/guides/deployment.md#tls'),
  },
] as const satisfies readonly RequirementRow[]
