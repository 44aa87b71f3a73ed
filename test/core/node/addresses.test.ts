import { guardedFetch } from '@tokenward/core/node'
import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listen } from '../../support/listen.ts'
import { INSIDE_V4, INSIDE_V6, OUTSIDE, SPELLINGS } from './addresses.ts'
import { withoutTraffic } from './without-traffic.ts'

const REFUSED = 'ADDRESS_REFUSED'
const inside = [...INSIDE_V4, ...INSIDE_V6]

/** Asks for a name that the network knows under these addresses. */
async function named(...addresses: readonly string[]): Promise<readonly string[] | string> {
  const lookup = async () => addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return withoutTraffic(async () => guardedFetch({ lookup })('http://name.example/jwks', {}))
}

/** Asks for an address as it stands in a URL; whoever looks it up has found a way around the guard. */
async function literal(host: string): Promise<readonly string[] | string> {
  const lookup = async () => {
    throw Object.assign(new Error('looked up'), { code: 'LOOKED_UP' })
  }
  return withoutTraffic(async () => guardedFetch({ lookup })(`http://${host}/jwks`, {}))
}

const bracketed = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

it('what these tests would connect to is never connected to', async () => {
  let connections = 0
  await using server = await listen(() => {})
  server.server.on('connection', () => {
    connections += 1
  })
  const fetch = guardedFetch({ allowLoopback: true })
  expect(await withoutTraffic(async () => fetch(server.origin, {}))).toEqual(['127.0.0.1'])
  expect(await withoutTraffic(async () => fetch(`https://127.0.0.1:${server.port}`, {}))).toEqual(['127.0.0.1'])
  expect(connections).toBe(0)
})

describe('a name', () => {
  it.each(inside)('of an address inside is refused: %s, %s', async (_, address) => {
    expect(await named(address)).toBe(REFUSED)
  })

  it.each(OUTSIDE)('of an address outside is connected to, at that address: %s', async (address) => {
    expect(await named(address)).toEqual([address])
  })

  it.each(inside)('with one address inside among those outside is refused whole: %s, %s', async (_, address) => {
    expect(await named('8.8.8.8', address)).toBe(REFUSED)
    expect(await named(address, '2606:4700:4700::1111')).toBe(REFUSED)
    expect(await named('8.8.8.8', '1.1.1.1', '8.8.4.4', address, '2606:4700:4700::1111')).toBe(REFUSED)
  })

  it('with several addresses outside may use any of them and no other', async () => {
    expect(await named('8.8.8.8', '2606:4700:4700::1111')).toEqual(['8.8.8.8', '2606:4700:4700::1111'])
  })

  it('of no address at all is refused', async () => {
    expect(await named()).toBe(REFUSED)
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
    expect(await named(address)).toBe(REFUSED)
  })

  it('that cannot be resolved keeps the resolver’s own reason', async () => {
    const lookup = async () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
    expect(await withoutTraffic(async () => guardedFetch({ lookup })('http://name.example/', {}))).toBe('ENOTFOUND')
  })

  it('is looked up once for each connection', async () => {
    let lookups = 0
    const lookup = async () => {
      lookups += 1
      return [{ address: '8.8.8.8', family: 4 }]
    }
    const fetch = guardedFetch({ lookup })
    for (let n = 1; n <= 3; n += 1) {
      await withoutTraffic(async () => fetch('http://name.example/', {}))
      expect(lookups).toBe(n)
    }
  })

  it('that answers public first and private next is refused at the second connection', async () => {
    const answers = ['8.8.8.8', '10.0.0.1', '127.0.0.1', '169.254.169.254']
    const lookup = async () => [{ address: answers.shift() ?? '', family: 4 }]
    const fetch = guardedFetch({ lookup })
    const ask = async () => withoutTraffic(async () => fetch('http://name.example/', {}))

    expect(await ask()).toEqual(['8.8.8.8'])
    expect(await ask()).toBe(REFUSED)
    expect(await ask()).toBe(REFUSED)
    expect(await ask()).toBe(REFUSED)
  })

  it('is judged the same for one address as for all, as sockets may ask either way', async () => {
    for (const [, address] of inside) expect(await named(address, address)).toBe(REFUSED)
  })
})

describe('an address in the URL', () => {
  it.each(inside.filter(([, address]) => !address.includes('%')))(
    'inside is refused without a look-up: %s, %s',
    async (_, address) => {
      expect(await literal(bracketed(address))).toBe(REFUSED)
    },
  )

  it.each(OUTSIDE)('outside is connected to without a look-up: %s', async (address) => {
    expect(await literal(bracketed(address))).toEqual([address])
  })

  it.each(SPELLINGS)('in another spelling is refused without a look-up: %s', async (host) => {
    expect(await literal(host)).toBe(REFUSED)
    expect(await literal(`${host}:8080`)).toBe(REFUSED)
  })

  it('in any spelling of 127.0.0.0/8 is refused without a look-up', async () => {
    const part = fc.tuple(fc.nat({ max: 255 }), fc.constantFrom(10, 8, 16)).map(([value, radix]) => {
      if (radix === 8) return `0${value.toString(8)}`
      return radix === 16 ? `0x${value.toString(16)}` : String(value)
    })
    const first = fc.constantFrom('127', '0177', '0x7f', '0x007F')
    await fc.assert(
      fc.asyncProperty(first, part, part, part, async (...parts) => {
        expect(await literal(parts.join('.'))).toBe(REFUSED)
      }),
    )
  })

  it('that carries an inside address inside is refused, whichever', async () => {
    const carriers = ['::ffff:', '::', '64:ff9b::', '64:ff9b:1::', '::ffff:0:']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...carriers), fc.ipV4(), async (carrier, address) => {
        expect(await literal(`[${carrier}${address}]`)).toBe(REFUSED)
        expect(await named(`${carrier}${address}`)).toBe(REFUSED)
      }),
    )
  })
})

describe('allowLoopback', () => {
  const judge = async (address: string) => {
    const lookup = async () => [{ address, family: isIPv6(address) ? 6 : 4 }]
    return withoutTraffic(async () => guardedFetch({ lookup, allowLoopback: true })('http://name.example/', {}))
  }

  it.each(['127.0.0.1', '127.1.2.3', '::1'])('permits %s', async (address) => {
    expect(await judge(address)).toEqual([address])
  })

  it.each(inside.filter(([name]) => !/loopback/i.test(name)))(
    'permits nothing else inside: %s, %s',
    async (_, address) => {
      expect(await judge(address)).toBe(REFUSED)
    },
  )

  it.each(['::127.0.0.1', '64:ff9b::127.0.0.1', '2002:7f00:1::1', '::ffff:0:127.0.0.1'])(
    'permits no detour to loopback: %s',
    async (address) => {
      expect(await judge(address)).toBe(REFUSED)
    },
  )
})

describe('without an injected resolver', () => {
  it('localhost is refused: the host’s own resolver is judged too', async () => {
    expect(await withoutTraffic(async () => guardedFetch()('http://localhost:9/', {}))).toBe(REFUSED)
  })
})

describe('other schemes', () => {
  it.each(['file:///etc/passwd', 'ftp://name.example/', 'data:application/json,{}'])('%s is refused', async (url) => {
    await expect(guardedFetch()(url, {})).rejects.toThrow(/protocol/i)
  })
})
