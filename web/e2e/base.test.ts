import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { png } from './picture'
import { Proxy } from './proxy'
import type { Seat } from './seat'
import { world } from './world'

/** Attaches a file and sends it. */
async function attach(seat: Seat, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  await seat.attach(file)
  await seat.page.getByRole('main').getByRole('button', { name: 'Send', exact: true }).click()
}

describe.each([
  { base: '/chat/', strips: true },
  { base: '/tools/parley/', strips: false },
])('below $base, which a proxy removes: $strips', async ({ base, strips }) => {
  const proxy = new Proxy({ base, strips })
  const at = await proxy.start()
  const w = world({ PARLEY_PUBLIC_URL: at })
  beforeAll(() => {
    proxy.target = w.server.demo.url
  })
  afterAll(() => proxy.close())

  // Below a path of a host the client was a blank page: it asked for everything at the root.
  test('the client works, and asks for nothing outside', async () => {
    const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
    const outside: string[] = []
    const page = await w.page()
    page.context().on('request', (request) => {
      const url = new URL(request.url())
      if (url.protocol.startsWith('http') && !url.href.startsWith(at)) outside.push(url.href)
    })
    page.on('websocket', (socket) => {
      if (!new URL(socket.url()).pathname.startsWith(base)) outside.push(socket.url())
    })
    const a = await w.sit(page, ann, at)
    expect(page.url()).toBe(at)
    const b = await w.seat(bob, {}, at)

    await a.startChat(bob.name)
    expect(page.url()).toBe(`${at}chat/1/${bob.id}`)
    await a.send('good morning')
    await b.open(ann.name)
    await b.sees('good morning')
    // A picture, and a file that is sent in parts.
    await attach(a, { name: 'garden.png', mimeType: 'image/png', buffer: png(300, 200) })
    await b.page.locator(`[data-message] img[src^="${at}files/"]`).waitFor()
    await attach(a, { name: 'large.bin', mimeType: 'application/octet-stream', buffer: randomBytes(5 << 20) })
    await b.sees('large.bin')

    // Each address of the client can be opened by itself.
    await page.reload()
    await a.sees('good morning')
    for (const [path, heading] of [
      ['people', /^(People|Ann|Bob)/],
      ['search?q=garden', /./],
      ['settings/about', /./],
      [`people/${bob.id}`, bob.name],
    ] as const) {
      await page.goto(at + path)
      await a.page.getByRole('heading', { name: heading }).first().waitFor()
    }
    await page.goto(`${at}settings/about`)
    const docs = page.getByRole('main').locator('a[href$="/docs"]')
    expect(await docs.evaluate((link: HTMLAnchorElement) => link.href)).toBe(`${at}docs`)

    // The picture of an account is made by the server.
    await page.goto(`${at}settings/profile`)
    await page.getByRole('main').getByRole('button', { name: 'Your picture' }).click()
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('menuitem', { name: 'Choose a picture' }).click()])
    await chooser.setFiles({ name: 'me.png', mimeType: 'image/png', buffer: png(300, 200) })
    await page.getByRole('main').locator(`img[src^="${at}avatars/"]`).first().waitFor()
    expect(outside).toEqual([])
  })

  test('it is installed with its own scope, and opens without the server', async () => {
    const [ann] = await w.people('Ann Adler')
    const a = await w.seat(ann, {}, at)
    const scope = await a.page.evaluate(async () => (await navigator.serviceWorker.ready).scope)
    expect(scope).toBe(at)
    const manifest = await a.page.evaluate(async () => {
      const address = document.querySelector<HTMLLinkElement>('link[rel="manifest"]')?.href ?? ''
      const told = (await (await fetch(address)).json()) as { scope: string; start_url: string; icons: { src: string }[] }
      return [told.scope, told.start_url, ...told.icons.map((icon) => icon.src)].map((path) => new URL(path, address).href)
    })
    expect(manifest.slice(0, 2)).toEqual([at, at])
    expect(manifest.filter((address) => !address.startsWith(at))).toEqual([])

    await a.page.reload() // from now on the worker answers
    await a.ready()
    await w.server.stop()
    await a.page.goto(`${at}people`)
    await a.page.getByRole('navigation').getByRole('link', { name: 'People' }).waitFor()
    await w.server.start()
  })

  test('somebody signs out, and in again', async () => {
    const [ann] = await w.people('Ann Adler')
    const a = await w.seat(ann, {}, at)
    await a.page.getByRole('button', { name: /^Account of / }).click()
    await a.page.getByRole('menuitem', { name: 'Sign in with another account' }).click()
    await a.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
    expect(a.page.url()).toBe(`${at}sign-in`)
    await a.page.goto(await w.link(ann, at))
    await a.ready()
    expect(a.page.url()).toBe(at)
  })

  test('past the proxy it leads to its path', async () => {
    const page = await w.page()
    await page.goto(`${w.server.demo.url}/people?x=1`)
    await page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
    expect(page.url()).toBe(`${w.server.demo.url}${base}people?x=1`)
    await page.context().close()
  })
})
