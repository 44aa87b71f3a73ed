import { isObject } from './guards.ts'

const MAX_DEPTH = 16
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses JSON that came from outside: no byte order mark, member names unique per object once unescaped (RFC 7515
 * section 4, RFC 7519 section 4), at most 16 levels deep.
 *
 * @returns a value that is frozen all the way down
 * @throws SyntaxError whose message tells the rule that was broken and holds nothing of the text.
 */
function parseStrictJson(text: string): unknown {
  const written = countMembers(text)
  const value = parse(text)
  const found = isStructured(value) ? freezeAndCount(value) : 0
  // of two members with one name JSON.parse keeps the last, so that fewer are found than were written
  if (found !== written) throw new SyntaxError('a member name stands twice')
  return value
}

/** As {@link parseStrictJson}, for documents that must be an object. Octets must be UTF-8 (RFC 8725 section 3.7). */
export function parseStrictObject(json: Uint8Array | string): Readonly<Record<string, unknown>> {
  const value = parseStrictJson(typeof json === 'string' ? json : decode(json))
  if (!isObject(value)) throw new SyntaxError('not a JSON object')
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new SyntaxError('not UTF-8')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError('not JSON')
  }
}

/** In JSON a colon outside of a string makes a member. Runs first, so that depth is bounded before anything recurses. */
function countMembers(text: string): number {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at)
        break
      case 0x7b: // {
      case 0x5b: // [
        depth += 1
        if (depth > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels`)
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1
        break
      case 0x3a: // :
        members += 1
        break
    }
  }
  return members
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    if (!isEscaped(text, at)) return at
  }
  throw new SyntaxError('not JSON')
}

/** After an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === 0x5c) before -= 1
  return (at - before) % 2 === 1
}

/** The members of all objects in there. Values of objects are looked up by name, since a list of them costs more. */
function freezeAndCount(value: Structured): number {
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) if (isStructured(item)) members += freezeAndCount(item)
  } else {
    for (const name in value) {
      if (!Object.hasOwn(value, name)) continue
      members += 1
      const inner = value[name]
      if (isStructured(inner)) members += freezeAndCount(inner)
    }
  }
  Object.freeze(value)
  return members
}

type Structured = Readonly<Record<string, unknown>>

function isStructured(value: unknown): value is Structured {
  return typeof value === 'object' && value !== null
}
