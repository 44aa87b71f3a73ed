/** What a Bearer challenge tells (RFC 6750 section 3). */
export interface BearerChallenge {
  readonly realm: string
  readonly error?: string | undefined
  readonly description?: string | undefined
  readonly scope?: readonly string[] | undefined
}

/** What may stand in a realm: printable ASCII. Anything else could break out of the field (RFC 9110 section 5.5). */
export function isRealm(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)
}

/**
 * A WWW-Authenticate value. The realm always stands in it, so the challenge is never bare (RFC 6750 section 3), and each
 * parameter stands once. Error, description and scopes are constants or configured, never taken from a request.
 */
export function bearerChallenge({ realm, error, description, scope }: BearerChallenge): string {
  const parameters = [`realm=${quotedString(realm)}`]
  if (error !== undefined) parameters.push(`error=${quotedString(error)}`)
  if (description !== undefined) parameters.push(`error_description=${quotedString(description)}`)
  if (scope !== undefined && scope.length > 0) parameters.push(`scope=${quotedString(scope.join(' '))}`)
  return `Bearer ${parameters.join(', ')}`
}

/** RFC 9110 section 5.6.4: only the quote and the backslash are escaped. */
function quotedString(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
