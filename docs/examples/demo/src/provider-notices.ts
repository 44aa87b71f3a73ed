const notice = /oidc-provider (?:NOTICE|WARNING): (?:Unsupported runtime|a quick start development-only)/

/**
 * Runs `run` while the development notices of oidc-provider stay off the terminal: it advises against Node 20 and
 * against its ready-made login page, and neither matters to a server that lives in memory for seconds. Everything else
 * that is written to the console passes.
 */
export function withoutNotices<Result>(run: () => Result): Result {
  const { warn } = console
  const restore = () => {
    console.warn = warn
  }
  console.warn = (...values: unknown[]) => {
    if (!(typeof values[0] === 'string' && notice.test(values[0]))) warn.apply(console, values)
  }
  try {
    const result = run()
    if (result instanceof Promise) void result.then(restore, restore)
    else restore()
    return result
  } catch (error) {
    restore()
    throw error
  }
}
