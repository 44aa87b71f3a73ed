import type { ArgumentsHost, ExceptionFilter, Provider } from '@nestjs/common'
import type { Policy } from '@tokenward/core'

import { Catch, Controller, Get, HttpException } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { isRefusalError, refuse, scopes } from '@tokenward/core'
import { Authorize, Public, RefusalException, TokenwardModule } from '@tokenward/nestjs'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { Platform } from './platforms.ts'

import { assertLegalChallenge } from '../support/challenge-parser.ts'
import { fieldValues } from '../support/raw-request.ts'
import { expectKeptFromTheCaller, refusedRequests, secretReason } from '../support/refused-requests.ts'
import { trustedIssuer } from '../support/trusted-issuer.ts'
import { platforms } from './platforms.ts'
import { serve } from './serve.ts'

/** An application with a route for each kind of refusal, and what else it provides. */
async function refusing(platform: Platform, providers: Provider[] = []) {
  let down = false
  const { issuer, trust, refusals } = await trustedIssuer({
    respond: () => (down ? new Response('', { status: 500 }) : undefined),
  })

  @Controller()
  class Refusing {
    @Get('/orders')
    @Authorize(scopes('orders:read'))
    orders(): string {
      return 'in'
    }

    @Get('/frozen')
    @Authorize(() => refuse(secretReason))
    frozen(): string {
      return 'in'
    }

    @Get('/broken')
    // A cast because a policy written in JavaScript can return anything.
    @Authorize((() => true) as unknown as Policy)
    broken(): string {
      return 'in'
    }

    @Get('/yours')
    @Public()
    yours(): string {
      throw new HttpException('yours', 418)
    }

    @Get('/thrown')
    @Public()
    thrown(): string {
      throw new Error('yours')
    }
  }
  const module = {
    imports: [TokenwardModule.forRoot(trust)],
    controllers: [Refusing],
    providers,
  }
  const served = await serve(module, platform)
  return { issuer, refusals, ...served, goDown: () => void (down = true) }
}

/** What the answers of both platforms have in common. */
interface Reply {
  status(code: number): Reply
  send(body: object | string): void
}

/** A filter that catches all exceptions, formats them in its own way and keeps them. */
function catchAll(seen: unknown[]) {
  @Catch()
  class Problems implements ExceptionFilter {
    catch(exception: unknown, host: ArgumentsHost): void {
      seen.push(exception)
      const status = exception instanceof HttpException ? exception.getStatus() : 500
      const reply: Reply = host.switchToHttp().getResponse()
      reply
        .status(status)
        .send({ title: 'no', status, ...(exception instanceof HttpException && Object(exception.getResponse())) })
    }
  }
  return Problems
}

