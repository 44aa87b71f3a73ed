/** Freezes plain objects and arrays all the way down. Other objects (a schema may produce a Date) are left as they are. */
export function deepFreeze<T>(value: T, seen: Set<unknown> = new Set()): T {
  if (typeof value !== 'object' || value === null || seen.has(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
  seen.add(value)
  for (const inner of Object.values(value)) deepFreeze(inner, seen)
  return Object.freeze(value)
}

/** Whether a value is made of nothing but primitives in frozen plain objects and arrays. */
export function isFrozenThroughout(value: unknown, seen: Set<unknown> = new Set()): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  seen.add(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === null || prototype === Object.prototype || prototype === Array.prototype
  if (!isPlain || !Object.isFrozen(value)) return false
  return Reflect.ownKeys(value).every((name) => {
    const property = Object.getOwnPropertyDescriptor(value, name)
    return property !== undefined && 'value' in property && isFrozenThroughout(property.value, seen)
  })
}
