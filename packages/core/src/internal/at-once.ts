/** Does the same as a function that returns a promise, and returns what it has at hand without one. */
export type AtOnce<Arguments extends readonly unknown[], Result> = (...given: Arguments) => Result | Promise<Result>

type Promising<Arguments extends readonly unknown[], Result> = (...given: Arguments) => Promise<Result>

/** By the very function, so that whoever puts another function in its place is never passed by. */
const shortcuts = new WeakMap<object, unknown>()

/** A function for everybody, of one that {@link atOnce} finds again: on every request, a promise costs more than most checks. */
export function promising<Arguments extends readonly unknown[], Result>(
  decide: AtOnce<Arguments, Result>,
): Promising<Arguments, Result> {
  const everybodys: Promising<Arguments, Result> = async (...given) => decide(...given)
  shortcuts.set(everybodys, decide)
  return everybodys
}

/** What `ask` was made of by {@link promising}; any other function as it is, which may be a method. */
export function atOnce<Arguments extends readonly unknown[], Result>(
  ask: Promising<Arguments, Result>,
): AtOnce<Arguments, Result> {
  return (shortcuts.get(ask) as AtOnce<Arguments, Result> | undefined) ?? ask // only set above, of the same types
}
