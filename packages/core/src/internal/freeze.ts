/** Freezes plain objects and arrays all the way down. Other objects (a schema may produce a Date) are left as they are. */
export function deepFreeze<T>(value: T, seen: Set<unknown> = new Set()): T {
  if (typeof value !== 'object' || value === null || seen.has(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
  seen.add(value)
  for (const inner of Object.values(value)) deepFreeze(inner, seen)
  return Object.freeze(value)
}
