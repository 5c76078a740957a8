// Starts the built server in demo mode and speaks to its host API.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const binary = process.env.PARLEY_BIN

// start runs `parley demo` on a free port with a database of its own and
// resolves when the server accepts connections.
export async function start() {
  if (!binary) throw new Error('PARLEY_BIN must name the built parley binary')
  const data = mkdtempSync(join(tmpdir(), 'parley-clients-'))
  const server = await run(binary, ['demo', '--json', '--bare', '--listen', '127.0.0.1:0', '--data', data])
  const { stop } = server
  server.stop = async () => {
    const code = await stop()
    rmSync(data, { recursive: true, force: true })
    return code
  }
  return server
}

// startCluster runs three nodes behind a balancer and resolves when it accepts connections.
export async function startCluster() {
  const { PARLEY_CLUSTER_BIN: program, PARLEY_TEST_NATS: nats, PARLEY_TEST_POSTGRES: postgres } = process.env
  if (!binary || !program || !nats || !postgres) {
    throw new Error('PARLEY_BIN, PARLEY_CLUSTER_BIN, PARLEY_TEST_NATS and PARLEY_TEST_POSTGRES must name what a cluster needs')
  }
  return run(program, ['-json', '-bare', '-roam', '-listen', '', '-parley', binary, '-nats', nats, '-postgres', postgres])
}

// run starts a program whose first line of output is that of `parley demo --json`.
async function run(program, args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const lines = createInterface({ input: child.stdout })
  const next = () =>
    new Promise((resolve, reject) => {
      lines.once('line', resolve)
      child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))
    })
  const demo = JSON.parse(await next())
  const server = new Server(demo, () => {
    child.kill('SIGTERM')
    return exited
  })
  // replace stops a node of a cluster as an update does, and resolves when its successor serves.
  server.replace = async (node) => {
    child.stdin.write(`${node}\n`)
    await next()
  }
  return server
}

class Server {
  constructor(demo, stop) {
    this.demo = demo
    this.stop = stop
  }

  // host calls the host API as the demo's application of kind server and returns the answer's body.
  async host(method, path, body) {
    const answer = await fetch(this.demo.url + '/v1' + path, {
      method,
      headers: {
        authorization: 'Basic ' + Buffer.from(`${this.demo.host.app}:${this.demo.host.secret}`).toString('base64'),
        'content-type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  // history reads one of the history endpoints as the owner of the token.
  async history(token, path, query) {
    const url = new URL(this.demo.url + path)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const answer = await fetch(url, { headers: { authorization: 'md_pss_id ' + token } })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  // people creates an organization of new accounts and gives each a token, so
  // that every story starts from nothing.
  async people(...names) {
    const organization = await this.host('POST', '/organizations', { name: 'Test organization' })
    const made = []
    for (const name of names) {
      const account = await this.host('POST', '/accounts', { name, email: `${name.toLowerCase()}@example.test` })
      const token = await this.host('POST', `/accounts/${account.id}/tokens`, {})
      made.push({ id: account.id, name, token: token.token, session: token.session })
    }
    await this.host('POST', `/organizations/${organization.id}/members`, { accounts: made.map((one) => one.id) })
    return made
  }
}
