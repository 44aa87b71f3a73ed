/** So many checks in one turn of the event loop are done at once; the thread pool, with more than one thread, takes the rest. */
const MOST_PER_TURN = 16

let begun = 0
let inPool = 0

/**
 * Whether the thread pool is the better place for one more check. Requests on many connections come in one turn, one
 * after the other, so what counts is what was begun in this turn, not what is pending.
 */
export function isCrowded(): boolean {
  if (begun === 0) {
    setImmediate(() => {
      begun = 0
    }).unref()
  }
  begun += 1
  return begun + inPool > MOST_PER_TURN
}

/** Counts a check as long as the pool has it. */
export async function inThePool<T>(check: Promise<T>): Promise<T> {
  inPool += 1
  try {
    return await check
  } finally {
    inPool -= 1
  }
}
