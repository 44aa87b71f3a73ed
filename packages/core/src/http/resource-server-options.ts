import type { EventListener } from '../events.ts'
import { OptionProblems } from '../internal/option-problems.ts'
import { isObject } from '../internal/strict-json.ts'
import { systemWith } from '../system.ts'
import type { VerifierOptions } from '../options.ts'
import type { Verifier } from '../verifier.ts'
import { createVerifier } from '../verifier.ts'
import { isRealm } from './challenge.ts'
import type { HttpOptions, ResourceServerOptions, WithVerifier } from './resource-server.ts'

export interface CheckedResourceServer<Claims> {
  readonly verifier: Verifier<Claims>
  readonly realm: string
  readonly anonymous: 'refuse' | 'pass'
  readonly onEvent: EventListener | undefined
  readonly now: () => number
}

const WITH_VERIFIER = ['verifier', 'onEvent', 'system', 'realm', 'anonymous']

/** @throws TypeError that names every problem, those of the verifier included */
export function checkResourceServer<Claims>(options: ResourceServerOptions<Claims>): CheckedResourceServer<Claims> {
  const problems = new OptionProblems('createResourceServer')
  const given: unknown = options
  if (!isObject(given)) throw problems.add('options must be an object').toError()
  const { realm = 'api', anonymous = 'refuse' } = options
  problems.require(isRealm(realm), 'realm must be printable ASCII')
  problems.require(anonymous === 'refuse' || anonymous === 'pass', 'anonymous must be "refuse" or "pass"')
  const verifier = 'verifier' in options ? givenVerifier(problems, options) : madeVerifier(problems, options)
  if (verifier === undefined) throw problems.toError()
  problems.throwIfAny()
  return { verifier, realm, anonymous, onEvent: options.onEvent, now: systemWith(options.system).now }
}

function givenVerifier<Claims>(problems: OptionProblems, options: WithVerifier<Claims>): Verifier<Claims> | undefined {
  const { verifier, onEvent, system } = problems.record(options, WITH_VERIFIER)
  problems.function('onEvent', onEvent)
  problems.require(
    system === undefined || (isObject(system) && typeof system['now'] === 'function'),
    'system.now must be a function',
  )
  if (isObject(verifier) && typeof verifier['verify'] === 'function' && typeof verifier['close'] === 'function')
    return options.verifier
  problems.add('verifier must come from createVerifier')
  return undefined
}

function madeVerifier<Claims>(
  problems: OptionProblems,
  { realm: _realm, anonymous: _anonymous, ...options }: HttpOptions<'refuse' | 'pass'> & VerifierOptions<Claims>,
): Verifier<Claims> | undefined {
  try {
    return createVerifier(options)
  } catch (error) {
    problems.add(error instanceof Error ? error.message : 'the verifier cannot be made')
    return undefined
  }
}
