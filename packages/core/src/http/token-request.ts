/** What a resource server needs to know of a request; every adapter makes one out of its framework's own. */
export interface TokenRequest {
  /** As sent: methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string
  /** The absolute URL the client addressed, as far as the host can tell. May be a getter: it is read only when needed. */
  readonly url: string
  /** Every field line of that name (lower case), one element each, so that a repeated field is seen. */
  readonly headerValues: (name: string) => readonly string[]
}
