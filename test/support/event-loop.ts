/** Long enough for a rejection to be found unhandled, and for sockets to say what they have to say. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await turn()
}

/** Lets the event loop turn until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 10_000; turns += 1) {
    if (isSo()) return
    await turn()
  }
  throw new Error('it never came to be')
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
