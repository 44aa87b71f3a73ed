import type { RequirementRow } from '../row.ts'
import { notApplicable, tested } from '../row.ts'

export const rfc7518 = [
  {
    id: 'RFC7518-3.2-a',
    level: 'MUST',
    layer: 'jose',
    summary: 'An HMAC key is at least as long as the hash',
    status: notApplicable('There are no symmetric algorithms.'),
  },
  {
    id: 'RFC7518-3.2-b',
    level: 'MUST',
    layer: 'jose',
    summary: 'MACs are compared in constant time',
    status: notApplicable('There are no symmetric algorithms.'),
  },
  {
    id: 'RFC7518-3.3-a',
    level: 'MUST',
    layer: 'jwks',
    summary: 'RSA keys have 2048 bits or more',
    status: tested,
  },
  {
    id: 'RFC7518-3.4-a',
    level: 'MUST',
    layer: 'jose',
    summary: 'An ECDSA signature has its exact fixed length',
    status: tested,
  },
  {
    id: 'RFC7518-3.4-b',
    level: 'PROC',
    layer: 'jose',
    summary: 'ES256, ES384 and ES512 go with P-256, P-384 and P-521 only',
    status: tested,
  },
  {
    id: 'RFC7518-3.5-a',
    level: 'PROC',
    layer: 'jose',
    summary: 'The PSS salt is as long as the hash, and MGF1 uses the same hash',
    status: tested,
  },
  {
    id: 'RFC7518-3.6-a',
    level: 'MUST NOT',
    layer: 'jose',
    summary: '`none` is not accepted by default, nor enabled globally',
    status: tested,
  },
  {
    id: 'RFC7518-6.2.1-a',
    level: 'MUST',
    layer: 'jwks',
    summary: 'EC coordinates have their full length',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
