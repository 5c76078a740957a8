// The clients that the READMEs show connect and send once the values of the demo are filled in.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const installed = (generation) => fileURLToPath(new URL(`node_modules/socket.io-client-${generation}`, import.meta.url))

test('the clients of the READMEs', async (t) => {
  const demo = spawn(process.env.PARLEY_BIN, ['demo', '--json', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await once(createInterface(demo.stdout), 'line')
    const { url, app, accounts } = JSON.parse(line)
    for (const page of ['README.md', 'README.zh.md']) {
      const text = readFileSync(new URL('../../' + page, import.meta.url), 'utf8')
      const given = /```js\n(const token = .*\n)```/.exec(text)[1].replace("token = '…'", `token = '${accounts[0].token}'`)
        .replace("app = '…'", `app = '${app}'`).replace("touser = '…'", `touser = '${accounts[1].id}'`)
      const examples = [...text.matchAll(/`(talk\.\w+)`[\s\S]*?```js\n([\s\S]*?)```/g)]
      assert.equal(examples.length, 2)
      for (const [, name, code] of examples) {
        // Each is for two generations of the client.
        for (const generation of name.endsWith('.mjs') ? [4, 3] : [2, 1]) {
          await t.test(`${page}, ${name}, ${generation}.x`, async () => {
            const folder = mkdtempSync(join(tmpdir(), 'parley-readme-'))
            mkdirSync(join(folder, 'node_modules'))
            symlinkSync(installed(generation), join(folder, 'node_modules', 'socket.io-client'))
            writeFileSync(join(folder, name), given + code.replace('http://127.0.0.1:8080', url))
            const node = spawn(process.execPath, [name], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
            try {
              const ended = once(node, 'exit').then(([code]) => { throw new Error('it ended with ' + code) })
              const [id] = await Promise.race([once(createInterface(node.stdout), 'line'), ended])
              ended.catch(() => {})
              assert.match(id, /^[1-9]\d*$/, 'the id of what was sent')
            } finally {
              node.kill()
              rmSync(folder, { recursive: true, force: true })
            }
          })
        }
      }
    }
  } finally {
    demo.kill('SIGTERM')
    await once(demo, 'exit')
  }
})
