import type { RequirementRow } from '../row.ts'
import { planned } from '../row.ts'

export const fapi2 = [
  {
    id: 'FAPI2-5.2.1-a',
    level: 'SHALL',
    layer: 'metadata',
    summary: 'TLS 1.2 or later, and certificates are checked on outbound calls',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.3.4-1',
    level: 'SHALL',
    layer: 'extract',
    summary: 'Tokens are accepted in the Authorization field',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.3.4-2',
    level: 'SHALL NOT',
    layer: 'extract',
    summary: 'Tokens in the query are not accepted',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.3.4-3',
    level: 'SHALL',
    layer: 'core',
    summary: 'Validity, integrity, expiry and revocation are verified',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.3.4-4',
    level: 'SHALL',
    layer: 'policy',
    summary: 'Insufficient authorization gives the errors of RFC 6750 section 3.1',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.3.4-5',
    level: 'SHALL',
    layer: 'core',
    summary: 'Sender-constrained tokens are supported and verified',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.4.1-1a',
    level: 'SHALL',
    layer: 'jose',
    summary: 'RFC 8725 is adhered to',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.4.1-1b',
    level: 'SHALL',
    layer: 'jose',
    summary: 'Only PS256, ES256 and EdDSA with Ed25519',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.4.1-1c',
    level: 'SHALL NOT',
    layer: 'jose',
    summary: '`none` is not accepted',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.4.1-2',
    level: 'SHALL',
    layer: 'jwks',
    summary: 'RSA keys have 2048 bits or more, EC keys 224 or more',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.4.3-a',
    level: 'SHALL',
    layer: 'jwks',
    summary: 'Keys that share a `kid` are told apart by their other members',
    status: planned('the FAPI 2.0 preset'),
  },
  {
    id: 'FAPI2-5.3.2.1-clk',
    level: 'SHALL',
    layer: 'dpop',
    summary: 'Proofs up to 10 s in the future are accepted, beyond 60 s refused',
    status: planned('the FAPI 2.0 preset'),
  },
] as const satisfies readonly RequirementRow[]
