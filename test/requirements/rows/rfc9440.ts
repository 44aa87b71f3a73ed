import type { RequirementRow } from '../row.ts'
import { planned } from '../row.ts'

export const rfc9440 = [
  {
    id: 'RFC9440-4-a',
    level: 'MUST',
    layer: 'mtls',
    summary: 'Header is accepted only from a trusted TLS-terminating proxy',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC9440-4-b',
    level: 'SHOULD',
    layer: 'mtls',
    summary: 'The field is ignored unless configured',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC9440-2.1-a',
    level: 'PROC',
    layer: 'mtls',
    summary: 'Value is an RFC 8941 Byte Sequence `:base64:` of DER',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC9440-2.2-a',
    level: 'MUST NOT',
    layer: 'mtls',
    summary: 'Client-Cert is a single value, not a list, not repeated',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC9440-2.3-a',
    level: 'MUST NOT',
    layer: 'mtls',
    summary: 'Client-Cert-Chain never appears without Client-Cert',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC9440-2.4-a',
    level: 'MUST',
    layer: 'adapter',
    summary: 'Responses selected by Client-Cert are uncacheable or carry `Vary: Client-Cert`',
    status: planned('mutual TLS'),
  },
  {
    id: 'RFC9440-2.2-b',
    level: 'MUST NOT',
    layer: 'adapter',
    summary: 'The field is never sent in a response',
    status: planned('mutual TLS'),
  },
] as const satisfies readonly RequirementRow[]
