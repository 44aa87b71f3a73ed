import type { RequirementRow } from '../row.ts'
import { planned, tested } from '../row.ts'

export const rfc9700 = [
  {
    id: 'RFC9700-2.2.1-a',
    level: 'SHOULD',
    layer: 'dpop',
    summary: 'Sender constraint is available',
    status: planned('DPoP'),
  },
  {
    id: 'RFC9700-2.3-a',
    level: 'MUST',
    layer: 'core',
    summary: 'Every request with a token that was not meant for the API is refused',
    status: tested,
  },
  {
    id: 'RFC9700-2.3-b',
    level: 'PROC',
    layer: 'policy',
    summary: 'The RS checks that the token allows this action on this resource',
    status: planned('refusing routes that declare no policy'),
  },
  {
    id: 'RFC9700-4.3.2-a',
    level: 'PROC',
    layer: 'extract',
    summary: 'Tokens in the query get no support',
    status: tested,
  },
  {
    id: 'RFC9700-4.9.3-a',
    level: 'MUST',
    layer: 'core',
    summary: 'Tokens are treated as secrets',
    status: tested,
  },
  {
    id: 'RFC9700-4.10.1-a',
    level: 'PROC',
    layer: 'dpop',
    summary: 'Possession is checked and replay prevented',
    status: planned('DPoP'),
  },
  {
    id: 'RFC9700-4.13-a',
    level: 'MUST',
    layer: 'adapter',
    summary: 'Proxies clean security headers, and the way from proxy to API is protected',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC9700-4.15-a',
    level: 'PROC',
    layer: 'core',
    summary: 'Users and clients are told apart as subjects',
    status: planned('telling users from clients'),
  },
] as const satisfies readonly RequirementRow[]
