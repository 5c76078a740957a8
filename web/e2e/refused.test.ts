import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Proxy } from './proxy'
import { world } from './world'

describe('behind a proxy that loses the port', async () => {
  const proxy = new Proxy({ losesPort: true })
  const at = await proxy.start()
  // The demo itself allows every page of this machine.
  const w = world({ PARLEY_SOCKET_ALLOWED_ORIGINS: 'https://other.example.test' })
  beforeAll(() => {
    proxy.target = w.server.demo.url
  })
  afterAll(() => proxy.close())

  // It said "No connection" for ever, as if waiting would help.
  test('the client tells that it is refused', async () => {
    const [ann] = await w.people('Ann Adler')
    const a = await w.seat(ann, {}, at)
    await a.page.getByText(`does not accept connections from ${at.slice(0, -1)}`).waitFor()
    expect(await a.offline.isVisible()).toBe(false)
    // A line that is lost is still told from that.
    await w.server.stop()
    await a.page.getByRole('button', { name: 'Try now' }).click()
    await a.offline.waitFor()
    await w.server.start()
    await a.page.getByText('does not accept connections from').waitFor()
  })
})

describe('behind a proxy that loses the port, with public-url', async () => {
  const proxy = new Proxy({ losesPort: true })
  const at = await proxy.start()
  const w = world({ PARLEY_SOCKET_ALLOWED_ORIGINS: 'https://other.example.test', PARLEY_PUBLIC_URL: at })
  beforeAll(() => {
    proxy.target = w.server.demo.url
  })
  afterAll(() => proxy.close())

  test('the client connects', async () => {
    const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
    const [a, b] = [await w.seat(ann, {}, at), await w.seat(bob, {}, at)]
    await a.startChat(bob.name)
    await a.send('good morning')
    await b.open(ann.name)
    await b.sees('good morning')
  })
})
