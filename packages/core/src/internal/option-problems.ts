import { quote } from './encoding.ts'

/** Collects everything that is wrong with a set of options, so that one TypeError names all of it. */
export class OptionProblems {
  readonly #subject: string
  readonly #found: string[] = []

  constructor(subject: string) {
    this.#subject = subject
  }

  add(problem: string): this {
    this.#found.push(problem)
    return this
  }

  /** Adds `problem` unless `fine`. */
  require(fine: boolean, problem: string): void {
    if (!fine) this.add(problem)
  }

  /** The options as a record; a misspelt name is a problem, since it would silently fall back to a default. */
  record(options: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      this.add('options must be an object')
      return {}
    }
    for (const name of Object.keys(options)) {
      if (!known.includes(name)) this.add(`unknown option ${quote(name)} (known: ${known.join(', ')})`)
    }
    return options as Readonly<Record<string, unknown>> // an object that is not an array is a record of unknowns
  }

  numberBetween(name: string, value: unknown, low: number, high: number): void {
    if (value === undefined) return
    this.require(
      typeof value === 'number' && value >= low && value <= high,
      `${name} must be a number from ${low} to ${high}`,
    )
  }

  function(name: string, value: unknown): void {
    this.require(value === undefined || typeof value === 'function', `${name} must be a function`)
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw this.toError()
  }

  toError(): TypeError {
    return new TypeError(`${this.#subject}: ${this.#found.join('; ')}`)
  }
}

/** How foreign URLs are judged: https, or http on a loopback host where that was asked for. */
export function urlProblem(value: unknown, allowLoopbackHttp: boolean): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return 'must be an absolute URL'
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') return 'must not hold credentials'
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return 'must be an https URL'
  if (!isLoopback(url.hostname)) return 'must be an https URL'
  return allowLoopbackHttp
    ? undefined
    : 'must be an https URL (allowLoopbackHttp: true permits http on a loopback host, for development)'
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
