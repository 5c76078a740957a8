// A log-in that ends while its client changes from polling to WebSocket. The client had stopped polling and its
// WebSocket was closed before it carried anything: it missed `logout message`, and 1.7.4 hung until its ping timeout.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { generations, open } from './client.mjs'
import { start } from './server.mjs'

const attempts = 100
const atOnce = 10

let server
before(async () => {
  server = await start()
})
after(() => server.stop())

// attempt revokes a token so long after its client has connected, and resolves to what the client heard of that.
async function attempt(generation, pause) {
  const { app, accounts } = server.demo
  const { token, session } = await server.host('POST', `/accounts/${accounts[0].id}/tokens`, {})
  const socket = open(server.demo, generation, 'upgrade', { query: { token, app } })
  const heard = []
  try {
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`revoked after ${pause} ms: heard only [${heard}]`)), 15_000)
      socket.on('logout message', () => heard.push('logout message'))
      socket.on('connect', () => setTimeout(() => server.host('DELETE', `/tokens/${session}`).catch(reject), pause))
      socket.on('disconnect', () => {
        heard.push('disconnect')
        clearTimeout(late)
        resolve()
      })
    })
  } finally {
    socket.close()
  }
  return heard
}

for (const generation of Object.keys(generations)) {
  describe(`socket.io-client ${generation}`, () => {
    test('is told of the end of its log-in during an upgrade', async () => {
      for (let n = 0; n < attempts; n += atOnce) {
        const heard = await Promise.all(Array.from({ length: atOnce }, (_, i) => attempt(generation, (n + i) % 20)))
        for (const one of heard) assert.deepEqual(one, ['logout message', 'disconnect'])
      }
    })
  })
}
