import type { ContractRequest, Draft } from './contract-request.ts'
import type { Segments } from './encoding.ts'
import type { ContractWorld } from './world.ts'

import { granted, group, invalidToken, malformedRequest, token } from './contract-request.ts'
import { segments } from './encoding.ts'

const malformed = invalidToken('TOKEN_MALFORMED')

/** base64url as RFC 7515 section 2 has it: no padding, no other characters, no stray bits. */
export async function base64urlRequests(world: ContractWorld): Promise<readonly ContractRequest[]> {
  return group('base64url as strict as it is written', [...(await strayBits(world)), ...(await alphabets(world))])
}

async function strayBits({ issuer, header, claims }: ContractWorld): Promise<readonly Draft[]> {
  const { head, payload, signature } = segments(await issuer.mint())
  // Lengths that leave four or two unused bits in the last character of header and payload; of an RSA signature, four.
  const withSpareBits = async (octets: 1 | 2): Promise<readonly [raw: string, parts: Segments]> => {
    const raw = await issuer.signRaw(
      untilUneven(octets, (pad) => header({ pad })),
      untilUneven(octets, (pad) => JSON.stringify({ ...claims, pad })),
    )
    return [raw, segments(raw)]
  }
  const [fourBits, four] = await withSpareBits(1)
  const [twoBits, two] = await withSpareBits(2)
  return [
    token('four unused bits, all of them zero', fourBits, granted),
    token('two unused bits, all of them zero', twoBits, granted),
    token('one of four bits set in the header', `${strayBit(four.head)}.${four.payload}.${four.signature}`, malformed),
    token('one of four bits set in the payload', `${four.head}.${strayBit(four.payload)}.${four.signature}`, malformed),
    token('one of four bits set in the signature', `${head}.${payload}.${strayBit(signature)}`, malformed),
    token('one of two bits set in the header', `${strayBit(two.head)}.${two.payload}.${two.signature}`, malformed),
    token('one of two bits set in the payload', `${two.head}.${strayBit(two.payload)}.${two.signature}`, malformed),
  ]
}

async function alphabets({ issuer, withHeader, withPayload, claims }: ContractWorld): Promise<readonly Draft[]> {
  const good = await issuer.mint()
  const { head, payload, signature } = segments(good)
  const signedPayload = await withPayload(JSON.stringify({ ...claims, sub: '>>>???\u00ff' }))
  return [
    token('padding at the end', `${good}==`, malformed),
    token('padding after the header', `${head}=.${payload}.${signature}`, malformedRequest),
    token('a plus sign in the header', `${head.slice(0, -4)}+${head.slice(-3)}.${payload}.${signature}`, malformed),
    token('a slash in the payload', `${head}.${payload.slice(0, -4)}/${payload.slice(-3)}.${signature}`, malformed),
    token('a plus sign in the signature', `${head}.${payload}.+${signature.slice(1)}`, malformed),
    token('a tilde in the payload', `${head}.~${payload.slice(1)}.${signature}`, malformed),
    token('a length that base64url cannot have', `${head}.${payload}.${signature.slice(0, 340)}A`, malformed),
    token(
      'the header in base64',
      (await withHeader({ kid: '\u00ff\u00fe>>>???' })).replace(/^[^.]+/u, plainBase64),
      malformed,
    ),
    token('the payload in base64', signedPayload.replace(/(?<=\.)[^.]+(?=\.)/u, plainBase64), malformed),
  ]
}

/** The text which `make` gives for the shortest padding with which so many octets are left over after groups of three. */
function untilUneven(octets: number, make: (pad: string) => string): string {
  const found = ['', 'p', 'pp'].map(make).find((text) => Buffer.byteLength(text) % 3 === octets)
  if (found === undefined) throw new Error('no padding leaves unused bits')
  return found
}

function strayBit(segment: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return segment.slice(0, -1) + alphabet.charAt(alphabet.indexOf(segment.slice(-1)) + 1)
}

function plainBase64(segment: string): string {
  const text = Buffer.from(segment, 'base64url').toString('base64').replaceAll('=', '')
  if (text === segment) throw new Error('both alphabets write this alike')
  return text
}
