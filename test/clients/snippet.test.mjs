// What `parley demo` prints to be pasted does what it says.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

// readUntil collects a stream until its text has all the parts.
async function readUntil(stream, ...parts) {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    if (parts.every((part) => text.includes(part))) return text
  }
  throw new Error('it ended with: ' + text)
}

test('the snippet of the demo', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-snippet-'))
  const demo = spawn(process.env.PARLEY_BIN, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let node
  try {
    const text = await readUntil(demo.stdout, 'Stop with Ctrl-C')
    const script = /<<'END'\n([\s\S]*?)\nEND\n/.exec(text)[1]
    // The shell part only installs the package; here it is linked.
    const installed = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', 'socket.io-client-4')
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(installed, join(folder, 'node_modules', 'socket.io-client'))
    node = spawn(process.execPath, ['-'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
    node.stdin.end(script)
    const ended = once(node, 'exit')
    assert.match(await readUntil(node.stdout, 'stored as message', 'Demo Two reads'), /Demo Two reads: Hello from Demo One/)
    assert.deepEqual(await ended, [0, null], 'it ends by itself')
  } finally {
    node?.kill()
    demo.kill('SIGTERM')
    const [code] = await once(demo, 'exit')
    rmSync(folder, { recursive: true, force: true })
    assert.equal(code, 0)
  }
})
