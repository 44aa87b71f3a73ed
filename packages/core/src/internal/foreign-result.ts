/** Lets go of whatever foreign code returned; a promise among it must not become an unhandled rejection. */
export function discard(result: unknown): void {
  if (isThenable(result)) Promise.resolve(result).catch(() => {})
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
