/** What `use` makes of a value: at once where the value is at hand, since a turn of the event loop costs more than most checks. */
export function whenSettled<T, U>(value: T | Promise<T>, use: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(use) : use(value)
}
