import { describe, expect, it } from 'vitest'

import { assertLegalChallenge, parseChallenges } from '../../../packages/testing/src/contract/challenge-parser.ts'

describe('parseChallenges', () => {
  it.each([
    ['Bearer', [{ scheme: 'Bearer', params: {} }]],
    ['Bearer realm=""', [{ scheme: 'Bearer', params: { realm: '' } }]],
    ['Bearer realm="a, b=\\"c\\\\"', [{ scheme: 'Bearer', params: { realm: 'a, b="c\\' } }]],
    ['Bearer Realm="x", error=invalid_token', [{ scheme: 'Bearer', params: { realm: 'x', error: 'invalid_token' } }]],
    [
      'Bearer scope="a b", DPoP algs="ES256"',
      [
        { scheme: 'Bearer', params: { scope: 'a b' } },
        { scheme: 'DPoP', params: { algs: 'ES256' } },
      ],
    ],
    [
      'Bearer, DPoP',
      [
        { scheme: 'Bearer', params: {} },
        { scheme: 'DPoP', params: {} },
      ],
    ],
    ['Negotiate abc==', [{ scheme: 'Negotiate', params: {}, token68: 'abc==' }]],
  ])('reads %s', (field, challenges) => {
    expect(parseChallenges(field)).toEqual(challenges)
  })

  it('reads several field lines', () => {
    expect(parseChallenges(['Bearer realm="a"', 'DPoP algs="ES256"'])).toHaveLength(2)
  })

  it.each([
    '',
    ' Bearer',
    'Bearer ',
    'Bearer,',
    'Bearer realm="x",',
    'Bearer realm="x",, error="y"',
    'Bearer realm="x" error="y"',
    'Bearer realm="x',
    'Bearer realm="x"y"',
    'Bearer realm="x\\"',
    'Bearer realm="\\x"',
    'Bearer realm = "x"',
    'Bearer realm="x", REALM="y"',
    'Bearer realm="\u00e9"',
    'Bearer realm="a\r\nSet-Cookie: b"',
    'Bearer realm="\u0000"',
    'Bearer abc==, realm="x"',
    'Bearer error=a/b',
    'Be"arer realm="x"',
  ])('refuses %j', (field) => {
    expect(() => parseChallenges(field)).toThrow(SyntaxError)
  })

  it('refuses an empty list of field lines', () => {
    expect(() => parseChallenges([])).toThrow(SyntaxError)
  })
})

describe('assertLegalChallenge', () => {
  it('returns the challenges of a legal field', () => {
    expect(
      assertLegalChallenge(
        'Bearer realm="a\\"b", scope="a b:c", error="invalid_token", error_description="Try again."',
      ),
    ).toHaveLength(1)
  })

  it.each([
    'Bearer',
    'Bearer realm=',
    'Bearer realm="x", DPoP',
    'Bearer realm=x',
    'Bearer scope=""',
    'Bearer scope="a  b"',
    'Bearer scope=" a"',
    'Bearer scope="a\\"b"',
    'Bearer scope="a\tb"',
    'Bearer error="a\\\\b"',
    'Bearer error_description="say \\"x\\""',
    'Bearer error_description=""',
    'Bearer error_uri="not a uri"',
    'DPoP algs="ES256  RS256"',
    'Bearer max_age="-1"',
  ])('refuses %s', (field) => {
    expect(() => assertLegalChallenge(field)).toThrow(SyntaxError)
  })
})
