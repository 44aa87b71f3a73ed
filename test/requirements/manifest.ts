import type { RequirementRow } from './row.ts'

import { fapi2 } from './rows/fapi2.ts'
import { mcp } from './rows/mcp.ts'
import { oauth21 } from './rows/oauth21.ts'
import { rfc6749 } from './rows/rfc6749.ts'
import { rfc6750 } from './rows/rfc6750.ts'
import { rfc7515 } from './rows/rfc7515.ts'
import { rfc7516 } from './rows/rfc7516.ts'
import { rfc7517 } from './rows/rfc7517.ts'
import { rfc7518 } from './rows/rfc7518.ts'
import { rfc7519 } from './rows/rfc7519.ts'
import { rfc7523bis } from './rows/rfc7523bis.ts'
import { rfc7662 } from './rows/rfc7662.ts'
import { rfc7797 } from './rows/rfc7797.ts'
import { rfc7800 } from './rows/rfc7800.ts'
import { rfc8037 } from './rows/rfc8037.ts'
import { rfc8414 } from './rows/rfc8414.ts'
import { rfc8705 } from './rows/rfc8705.ts'
import { rfc8707 } from './rows/rfc8707.ts'
import { rfc8725 } from './rows/rfc8725.ts'
import { rfc9068 } from './rows/rfc9068.ts'
import { rfc9110 } from './rows/rfc9110.ts'
import { rfc9207 } from './rows/rfc9207.ts'
import { rfc9396 } from './rows/rfc9396.ts'
import { rfc9440 } from './rows/rfc9440.ts'
import { rfc9449 } from './rows/rfc9449.ts'
import { rfc9470 } from './rows/rfc9470.ts'
import { rfc9700 } from './rows/rfc9700.ts'
import { rfc9701 } from './rows/rfc9701.ts'
import { rfc9728 } from './rows/rfc9728.ts'
import { statusList } from './rows/status-list.ts'

const documents = [
  { document: 'RFC 9110 and RFC 9111: HTTP', rows: rfc9110 },
  { document: 'RFC 6749: OAuth 2.0', rows: rfc6749 },
  { document: 'RFC 6750: Bearer', rows: rfc6750 },
  { document: 'RFC 7662: introspection', rows: rfc7662 },
  { document: 'RFC 7515: JWS', rows: rfc7515 },
  { document: 'RFC 7516: telling JWE from JWS', rows: rfc7516 },
  { document: 'RFC 7517: JWK', rows: rfc7517 },
  { document: 'RFC 7518: JWA', rows: rfc7518 },
  { document: 'RFC 7519: JWT', rows: rfc7519 },
  { document: 'RFC 7797: unencoded payload', rows: rfc7797 },
  { document: 'RFC 7638, RFC 7800 and RFC 8693: thumbprint, confirmation, actor', rows: rfc7800 },
  { document: 'RFC 8037 and RFC 9864: EdDSA', rows: rfc8037 },
  { document: 'RFC 8725 and its successor draft: JWT best current practice', rows: rfc8725 },
  { document: 'RFC 9068: JWT access tokens', rows: rfc9068 },
  { document: 'RFC 8705: mutual TLS', rows: rfc8705 },
  { document: 'RFC 9440: Client-Cert', rows: rfc9440 },
  { document: 'RFC 9449: DPoP', rows: rfc9449 },
  { document: 'RFC 9728: protected resource metadata', rows: rfc9728 },
  { document: 'RFC 9470: step-up authentication', rows: rfc9470 },
  { document: 'RFC 9396: rich authorization requests', rows: rfc9396 },
  { document: 'RFC 9701: JWT introspection response', rows: rfc9701 },
  { document: 'RFC 8414 and OpenID Connect Discovery: issuer metadata', rows: rfc8414 },
  { document: 'RFC 8707: resource indicators', rows: rfc8707 },
  { document: 'RFC 9700: OAuth security best current practice', rows: rfc9700 },
  { document: 'RFC 9207: issuer identification', rows: rfc9207 },
  { document: 'OAuth 2.1 (draft)', rows: oauth21 },
  { document: 'FAPI 2.0 Security Profile', rows: fapi2 },
  { document: 'MCP authorization', rows: mcp },
  { document: 'Token Status List (draft)', rows: statusList },
  { document: 'RFC 7523bis (draft) and RFC 9325: outbound calls', rows: rfc7523bis },
] as const

type Row = (typeof documents)[number]['rows'][number]

/** Every requirement that the manifest knows. */
export type RequirementId = Row['id']

/** The requirements that tests have to cite, and the only ones that they may. */
export type TestedRequirementId = Extract<Row, { status: { kind: 'tested' } }>['id']

export interface Requirement extends RequirementRow {
  readonly id: RequirementId
  /** The document, or group of documents, that the requirement comes from. */
  readonly document: string
}

/** All requirements on a resource server, in the order of their documents. */
export const requirements: readonly Requirement[] = documents.flatMap(({ document, rows }) =>
  rows.map((row: Row): Requirement => ({ ...row, document })),
)

/** The requirement with this id, if there is one. */
export function findRequirement(id: string): Requirement | undefined {
  return byId.get(id)
}

const byId: ReadonlyMap<string, Requirement> = new Map(requirements.map((row) => [row.id, row]))
