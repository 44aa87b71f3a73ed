import type { RequirementRow } from '../row.ts'
import { planned, tested } from '../row.ts'

export const rfc8705 = [
  {
    id: 'RFC8705-3-a',
    level: 'MUST',
    layer: 'mtls',
    summary: 'RS obtains the client certificate from its TLS layer',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC8705-3-b',
    level: 'MUST',
    layer: 'mtls',
    summary: "Certificate matches the token's binding, else 401 invalid_token",
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC8705-3.1-a',
    level: 'MUST',
    layer: 'mtls',
    summary: '`x5t#S256` = unpadded base64url SHA-256 of the DER, no whitespace',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC8705-3.2-a',
    level: 'PROC',
    layer: 'introspection',
    summary: 'Same `cnf` at the top level of an introspection response is enforced',
    status: tested,
  },
  {
    id: 'RFC8705-3-c',
    level: 'DERIVED',
    layer: 'core',
    summary: 'A token bound to a certificate is never accepted unchecked',
    status: tested,
  },
  {
    id: 'RFC8705-3-d',
    level: 'DERIVED',
    layer: 'mtls',
    summary: 'A policy can demand tokens bound to a certificate',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC8705-6.2-a',
    level: 'PROC',
    layer: 'mtls',
    summary: 'No trust-chain validation needed for the PoP check',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC8705-5-a',
    level: 'MUST',
    layer: 'introspection',
    summary: 'Mutual TLS towards the AS uses `mtls_endpoint_aliases`',
    status: tested,
  },
  {
    id: 'RFC8705-7.5-a',
    level: 'SHOULD NOT',
    layer: 'mtls',
    summary: 'Do not hand-write X.509 validation; use the platform',
    status: planned('mutual TLS'),
  },
] as const satisfies readonly RequirementRow[]
