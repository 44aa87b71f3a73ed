import { execFile } from 'node:child_process'

/** Runs a program to its end and returns what it printed. Rejects with all of it where the program failed. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { cwd, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr)
      else reject(new Error(`${program} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause: error }))
    })
    child.stdin?.end()
  })
}
