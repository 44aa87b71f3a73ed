import type {
  ALBEvent,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewayTokenAuthorizerEvent,
  Context,
} from 'aws-lambda'

/** A request as it reaches a gateway. */
export interface Asked {
  readonly method?: string
  readonly path?: string
  readonly query?: string
  /** Field lines, names in the case of the client. */
  readonly fields?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

const base = {
  accountId: '123456789012',
  apiId: 'abcdef1234',
  domainName: 'abcdef1234.execute-api.eu-central-1.amazonaws.com',
  domainPrefix: 'abcdef1234',
  requestId: 'JKJaXmPLvHcESHA=',
}
const host = ['Host', base.domainName] as const
const methodArn = (method: string, path: string): string =>
  `arn:aws:execute-api:eu-central-1:${base.accountId}:${base.apiId}/prod/${method}${path}`

/** An HTTP API event with payload 2.0: names in lower case, lines of one name joined with commas. */
export function httpApiEvent({ method = 'GET', path = '/orders', query = '', ...asked }: Asked = {}) {
  const event: APIGatewayProxyEventV2 = {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: joined(asked.fields, (name) => name.toLowerCase()),
    requestContext: {
      ...base,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
      routeKey: '$default',
      stage: '$default',
      time: '12/Mar/2026:19:03:58 +0000',
      timeEpoch: 1_773_342_238_390,
    },
    ...(asked.body !== undefined && { body: asked.body }),
    isBase64Encoded: false,
  }
  return event
}

/** A function URL event: payload 2.0, of another host. */
export function functionUrlEvent(asked: Asked = {}): APIGatewayProxyEventV2 {
  const event = httpApiEvent(asked)
  const domainName = 'abcdef1234.lambda-url.eu-central-1.on.aws'
  return { ...event, requestContext: { ...event.requestContext, domainName } }
}

/** A REST API proxy event: the last line of a field in `headers`, all of them in `multiValueHeaders`. */
export function restEvent({ method = 'GET', path = '/orders', body, fields = [] }: Asked = {}): APIGatewayProxyEvent {
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: lastOf([host, ...fields]),
    multiValueHeaders: listed([host, ...fields]),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: restContext(method, path),
    body: body ?? null,
    isBase64Encoded: false,
  }
}

/** An HTTP API event with payload 1.0. */
export function httpApi1Event(asked: Asked = {}): APIGatewayProxyEvent & { readonly version: '1.0' } {
  const event = restEvent(asked)
  const path = event.path
  return { version: '1.0', ...event, resource: path, requestContext: { ...event.requestContext, path } }
}

/** A load balancer event: the last line of each field, or all lines where the target group has multi-value headers. */
export function albEvent(mode: 'single' | 'multi', { method = 'GET', path = '/orders', body, ...asked }: Asked = {}) {
  const fields = [['Host', 'orders.example.com'], ['X-Forwarded-Proto', 'https'], ...(asked.fields ?? [])] as const
  const lower = fields.map(([name, value]) => [name.toLowerCase(), value] as const)
  const event: ALBEvent = {
    requestContext: {
      elb: {
        targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/6d0ecf831eec9f09',
      },
    },
    httpMethod: method,
    path,
    ...(mode === 'single'
      ? { headers: lastOf(lower), queryStringParameters: {} }
      : { multiValueHeaders: listed(lower), multiValueQueryStringParameters: {} }),
    body: body ?? '',
    isBase64Encoded: false,
  }
  return event
}

/** What a TOKEN authorizer of a REST API is given. */
export function tokenAuthorizerEvent(authorizationToken: string): APIGatewayTokenAuthorizerEvent {
  return { type: 'TOKEN', methodArn: methodArn('GET', '/orders'), authorizationToken }
}

/** What a REQUEST authorizer of a REST API is given. */
export function requestAuthorizerEvent(asked: Asked = {}): APIGatewayRequestAuthorizerEvent {
  const { body: _body, isBase64Encoded: _isBase64Encoded, ...event } = restEvent(asked)
  const { requestContext } = event
  return {
    ...event,
    type: 'REQUEST',
    methodArn: methodArn(event.httpMethod, event.path),
    requestContext: { ...requestContext, authorizer: undefined },
  }
}

