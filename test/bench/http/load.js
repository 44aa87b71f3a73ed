// A load generator in a process of its own: raw sockets, one request under way on each, since anything that costs more
// would be measured instead of the server. Takes lists of tokens once, and then one round per message.
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import process from 'node:process'

const CONNECTIONS = 32
const HEADER_END = Buffer.from('\r\n\r\n')
const lists = {}
/** Per port, kept over all rounds. */
const connections = new Map()
/** How many of each list each port was sent, so that every token comes again only after all others. */
const presented = new Map()

process.on('message', (message) => {
  answer(message).then(
    (result) => process.send(result),
    (error) => process.send({ error: error.message }),
  )
})

process.on('disconnect', () => process.exit())

async function answer({ list, tokens, round }) {
  if (round !== undefined) return drive(round)
  lists[list] = tokens.map(requestWith)
  return { isReady: true }
}

/** With the fields that most clients send. */
function requestWith(token) {
  const fields = [
    'Host: orders.example.com',
    'User-Agent: bench',
    'Accept: application/json',
    'Accept-Encoding: gzip, br',
    `Authorization: Bearer ${token}`,
  ]
  return Buffer.from(`GET /orders HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
}

/** Requests until the time is over. The clock starts after the warm-up. */
async function drive({ port, tokens, warmUp, milliseconds }) {
  const requests = lists[tokens]
  const place = `${port} ${tokens}`
  const round = { answered: 0, begin: 0, end: 0, cpu: undefined, busySeconds: 0 }
  let sent = presented.get(place) ?? 0
  const next = () => (round.end === 0 ? requests[sent++ % requests.length] : undefined)
  const note = () => {
    round.answered += 1
    if (round.answered === warmUp) Object.assign(round, { begin: performance.now(), cpu: process.cpuUsage() })
    else if (round.answered > warmUp && round.end === 0) endAfter(round, milliseconds)
  }
  const clients = await connectedTo(port)
  const answers = Promise.all(clients.map((client) => client(next, note)))
  await whileAwake(answers)
  presented.set(place, sent)
  const seconds = (round.end - round.begin) / 1000
  return {
    perSecond: (round.counted - warmUp) / seconds,
    loadCpu: round.busySeconds / seconds,
    answered: round.answered,
  }
}

/** Without sleep: to wake this process would cost the server more than most of what is measured, and the slower one more often. */
async function whileAwake(answers) {
  let isOver = false
  const spin = () => isOver || setImmediate(spin)
  spin()
  try {
    await answers
  } finally {
    isOver = true
  }
}

function endAfter(round, milliseconds) {
  const now = performance.now()
  if (now - round.begin < milliseconds) return
  const { user, system } = process.cpuUsage(round.cpu)
  Object.assign(round, { end: now, busySeconds: (user + system) / 1e6, counted: round.answered })
}

async function connectedTo(port) {
  if (!connections.has(port)) {
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)))
    connections.set(port, sockets.map(clientOn))
  }
  return connections.get(port)
}

const open = (port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })

/** A function that sends the next request after each answer, until there is none. All answers are as long as the first. */
function clientOn(socket) {
  let expected = 0
  let pending = Buffer.alloc(0)
  let received = 0
  let current
  const send = () => {
    const request = current.next()
    if (request === undefined) current.resolve()
    else socket.write(request)
  }
  socket.on('error', (error) => current?.reject(error))
  socket.on('close', () => current?.reject(new Error('the server closed a connection')))
  socket.on('data', (chunk) => {
    if (received === 0 && chunk.toString('latin1', 9, 12) !== '200')
      return current.reject(new Error(`the server answered ${chunk.toString('latin1', 0, 200)}`))
    if (expected === 0) {
      pending = Buffer.concat([pending, chunk])
      expected = lengthOf(pending)
    }
    received += chunk.length
    if (expected === 0 || received < expected) return
    received = 0
    current.note()
    send()
  })
  return (next, note) =>
    new Promise((resolve, reject) => {
      current = { next, note, resolve, reject }
      send()
    })
}

/** Of the whole answer, once its header is there. */
function lengthOf(octets) {
  const headerEnd = octets.indexOf(HEADER_END)
  if (headerEnd === -1) return 0
  const [, length] = /content-length: (\d+)/iu.exec(octets.toString('latin1', 0, headerEnd)) ?? []
  return headerEnd + HEADER_END.length + Number(length)
}
