// Credentials in each accepted place, and the refusals of the contract.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { generations, isOld, open, outcome, ways } from './client.mjs'
import { start } from './server.mjs'

let server, token, app
before(async () => {
  server = await start()
  token = server.demo.accounts[0].token
  app = server.demo.app
})
after(() => server.stop())

async function attempt(generation, way, credentials) {
  const socket = open(server.demo, generation, way, credentials)
  try {
    return await outcome(socket)
  } finally {
    socket.close()
  }
}

for (const generation of Object.keys(generations)) {
  for (const way of Object.keys(ways)) {
    describe(`socket.io-client ${generation} over ${way}`, () => {
      const tells = (name, credentials, want) =>
        test(name, async () => assert.equal(await attempt(generation, way, credentials()), want))

      tells('query', () => ({ query: { token, app } }), 'connected')
      tells('pss_id in the query', () => ({ query: { pss_id: token } }), 'connected')
      tells('cookie', () => ({ headers: { cookie: `md_pss_id=${token}` } }), 'connected')
      tells('bearer', () => ({ query: { app }, headers: { authorization: `Bearer ${token}` } }), 'connected')
      tells('bearer and query that agree', () => ({ query: { token, app }, headers: { authorization: `Bearer ${token}` } }), 'connected')
      tells('no token', () => ({ query: { app } }), 'token required')
      tells('a wrong token', () => ({ query: { token: 'wrong', app } }), 'invalid token')
      tells('no app', () => ({ query: { token } }), 'app required')
      tells('a wrong app', () => ({ query: { token, app: 'wrong' } }), 'invalid app')
      tells('two tokens', () => ({ query: { token, app }, headers: { authorization: 'Bearer other' } }), 'credentials disagree')
      if (!isOld(generation)) {
        tells('auth', () => ({ auth: { token, app } }), 'connected')
        tells('auth and query that agree', () => ({ auth: { token, app }, query: { token, app } }), 'connected')
        tells('auth and query that differ', () => ({ auth: { token: 'other', app }, query: { token, app } }), 'credentials disagree')
      }
    })
  }
}
