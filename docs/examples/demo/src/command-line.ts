import { parseArgs } from 'node:util'

export const usage = `Usage: demo [--serve]

Starts an authorization server and a protected API on the loopback interface, sends good, missing,
misused and forged tokens to the API over HTTP and shows every answer. Exit code 0: every answer was
the expected one; 1: some answer was not; 2: the command line is wrong.

  --serve   stay up afterwards and print curl lines to paste; Ctrl-C ends it
  --help    show this text

Colours follow the terminal; NO_COLOR and FORCE_COLOR are honoured.`

export type Command =
  | { readonly kind: 'run'; readonly serve: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string }

/** Reads the arguments. A leading `--`, which some package runners pass on, means nothing. */
export function readCommand(args: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: { serve: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    })
    return values.help ? { kind: 'help' } : { kind: 'run', serve: values.serve }
  } catch (error) {
    return { kind: 'wrong', message: error instanceof Error ? error.message : String(error) }
  }
}
