// The commands of docs/host-api.md are run as they are written, one after the
// other in one shell, against a server that they start themselves. They print what the page
// shows; … stands for any value. The page once used variables that it never set.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import test from 'node:test'

const page = readFileSync(new URL('../../docs/host-api.md', import.meta.url), 'utf8')
const next = '--- next ---\n'

// examples returns the shell blocks of the page, each with the block that shows its output.
function examples() {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => ({ kind, text }))
  const found = []
  for (let i = 0; i < blocks.length; i += 2) {
    assert.equal(blocks[i].kind, 'sh', blocks[i].text)
    assert.match(blocks[i + 1]?.kind, /^(json|text)$/, `the output of:\n${blocks[i].text}`)
    found.push({ code: blocks[i].text, kind: blocks[i + 1].kind, want: blocks[i + 1].text })
  }
  return found
}

// documents parses JSON documents that are separated by line breaks.
function documents(text) {
  const found = []
  let lines = ''
  for (const line of text.split('\n')) {
    lines += line
    try {
      found.push(JSON.parse(lines))
      lines = ''
    } catch { /* the document continues on the next line */ }
  }
  assert.equal(lines.trim(), '', 'the rest is not JSON')
  return found
}

// fill replaces each … of want by the value that got has in its place.
function fill(want, got) {
  if (want === '…') return got ?? want
  if (want === null || typeof want !== 'object') return want
  const filled = Array.isArray(want) ? [] : {}
  for (const key of Object.keys(want)) filled[key] = fill(want[key], got?.[key])
  return filled
}

// A free port of loopback below the ports that the system gives to outgoing connections, so that none of them takes it.
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const free = await new Promise((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)))
    if (!free) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

test('the commands of the host API guide', async () => {
  const commands = examples()
  assert.ok(commands.length > 15, `the page has ${commands.length} commands`)
  const script = commands.map(({ code }) => `${code}\nprintf '%s' '${next}'\n`).join('')
    .replace('http://127.0.0.1:8080', `http://127.0.0.1:${await freePort()}`)
  const folder = mkdtempSync(join(tmpdir(), 'parley-guide-'))
  symlinkSync(process.env.PARLEY_BIN, join(folder, 'parley'))
  // A process group of its own, so that the server ends even if a command fails before the last one.
  const shell = spawn('bash', ['-c', 'set -eu\n' + script], {
    cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: folder + delimiter + process.env.PATH, TMPDIR: folder, PARLEY_METRICS_LISTEN: '' },
  })
  try {
    const ended = once(shell, 'exit')
    ended.then(([code]) => { if (code !== 0) process.kill(-shell.pid) }).catch(() => {})
    let output = ''
    for await (const chunk of shell.stdout) output += chunk
    assert.deepEqual(await ended, [0, null], output)
    const printed = output.split(next)
    for (const [i, { code, kind, want }] of commands.entries()) {
      if (kind === 'text') {
        assert.equal(printed[i].trim(), want.trim(), code)
        continue
      }
      const got = documents(printed[i])
      assert.deepEqual(got, fill(documents(want), got), code)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
