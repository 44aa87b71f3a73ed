import { createResourceServer, scopes } from '@tokenward/core'
import { authorize, tokenward } from '@tokenward/fastify'
import { describe, expect, it } from 'vitest'

import { fastify, scene } from './scene.ts'

type Options = Parameters<typeof tokenward>[1]

describe('register', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['nothing', undefined, ['issuer', 'audience']],
    ['no audience', { issuer: 'https://issuer.example' }, ['audience']],
    [
      'several mistakes',
      { issuer: 'http://issuer.example', audience: '', refusals: 'throw', realm: 'é', prefix: '/api' },
      ['issuer', 'audience', 'refusals must be "write" or "forward"', 'realm', 'unknown option "prefix"'],
    ],
    ['no resource server', { resourceServer: undefined }, ['unknown option "resourceServer"']],
  ])('rejects with a TypeError that names every problem: %s', async (_name, options, problems) => {
    const app = fastify()
    const register = async () => {
      await app.register(tokenward, options as Options)
    }
    await expect(register).rejects.toThrow(TypeError)
    for (const problem of ['tokenward: ', ...problems]) {
      await expect(async () => fastify().register(tokenward, options as Options)).rejects.toThrow(problem)
    }
  })

  it('rejects what is wrong beside a resource server', async () => {
    const { trust } = await scene()
    const options = { ...createResourceServer(trust), refusals: 'throw' } as unknown as Options
    await expect(async () => fastify().register(tokenward, options)).rejects.toThrow('refusals must be')
  })

  it('heeds what is right beside a resource server', async () => {
    const { trust } = await scene()
    const app = fastify()
    await app.register(tokenward, { ...createResourceServer(trust), refusals: 'forward' })
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send(''))
    expect((await app.inject('/')).statusCode).toBe(418)
  })

  it('rejects on an older Fastify', () => {
    expect(Reflect.get(tokenward, Symbol.for('plugin-meta'))).toMatchObject({ fastify: '5.x' })
  })

  it('goes by a name that others can depend on', async () => {
    const { protectedApp } = await scene()
    const app = await protectedApp()
    expect(app.hasPlugin('@tokenward/fastify')).toBe(true)
  })
})

describe('authorize', () => {
  it.each<[string, readonly unknown[], readonly string[]]>([
    ['nothing', [], ['a policy is required']],
    ['a word', ['orders:read'], ['a policy is required']],
    ['a list', [[scopes('orders:read')]], ['a policy is required']],
    ['an unknown option', [scopes('orders:read'), { fesh: true }], ['unknown option fesh']],
    ['public', [scopes('orders:read'), { public: true }], ['unknown option public']],
    ['two mistakes', ['x', { fresh: 1 }], ['a policy is required', 'fresh must be a boolean']],
  ])('throws a TypeError when it is called: %s', (_name, parameters, problems) => {
    const call = () => Reflect.apply(authorize, undefined, parameters)
    expect(call).toThrow(TypeError)
    for (const problem of ['authorize: ', ...problems]) expect(call).toThrow(problem)
  })
})
