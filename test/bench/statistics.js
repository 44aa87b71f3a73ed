/** The value below which the given part of the numbers lies, between neighbours in proportion. */
export function quantile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const below = sorted[Math.floor(at)]
  return below + (sorted[Math.ceil(at)] - below) * (at - Math.floor(at))
}

export const median = (numbers) => quantile(numbers, 0.5)

/** Median and quartiles: what is typical, and how far half of the rounds lie apart. */
export function spread(numbers) {
  return { median: median(numbers), q1: quantile(numbers, 0.25), q3: quantile(numbers, 0.75) }
}
