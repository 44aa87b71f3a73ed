import type { TokenRequest } from './token-request.ts'

/** The header of a request as Node's server hands it over. */
export interface NodeHeader {
  /** Names and values in turn. Some stand-ins for Node's server have none. */
  readonly rawHeaders?: readonly string[] | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * The values of all lines of a header field. Node keeps the first of two Authorization lines and drops the other; only
 * the raw header shows both. Where there is one, the parsed header counts, since middleware of the application may have
 * set it.
 *
 * @param name in lower case
 */
export function fieldLines({ rawHeaders = [], headers }: NodeHeader, name: string): readonly string[] {
  const lines: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const field = rawHeaders[at] ?? ''
    const value = rawHeaders[at + 1] ?? ''
    if (field.length === name.length && field.toLowerCase() === name) lines.push(value)
  }
  if (lines.length > 1) return lines
  const value = headers[name]
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/**
 * Reads header fields that came as pairs, a `Map`, or an object, whatever the case of their names. A value may be a list
 * of lines; what has no value has no line.
 */
export function fieldReader(fields: unknown): TokenRequest['headerValues'] {
  const given: object = Object(fields) // or nothing, if it is none
  // a cast because pairs are the only thing that fields are handed over as one by one
  const pairs = Symbol.iterator in given ? [...(given as Iterable<readonly unknown[]>)] : Object.entries(given)
  return (name) =>
    pairs.flatMap(([field, value]) => {
      return String(field).toLowerCase() === name.toLowerCase() ? [value ?? []].flat().map(String) : []
    })
}

/**
 * A call with fields and nothing else, or one that has them where `request` lacks a field: for frameworks where
 * credentials may stand outside a header.
 *
 * @param read gives what {@link fieldReader} takes, when it is needed; what it throws is a failure to judge the call
 */
export function fromFields(read: () => unknown, request?: TokenRequest): TokenRequest {
  const headerValues = (name: string): readonly string[] => {
    const lines = request?.headerValues(name) ?? []
    return lines.length > 0 ? lines : fieldReader(read())(name)
  }
  return { method: request?.method ?? '', url: request?.url ?? '', headerValues }
}