describe.each(platforms)('%s', (_platform, platform) => {
  it.each(refusedRequests)(
    "keeps Nest's own filter from decorating or telling anything: %s",
    async (_name, path, given, status, error) => {
      const { issuer, refusals, ask } = await refusing(platform)

      const response = await ask(path, { token: typeof given === 'object' ? await issuer.mint(given) : given })
      expect(response.status).toBe(status)
      const [challenge] = assertLegalChallenge(fieldValues(response, 'WWW-Authenticate'))
      expect(challenge?.params['error']).toBe(error)
      expect(fieldValues(response, 'Cache-Control')).toEqual(['no-store'])
      expect(response.body === '' ? undefined : JSON.parse(response.body)).toEqual(
        error && { error, error_description: challenge?.params['error_description'] },
      )
      const written = [response.body, ...response.headers.flat()].join('\n')
      expectKeptFromTheCaller(written, refusals())
    },
  )

  it('answers outages and faults without a challenge', async () => {
    const { issuer, ask, goDown } = await refusing(platform)

    goDown()
    const token = await issuer.mint()
    const outage = await ask('/orders', { token })
    expect([outage.status, JSON.parse(outage.body).error]).toEqual([503, 'temporarily_unavailable'])
    expect(fieldValues(outage, 'Retry-After')).toEqual([expect.stringMatching(/^[1-9]\d*$/u)])
    expect(fieldValues(outage, 'WWW-Authenticate')).toEqual([])
  })

  it('answers 500 to a policy that does not answer', async () => {
    const { issuer, ask, refusals } = await refusing(platform)

    const response = await ask('/broken', { token: await issuer.mint() })
    expect([response.status, JSON.parse(response.body).error]).toEqual([500, 'server_error'])
    expect(fieldValues(response, 'WWW-Authenticate')).toEqual([])
    expect(refusals().map(({ code }) => code)).toEqual(['POLICY_FAULT'])
  })

  it('leaves the log of Nest to what went wrong', async () => {
    const lines: unknown[] = []
    const { issuer, ask, app } = await refusing(platform)
    const log = (...line: readonly unknown[]): void => void lines.push(line)
    app.useLogger({ log, warn: log, error: log })
    onTestFinished(() => app.useLogger(false))

    await ask('/orders')
    await ask('/frozen', { token: await issuer.mint() })
    expect(lines).toEqual([])
    expect((await ask('/thrown')).status).toBe(500)
    expect(lines).toHaveLength(1)
  })

  it.each([
    ['of the application', (filter: new () => object) => [{ provide: APP_FILTER, useClass: filter }]],
    ['of none', () => []],
  ])('hands refusals to a filter %s, and keeps the fields', async (_where, providersOf) => {
    const seen: unknown[] = []
    const providers = providersOf(catchAll(seen))
    const { issuer, ask } = await refusing(platform, providers)

    const response = await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
    const missing = await ask('/orders')
    const error = {
      error: 'insufficient_scope',
      error_description: 'The access token lacks a scope that this request needs',
    }
    expect(response.status).toBe(403)
    expect(JSON.parse(response.body)).toEqual(providers.length > 0 ? { title: 'no', status: 403, ...error } : error)
    expect(missing.status).toBe(401)
    expect(missing.body).toBe(providers.length > 0 ? '{"title":"no","status":401}' : '')
    expect(seen).toHaveLength(providers.length * 2)
    for (const answer of [response, missing]) {
      expect(assertLegalChallenge(fieldValues(answer, 'WWW-Authenticate'))).toHaveLength(1)
      expect(fieldValues(answer, 'Cache-Control')).toEqual(['no-store'])
    }
    expect((await ask('/yours')).status).toBe(418)
  })

  it('leaves the type of the body to the filter', async () => {
    @Catch(RefusalException)
    class Text implements ExceptionFilter {
      catch(exception: RefusalException, host: ArgumentsHost): void {
        const reply: Reply = host.switchToHttp().getResponse()
        reply.status(exception.getStatus()).send('no')
      }
    }
    const { issuer, ask } = await refusing(platform, [{ provide: APP_FILTER, useClass: Text }])

    const response = await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
    expect([response.status, response.body]).toEqual([403, 'no'])
    expect(fieldValues(response, 'Content-Type')).toEqual([expect.stringMatching(/^text\//u)])
  })

  it('gives a filter all that it needs, and shows nothing of the operator by accident', async () => {
    const seen: RefusalException[] = []
    const { issuer, ask, refusals } = await refusing(platform, [{ provide: APP_FILTER, useClass: catchAll(seen) }])

    await ask('/frozen', { token: await issuer.mint() })
    await ask('/orders', { token: await issuer.mint({ scope: 'other' }) })
    const [frozen, lacking] = seen
    expect(frozen).toBeInstanceOf(RefusalException)
    expect(isRefusalError(frozen?.cause)).toBe(true)
    expect(frozen?.cause).toMatchObject({ code: 'POLICY_DENIED', cause: { message: refusals()[0]?.message } })
    expect(lacking?.cause).toMatchObject({ code: 'SCOPE_INSUFFICIENT', requiredScopes: ['orders:read'] })
    const shown = `${JSON.stringify(frozen)} ${frozen?.stack} ${String(frozen)} ${JSON.stringify(Object.entries(Object(frozen)))}`
    expect(shown).toContain('The access token does not allow this request')
    expect(shown).not.toContain('operators-only')
    expect(shown).not.toContain('POLICY_DENIED')
  })
})
