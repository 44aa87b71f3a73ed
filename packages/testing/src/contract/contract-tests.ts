import type { TokenRequest } from '@tokenward/core'

import type { Target } from './answer-problems.ts'
import type { CheckedOptions } from './options.ts'
import type { Circumstance, ContractRequest, ExpectedAnswer } from './requests/contract-request.ts'
import type { Watched } from './watched-servers.ts'
import type { World } from './world.ts'

import { answerProblems, headProblems } from './answer-problems.ts'
import { contractApi } from './contract-api.ts'
import { NAMES } from './requests/contract-request.ts'
import { toldProblems } from './told-problems.ts'

/** One request of the contract, to be made a test in any test runner. */
export interface ContractTest {
  /** What the requests of one group have in common. */
  readonly group: string
  readonly name: string
  /**
   * Sends the request, and a friendly one after it.
   *
   * @returns what is wrong with the answers, one line each: nothing, if all is well. Never rejects
   */
  readonly run: () => Promise<readonly string[]>
}

type Problems = () => Promise<readonly string[]>

/** The requests as tests of one API. */
export function contractTests(
  { requests, telling, friendly, crowd, trapped }: World,
  { told, asked }: Watched,
  target: Target,
  options: CheckedOptions,
): readonly ContractTest[] {
  const inTurn = queue()
  const trappedBefore = trapped()
  const test = (group: string, name: string, problems: Problems): ContractTest => ({
    group,
    name,
    run: () => inTurn(problems),
  })
  const tests = (all: readonly ContractRequest[], more: Judge): readonly ContractTest[] =>
    all.map((request) =>
      test(request.group, request.name, async () => {
        const expected = expectation(request, options)
        const before = told.length
        return [
          ...(await answerProblems(target, request, expected)),
          ...(expected.by === 'adapter' ? await more(request, told.slice(before)) : []),
          ...(await answerProblems(target, friendly)).map((problem) => `afterwards: ${problem}`),
        ]
      }),
    )
  return [
    ...tests(requests, (request) => (request.method === 'HEAD' ? headProblems(target, request) : [])),
    ...tests(telling, (request, heard) => toldProblems(heard, request, target.transport)),
    test('at once', 'each request has its own token', async () =>
      (await Promise.all(crowd.map((request) => answerProblems(target, request)))).flat(),
    ),
    test('after all of them', 'nothing was fetched but metadata and keys', async () => [
      ...[...asked].filter((url) => !FETCHED.has(url)).map((url) => `${url} was fetched`),
      ...(trapped() === trappedBefore ? [] : ['somebody followed a URL in a token']),
    ]),
  ]
}

/** What else is wrong, once the answer was judged. */
type Judge = (request: ContractRequest, told: readonly TokenRequest[]) => readonly string[] | Promise<readonly string[]>

const FETCHED: ReadonlySet<string> = new Set([
  `${NAMES.issuer}/.well-known/openid-configuration`,
  `${NAMES.issuer}/jwks`,
  `${NAMES.unreachableIssuer}/.well-known/openid-configuration`,
  `${NAMES.unreachableIssuer}/.well-known/oauth-authorization-server`,
])

function expectation(
  { path, expected, otherwise }: ContractRequest,
  { transport, nested, lacks }: CheckedOptions,
): ExpectedAnswer {
  const circumstances: Readonly<Record<Circumstance, boolean>> = {
    'control characters are refused': transport.controlCharacters === 'refused',
    'large fields are refused': transport.largeFields === 'refused',
    'the last of repeated fields counts': transport.repeatedFields === 'last',
    'the innermost resource server decides': nested === 'innermost',
  }
  const [pathname] = path.split('?')
  if (lacks.some((route) => contractApi[route] === pathname)) return { by: 'framework', statuses: [404] }
  return otherwise !== undefined && circumstances[otherwise.where] ? otherwise.expected : expected
}

/** Runs one after the other, since what the operator hears has to belong to one request. A failure is a problem too. */
function queue(): (problems: Problems) => Promise<readonly string[]> {
  let last: Promise<unknown> = Promise.resolve()
  return (problems) => {
    const next = last.then(problems).catch((error: unknown) => [String(error)])
    last = next
    return next
  }
}
