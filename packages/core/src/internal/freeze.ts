const frozen = new WeakSet<object>()

/** Freezes plain objects and arrays all the way down. Other objects (a schema may produce a Date) are left as they are. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || frozen.has(value)) return value // what was frozen before is not walked again
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
  frozen.add(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
