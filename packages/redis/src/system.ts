import type { System } from '@tokenward/core'

export type Clockwork = Pick<System, 'now' | 'schedule' | 'random'>

const host: Clockwork = {
  now: () => Date.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** The host's own, but for what is given. Methods keep their `this`. */
export function clockworkWith(given: Partial<Clockwork> = {}): Clockwork {
  return {
    now: given.now?.bind(given) ?? host.now,
    schedule: given.schedule?.bind(given) ?? host.schedule,
    random: given.random?.bind(given) ?? host.random,
  }
}

/** What `work` settles to, unless that takes longer than `deadlineMs`. Clients may queue a command for as long as a server is away. */
export async function within<T>({ schedule }: Clockwork, deadlineMs: number, work: Promise<T>): Promise<T> {
  let cancel: (() => void) | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    cancel = schedule(deadlineMs, () => reject(new Error(`no answer within ${deadlineMs} ms`)))
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    cancel?.()
  }
}
