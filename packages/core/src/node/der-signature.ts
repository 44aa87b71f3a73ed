const INTEGER = 0x02
const SEQUENCE = 0x30

/**
 * The octets R and S of RFC 7518 section 3.4, 32 each, as the sequence of two integers that OpenSSL reads fastest (RFC
 * 3279 section 2.2.3).
 */
export function derSignature(signature: Uint8Array): Uint8Array {
  const [r, s] = [firstDigit(signature, 0, 32), firstDigit(signature, 32, 64)]
  const length = integerLength(signature, r, 32) + integerLength(signature, s, 64)
  const der = new Uint8Array(2 + length)
  der[0] = SEQUENCE
  der[1] = length
  const next = putInteger(der, 2, signature, r, 32)
  putInteger(der, next, signature, s, 64)
  return der
}

/** An integer is as short as it can be, but has one octet at least. */
function firstDigit(octets: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end - 1 && octets[at] === 0) at += 1
  return at
}

/** A zero comes before a first bit that would mean a negative number. */
function signLength(octets: Uint8Array, first: number): number {
  return (octets[first] ?? 0) >= 0x80 ? 1 : 0
}

function integerLength(octets: Uint8Array, first: number, end: number): number {
  return 2 + signLength(octets, first) + end - first
}

function putInteger(der: Uint8Array, at: number, octets: Uint8Array, first: number, end: number): number {
  const sign = signLength(octets, first)
  der[at] = INTEGER
  der[at + 1] = sign + end - first
  let place = at + 2 + sign
  for (let from = first; from < end; from += 1, place += 1) der[place] = octets[from] ?? 0
  return place
}
