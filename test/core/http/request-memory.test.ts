import { createRequestGate, createResourceServer, granted } from '@tokenward/core'
import { describe, expect, it } from 'vitest'
import { inspect } from 'node:util'
import { scene } from '../scene.ts'

const { issuer, clock } = await scene()
const server = () =>
  createResourceServer({
    issuer: issuer.issuer,
    audience: 'https://api.example',
    system: { now: clock.now, fetch: issuer.fetch },
  })
const asking = (token: string) => ({ method: 'GET', url: '/', headerValues: () => [`Bearer ${token}`] })

describe.each<[string, () => object]>([
  ['a plain object', () => ({})],
  ['a frozen object', () => Object.freeze({})],
  ['a sealed object', () => Object.seal({ a: 1 })],
  ['a proxy', () => new Proxy({}, {})],
  ['an instance of a class', () => new Request('https://api.example')],
  ['a request with its raw header', () => ({ rawHeaders: ['Host', 'api.example'] })],
  ['a frozen request with its raw header', () => Object.freeze({ rawHeaders: [] })],
  ['a request with a frozen raw header', () => ({ rawHeaders: Object.freeze([]) })],
  [
    'a request that makes its raw header anew each time',
    () =>
      new (class {
        get rawHeaders() {
          return []
        }
      })(),
  ],
])('what a gate found for %s', (_, make) => {
  it('is what it finds again, and the last answer counts', async () => {
    const gate = createRequestGate(server())
    const request = make()
    expect(() => gate.accessToken(request)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))

    await gate.authenticate(request, asking(await issuer.mint({ sub: 'first' })))
    await gate.authenticate(request, asking(await issuer.mint({ sub: 'second' })))
    expect(gate.accessToken(request).subject).toBe('second')

    await gate.authenticate(request, asking('nonsense'))
    expect(() => gate.accessToken(request)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
  })

  it('is known to gates of the same server only', async () => {
    const own = server()
    const request = make()
    await createRequestGate(own).authenticate(request, asking(await issuer.mint()))

    expect(createRequestGate(own).accessToken(request).subject).toBe('user-1')
    expect(() => createRequestGate(server()).accessToken(request)).toThrow(
      expect.objectContaining({ code: 'NOT_AUTHENTICATED' }),
    )
  })

  it('shows nowhere, and no copy of the object has it', async () => {
    const gate = createRequestGate(server())
    const request = make()
    const before = inspect(request, { showHidden: true, depth: Infinity })
    const names = Reflect.ownKeys(request).filter((key) => typeof key === 'string') // a Request of Node grows symbols
    await gate.authenticate(request, asking(await issuer.mint()))

    expect(inspect(request, { showHidden: true, depth: Infinity })).toBe(before)
    expect(Reflect.ownKeys(request).filter((key) => typeof key === 'string')).toEqual(names)
    expect(() => gate.accessToken({ ...request })).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
    expect(() => gate.accessToken(Object.create(request) as object)).toThrow(
      expect.objectContaining({ code: 'NOT_AUTHENTICATED' }),
    )
  })
})

it('what was found before does not stand while a request is judged again', async () => {
  const inner = server()
  const found: unknown[] = []
  const request = {}
  const gate = createRequestGate({
    ...inner,
    authenticate: (asked) => {
      found.push(gate.authorize(request, () => granted).granted)
      return inner.authenticate(asked)
    },
  })
  const credential = asking(await issuer.mint())
  await gate.authenticate(request, credential)
  await gate.authenticate(request, credential)
  expect(found).toEqual([false, false])
  expect(gate.accessToken(request).subject).toBe('user-1')
})

describe('two requests with one raw header', () => {
  const pair = (): [object, object] => {
    const rawHeaders: string[] = []
    return [{ rawHeaders }, { rawHeaders }]
  }

  it('are two: a token of one is none of the other', async () => {
    const gate = createRequestGate(server())
    const [one, other] = pair()
    await gate.authenticate(one, asking(await issuer.mint({ sub: 'one' })))
    expect(() => gate.accessToken(other)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))

    await gate.authenticate(other, asking(await issuer.mint({ sub: 'other' })))
    expect(gate.accessToken(one).subject).toBe('one')
    expect(gate.accessToken(other).subject).toBe('other')
  })

  it('are refused one by one', async () => {
    const gate = createRequestGate(server())
    const [one, other] = pair()
    for (const request of [one, other]) await gate.authenticate(request, asking(await issuer.mint()))
    await gate.authenticate(one, asking('nonsense'))
    expect(() => gate.accessToken(one)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
    expect(gate.accessToken(other).subject).toBe('user-1')

    await gate.authenticate(other, asking(await issuer.mint())) // takes the place that is free now
    await gate.authenticate(other, asking('nonsense'))
    expect(() => gate.accessToken(other)).toThrow(expect.objectContaining({ code: 'NOT_AUTHENTICATED' }))
  })
})
