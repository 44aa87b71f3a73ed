import type { FetchFailure } from '../events.ts'
import { discard } from './foreign-result.ts'
import type { System } from '../system.ts'
import { quote } from './quote.ts'
import { parseStrictObject } from './strict-json.ts'

const MOST_BYTES = 256 * 1024

/** Why a document of an issuer could not be had. The message is for operators. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly reason: FetchFailure
  /** The status that was answered, for reason `status`. */
  readonly status: number | undefined
  /** What the server's Retry-After asked for. */
  readonly retryAfterMs: number | undefined

  constructor(
    reason: FetchFailure,
    message: string,
    details: { status?: number; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.reason = reason
    this.status = details.status
    this.retryAfterMs = details.retryAfterMs
  }
}

/**
 * Runs I/O that must settle within `limitMs`, bodies included; the signal asks it to stop, and nobody waits whether it
 * does. `asking` names what was waited for.
 */
export async function withinDeadline<T>(
  system: System,
  limitMs: number,
  run: (signal: AbortSignal) => Promise<T>,
  asking: () => string,
): Promise<T> {
  const stop = new AbortController()
  const { promise: expired, reject } = withReject()
  const cancel = system.schedule(limitMs, () => {
    reject(new FetchError('timeout', `${quote(asking())} did not answer in full within ${limitMs / 1000} s`))
    stop.abort()
  })
  try {
    return await Promise.race([run(stop.signal), expired])
  } finally {
    cancel()
  }
}

function withReject(): { promise: Promise<never>; reject: (reason: FetchError) => void } {
  let reject: (reason: FetchError) => void = () => {}
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise
  })
  return { promise, reject }
}

export interface JsonAnswer {
  /** Undefined where the server said that what `etag` names is still current. */
  readonly document: Readonly<Record<string, unknown>> | undefined
  readonly headers: Headers
}

/** GETs a JSON object: no redirects, 256 KiB at most, strict JSON. @throws FetchError */
export async function fetchJson(
  system: System,
  url: string,
  {
    signal,
    etag,
    requireJsonType = false,
  }: { signal: AbortSignal; etag?: string | undefined; requireJsonType?: boolean },
): Promise<JsonAnswer> {
  const response = await request(system, url, signal, etag)
  if (response.status === 304 && etag !== undefined) return { document: undefined, headers: response.headers }
  const bytes = await readAnswer(response, url, requireJsonType ? JSON_TYPE : ANY_TYPE)
  return { document: parseAnswer(bytes, url), headers: response.headers }
}

export const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
const ANY_TYPE = /^/

/** The body of a 200 answer of that content type, bounded. @throws FetchError */
export async function readAnswer(response: Response, url: string, contentType: RegExp): Promise<Uint8Array> {
  const problem = answerProblem(response, url, contentType)
  if (problem === undefined) return readBounded(response, url)
  discard(response.body?.cancel().catch(() => {}))
  throw problem
}

/** Strict JSON, an object. @throws FetchError */
export function parseAnswer(bytes: Uint8Array, url: string): Readonly<Record<string, unknown>> {
  try {
    return parseStrictObject(bytes)
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'unreadable'
    throw new FetchError('not-json', `${quote(url)} answered a body that is ${why}`)
  }
}

async function request(system: System, url: string, signal: AbortSignal, etag: string | undefined): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json, application/jwk-set+json' }
  if (etag !== undefined) headers['if-none-match'] = etag
  try {
    return await system.fetch(url, { headers, redirect: 'manual', signal })
  } catch (error) {
    throw unreachable(error, url)
  }
}

/** What kept a request from being answered. */
export function unreachable(error: unknown, url: string): FetchError {
  if (error instanceof FetchError) return error
  if (codeOf(error) !== 'ADDRESS_REFUSED') {
    return new FetchError('network', `${quote(url)} could not be reached: ${failureText(error)}`, { cause: error })
  }
  return new FetchError('address-refused', `${quote(url)} was not contacted: ${failureText(error)}`, { cause: error })
}

/** Node's fetch only says "fetch failed"; what happened is the code of its cause. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return 'fetch failed'
  const code = codeOf(error.cause)
  return typeof code === 'string' ? `${error.message} (${code})` : error.message
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function answerProblem(response: Response, url: string, expectedType: RegExp): FetchError | undefined {
  const { status, type } = response
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return new FetchError('redirect', `${quote(url)} answered a redirect; redirects are not followed`)
  }
  if (status !== 200) {
    const retryAfterMs = retryAfter(response.headers)
    return new FetchError('status', `${quote(url)} answered ${status}`, { status, retryAfterMs })
  }
  const contentType = response.headers.get('content-type') ?? ''
  if (!expectedType.test(contentType)) {
    return new FetchError(
      'not-json',
      `${quote(url)} answered content type ${quote(contentType)}, which was not asked for`,
    )
  }
  return undefined
}

/** RFC 9110 section 10.2.3, the form in seconds. */
function retryAfter(headers: Headers): number | undefined {
  const seconds = /^\d{1,6}$/.exec(headers.get('retry-after') ?? '')?.[0]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

async function readBounded(response: Response, url: string): Promise<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return joined(chunks, size)
      chunks.push(value)
      size += value.byteLength
      if (size > MOST_BYTES) throw new FetchError('too-large', `${quote(url)} answered more than ${MOST_BYTES} bytes`)
    }
  } catch (error) {
    discard(reader.cancel().catch(() => {}))
    if (error instanceof FetchError) throw error
    throw new FetchError('network', `${quote(url)} broke off: ${failureText(error)}`, { cause: error })
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
