import type { RequirementRow } from '../row.ts'
import { documented, tested } from '../row.ts'

export const rfc6749 = [
  {
    id: 'RFC6749-7-a',
    level: 'MUST',
    layer: 'core',
    summary: 'The RS checks that the token is valid and unexpired and that its scope covers the resource',
    status: tested,
  },
  {
    id: 'RFC6749-7.2-a',
    level: 'SHOULD',
    layer: 'adapter',
    summary: 'The RS tells the client about a failure',
    status: tested,
  },
  {
    id: 'RFC6749-7.2-b',
    level: 'SHOULD',
    layer: 'challenge',
    summary: 'The parameter that names the error is `error`',
    status: tested,
  },
  {
    id: 'RFC6749-3.3-a',
    level: 'PROC',
    layer: 'policy',
    summary: 'Scope is a space-delimited, case-sensitive, unordered set',
    status: tested,
  },
  {
    id: 'RFC6749-3.3-b',
    level: 'PROC',
    layer: 'policy',
    summary: 'Scope tokens consist of %x21 / %x23-5B / %x5D-7E',
    status: tested,
  },
  {
    id: 'RFC6749-A.12-a',
    level: 'PROC',
    layer: 'extract',
    summary: 'An access token consists of one or more visible ASCII characters',
    status: tested,
  },
  {
    id: 'RFC6749-2.3.1-a',
    level: 'PROC',
    layer: 'introspection',
    summary: 'Basic client authentication form-encodes id and secret before base64',
    status: tested,
  },
  {
    id: 'RFC6749-2.3.1-b',
    level: 'MUST NOT',
    layer: 'introspection',
    summary: 'Client credentials never go in the request URI',
    status: tested,
  },
  {
    id: 'RFC6749-2.3.1-c',
    level: 'RECOMMENDED',
    layer: 'introspection',
    summary: 'Basic is preferred to credentials in the body',
    status: tested,
  },
  {
    id: 'RFC6749-10.3-a',
    level: 'MUST',
    layer: 'core',
    summary: 'Token values stay confidential in transit and storage',
    status: tested,
  },
  {
    id: 'RFC6749-10.3-b',
    level: 'MUST',
    layer: 'adapter',
    summary: 'Tokens travel only over TLS',
    status: documented('docs/guides/deployment.md#tls'),
  },
] as const satisfies readonly RequirementRow[]
