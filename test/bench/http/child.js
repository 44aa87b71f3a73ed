import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'

/** A process beside this one, asked one thing at a time. It ends with this one, whatever happens. */
export function startChild(file, args = []) {
  const child = fork(join(import.meta.dirname, file), args, {
    env: { ...process.env, NODE_ENV: 'production' },
    execArgv: [],
  })
  child.once('exit', (code) => fail?.(new Error(`${file} ended with ${code}`)))
  let fail
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        fail = reject
        child.once('message', (answer) => {
          if (answer.error === undefined) resolve(answer)
          else reject(new Error(`${file}: ${answer.error}`))
        })
        child.send(question)
      }),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
