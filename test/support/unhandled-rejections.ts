import { onTestFinished } from 'vitest'

/** Collects the rejections that nobody handles while the test runs. */
export function unhandledRejections(): readonly unknown[] {
  const reasons: unknown[] = []
  const listener = (reason: unknown): void => void reasons.push(reason)
  process.on('unhandledRejection', listener)
  onTestFinished(() => void process.off('unhandledRejection', listener))
  return reasons
}
