// The token that docs/host-api.md signs in JavaScript logs its account in, and
// ends when its jti is revoked.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { io } from 'socket.io-client-4'

test('a JWT signed as the guide shows', async () => {
  const demo = spawn(process.env.PARLEY_BIN, ['demo', '--json', '--bare', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let socket
  try {
    const [line] = await once(createInterface(demo.stdout), 'line')
    const { url, app, signingKey, host, accounts } = JSON.parse(line)
    const page = readFileSync(new URL('../../docs/host-api.md', import.meta.url), 'utf8')
    const example = /<<'END'\n([\s\S]*?)\nEND\n/.exec(page)[1]
    const env = { ...process.env, APP: app, SIGNING_KEY: signingKey, ACCOUNT: accounts[0].id, SESSION: 'signed-elsewhere' }
    const token = execFileSync(process.execPath, ['--input-type=module', '-'], { input: example, env, encoding: 'utf8' }).trim()

    socket = io(url, { auth: { token, app }, reconnection: false })
    await Promise.race([once(socket, 'connect'), once(socket, 'connect_error').then(([err]) => { throw err })])
    const loggedOut = once(socket, 'logout message')
    const revoked = await fetch(`${url}/v1/tokens/signed-elsewhere`, {
      method: 'DELETE', headers: { authorization: 'Basic ' + Buffer.from(`${host.app}:${host.secret}`).toString('base64') },
    })
    assert.equal(revoked.status, 204)
    assert.deepEqual(await loggedOut, [{ sessionId: 'signed-elsewhere' }])
  } finally {
    socket?.close()
    demo.kill('SIGTERM')
    await once(demo, 'exit')
  }
})
