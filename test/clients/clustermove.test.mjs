// The nodes of a cluster are replaced one after the other while every generation of clients talks. The clients move to
// other nodes without an error, and nothing that they send is lost or doubled.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect, generations, ways } from './client.mjs'
import { startCluster } from './server.mjs'

let server

before(async () => {
  server = await startCluster()
})
after(async () => {
  assert.equal(await server.stop(), 0, 'exit code after SIGTERM')
})

// Speaker sends messages one after the other. A message whose acknowledgement was lost with the connection is sent again
// once the client is connected again, as an application does.
class Speaker {
  constructor(client, name, token, to) {
    Object.assign(this, { client, name, token, to, sent: [], errors: [], ends: [] })
    const { socket } = client
    for (const event of ['error', 'connect_error', 'connect_timeout', 'reconnect_error', 'reconnect_failed']) {
      const note = (error) => {
        const text = error?.message ?? error
        this.errors.push(`${event}: ${text}`)
      }
      socket.on(event, note)
      if (event !== 'connect_error') socket.io.on(event, note)
    }
    socket.on('disconnect', (reason) => this.ends.push(reason))
  }

  async talk(until) {
    const { socket } = this.client
    for (let n = 0; !until.over || n < 3; n++) {
      const text = `${this.name} ${n}`
      for (;;) {
        const lost = new Promise((resolve) => socket.once('disconnect', () => resolve(null)))
        const sent = socket.connected
          ? await Promise.race([lost, this.client.request('send message', { touser: this.to, msg: text, type: 1, waitingid: text })])
          : null
        if (sent) {
          this.sent.push(sent.id)
          break
        }
        if (!socket.connected) await new Promise((resolve) => socket.once('connect', resolve))
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

test('clients move to other nodes', async () => {
  const speakers = []
  for (const generation of Object.keys(generations)) {
    for (const way of Object.keys(ways)) {
      for (let n = 0; n < 3; n++) {
        const [from, to] = await server.people('From', 'To')
        const client = await connect(server.demo, generation, way, from.token)
        speakers.push(new Speaker(client, `${generation} ${way} ${n}`, from.token, to.id))
      }
    }
  }
  const until = { over: false }
  const talking = Promise.all(speakers.map((speaker) => speaker.talk(until)))
  try {
    for (const node of [0, 1, 2]) await server.replace(node)
    until.over = true
    await talking
    for (const { name, errors, ends, sent, token, to } of speakers) {
      assert.deepEqual(errors, [], `errors of ${name}`)
      for (const reason of ends) assert.equal(reason, 'transport close', `an end of ${name}`)
      const rows = []
      for (let since = sent[0]; ; since = rows.at(-1).id) {
        const page = await server.history(token, '/messages', { accountid: to, sinceid: since, direction: 1, num: 100 })
        if (page.length === 0) break
        rows.push(...page)
      }
      assert.deepEqual([sent[0], ...rows.map((row) => row.id)], sent, `messages of ${name}`)
    }
    const moved = speakers.filter((speaker) => speaker.ends.length > 0).length
    assert.equal(moved, speakers.length, 'clients that were moved, of all')
  } finally {
    until.over = true
    for (const speaker of speakers) speaker.client.close()
  }
})
