import type { RequirementRow } from '../row.ts'
import { documented, tested } from '../row.ts'

export const oauth21 = [
  {
    id: 'OAUTH21-5-a',
    level: 'MUST',
    layer: 'core',
    summary: 'The token, its expiry and its scope are checked',
    status: tested,
  },
  {
    id: 'OAUTH21-5.1-a',
    level: 'MUST',
    layer: 'extract',
    summary: 'Tokens in the query are ignored',
    status: tested,
  },
  {
    id: 'OAUTH21-5.1.1-a',
    level: 'MUST',
    layer: 'extract',
    summary: 'The Authorization field is supported; the case of `bearer` does not matter',
    status: tested,
  },
  {
    id: 'OAUTH21-5.2-a',
    level: 'MUST',
    layer: 'core',
    summary: 'Expiry, resource, scope and any other policy are checked',
    status: tested,
  },
  {
    id: 'OAUTH21-5.3.1-a',
    level: 'MUST',
    layer: 'challenge',
    summary: 'A challenge is `Bearer` with at least one parameter, in the octets of RFC 6750',
    status: tested,
  },
  {
    id: 'OAUTH21-5.3.2-a',
    level: 'SHOULD',
    layer: 'challenge',
    summary: '400, 401 and 403 as in RFC 6750, and no error without credentials',
    status: tested,
  },
  {
    id: 'OAUTH21-1.5-a',
    level: 'MUST',
    layer: 'metadata',
    summary: 'OAuth URLs use https',
    status: tested,
  },
  {
    id: 'OAUTH21-7.1-a',
    level: 'MUST NOT',
    layer: 'adapter',
    summary: 'Tokens are never in URLs, nor in cookies without a defence against CSRF',
    status: tested,
  },
  {
    id: 'OAUTH21-7-b',
    level: 'MUST',
    layer: 'docs',
    summary: 'Confidentiality between the end of TLS and the API',
    status: documented('docs/guides/deployment.md#tls'),
  },
] as const satisfies readonly RequirementRow[]
