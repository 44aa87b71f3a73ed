import type { RequirementRow } from '../row.ts'
import { tested } from '../row.ts'

export const rfc7517 = [
  {
    id: 'RFC7517-4-a',
    level: 'MUST',
    layer: 'jwks',
    summary: 'Duplicate members are refused, or the last one wins',
    status: tested,
  },
  {
    id: 'RFC7517-4-b',
    level: 'MUST',
    layer: 'jwks',
    summary: 'Unknown members are ignored',
    status: tested,
  },
  {
    id: 'RFC7517-4.1-a',
    level: 'MUST',
    layer: 'jwks',
    summary: '`kty` has to be there',
    status: tested,
  },
  {
    id: 'RFC7517-4.2-a',
    level: 'PROC',
    layer: 'jwks',
    summary: 'A key whose `use` is `enc` verifies nothing',
    status: tested,
  },
  {
    id: 'RFC7517-4.3-a',
    level: 'PROC',
    layer: 'jwks',
    summary: '`key_ops`, where present, has to allow `verify`',
    status: tested,
  },
  {
    id: 'RFC7517-4.3-b',
    level: 'MUST NOT',
    layer: 'jwks',
    summary: '`key_ops` holds no duplicates and agrees with `use`',
    status: tested,
  },
  {
    id: 'RFC7517-4.4-a',
    level: 'PROC',
    layer: 'jwks',
    summary: "A key's `alg` restricts it to that algorithm",
    status: tested,
  },
  {
    id: 'RFC7517-4.5-a',
    level: 'SHOULD',
    layer: 'jwks',
    summary: 'Where keys share a `kid`, their other members tell them apart',
    status: tested,
  },
  {
    id: 'RFC7517-4.7-a',
    level: 'MUST',
    layer: 'jwks',
    summary: "The key in `x5c` or `x5t` matches the JWK's own members, where it is used",
    status: tested,
  },
  {
    id: 'RFC7517-5-a',
    level: 'MUST',
    layer: 'jwks',
    summary: 'A JWK Set has a `keys` array',
    status: tested,
  },
  {
    id: 'RFC7517-5-b',
    level: 'SHOULD',
    layer: 'jwks',
    summary: 'Unusable keys inside a set are ignored one by one',
    status: tested,
  },
  {
    id: 'RFC7517-9.2-a',
    level: 'DERIVED',
    layer: 'jwks',
    summary: 'Private or symmetric material in a remote set is never used',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
