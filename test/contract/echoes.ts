import type { RawResponse } from '../support/raw-request.ts'
import type { ContractRequest } from './contract-request.ts'

import { contractApi, MARK } from './contract-request.ts'

/** Longer than what an answer and a request may well have in common, such as `Bearer realm="`. */
const LENGTH = 16
/** Shorter strings of a token occur in any text. */
const SHORTEST_LEAF = 6

/** Pieces of an answer that came from the request: as it was sent, or as the token in it reads once decoded. */
export function echoes(request: ContractRequest, response: RawResponse): string[] {
  const sent = sentTexts(request)
  const leaves = sent.flatMap(leavesOf).filter((leaf) => leaf.length >= SHORTEST_LEAF)
  const answered = [...response.headers.flat(), response.body]
    .filter((text) => !text.startsWith('application/json'))
    .map((text) => text.replaceAll(contractApi.scope, ''))
  return answered.flatMap((text) => [
    ...(text.toLowerCase().includes(MARK.toLowerCase()) ? [MARK] : []),
    ...windows(text).filter((window) => sent.some((line) => line.includes(window))),
    ...leaves.filter((leaf) => text.includes(leaf)),
  ])
}

function sentTexts({ path, headers, body }: ContractRequest): string[] {
  const values = headers.map(([, value]) => (typeof value === 'string' ? value : Buffer.from(value).toString('latin1')))
  const decoded = [...values, path, body].flatMap((text) =>
    text.split(/[.\s=]/u).map((segment) => Buffer.from(segment, 'base64url').toString()),
  )
  return [path, body, ...values, ...decoded]
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
