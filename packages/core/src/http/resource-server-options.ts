import type { EventListener } from '../events.ts'
import { OptionProblems } from '../internal/option-problems.ts'
import { isObject } from '../internal/guards.ts'
import { systemWith } from '../system.ts'
import { checkVerifier } from '../options.ts'
import type { Verifier } from '../verifier.ts'
import { verifierFrom } from '../verifier.ts'
import { isRealm } from './challenge.ts'
import type { ResourceServerOptions, WithVerifier } from './resource-server.ts'

export interface CheckedResourceServer<Claims> {
  readonly verifier: Verifier<Claims>
  readonly realm: string
  readonly anonymous: 'refuse' | 'pass'
  readonly onEvent: EventListener | undefined
  readonly now: () => number
}

const HTTP_OPTIONS = ['realm', 'anonymous']
const BESIDE_VERIFIER = ['verifier', 'onEvent', 'system']

/**
 * @param problems collects under the name of the function that the user called
 * @param otherNames options that belong to that function
 * @throws TypeError that names every problem, those of the verifier included
 */
export function checkResourceServer<Claims>(
  options: ResourceServerOptions<Claims>,
  problems: OptionProblems = new OptionProblems('createResourceServer'),
  otherNames: readonly string[] = [],
): CheckedResourceServer<Claims> {
  const given: unknown = options
  if (!isObject(given)) throw problems.add('options must be an object').toError()
  const { realm = 'api', anonymous = 'refuse' } = options
  problems.require(isRealm(realm), 'realm must be printable ASCII')
  problems.require(anonymous === 'refuse' || anonymous === 'pass', 'anonymous must be "refuse" or "pass"')
  const names = [...HTTP_OPTIONS, ...otherNames]
  if ('verifier' in options) return { ...besideVerifier(problems, options, names), realm, anonymous }
  const checked = checkVerifier(options, problems, names)
  const { onEvent, system } = checked
  return { verifier: verifierFrom(checked), realm, anonymous, onEvent, now: system.now }
}

function besideVerifier<Claims>(
  problems: OptionProblems,
  options: WithVerifier<Claims>,
  otherNames: readonly string[],
): Pick<CheckedResourceServer<Claims>, 'verifier' | 'onEvent' | 'now'> {
  const { given, checked } = problems.read(options, [...BESIDE_VERIFIER, ...otherNames])
  const { verifier, onEvent, system } = given
  const isVerifier =
    isObject(verifier) && typeof verifier['verify'] === 'function' && typeof verifier['close'] === 'function'
  problems.require(isVerifier, 'verifier must come from createVerifier')
  problems.function('onEvent', onEvent)
  problems.require(
    system === undefined || (isObject(system) && typeof system['now'] === 'function'),
    'system.now must be a function',
  )
  problems.throwIfAny()
  return { verifier: checked.verifier, onEvent: checked.onEvent, now: systemWith(checked.system).now }
}
