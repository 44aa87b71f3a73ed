import type { RequirementRow } from '../row.ts'
import { tested } from '../row.ts'

export const rfc8037 = [
  {
    id: 'RFC8037-2-a',
    level: 'MUST',
    layer: 'jwks',
    summary: 'OKP keys have `kty`, `crv` and `x`; public ones have no `d`',
    status: tested,
  },
  {
    id: 'RFC8037-3.1-a',
    level: 'PROC',
    layer: 'jose',
    summary: '`crv` decides the variant of EdDSA',
    status: tested,
  },
  {
    id: 'RFC8037-3.2-a',
    level: 'MUST NOT',
    layer: 'jwks',
    summary: 'X25519 and X448 keys verify no signatures',
    status: tested,
  },
  {
    id: 'RFC8037-4-a',
    level: 'PROC',
    layer: 'jose',
    summary: 'The algorithm fits the type of the key',
    status: tested,
  },
  {
    id: 'RFC9864-2.2-a',
    level: 'PROC',
    layer: 'jose',
    summary: '`Ed25519` means an Ed25519 key and `Ed448` an Ed448 key, nothing else',
    status: tested,
  },
  {
    id: 'RFC9864-4.1.2-a',
    level: 'SHOULD',
    layer: 'jose',
    summary: '`Ed25519` is preferred to the deprecated identifier `EdDSA`',
    status: tested,
  },
  {
    id: 'RFC9864-5-a',
    level: 'PROC',
    layer: 'jwks',
    summary: 'A key is represented as before, except for its `alg`',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
