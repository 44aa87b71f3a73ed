import type { IncomingMessage, ServerResponse } from 'node:http'

import { testIssuer } from '@tokenward/testing'
import type { TestAlgorithm, TestIssuer } from '@tokenward/testing'

import type { Answer, RecordedRequest } from './answers.ts'

import { json, reply } from './answers.ts'
import { listen } from './listen.ts'

/** An authorization server on a real loopback socket, whose every response a test can script. */
export interface ScriptedServer extends AsyncDisposable {
  /** The issuer identifier, which is the server's own `http://127.0.0.1:port`. */
  readonly issuer: string
  /** Mints the tokens and holds the keys which the server publishes. */
  readonly tokens: TestIssuer
  /** All requests so far, oldest first. */
  readonly requests: readonly RecordedRequest[]
  /** How often this path was asked, whatever its query. */
  count(path: string): number
  /**
   * Answers requests for a path one after another with these, the last one for good. Without any, the
   * path is back to what an authorization server says.
   */
  answer(path: string, ...answers: Answer[]): void
  /** Resolves when this path has been asked `times` times since the server started. */
  asked(path: string, times?: number): Promise<void>
}

export interface ScriptedServerOptions {
  /** What tokens are signed with; `ES256` by default, since its keys are made quickly. */
  readonly algorithm?: TestAlgorithm
  readonly clock?: { now(): number }
  readonly typ?: string
  /** Largest header section the server reads; Node's default is 16 KiB. */
  readonly maxHeaderSize?: number
}

/** The paths which the server answers unless told otherwise. */
export const serverPaths = {
  openid: '/.well-known/openid-configuration',
  oauth: '/.well-known/oauth-authorization-server',
  jwks: '/jwks',
} as const

/** Starts a {@link ScriptedServer}. */
export async function scriptedServer(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const { algorithm = 'ES256', maxHeaderSize, ...rest } = options
  const requests: RecordedRequest[] = []
  const scripts = new Map<string, Answer[]>()
  const waiting = new Set<() => void>()
  const count = (path: string): number => requests.filter((request) => pathOf(request) === path).length

  const take = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(message)
    requests.push(request)
    for (const check of waiting) check()
    const answer = next(scripts.get(pathOf(request))) ?? usual(tokens, pathOf(request))
    await answer(response, request)
  }
  const listening = await listen(
    (message, response) => {
      // Whoever asked has gone away in the middle, or the answer itself failed: cut the connection.
      take(message, response).catch((error: unknown) => response.destroy(asError(error)))
    },
    maxHeaderSize === undefined ? {} : { maxHeaderSize },
  )
  const tokens = await testIssuer({ ...rest, algorithm, issuer: listening.origin })

  return {
    issuer: listening.origin,
    tokens,
    requests,
    count,
    answer(path, ...answers) {
      scripts.set(path, answers)
    },
    asked: (path, times = 1) =>
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (count(path) < times) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}

function next(answers: Answer[] | undefined): Answer | undefined {
  return answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0]
}

function usual(tokens: TestIssuer, path: string): Answer {
  if (path === serverPaths.openid || path === serverPaths.oauth) return json(tokens.metadata())
  if (path === serverPaths.jwks) return json(tokens.jwks())
  return reply({ status: 404 })
}

function pathOf(request: RecordedRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

async function readRequest(message: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(Buffer.from(chunk))
  return {
    method: message.method ?? '',
    url: message.url ?? '',
    headers: Object.fromEntries(Object.entries(message.headersDistinct).map(([name, values]) => [name, values ?? []])),
    body: Buffer.concat(chunks).toString(),
  }
}
