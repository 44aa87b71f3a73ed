/** Does the same as a function that returns a promise, and returns what it has at hand without one. */
export type AtOnce<Subject, Options, Result> = (subject: Subject, options?: Options) => Result | Promise<Result>

type Promising<Subject, Options, Result> = (subject: Subject, options?: Options) => Promise<Result>

/** By the very function, so that whoever puts another function in its place is never passed by. */
const shortcuts = new WeakMap<object, unknown>()

/** A function for everybody, of one that {@link atOnce} finds again: on every request, a promise costs more than most checks. */
export function promising<Subject, Options, Result>(
  decide: AtOnce<Subject, Options, Result>,
): Promising<Subject, Options, Result> {
  const everybodys: Promising<Subject, Options, Result> = async (subject, options) => decide(subject, options)
  shortcuts.set(everybodys, decide)
  return everybodys
}

/** What `ask` was made of by {@link promising}; any other function as it is, which may be a method. */
export function atOnce<Subject, Options, Result>(
  ask: Promising<Subject, Options, Result>,
): AtOnce<Subject, Options, Result> {
  return (shortcuts.get(ask) as AtOnce<Subject, Options, Result> | undefined) ?? ask // only set above, of the same types
}
