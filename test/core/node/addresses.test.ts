import { guardedFetch } from '@tokenward/core/node'
import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listen } from '../../support/listen.ts'
import { INSIDE_V4, INSIDE_V6, OUTSIDE, SPELLINGS } from './addresses.ts'
import { judgedLiteral, judgedName, REFUSED, resolvesTo } from './judged.ts'

const inside = [...INSIDE_V4, ...INSIDE_V6]
const bracketed = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

describe('guardedFetch', () => {
  it('connects to nothing that was refused: a literal, a name, a name of the own resolver', async () => {
    let connections = 0
    await using server = await listen(() => {})
    server.server.on('connection', () => {
      connections += 1
    })
    const named = guardedFetch({ lookup: resolvesTo('127.0.0.1') })

    await expect(guardedFetch()(server.origin, {})).rejects.toMatchObject({ code: REFUSED })
    await expect(guardedFetch()(`http://localhost:${server.port}/`, {})).rejects.toMatchObject({ code: REFUSED })
    await expect(named(`http://name.example:${server.port}/`, {})).rejects.toMatchObject({ code: REFUSED })
    expect(connections).toBe(0)
  })

  it('judges a name anew for each connection: one that answers otherwise the next time is refused then', async () => {
    await using server = await listen((_request, response) => void response.end('{}'))
    const answers = ['127.0.0.1', '127.0.0.1', '0.0.0.0', '127.0.0.1']
    const lookup = async () => [{ address: answers.shift() ?? '', family: 4 }]
    const fetch = guardedFetch({ lookup, allowLoopback: true })
    const ask = async () => fetch(`http://name.example:${server.port}/`, {}).then(({ status }) => status)

    expect(await ask()).toBe(200)
    expect(await ask()).toBe(200)
    await expect(ask()).rejects.toMatchObject({ code: REFUSED })
    expect(await ask()).toBe(200)
  })

  it('keeps the resolver’s own reason where a name cannot be resolved', async () => {
    const lookup = async () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
    await expect(guardedFetch({ lookup })('http://name.example/', {})).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  it.each(['file:///etc/passwd', 'ftp://name.example/', 'data:application/json,{}'])(
    'knows no other scheme: %s',
    async (url) => {
      await expect(guardedFetch()(url, {})).rejects.toThrow(/protocol/i)
    },
  )
})

describe('a name', () => {
  it.each(inside)('of an address inside is refused: %s, %s', async (_, address) => {
    expect(await judgedName(resolvesTo(address))).toBe(REFUSED)
    expect(await judgedName(resolvesTo(address), { all: false })).toBe(REFUSED)
  })

  it.each(OUTSIDE)('of an address outside may use it: %s', async (address) => {
    expect(await judgedName(resolvesTo(address))).toEqual([address])
    expect(await judgedName(resolvesTo(address), { all: false })).toEqual([address])
  })

  it.each(inside)('with one address inside among those outside is refused whole: %s, %s', async (_, address) => {
    expect(await judgedName(resolvesTo('8.8.8.8', address))).toBe(REFUSED)
    expect(await judgedName(resolvesTo(address, '2606:4700:4700::1111'))).toBe(REFUSED)
    expect(await judgedName(resolvesTo('8.8.8.8', '1.1.1.1', address), { all: false })).toBe(REFUSED)
  })

  it('with several addresses outside may use any of them and no other', async () => {
    const addresses = ['8.8.8.8', '2606:4700:4700::1111']
    expect(await judgedName(resolvesTo(...addresses))).toEqual(addresses)
  })

  it('of no address at all is refused', async () => {
    expect(await judgedName(resolvesTo())).toBe(REFUSED)
  })

  it.each([
    '',
    'localhost',
    '0x7f.1',
    '2130706433',
    '127.1',
    '127.0.0.1 ',
    'name.example',
    '::1]',
    '1.1.1',
    '1.1.1.1/8',
  ])('that the resolver answers with something that is no address is refused: %j', async (address) => {
    expect(await judgedName(resolvesTo(address))).toBe(REFUSED)
  })

  it('that answers public first and private next is refused the second time', async () => {
    const answers = ['8.8.8.8', '10.0.0.1', '127.0.0.1', '169.254.169.254']
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }]

    expect(await judgedName(resolve)).toEqual(['8.8.8.8'])
    for (let n = 0; n < 3; n += 1) expect(await judgedName(resolve)).toBe(REFUSED)
  })
})

describe('an address in the URL', () => {
  it.each(inside.filter(([, address]) => !address.includes('%')))('inside is refused: %s, %s', (_, address) => {
    expect(judgedLiteral(bracketed(address))).toBe(REFUSED)
  })

  it.each(OUTSIDE)('outside may be used: %s', (address) => {
    expect(judgedLiteral(bracketed(address))).toBe(bracketed(address))
  })

  it.each(SPELLINGS)('in another spelling is refused: %s', (host) => {
    expect(judgedLiteral(host)).toBe(REFUSED)
    expect(judgedLiteral(`${host}:8080`)).toBe(REFUSED)
  })

  it('in any spelling of 127.0.0.0/8 is refused', () => {
    const part = fc.tuple(fc.nat({ max: 255 }), fc.constantFrom(10, 8, 16)).map(([value, radix]) => {
      if (radix === 8) return `0${value.toString(8)}`
      return radix === 16 ? `0x${value.toString(16)}` : String(value)
    })
    const first = fc.constantFrom('127', '0177', '0x7f', '0x007F')
    fc.assert(
      fc.property(first, part, part, part, (...parts) => {
        expect(judgedLiteral(parts.join('.'))).toBe(REFUSED)
      }),
    )
  })

  it('that carries an IPv4 address inside is refused, whichever', async () => {
    const carriers = ['::ffff:', '::', '64:ff9b::', '64:ff9b:1::', '::ffff:0:']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...carriers), fc.ipV4(), async (carrier, address) => {
        expect(judgedLiteral(`[${carrier}${address}]`)).toBe(REFUSED)
        expect(await judgedName(resolvesTo(`${carrier}${address}`))).toBe(REFUSED)
      }),
    )
  })
})

describe('allowLoopback', () => {
  const allowLoopback = true

  it.each(['127.0.0.1', '127.1.2.3', '::1'])('permits %s', async (address) => {
    expect(await judgedName(resolvesTo(address), { allowLoopback })).toEqual([address])
    expect(judgedLiteral(bracketed(address), { allowLoopback })).toBe(bracketed(address))
  })

  it.each(inside.filter(([name]) => !/loopback/i.test(name)))(
    'permits nothing else inside: %s, %s',
    async (_, address) => {
      expect(await judgedName(resolvesTo(address), { allowLoopback })).toBe(REFUSED)
    },
  )

  it.each(['::127.0.0.1', '64:ff9b::127.0.0.1', '2002:7f00:1::1', '::ffff:0:127.0.0.1'])(
    'permits no detour to loopback: %s',
    async (address) => {
      expect(await judgedName(resolvesTo(address), { allowLoopback })).toBe(REFUSED)
    },
  )
})
