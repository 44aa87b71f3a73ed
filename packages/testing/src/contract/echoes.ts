import type { RawResponse } from './raw-request.ts'
import type { ContractRequest } from './requests/contract-request.ts'

import { contractApi } from './contract-api.ts'
import { MARK, NAMES } from './requests/contract-request.ts'

/** What an API says of its own accord. */
const OWN = [NAMES.scope, contractApi.origin]

const MARKED = new RegExp(MARK, 'iu')

/** Longer than what an answer and a request may well have in common, such as `Bearer realm="`. */
const LENGTH = 16
/** Shorter strings of a token occur in any text. */
const SHORTEST_LEAF = 6

/** Pieces of an answer that came from the request: as it was sent, or as the token in it reads once decoded. */
export function echoes(request: ContractRequest, response: RawResponse): string[] {
  const sent = sentTexts(request)
  const leaves = sent.flatMap(leavesOf).filter((leaf) => leaf.length >= SHORTEST_LEAF)
  const own = request.expected.by === 'adapter' ? [...OWN, request.expected.body] : OWN
  const said = [...response.headers.map(([, value]) => value), response.body]
    .filter((text) => !text.startsWith('application/json'))
    .map((text) => own.reduce((rest, known) => rest.replaceAll(known, ''), text))
  const found = [
    ...said.flatMap((text) => [
      ...windows(text).filter((window) => sent.some((line) => line.includes(window))),
      ...leaves.filter((leaf) => text.includes(leaf)),
    ]),
    // words such as `length` are in the names of fields anyway
    ...[...said, ...response.headers.map(([name]) => name)].filter((text) => MARKED.test(text)).map(() => MARK),
  ]
  return found.map((text) => JSON.stringify(text))
}

function sentTexts({ path, headers, body }: ContractRequest): string[] {
  const values = headers.map(([, value]) => (typeof value === 'string' ? value : Buffer.from(value).toString('latin1')))
  const sent = [...values, path, body]
  const segments = sent.flatMap((text) => text.split(/[.\s=]+/u)).filter((segment) => segment !== '')
  const decoded = segments.map((segment) => Buffer.from(segment, 'base64url').toString())
  return [...sent, ...decoded].filter((text) => text.length >= SHORTEST_LEAF)
}

function windows(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - LENGTH + 1) }, (_, at) => text.slice(at, at + LENGTH))
}

/** The strings in a JSON text, names included; none where it is no JSON. */
function leavesOf(text: string): string[] {
  if (!text.startsWith('{')) return []
  try {
    return stringsIn(JSON.parse(text))
  } catch {
    return []
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...stringsIn(inner)])
}
