import type { ContractRequest, Draft, ExpectedAnswer } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import {
  field,
  granted,
  group,
  invalidToken,
  malformedRequest,
  MARK,
  noCredential,
  refusedByServer,
  request,
  where,
} from './contract-request.ts'

/** How the credentials stand in the Authorization field (RFC 6750 section 2.1, RFC 9110 section 11.4). */
export async function fieldSyntaxRequests({ issuer }: ContractWorld): Promise<readonly ContractRequest[]> {
  const good = await issuer.mint({ sub: MARK })
  return [
    ...group('the scheme in any case', [
      field('Bearer', `Bearer ${good}`, granted),
      field('bearer', `bearer ${good}`, granted),
      field('BEARER', `BEARER ${good}`, granted),
      field('bEaReR', `bEaReR ${good}`, granted),
      request('AUTHORIZATION', { headers: [['AUTHORIZATION', `Bearer ${good}`]] }, granted),
    ]),
    ...group('spaces around and inside', [
      field('several between', `Bearer    ${good}`, granted),
      field('around the value', `   Bearer ${good}  `, granted),
      field('a tab around the value', `\tBearer ${good}\t`, granted),
      field('a tab between', `Bearer\t${good}`, malformedRequest),
      field('a space and a tab between', `Bearer \t${good}`, malformedRequest),
      field('a space inside', `Bearer ${good} ${MARK}`, malformedRequest),
      field('a no-break space between', `Bearer\u00a0${good}`, malformedRequest),
    ]),
    ...group('nothing to verify', [
      field('empty', '', malformedRequest),
      field('only spaces', '   ', malformedRequest),
      field('Bearer alone', 'Bearer', malformedRequest),
      field('bearer and a space', 'bearer ', malformedRequest),
      field('padding alone', 'Bearer =', malformedRequest),
    ]),
    ...illegalOctets(good),
    ...otherSchemes(good),
    ...repeatedFields(good),
  ]
}

function illegalOctets(good: string): readonly ContractRequest[] {
  const inside = (octet: string): string => `Bearer ${good.slice(0, 20)}${octet}${MARK}${good.slice(20)}`
  return [
    ...group('octets that no b64token has', [
      field('a comma', `Bearer ${good},${MARK}`, malformedRequest),
      field('two credentials in a list', `Bearer ${good}, Bearer ${good}`, malformedRequest),
      field('in quotes', `Bearer "${good}"`, malformedRequest),
      field('a quote inside', inside('"'), malformedRequest),
      field('a backslash inside', inside('\\'), malformedRequest),
      field('a parameter in place of a token', `Bearer realm="${MARK}"`, malformedRequest),
      field('padding inside', inside('='), malformedRequest),
      field('a parameter after the token', `Bearer ${good};x=${MARK}`, malformedRequest),
      field('percent encoding', inside('%20'), malformedRequest),
      field('markup', `Bearer <script>${MARK}</script>`, malformedRequest),
      field('JSON', `Bearer {"access_token":"${good}"}`, malformedRequest),
      field('a colon after the scheme', `Bearer: ${good}`, malformedRequest),
      field('a comma after the scheme', `Bearer, ${good}`, malformedRequest),
      field('an equals sign after the scheme', `Bearer=${good}`, malformedRequest),
      field('the scheme in quotes', `"Bearer" ${good}`, malformedRequest),
      ...[0x80, 0x85, 0xa0, 0xc3, 0xff].map((octet) =>
        field(`octet 0x${octet.toString(16)}`, inside(String.fromCharCode(octet)), malformedRequest),
      ),
      field('UTF-8', Buffer.from(inside('\u{1f600}')), malformedRequest),
      field('a byte order mark', Buffer.from(`\ufeffBearer ${good}`), malformedRequest),
    ]),
    ...group(
      'control characters',
      [0x00, 0x01, 0x08, 0x0b, 0x0c, 0x1b, 0x1f, 0x7f].map((octet) => {
        const name = `octet 0x${octet.toString(16).padStart(2, '0')}`
        const value = inside(String.fromCharCode(octet))
        return where('control characters are refused', refusedByServer, field(name, value, malformedRequest))
      }),
    ),
  ]
}

function otherSchemes(good: string): readonly ContractRequest[] {
  return group('another scheme is no credential', [
    field('Basic', `Basic ${Buffer.from(`user:${MARK}`).toString('base64')}`, noCredential),
    field('Basic alone', 'Basic', noCredential),
    field('Digest', `Digest username="${MARK}", realm="${MARK}", uri="/"`, noCredential),
    field('Digest, with a list in quotes', `Digest username="x, Bearer ${MARK}", uri="/"`, noCredential),
    field('DPoP', `DPoP ${good}`, noCredential),
    field('Negotiate', 'Negotiate YIIBqQYGKwYBBQUCoIIB', noCredential),
    field('a scheme that begins with Bearer', `Bearer${good}`, noCredential),
    field('a scheme that is a piece of Bearer', `Bear ${good}`, noCredential),
    field('Token', `Token ${good}`, noCredential),
    field('a token without a scheme', good, noCredential),
    field('an invented scheme', `${MARK} ${MARK}`, noCredential),
  ])
}

/** Who hides one of two lines hides what is wrong: there the last one alone decides. */
function repeatedFields(good: string): readonly ContractRequest[] {
  const basic = `Basic ${Buffer.from(`user:${MARK}`).toString('base64')}`
  const bearer = `Bearer ${good}`
  const badBearer = `Bearer ${MARK}`
  const bad = invalidToken('TOKEN_MALFORMED')
  const twice = (name: string, values: readonly [string, string], whenLast: ExpectedAnswer): Draft =>
    where(
      'the last of repeated fields counts',
      whenLast,
      request(name, { headers: values.map((value) => ['Authorization', value] as const) }, malformedRequest),
    )
  const inTwoCases = request(
    'in two cases, with another field between',
    {
      headers: [
        ['authorization', bearer],
        ['X-Between', MARK],
        ['AUTHORIZATION', bearer],
      ],
    },
    malformedRequest,
  )
  return group('the field twice', [
    twice('the same', [bearer, bearer], granted),
    twice('another token', [bearer, badBearer], bad),
    twice('another token first', [badBearer, bearer], granted),
    twice('Bearer, then Basic', [bearer, basic], noCredential),
    twice('Basic, then Bearer', [basic, bearer], granted),
    twice('two of another scheme', [basic, basic], noCredential),
    twice('empty, then Bearer', ['', bearer], granted),
    twice('Bearer, then empty', [bearer, ''], malformedRequest),
    where('the last of repeated fields counts', granted, inTwoCases),
    field('two of another scheme, on one line', `${basic}, ${basic}`, malformedRequest),
    field('Basic, then Bearer, on one line', `${basic}, Bearer ${good}`, malformedRequest),
    field('Basic, then Bearer alone, on one line', `${basic}, Bearer`, malformedRequest),
  ])
}
