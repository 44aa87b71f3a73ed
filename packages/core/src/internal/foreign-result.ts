/** Lets go of whatever foreign code returned; a promise among it must not become an unhandled rejection. */
export function discard(result: unknown): void {
  if (isThenable(result)) Promise.resolve(result).catch(() => {})
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false
  try {
    return 'then' in value && typeof value.then === 'function'
  } catch {
    return false // a foreign object may throw when it is looked at
  }
}
