import { isObject } from './guards.ts'

const MAX_DEPTH = 16
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses JSON that came from outside: fatal UTF-8 (RFC 8725 section 3.7), no byte order mark, member names unique per
 * object once unescaped (RFC 7515 section 4, RFC 7519 section 4), at most 16 levels deep.
 *
 * @throws SyntaxError whose message tells the rule that was broken and holds nothing of the text.
 */
function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw new SyntaxError('not UTF-8')
  }
  scan(text)
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError('not JSON')
  }
}

/** As {@link parseStrictJson}, for documents that must be an object. */
export function parseStrictObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parseStrictJson(bytes)
  if (!isObject(value)) throw new SyntaxError('not a JSON object')
  return value
}

/** Runs before JSON.parse so that depth is bounded first; on text that is not JSON its verdict does not matter. */
function scan(text: string): void {
  const open: (Set<string> | undefined)[] = [] // the member names of each open object; undefined for an array
  let nameExpected = false
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at)
        if (nameExpected) addName(open.at(-1), text.slice(at, end + 1))
        nameExpected = false
        at = end
        break
      }
      case 0x7b: // {
        open.push(new Set())
        nameExpected = true
        break
      case 0x5b: // [
        open.push(undefined)
        nameExpected = false
        break
      case 0x7d: // }
      case 0x5d: // ]
        open.pop()
        nameExpected = false
        break
      case 0x2c: // ,
        nameExpected = open.at(-1) !== undefined
        break
    }
    if (open.length > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels`)
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at += 1
  }
  throw new SyntaxError('not JSON')
}

function addName(names: Set<string> | undefined, quoted: string): void {
  if (names === undefined) return
  let name: string
  try {
    name = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
  } catch {
    throw new SyntaxError('not JSON')
  }
  if (names.has(name)) throw new SyntaxError('a member name stands twice')
  names.add(name)
}
