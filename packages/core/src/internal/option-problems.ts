import { isObject } from './guards.ts'
import { quote } from './quote.ts'

/** Options as they were checked: `given` for looking at, `checked` for using once nothing was wrong. The same object. */
export interface ReadOptions<T> {
  readonly given: Readonly<Record<string, unknown>>
  readonly checked: T
}

/** Collects everything that is wrong with a set of options, so that one TypeError names all of it. */
export class OptionProblems {
  readonly #subject: string
  readonly #found: string[]

  /** @param found what is wrong already */
  constructor(subject: string, found: readonly string[] = []) {
    this.#subject = subject
    this.#found = [...found]
  }

  add(problem: string): this {
    this.#found.push(problem)
    return this
  }

  /** Adds `problem` unless `fine`. */
  require(fine: boolean, problem: string): void {
    if (!fine) this.add(problem)
  }

  /**
   * Reads every known option once, inherited ones and getters too, into a frozen copy: what was checked is what is used,
   * whatever becomes of the original. A misspelt name is a problem, since it would silently fall back to a default.
   */
  read<T extends object>(options: T, known: readonly string[]): ReadOptions<T> {
    const source: unknown = options
    if (!isObject(source)) throw this.add('options must be an object').toError()
    for (const name of Object.keys(source)) {
      this.require(known.includes(name), `unknown option ${quote(name)} (known: ${known.join(', ')})`)
    }
    const entries = known.map((name) => [name, frozenList(source[name])] as const)
    const copy: unknown = Object.freeze(Object.fromEntries(entries.filter(([, value]) => value !== undefined)))
    return { given: copy as Readonly<Record<string, unknown>>, checked: copy as T } // two views of one copy
  }

  numberBetween(name: string, value: unknown, low: number, high: number): void {
    const fits = value === undefined || (typeof value === 'number' && value >= low && value <= high)
    this.require(fits, `${name} must be a number from ${low} to ${high}`)
  }

  function(name: string, value: unknown): void {
    this.require(value === undefined || typeof value === 'function', `${name} must be a function`)
  }

  boolean(name: string, value: unknown): void {
    this.require(value === undefined || typeof value === 'boolean', `${name} must be a boolean`)
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw this.toError()
  }

  toError(): TypeError {
    return new TypeError(`${this.#subject}: ${this.#found.join('; ')}`)
  }
}

function frozenList(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze([...value]) : value
}
