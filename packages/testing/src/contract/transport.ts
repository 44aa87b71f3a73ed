/**
 * What stands between the client and the adapter, where that is more or less than a Node server with room for large
 * header fields. Every request is sent all the same; what is declared here decides which answer is right.
 */
export interface Transport {
  /** `refused` (default): the server answers 400 itself, as Node does unless told otherwise. `carried`: they reach the adapter. */
  readonly controlCharacters?: 'refused' | 'carried' | undefined
  /** `carried` (default): fields of 200 KB reach the adapter. `refused`: the server answers 431 or 400 itself, above 16 KB. */
  readonly largeFields?: 'carried' | 'refused' | undefined
  /** Of two lines of a request field `all` (default) reach the adapter, apart or joined by a comma, or the `last` alone. */
  readonly repeatedFields?: 'all' | 'last' | undefined
  /** Two WWW-Authenticate lines stay `separate` (default), or are `joined` into one by a transport that has room for one. */
  readonly challengeLines?: 'separate' | 'joined' | undefined
}

/** A {@link Transport} in which everything is settled. */
export type KnownTransport = { readonly [Name in keyof Transport]-?: Exclude<Transport[Name], undefined> }

export const NODE: KnownTransport = {
  controlCharacters: 'refused',
  largeFields: 'carried',
  repeatedFields: 'all',
  challengeLines: 'separate',
}

/** The values that each property may have. */
export const TRANSPORTS: { readonly [Name in keyof KnownTransport]: readonly KnownTransport[Name][] } = {
  controlCharacters: ['refused', 'carried'],
  largeFields: ['carried', 'refused'],
  repeatedFields: ['all', 'last'],
  challengeLines: ['separate', 'joined'],
}
