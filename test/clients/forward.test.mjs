// Every generation of socket.io-client over every transport, with each request of a session at another
// node than the request before: without sticky sessions, nothing may differ.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { createInterface } from 'node:readline'
import { generations, open, outcome, ways } from './client.mjs'

let nodes, lines, exited
before(async () => {
  const binary = process.env.PARLEY_ECHO_BIN
  if (!binary) throw new Error('PARLEY_ECHO_BIN must name the built test/cluster/echo')
  const child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  exited = new Promise((resolve) => child.once('exit', resolve))
  lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  nodes = { ...JSON.parse((await lines.next()).value), stop: () => child.stdin.end() }
})
after(async () => {
  nodes.stop()
  const { forwarded, failed } = JSON.parse((await lines.next()).value)
  assert.equal(await exited, 0)
  for (const n of forwarded) assert.ok(n > 20, `each node passed requests on: ${forwarded}`)
  assert.deepEqual(failed, [0, 0, 0])
})

const ask = (socket, ...args) => new Promise((resolve) => socket.emit(...args, (...answer) => resolve(answer)))

async function connect(generation, way) {
  const socket = open(nodes, generation, way)
  assert.equal(await outcome(socket), 'connected')
  if (way === 'upgrade' && socket.io.engine.transport.name !== 'websocket') {
    await new Promise((resolve) => socket.io.engine.once('upgrade', resolve))
  }
  return socket
}

for (const generation of Object.keys(generations)) {
  for (const way of Object.keys(ways)) {
    describe(`socket.io-client ${generation} over ${way}, at any node`, () => {
      test('answers, bytes and long texts', async () => {
        const socket = await connect(generation, way)
        try {
          const many = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(socket, 'echo', { n, text: `你好 ${n} 👋` })))
          assert.deepEqual(many.map(([one]) => one), Array.from({ length: 40 }, (_, n) => ({ n, text: `你好 ${n} 👋` })))
          const [bytes] = await ask(socket, 'echo', Buffer.from([0, 1, 2, 253, 254, 255]))
          assert.deepEqual([...new Uint8Array(bytes)], [0, 1, 2, 253, 254, 255])
          const long = '长x'.repeat(100_000)
          assert.deepEqual(await ask(socket, 'echo', long), [long])
          for (let n = 0; n < 5; n++) assert.deepEqual(await ask(socket, 'echo', n), [n])
        } finally {
          socket.close()
        }
      })

      test('pushes in order, and heartbeats', async () => {
        const socket = await connect(generation, way)
        try {
          const pushed = []
          let ended
          socket.on('pushed', (n) => pushed.push(n))
          socket.on('disconnect', (reason) => (ended = reason))
          for (let n = 0; n < 3; n++) {
            assert.deepEqual(await ask(socket, 'push', 50), [50])
            // Two heartbeats of the connection, whichever end begins them.
            for (let beats = 0; beats < 2; beats++) await heartbeat(socket)
          }
          assert.deepEqual(pushed, Array.from({ length: 150 }, (_, n) => n % 50))
          assert.equal(ended, undefined)
        } finally {
          socket.close()
        }
      })

      test('a new session after a broken connection', async () => {
        const socket = await connect(generation, way)
        try {
          const back = new Promise((resolve) => socket.on(generation.startsWith('1') ? 'reconnect' : 'connect', resolve))
          socket.io.engine.close()
          await back
          assert.deepEqual(await ask(socket, 'echo', 'again'), ['again'])
        } finally {
          socket.close()
        }
      })
    })
  }
}

// heartbeat resolves when the engine has heard a ping or a pong.
function heartbeat(socket) {
  return new Promise((resolve) => {
    const heard = ({ type }) => {
      if (type !== 'ping' && type !== 'pong') return
      socket.io.engine.off('packet', heard)
      resolve()
    }
    socket.io.engine.on('packet', heard)
  })
}
