import { isThenable } from './foreign-result.ts'

/**
 * Whether a value has to be waited for. By what it can do and not by its class: a library may have put another Promise in
 * the place of the global one, and a promise taken for a value would be taken for a yes.
 */
export function isPending<T>(value: T | Promise<T>): value is Promise<T> {
  return isThenable(value)
}

/** What `use` makes of a value: at once where the value is at hand, since a turn of the event loop costs more than most checks. */
export function whenSettled<T, U>(value: T | Promise<T>, use: (value: T) => U | Promise<U>): U | Promise<U> {
  return isPending(value) ? value.then(use) : use(value)
}
