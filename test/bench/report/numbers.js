/** A benchmark that broke gives no numbers, or none that mean something. @throws Error that names the first */
export function requireNumbers(name, result) {
  const found = numbersOf(result, name)
  const broken = found.find(({ value }) => value === null || !Number.isFinite(value))
  if (broken !== undefined) throw new Error(`${broken.path} is no number`)
  if (found.length === 0) throw new Error(`${name} gave no numbers`)
}

function numbersOf(value, path) {
  if (typeof value === 'number' || value === null) return [{ path, value }]
  if (typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, member]) => numbersOf(member, `${path}.${key}`))
}
