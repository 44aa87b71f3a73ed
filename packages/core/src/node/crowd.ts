/** So many checks at once are done here: alone, none is worth the way to another thread. */
const MOST_ALONE = 2

/** Checks begun since microtasks ran: a caller who waits for one before the next begins one at a time. */
let together = 0
/** Callbacks in this turn of the event loop that began one: requests on many connections come one after the other. */
let callbacks = 0
let isCounted = false

const done = (async (): Promise<void> => {})()

function startAnew(): void {
  together = 0
}

/** Whether the thread pool, which has more than one thread, is the better place for one more check. */
export function isCrowded(): boolean {
  if (together === 0) {
    void done.then(startAnew) // queueMicrotask makes a resource of each, which takes longer
    countCallback()
  }
  together += 1
  return together > MOST_ALONE || callbacks > MOST_ALONE
}

function countCallback(): void {
  if (isCounted) return
  isCounted = true
  // runs once the callback has ended, and with it all that it caused
  process.nextTick(() => {
    isCounted = false
  })
  callbacks += 1
  if (callbacks > 1) return
  setImmediate(() => {
    callbacks = 0
  }).unref()
}
