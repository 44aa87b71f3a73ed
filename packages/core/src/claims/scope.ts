/** RFC 6749 section 3.3: %x21 / %x23-5B / %x5D-7E. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

export function isScopeToken(value: unknown): value is string {
  return typeof value === 'string' && SCOPE_TOKEN.test(value)
}

/** The scopes of a space-delimited list (RFC 8693 section 4.2), each once. What is not a scope token grants nothing. */
export function parseScope(list: string): readonly string[] {
  const known = lists.get(list)
  if (known !== undefined) return known
  const scopes = Object.freeze(uniqueScopes(list.split(' ')))
  if (list.length > LONGEST_KNOWN) return scopes
  if (lists.size >= MOST_KNOWN) lists.clear()
  lists.set(list, scopes)
  return scopes
}

/** Clients are granted the same lists again and again. Bounded, and forgotten all at once. */
const lists = new Map<string, readonly string[]>()
const MOST_KNOWN = 64
const LONGEST_KNOWN = 1024

export function uniqueScopes(candidates: readonly unknown[]): readonly string[] {
  const scopes = candidates.filter(isScopeToken)
  return hasRepetition(scopes) ? [...new Set(scopes)] : scopes
}

/** Short lists are compared one by one, which costs less than to make a set. */
function hasRepetition(scopes: readonly string[]): boolean {
  return scopes.length > 8 || scopes.some((scope, at) => scopes.indexOf(scope) !== at)
}
