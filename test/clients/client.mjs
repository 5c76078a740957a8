// One way of using every generation of socket.io-client: emit with an
// acknowledgement, and wait for the next push of a name.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const generations = {
  '1.7.4': require('socket.io-client-1'),
  '2.5.0': require('socket.io-client-2'),
  '3.1.3': require('socket.io-client-3').io,
  '4.8.4': require('socket.io-client-4').io,
}

export const ways = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
}

export const pushes = [
  'operate', 'shake shake', 'group shake', 'new message', 'new group message', 'new group', 'group member added',
  'group renamed', 'removed from group', 'group member removed', 'group admin removed', 'group admin added',
  'set group notice', 'clear all unread', 'clear unread', 'clear notification', 'session removed', 'new notify',
  'new history', 'new session', 'ban speak', 'permit speak', 'voice as read', 'new withdraw usermessage',
  'new withdraw groupmessage', 'new sticky on top', 'new silence message', 'can add member', 'group changed', 'contact changed', 'logout message',
]

const patience = 15_000

function within(promise, what) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came: ${what}`)), patience)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

// isOld tells the generations that speak Engine.IO 3.
export const isOld = (generation) => generation.startsWith('1.') || generation.startsWith('2.')

// open makes a socket without waiting for anything.
export function open(demo, generation, way, { query = {}, auth, headers } = {}) {
  const text = new URLSearchParams(query).toString()
  return generations[generation](demo.url, {
    path: demo.path,
    transports: ways[way],
    query: generation.startsWith('1.') ? text : query,
    ...(auth && { auth }),
    // 1.x takes the first, 2.x the second, from 3.x on both are good.
    ...(headers && {
      extraHeaders: headers,
      transportOptions: { polling: { extraHeaders: headers }, websocket: { extraHeaders: headers } },
    }),
    forceNew: true,
    multiplex: false,
    reconnectionDelay: 10,
    reconnectionDelayMax: 50,
  })
}

// outcome resolves to 'connected' or to the text of the refusal.
export function outcome(socket) {
  return within(
    new Promise((resolve) => {
      socket.on('connect', () => resolve('connected'))
      socket.on('error', (error) => resolve(typeof error === 'string' ? error : error.message))
      socket.on('connect_error', (error) => resolve(error.message))
    }),
    'connect or a refusal',
  )
}

// connect logs in and resolves to a Client that has missed no push.
export async function connect(demo, generation, way, token, options = {}) {
  const socket = open(demo, generation, way, { query: { token, app: demo.app }, ...options })
  const client = new Client(socket, generation)
  const said = await outcome(socket)
  if (said !== 'connected') throw new Error(`connecting: ${said}`)
  if (way === 'upgrade') await client.upgraded()
  return client
}

export class Client {
  constructor(socket, generation) {
    this.socket = socket
    this.generation = generation
    this.waiting = new Map(pushes.map((name) => [name, []])) // arrived, not yet taken
    this.takers = new Map(pushes.map((name) => [name, []]))
    this.log = [] // names in order of arrival
    for (const name of pushes) {
      socket.on(name, (payload) => {
        this.log.push(name)
        const taker = this.takers.get(name).shift()
        if (taker) taker(payload)
        else this.waiting.get(name).push(payload)
      })
    }
  }

  // request emits with an acknowledgement and resolves to the result; it
  // rejects with the server's error text.
  request(name, payload = {}) {
    return within(
      new Promise((resolve, reject) => {
        this.socket.emit(name, payload, (error, result) => (error ? reject(new Error(error.error)) : resolve(result)))
      }),
      `acknowledgement of ${name}`,
    )
  }

  // refusal resolves to the error text of a request that must fail.
  async refusal(name, payload) {
    try {
      const result = await this.request(name, payload)
      return `accepted: ${JSON.stringify(result)}`
    } catch (error) {
      return error.message
    }
  }

  // next resolves to the oldest push of that name that was not taken yet.
  next(name) {
    const arrived = this.waiting.get(name).shift()
    if (arrived !== undefined) return Promise.resolve(arrived)
    return within(new Promise((resolve) => this.takers.get(name).push(resolve)), `push ${name}`)
  }

  // left returns how many pushes of that name have arrived and were not taken.
  left(name) {
    return this.waiting.get(name).length
  }

  // upgraded resolves when the polling connection has become a WebSocket.
  async upgraded() {
    const engine = this.socket.io.engine
    if (engine.transport.name === 'websocket') return
    await within(new Promise((resolve) => engine.once('upgrade', resolve)), 'upgrade to WebSocket')
  }

  // dropped closes the transport under the client, as a lost network does.
  drop() {
    this.socket.io.engine.close()
  }

  close() {
    this.socket.close()
  }
}
