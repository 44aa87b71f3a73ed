import type { RequirementRow } from '../row.ts'
import { tested } from '../row.ts'

export const rfc9701 = [
  {
    id: 'RFC9701-4-a',
    level: 'PROC',
    layer: 'introspection',
    summary: 'It is asked for by its media type',
    status: tested,
  },
  {
    id: 'RFC9701-5-a',
    level: 'PROC',
    layer: 'introspection',
    summary: 'The response and its JWT carry the type `token-introspection+jwt`',
    status: tested,
  },
  {
    id: 'RFC9701-5-b',
    level: 'MUST',
    layer: 'introspection',
    summary: '`iss` is the AS, `aud` the API, `iat` is set, and the data lies inside of `token_introspection`',
    status: tested,
  },
  {
    id: 'RFC9701-5-c',
    level: 'MUST NOT',
    layer: 'introspection',
    summary: 'Inactive answer has no other members',
    status: tested,
  },
  {
    id: 'RFC9701-5-d',
    level: 'SHOULD NOT',
    layer: 'introspection',
    summary: 'Top-level `sub`/`exp` should not be there',
    status: tested,
  },
  {
    id: 'RFC9701-5-e',
    level: 'MUST',
    layer: 'introspection',
    summary: 'Signed-and-encrypted responses are Nested JWTs',
    status: tested,
  },
  {
    id: 'RFC9701-6-a',
    level: 'PROC',
    layer: 'introspection',
    summary: 'Default signing algorithm is RS256',
    status: tested,
  },
  {
    id: 'RFC9701-8.1-a',
    level: 'MUST',
    layer: 'core',
    summary: 'A signed introspection response is not accepted as an access token',
    status: tested,
  },
  {
    id: 'RFC9701-8.1-b',
    level: 'MUST',
    layer: 'core',
    summary: 'Replay is countered by audience and sender constraint',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
