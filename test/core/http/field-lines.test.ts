import { fieldLines, fieldReader, fromFields, fromNodeRequest } from '@tokenward/core'
import { describe, expect, it } from 'vitest'

describe('the lines of a field', () => {
  it('are all there, where Node keeps the first alone', () => {
    const rawHeaders = ['Host', 'api', 'Authorization', 'Bearer a', 'AUTHORIZATION', 'Basic b']

    expect(fieldLines({ rawHeaders, headers: { authorization: 'Bearer a' } }, 'authorization')).toEqual([
      'Bearer a',
      'Basic b',
    ])
  })

  it('are what the application made of the field, where there is one', () => {
    const rawHeaders = ['Authorization', 'Bearer a']

    expect(fieldLines({ rawHeaders, headers: { authorization: 'Bearer b' } }, 'authorization')).toEqual(['Bearer b'])
    expect(fieldLines({ rawHeaders, headers: {} }, 'authorization')).toEqual([])
    expect(fieldLines({ headers: { authorization: ['a', 'b'] } }, 'authorization')).toEqual(['a', 'b'])
  })

  it('are not those of a field whose name is as long, nor a value that looks like a name', () => {
    const rawHeaders = ['x-thorization', 'a', 'x', 'authorization', 'y', 'authorization']

    expect(fieldLines({ rawHeaders, headers: {} }, 'authorization')).toEqual([])
  })
})

describe('fields of any kind', () => {
  it.each([
    ['an object', { Authorization: ['a', 'b'], other: 'c' }],
    ['a map', new Map([['authorization', ['a', 'b']]])],
    [
      'pairs',
      [
        ['authorization', 'a'],
        ['AUTHORIZATION', 'b'],
      ],
    ],
    ['octets', { authorization: [Buffer.from('a'), Buffer.from('b')] }],
  ])('are read whatever the case of their names: %s', (_kind, fields) => {
    expect(fieldReader(fields)('authorization')).toEqual(['a', 'b'])
    expect(fieldReader(fields)('Authorization')).toEqual(['a', 'b'])
    expect(fieldReader(fields)('cookie')).toEqual([])
  })

  it('have no line without a value', () => {
    for (const fields of [
      undefined,
      null,
      7,
      'authorization',
      {},
      { authorization: undefined },
      { authorization: [] },
    ]) {
      expect(fieldReader(fields)('authorization')).toEqual([])
    }
    expect(fieldReader({ authorization: null })('authorization')).toEqual([])
    expect(fieldReader({ authorization: '' })('authorization')).toEqual([''])
  })
})

describe('a call that has fields', () => {
  const request = fromNodeRequest({
    method: 'POST',
    url: '/orders',
    headers: { host: 'api', authorization: 'Bearer a' },
  })

  it('may have nothing else', () => {
    const call = fromFields(() => ({ Authorization: 'Bearer b' }))

    expect([call.method, call.url]).toEqual(['', ''])
    expect(call.headerValues('authorization')).toEqual(['Bearer b'])
  })

  it('has them where its request lacks one', () => {
    const call = fromFields(() => ({ authorization: 'Bearer b', cookie: 'c' }), request)

    expect([call.method, call.url]).toEqual(['POST', 'http://api/orders'])
    expect(call.headerValues('authorization')).toEqual(['Bearer a'])
    expect(call.headerValues('cookie')).toEqual(['c'])
  })

  it('is not asked for them before they are needed', () => {
    const call = fromFields(() => {
      throw new Error('no fields')
    }, request)

    expect(call.headerValues('authorization')).toEqual(['Bearer a'])
    expect(() => call.headerValues('cookie')).toThrow('no fields')
  })
})