/** What a REQUEST authorizer of a WebSocket API is given when a client connects. */
export function connectEvent({ fields = [] }: Asked = {}): APIGatewayRequestAuthorizerEvent {
  const event: Partial<APIGatewayRequestAuthorizerEvent> & Pick<APIGatewayRequestAuthorizerEvent, 'requestContext'> = {
    ...requestAuthorizerEvent({ fields }),
    methodArn: methodArn('$connect', ''),
  }
  const { path: _path, httpMethod: _method, resourcePath: _resource, ...context } = event.requestContext
  for (const name of ['httpMethod', 'path', 'resource'] as const) delete event[name]
  const connect = { routeKey: '$connect', eventType: 'CONNECT', connectionId: 'JKJaXfq2IAMCI1g=', connectedAt: 1 }
  // a cast because the types know no such event, which has no method and no path
  return { ...event, requestContext: { ...context, ...connect } } as APIGatewayRequestAuthorizerEvent
}

/** What an authorizer of an HTTP API is given with payload 2.0. */
export function authorizerEventV2(asked: Asked = {}, identitySource?: string[]): APIGatewayRequestAuthorizerEventV2 {
  const { version, routeKey, rawPath, rawQueryString, headers, requestContext } = httpApiEvent(asked)
  const { method, path } = requestContext.http
  return {
    version,
    type: 'REQUEST',
    routeArn: methodArn(method, path).replace('/prod/', '/$default/'),
    identitySource: identitySource ?? valuesOf(headers, 'authorization'),
    routeKey,
    rawPath,
    rawQueryString,
    cookies: [],
    headers,
    requestContext,
  }
}

/** What an authorizer of an HTTP API is given with payload 1.0. */
export function authorizerEventV1(asked: Asked = {}, identitySource?: string) {
  const event = requestAuthorizerEvent(asked)
  const source = identitySource ?? valuesOf(event.headers ?? {}, 'authorization').join()
  return { version: '1.0', ...event, identitySource: source, authorizationToken: source }
}

export const bearer = (token: string): Asked => ({ fields: [['Authorization', `Bearer ${token}`]] })

export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'orders',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:orders',
  memoryLimitInMB: '128',
  awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  logGroupName: '/aws/lambda/orders',
  logStreamName: '2026/03/12/[$LATEST]f00',
  getRemainingTimeInMillis: () => 3000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
}

function restContext(method: string, path: string): APIGatewayProxyEvent['requestContext'] {
  return {
    ...base,
    authorizer: null,
    extendedRequestId: 'JKJaXmPLvHcESHA=',
    httpMethod: method,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: '192.0.2.1',
      user: null,
      userAgent: 'agent',
      userArn: null,
    },
    path: `/prod${path}`,
    protocol: 'HTTP/1.1',
    requestTime: '12/Mar/2026:19:03:58 +0000',
    requestTimeEpoch: 1_773_342_238_390,
    resourceId: '123456',
    resourcePath: '/{proxy+}',
    stage: 'prod',
  }
}

type FieldLines = readonly (readonly [name: string, value: string])[]

function listed(fields: FieldLines): Record<string, string[]> {
  const lists = new Map<string, string[]>()
  for (const [name, value] of fields) lists.set(name, [...(lists.get(name) ?? []), value])
  return Object.fromEntries(lists)
}

function lastOf(fields: FieldLines): Record<string, string> {
  return Object.fromEntries(fields)
}

function joined(fields: FieldLines = [], spell: (name: string) => string): Record<string, string> {
  const lists = listed([host, ...fields].map(([name, value]) => [spell(name), value]))
  return Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.join(',')]))
}

function valuesOf(headers: Readonly<Record<string, string | undefined>>, name: string): string[] {
  return Object.entries(headers).flatMap(([given, value]) => (given.toLowerCase() === name ? (value ?? []) : []))
}
