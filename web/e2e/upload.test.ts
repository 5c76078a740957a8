import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { UserHistoryRow } from '@/wire/wire.gen'
import type { Person } from './seat'
import { world } from './world'

const w = world()

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The last messages between two people, newest first, as a program of one of them reads them. */
async function history(reader: Person, other: Person, num: number): Promise<UserHistoryRow[]> {
  const { token } = await w.server.host<{ token: string }>('POST', `/v1/accounts/${reader.id}/tokens`, {})
  const answer = await fetch(`${w.server.demo.url}/messages?accountid=${other.id}&num=${num}`, { headers: { Authorization: `Bearer ${token}` } })
  return (await answer.json()) as UserHistoryRow[]
}

test('a large file is sent although the network fails in between', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  const b = await w.seat(bob)
  await a.startChat(bob.name)

  const parts: string[] = []
  const cut = new Promise<void>((resolve) => {
    a.page.on('request', (request) => {
      if (request.method() !== 'PUT') return
      parts.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
      // The first part is there, the second on its way.
      if (parts.length !== 2) return
      line.cut()
      resolve()
    })
  })
  const buffer = randomBytes(11 << 20)
  const folder = mkdtempSync(join(tmpdir(), 'parley-upload-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'large.bin')
  writeFileSync(path, buffer)
  await a.attach(path)
  await a.page.getByRole('main').getByRole('button', { name: 'Send', exact: true }).click()
  await cut
  await a.offline.waitFor()
  line.mend()

  await b.open(ann.name)
  await b.sees('large.bin')
  const file = (await history(bob, ann, 1))[0]?.msg.files
  expect(file).toMatchObject({ name: 'large.bin', size: buffer.length })
  const stored = await fetch(new URL(file?.url ?? '', w.server.demo.url))
  expect(digest(new Uint8Array(await stored.arrayBuffer()))).toBe(digest(buffer))
  // What was there was not sent again, what was lost was.
  expect(parts.filter((p) => p === '1')).toHaveLength(1)
  expect(parts.filter((p) => p === '2').length).toBeGreaterThan(1)
})

test('what waits to be sent outlasts a reload', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await a.startChat(bob.name)
  await a.send('before')
  await a.sees('before')

  line.cut()
  await a.offline.waitFor()
  await a.send('while nothing goes through')
  await a.message('while nothing goes through').getByLabel('Waiting to be sent').waitFor()
  line.mend()
  await a.page.reload()
  await a.ready()

  await expect.poll(async () => (await history(bob, ann, 1))[0]?.msg.con).toBe('while nothing goes through')
  await a.sees('while nothing goes through')
  expect(await a.found(/while nothing goes through/)).toHaveLength(1)
})

// They came in the order in which their uploads ended, and the words as a message of their own.
test('files sent together arrive as they were chosen, and the last one has the caption', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  const b = await w.seat(bob)
  await a.startChat(bob.name)
  await a.attach(
    { name: 'first.bin', mimeType: 'application/octet-stream', buffer: randomBytes(3 << 20) },
    { name: 'second.bin', mimeType: 'application/octet-stream', buffer: randomBytes(10) },
    { name: 'third.bin', mimeType: 'application/octet-stream', buffer: randomBytes(10) },
  )
  await a.page.locator('[data-composer]').fill('what they are')
  await a.page.getByRole('main').getByRole('button', { name: 'Send', exact: true }).click()
  await b.open(ann.name)
  await b.sees('what they are')
  await b.sees('first.bin')
  const names = (await history(bob, ann, 4)).map((m) => [m.msg.files?.name, m.msg.con])
  expect(names.toReversed()).toEqual([['first.bin', ''], ['second.bin', ''], ['third.bin', 'what they are']])
})

// The upload was refused: "the form is damaged".
test('a file whose name has control characters is sent', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  const b = await w.seat(bob)
  await a.startChat(bob.name)
  await a.attach({ name: 'x\u0007y.txt', mimeType: 'text/plain', buffer: Buffer.from('bell') })
  await a.page.getByRole('button', { name: 'Remove xy.txt' }).waitFor()
  await a.page.getByRole('main').getByRole('button', { name: 'Send', exact: true }).click()
  await b.open(ann.name)
  await b.sees('xy.txt')
  expect((await history(bob, ann, 1))[0]?.msg.files?.name).toBe('xy.txt')
})
