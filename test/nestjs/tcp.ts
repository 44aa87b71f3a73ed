import { once } from 'node:events'
import { connect as connectTo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One message to a microservice over TCP. Its metadata is for Nest 12 alone. */
export interface Packet {
  readonly pattern: string
  readonly data?: unknown
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** What a microservice makes of it. */
export interface Answer {
  readonly response?: unknown
  readonly err?: unknown
}

/** Sends a message, as a client of Nest does: its length, `#` and its JSON; waits for the answer to it. */
export async function ask(port: number, { pattern, data = {}, metadata }: Packet): Promise<Answer> {
  const socket = connectTo(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const packet = JSON.stringify({ pattern, data, id: '1', metadata })
  socket.write(`${packet.length}#${packet}`)
  let received = ''
  for await (const chunk of socket) {
    received += String(chunk)
    const [length = ''] = received.split('#')
    const body = received.slice(length.length + 1)
    if (received.includes('#') && body.length >= Number(length))
      return answerIn(JSON.parse(body.slice(0, Number(length))))
  }
  throw new Error('the connection ended without an answer')
}

function answerIn({ response, err }: { readonly response?: unknown; readonly err?: unknown }): Answer {
  return { ...(response !== undefined && { response }), ...(err !== undefined && err !== null && { err }) }
}
