import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** What a gateway sends. */
export interface Message {
  readonly event: string
  readonly data: unknown
}

/** An open WebSocket that asks one thing after the other. */
export interface Client {
  ask(event: string, data?: unknown): Promise<Message>
}

export async function connect(port: number, token?: string, path = '/'): Promise<Client> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return {
    async ask(event, data = {}) {
      const answered = once(socket, 'message')
      socket.send(JSON.stringify({ event, data }))
      const [answer]: unknown[] = await answered
      return JSON.parse(String(answer)) as Message // what this side sent
    },
  }
}
