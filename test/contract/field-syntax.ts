import type { ContractRequest, FieldLine } from './contract-request.ts'
import type { ContractWorld } from './world.ts'

import { field, granted, group, malformedRequest, MARK, noCredential, request } from './contract-request.ts'

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
      [0x00, 0x01, 0x08, 0x0b, 0x0c, 0x1b, 0x1f, 0x7f].map((octet) => ({
        ...field(
          `octet 0x${octet.toString(16).padStart(2, '0')}`,
          inside(String.fromCharCode(octet)),
          malformedRequest,
        ),
        parser: 'lenient' as const,
      })),
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

function repeatedFields(good: string): readonly ContractRequest[] {
  const lines = (...values: readonly string[]): FieldLine[] => values.map((value) => ['Authorization', value])
  const basic = `Basic ${Buffer.from(`user:${MARK}`).toString('base64')}`
  return group('the field twice', [
    request('the same', { headers: lines(`Bearer ${good}`, `Bearer ${good}`) }, malformedRequest),
    request('another token', { headers: lines(`Bearer ${good}`, `Bearer ${MARK}`) }, malformedRequest),
    request('another token first', { headers: lines(`Bearer ${MARK}`, `Bearer ${good}`) }, malformedRequest),
    request('Bearer, then Basic', { headers: lines(`Bearer ${good}`, basic) }, malformedRequest),
    request('Basic, then Bearer', { headers: lines(basic, `Bearer ${good}`) }, malformedRequest),
    request('two of another scheme', { headers: lines(basic, basic) }, malformedRequest),
    request('two of another scheme, on one line', { headers: lines(`${basic}, ${basic}`) }, malformedRequest),
    request('Basic, then Bearer, on one line', { headers: lines(`${basic}, Bearer ${good}`) }, malformedRequest),
    request('Basic, then Bearer alone, on one line', { headers: lines(`${basic}, Bearer`) }, malformedRequest),
    request('empty, then Bearer', { headers: lines('', `Bearer ${good}`) }, malformedRequest),
    request('Bearer, then empty', { headers: lines(`Bearer ${good}`, '') }, malformedRequest),
    request(
      'in two cases, with another field between',
      {
        headers: [
          ['authorization', `Bearer ${good}`],
          ['X-Between', MARK],
          ['AUTHORIZATION', `Bearer ${good}`],
        ],
      },
      malformedRequest,
    ),
  ])
}
