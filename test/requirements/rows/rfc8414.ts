import type { RequirementRow } from '../row.ts'
import { tested } from '../row.ts'

export const rfc8414 = [
  {
    id: 'RFC8414-2-a',
    level: 'MUST',
    layer: 'metadata',
    summary: 'The issuer is https, without query or fragment',
    status: tested,
  },
  {
    id: 'RFC8414-2-b',
    level: 'MUST',
    layer: 'metadata',
    summary: '`jwks_uri` is https',
    status: tested,
  },
  {
    id: 'RFC8414-2-c',
    level: 'MUST',
    layer: 'jwks',
    summary: 'Where signing and encryption keys are mixed, every key has `use`',
    status: tested,
  },
  {
    id: 'RFC8414-3-a',
    level: 'MUST',
    layer: 'metadata',
    summary: 'The location is `/.well-known/oauth-authorization-server` between host and path',
    status: tested,
  },
  {
    id: 'RFC8414-3.2-a',
    level: 'MUST',
    layer: 'metadata',
    summary: 'The answer is 200 with a JSON object as application/json',
    status: tested,
  },
  {
    id: 'RFC8414-3.3-a',
    level: 'MUST',
    layer: 'metadata',
    summary: 'The `issuer` found is identical to the one asked for, or nothing of it is used',
    status: tested,
  },
  {
    id: 'RFC8414-4-a',
    level: 'MUST NOT',
    layer: 'metadata',
    summary: 'No Unicode normalisation: code points compare',
    status: tested,
  },
  {
    id: 'RFC8414-5-a',
    level: 'PROC',
    layer: 'metadata',
    summary: 'The OpenID Connect location, with the suffix after the path, is known as well',
    status: tested,
  },
  {
    id: 'RFC8414-6.1-a',
    level: 'MUST',
    layer: 'metadata',
    summary: 'The certificate of the server is checked',
    status: tested,
  },
  {
    id: 'OIDCD-4.1-a',
    level: 'MUST',
    layer: 'metadata',
    summary: 'A slash at the end is removed before `/.well-known/openid-configuration` is appended',
    status: tested,
  },
  {
    id: 'OIDCD-4.3-a',
    level: 'MUST',
    layer: 'metadata',
    summary: '`issuer` is identical to the prefix of the location and to the `iss` of tokens',
    status: tested,
  },
  {
    id: 'META-REFRESH',
    level: 'DERIVED',
    layer: 'jwks',
    summary:
      'Fetching keys is bounded in size, time and frequency, shared, follows no redirect, and survives an outage',
    status: tested,
  },
] as const satisfies readonly RequirementRow[]
