/** The segments of a compact JWS. */
export interface Segments {
  readonly head: string
  readonly payload: string
  readonly signature: string
}

export function segments(raw: string): Segments {
  const [head, payload, signature] = raw.split('.')
  if (head === undefined || payload === undefined || signature === undefined) throw new Error('expected three segments')
  return { head, payload, signature }
}

export function encode(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url')
}
