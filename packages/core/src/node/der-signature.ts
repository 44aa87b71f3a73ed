/** The octets R and S of RFC 7518 section 3.4, 32 each, as the sequence of two integers that OpenSSL reads fastest (RFC 3279 section 2.2.3). */
export function derSignature(signature: Uint8Array): Uint8Array {
  const integers = [...derInteger(signature.subarray(0, 32)), ...derInteger(signature.subarray(32))]
  return Uint8Array.from([0x30, integers.length, ...integers])
}

/** As short as it can be, with a zero before a first bit that would mean a negative number. */
function derInteger(octets: Uint8Array): readonly number[] {
  let start = 0
  while (start < octets.length - 1 && octets[start] === 0) start += 1
  const digits = [...octets.subarray(start)]
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : []
  return [0x02, sign.length + digits.length, ...sign, ...digits]
}
