import type { AccessToken, ResourceServer, ResourceServerOptions, TokenClaims, TokenRequest } from '@tokenward/core'
import { fromFields, granted, readAdapterInput } from '@tokenward/core'
import type * as aws from 'aws-lambda'
import { fromEvent } from './event.ts'
import type { Demands } from './judge.ts'
import { judge, unmet } from './judge.ts'

type Context = aws.APIGatewayAuthorizerResultContext
type SimpleResult = aws.APIGatewaySimpleAuthorizerWithContextResult<Context>
type PolicyResult = aws.APIGatewayAuthorizerWithContextResult<Context>
type AuthorizerEvent = aws.APIGatewayAuthorizerEvent | aws.APIGatewayRequestAuthorizerEventV2

export interface AuthorizerOptions<Claims, Response extends 'simple' | 'iam'> extends Demands<Claims> {
  /** What API Gateway is set to expect: `simple` only of an HTTP API with payload 2.0 and simple responses. */
  readonly response: Response
  /** More plain values for the function behind, beside issuer, subject, clientId, scopes and expiresAt. */
  readonly context?: ((token: AccessToken<Claims>) => Context) | undefined
}

/**
 * A Lambda authorizer for HTTP, REST and WebSocket APIs. Its answer is about the token alone and covers the stage, since
 * API Gateway remembers it for other routes. What comes back rejects with `Unauthorized`, which API Gateway makes a
 * 401, for no good token; with another error, which becomes a 500 and is not remembered, where nobody can tell. What
 * the policy refuses is denied: 403.
 *
 * @param server a resource server, or the options of one
 * @throws TypeError that names every problem of the options
 */
export function authorizer<Claims = TokenClaims>(
  server: ResourceServer<Claims> | ResourceServerOptions<Claims, 'refuse'>,
  options: AuthorizerOptions<Claims, 'simple'>,
): (event: aws.APIGatewayRequestAuthorizerEventV2) => Promise<SimpleResult>
export function authorizer<Claims = TokenClaims>(
  server: ResourceServer<Claims> | ResourceServerOptions<Claims, 'refuse'>,
  options: AuthorizerOptions<Claims, 'iam'>,
): (event: AuthorizerEvent) => Promise<PolicyResult>
export function authorizer<Claims>(
  server: ResourceServer<Claims> | ResourceServerOptions<Claims, 'refuse'>,
  { response, policy = () => granted, fresh, context, ...beside }: AuthorizerOptions<Claims, 'simple' | 'iam'>,
): (event: never) => Promise<SimpleResult | PolicyResult> {
  const problems = unmet({
    'response must be "simple" or "iam"': response === 'simple' || response === 'iam',
    'policy must be a function': typeof policy === 'function',
    'fresh must be a boolean': fresh === undefined || typeof fresh === 'boolean',
    'context must be a function': context === undefined || typeof context === 'function',
  })
  const { server: resourceServer, refusals } = readAdapterInput('authorizer', server, beside, problems)
  if (refusals === 'forward') throw new TypeError('authorizer: refusals cannot be forwarded')
  return async (event: AuthorizerEvent) => {
    const [stage] = /^arn:[^/]+\/[^/]+/.exec('routeArn' in event ? event.routeArn : event.methodArn) ?? []
    if (stage === undefined) throw new TypeError('the event is not that of an authorizer')
    const request = requestOf(event)
    const decision = await judge(resourceServer, request, { policy, fresh })
    if (!decision.granted && decision.status !== 403) {
      throw new Error(decision.status < 500 ? 'Unauthorized' : decision.error.code)
    }
    requireTokenInCacheKey(event, request)
    const token = decision.granted ? decision.token : undefined
    const facts = token === undefined ? {} : { ...factsOf(token), ...context?.(token) }
    if (response === 'simple') return { isAuthorized: token !== undefined, context: facts }
    const Effect = token === undefined ? 'Deny' : 'Allow'
    const Statement = [{ Action: 'execute-api:Invoke', Effect, Resource: `${stage}/*` } as const] // no client writes the stage
    const principalId = token?.subject ?? token?.clientId ?? 'unknown'
    return { principalId, policyDocument: { Version: '2012-10-17', Statement }, context: facts }
  }
}

function requestOf(event: AuthorizerEvent): TokenRequest {
  if (event.type !== 'TOKEN') return fromEvent(event)
  return fromFields(() => ({ authorization: event.authorizationToken }))
}

/** Where the identity sources lack the token, what is found for one client would be remembered for others. */
function requireTokenInCacheKey(event: AuthorizerEvent, { headerValues }: TokenRequest): void {
  const sources = 'identitySource' in event ? [event.identitySource ?? []].flat() : []
  const isThere = headerValues('authorization').every((value) => sources.join().includes(value.trim()))
  if (sources.length > 0 && !isThere) throw new Error('the identity sources of the authorizer lack Authorization')
}

/** What is undefined does not get into the JSON that Lambda makes of this. */
function factsOf({ issuer, subject, clientId, scopes, expiresAt }: AccessToken<unknown>): Context {
  return { issuer, subject, clientId, scopes: scopes.join(' '), expiresAt }
}
