type Given = Readonly<Record<string, unknown>>

/** Every known option read once. @throws TypeError that names every problem */
export function readOptions<T extends object>(
  subject: string,
  options: T,
  rules: Readonly<Record<string, (value: unknown, given: Given) => string | undefined>>,
): T {
  const source: unknown = options
  if (!isObject(source)) throw new TypeError(`${subject}: options must be an object`)
  const copy = Object.fromEntries(Object.keys(rules).map((name) => [name, source[name]]))
  const unknown = Object.keys(source).filter((name) => !Object.hasOwn(rules, name))
  const problems = [
    ...unknown.map((name) => `unknown option ${JSON.stringify(name)} (known: ${Object.keys(rules).join(', ')})`),
    ...Object.entries(rules).flatMap(([name, rule]) => rule(copy[name], copy) ?? []),
  ]
  if (problems.length > 0) throw new TypeError(`${subject}: ${problems.join('; ')}`)
  return copy as T // a copy of it, member by member
}

export function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function mustHave(name: string, members: readonly string[], isRequired: boolean) {
  return (value: unknown): string | undefined => {
    if (value === undefined && !isRequired) return undefined
    const fits = isObject(value) && members.every((member) => typeof value[member] === 'function')
    return fits ? undefined : `${name} must have ${members.join(' and ')}`
  }
}

/** `system`: whatever of it is given. */
export function mustBeSystem(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const fits =
    isObject(value) &&
    ['now', 'schedule', 'random'].every((name) => value[name] === undefined || typeof value[name] === 'function')
  return fits ? undefined : 'system must have functions as members'
}

export function mustBePrefix(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? undefined : 'keyPrefix must be a string'
}
