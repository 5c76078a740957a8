import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Locator, Page, Route } from 'playwright-core'
import { io } from 'socket.io-client'
import { beforeAll, expect, test } from 'vitest'
import type { UserHistoryRow } from '@/wire/wire.gen'
import type { Person, Seat } from './seat'
import { world } from './world'

const root = fileURLToPath(new URL('../..', import.meta.url))

const people = 10_000
const chats = people + 2 // and the other one of the long chat, and the group
const half = 50_000 // messages of the long chat, before and after the one in its middle

/** As many messages as the client keeps of a chat, and some lines for dates and edges. */
const longestStretch = 2000 + 20

/** Pixels that the name above a message takes at most, which goes when the message before it turns out to be of the same person. */
const heading = 32

/** More rows than fit on the screen with what is drawn around it. */
const mostRows = 100

const w = world()
let one: Person
let two: Person
let middle = ''
let newest = ''

beforeAll(async () => {
  await fill(people, half)
  ;[one, two] = w.server.demo.accounts.map(({ id, name }) => ({ id, name, email: '' })) as [Person, Person]
  const said = await w.server.host<{ id: string }>('POST', '/v1/messages', { from: two.id, toAccount: one.id, text: 'Here is the middle' })
  middle = said.id
  await fill(0, half)
  newest = (await w.server.host<{ id: string }>('POST', '/v1/messages', { from: two.id, toAccount: one.id, text: 'Here is the end' })).id
}, 600_000)

/** Makes the server's folder larger, while the server is away: only one has the folder at a time. */
async function fill(newChats: number, newMessages: number): Promise<void> {
  await w.server.stop()
  execFileSync('go', ['run', './test/fill', `--data=${w.server.data}`, `--chats=${newChats}`, `--messages=${newMessages}`], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  await w.server.start()
}

test('ten thousand chats are listed, and few of them drawn', async () => {
  const a = await w.seat(one)
  const most = await countMost(a.page, '[data-chat-rows] li')
  const rows = a.page.locator('[data-chat-rows] li')
  const known = () => rows.first().getAttribute('aria-setsize')
  await expect.poll(known, { timeout: 120_000 }).toBe(String(chats))

  await a.row(two.name).focus()
  await a.page.keyboard.press('End')
  const last = a.page.locator(`[data-chat-rows] li[aria-posinset="${chats}"]`)
  await expect.poll(() => last.locator('[data-chat]:focus').count()).toBe(1)
  expect(await inSight(last, '[data-chat-rows]')).toBe(true)
  await a.page.keyboard.press('Home')
  await expect.poll(() => rows.locator('[data-chat]:focus').locator('..').getAttribute('aria-posinset')).toBe('1')

  await rows.first().hover()
  for (let turns = 0; !(await last.isVisible()); turns++) {
    expect(turns, 'turns of the wheel').toBeLessThan(100)
    await a.page.mouse.wheel(0, 30_000)
    await frames(a.page)
  }

  // Screen by screen, each of them is there, once.
  const seen = await a.page.evaluate(async () => {
    const box = document.querySelector('[data-chat-rows]')!
    const found = new Map<string, string>()
    for (let top = 0; top < box.scrollHeight; top += box.clientHeight) {
      box.scrollTop = top
      await new Promise(requestAnimationFrame)
      await new Promise(requestAnimationFrame)
      const { top: from, bottom: to } = box.getBoundingClientRect()
      for (const row of box.querySelectorAll('li')) {
        const { top: begins, bottom: ends } = row.getBoundingClientRect()
        if (ends > from && begins < to) found.set(row.ariaPosInSet!, row.querySelector<HTMLElement>('[data-chat]')!.dataset.chat!)
      }
    }
    return { places: found.size, chats: new Set(found.values()).size }
  })
  expect(seen).toEqual({ places: chats, chats })
  expect(await most()).toBeLessThan(mostRows)
})

test('a chat from the depth of the list is found by its name', async () => {
  const a = await w.seat(one)
  const most = await countMost(a.page, '[data-chat-rows] li')
  const rows = a.page.locator('[data-chat-rows] li')
  await expect.poll(() => rows.first().getAttribute('aria-setsize'), { timeout: 120_000 }).toBe(String(chats))
  const name = 'Demo Person 00000' // the first who wrote, so the last of the list
  expect(await a.row(name).count()).toBe(0)
  await a.page.getByLabel('Filter by name').fill('person 00000')
  await a.row(name).waitFor()
  await expect.poll(() => rows.count()).toBe(1)
  expect(await rows.first().getAttribute('aria-setsize')).toBe('1')
  await a.open(name)
  await a.sees(/words of the demo/)
  await a.page.getByLabel('Filter by name').fill('')
  await expect.poll(() => rows.first().getAttribute('aria-setsize')).toBe(String(chats))
  expect(await most()).toBeLessThan(mostRows)
})

test('the long chat opens at the first of 5,000 unread messages: by a click, by its address, on a slow machine, and past a link', async () => {
  await leaveUnread(5000)
  const chat = { type: 1, id: two.id }
  const unread = () => w.unread(one, chat)
  expect((await unread()).count).toBe(5000)
  const opened = async (open: (a: Seat) => Promise<unknown>) => {
    const { count, first } = await unread()
    const a = await w.seat(one)
    const most = await countMost(a.page, '[data-message]')
    await open(a)
    const line = messages(a).getByText('New messages')
    await line.waitFor()
    await still(messages(a))
    for (const what of [line, messages(a).locator(`[data-message="${first}"]`)]) expect(await inSight(what, '[role=list][tabindex]')).toBe(true)
    await bar(a).getByText(/^4,\d\d\d new messages since .*\d\d:\d\d$/).first().waitFor()
    const left = await unread()
    expect(left.count).toBeLessThan(count)
    expect(left.count).toBeGreaterThan(count - 100)
    expect(await most()).toBeLessThan(mostRows)
    await a.context.close()
  }
  await opened((a) => a.open(two.name))
  await opened((a) => a.page.goto(new URL(`/chat/1/${two.id}`, w.server.demo.url).href))
  await opened(async (a) => {
    await (await a.context.newCDPSession(a.page)).send('Emulation.setCPUThrottlingRate', { rate: 6 })
    await a.open(two.name)
  })
  // A link past them reads none of them, and the bar leads back.
  const { count, first } = await unread()
  const a = await w.seat(one)
  await a.go(`/chat/1/${two.id}?m=${newest}`)
  await a.sees('Here is the end')
  await bar(a).getByText(new RegExp(`^${count.toLocaleString('en')} new messages since `)).first().waitFor()
  expect(await unread()).toMatchObject({ count, first })
  await bar(a).getByRole('button', { name: 'To the first' }).click()
  const message = messages(a).locator(`[data-message="${first}"]`)
  await message.waitFor()
  await still(messages(a))
  expect(await inSight(message, '[role=list][tabindex]')).toBe(true)
  await bar(a).getByRole('button', { name: 'Mark read' }).click()
  await expect.poll(unread).toEqual({ count: 0 })
})

test('nothing moves what is read while older pages come in', async () => {
  const a = await long()
  const most = await countMost(a.page, '[data-message]')
  const list = messages(a)
  const held = await gate(a.page)
  await list.hover()
  for (let page = 1; page <= 6; page++) {
    for (let turns = 0; held.waiting() === 0; turns++) {
      expect(turns, `turns of the wheel to page ${page}`).toBeLessThan(100)
      await a.page.mouse.wheel(0, -500)
      await frames(a.page)
    }
    // Every other time the reader is faster than the server, and waits at the very top.
    if (page % 2 === 0) await list.evaluate((box) => box.scrollTo(0, 0))
    const before = await still(list)
    held.pass()
    await expect.poll(async () => (await places(list, before.keys()))[0]?.index ?? 0).toBeGreaterThan([...before.values()][0]!.index + 40)
    const after = await still(list)
    for (const [key, was] of before) expect(Math.abs(after.get(key)!.top - was.top), `page ${page}`).toBeLessThanOrEqual(heading)
  }
  expect(await most()).toBeLessThan(mostRows)
})

test('who reads far back does not carry all of it along', async () => {
  const a = await long()
  const most = await countMost(a.page, '[data-message]')
  const list = messages(a)
  const toEnd = a.page.getByRole('button', { name: 'To the newest message' })
  const held = await gate(a.page)
  for (let page = 1; page <= 50; page++) {
    await list.evaluate((box) => box.scrollTo(0, 0))
    await expect.poll(held.waiting).toBe(1)
    const [key, was] = [...(await still(list))][0]!
    held.pass()
    await expect.poll(async () => (await places(list, [key]))[0]?.index ?? 0).toBeGreaterThan(was.index + 40)
  }
  // The newest are not here any more: at the lower edge the next page is asked for.
  await expect.poll(async () => {
    await list.evaluate((box) => box.scrollTo(0, box.scrollHeight))
    return held.waiting()
  }).toBe(1)
  const last = Math.max(...[...(await still(list)).values()].map((at) => at.index))
  expect(last).toBeGreaterThan(1900)
  expect(last).toBeLessThan(longestStretch)
  expect(await a.message('Here is the end').count()).toBe(0)
  held.open()
  await toEnd.click()
  await a.sees('Here is the end')
  await toEnd.waitFor({ state: 'hidden' })
  expect(await most()).toBeLessThan(mostRows)
})

test('a link leads into the middle of the long chat, and there is a way back', async () => {
  const a = await w.seat(one)
  const most = await countMost(a.page, '[data-message]')
  await a.go(`/chat/1/${two.id}?m=${middle}`)
  await a.sees('Here is the middle')
  await still(messages(a))
  expect(await inSight(a.message('Here is the middle'), '[role=list][tabindex]')).toBe(true)
  expect(await a.message('Here is the end').count()).toBe(0)
  const toEnd = a.page.getByRole('button', { name: 'To the newest message' })
  await toEnd.click()
  await a.sees('Here is the end')
  await toEnd.waitFor({ state: 'hidden' })
  expect(await inSight(a.message('Here is the end'), '[role=list][tabindex]')).toBe(true)
  expect(await most()).toBeLessThan(mostRows)
})

/** Reads the long chat up to a message, so that so many after it are unread. */
async function leaveUnread(count: number): Promise<void> {
  const headers = { Authorization: `Bearer ${await w.token(one)}`, App: w.server.demo.app }
  let before = ''
  for (let left = count; ; ) {
    const answer = await fetch(new URL(`/messages?accountid=${two.id}&num=500${before && `&sinceid=${before}`}`, w.server.demo.url), { headers })
    const rows = (await answer.json()) as UserHistoryRow[]
    const last = rows.find((row) => row.from === two.id && left-- === 0)
    before = (last ?? rows.at(-1)!).id
    if (last) break
  }
  const socket = io(w.server.demo.url, { auth: { token: headers.Authorization.slice('Bearer '.length), app: headers.App }, transports: ['websocket'], forceNew: true })
  await socket.emitWithAck('clear unread', { type: 1, id: two.id, msgid: before })
  socket.close()
}

const bar = (a: Seat): Locator => a.page.getByRole('main').getByRole('group', { name: 'Unread messages' })

/** The long chat, at its end. It opens at its first unread message as long as it has one. */
async function long(): Promise<Seat> {
  const a = await w.seat(one)
  await a.open(two.name)
  await still(messages(a))
  const toEnd = a.page.getByRole('button', { name: 'To the newest message' })
  if (await toEnd.isVisible()) await toEnd.click()
  await a.sees('Here is the end')
  await still(messages(a))
  expect(await inSight(a.message('Here is the end'), '[role=list][tabindex]')).toBe(true)
  return a
}

const messages = (a: Seat): Locator => a.page.getByRole('main').getByRole('list', { name: 'Messages' })

/** Whether the element is shown within the box, and not above or below what is in sight. */
const inSight = (element: Locator, box: string): Promise<boolean> =>
  element.evaluate((e, of) => {
    const [inner, outer] = [e.getBoundingClientRect(), e.closest(of)!.getBoundingClientRect()]
    return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1
  }, box)

/** Counts from now on, also after a navigation, how many of the elements are in the page at once; gives the most there have been. */
async function countMost(page: Page, selector: string): Promise<() => Promise<number>> {
  await page.addInitScript(keepMost, selector)
  await page.evaluate(keepMost, selector)
  return () => page.evaluate(() => (window as unknown as { most: number }).most)
}

function keepMost(selector: string): void {
  const all = Object.assign(window, { most: 0 })
  const look = () => (all.most = Math.max(all.most, document.querySelectorAll(selector).length))
  look()
  new MutationObserver(look).observe(document, { childList: true, subtree: true })
}

/** Lets the page draw what it has. */
const frames = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame)
  })

interface Place {
  key: string
  /** Which line of the stretch that is loaded. */
  index: number
  top: number
}

/** Where the messages that are in sight stand, by their keys, once nothing moves any more. */
async function still(list: Locator): Promise<Map<string, Place>> {
  const found = await list.evaluate(async (box) => {
    let before = ''
    for (let same = 0; same < 5; ) {
      await new Promise(requestAnimationFrame)
      const now = [...box.querySelectorAll('[data-message]')].map((m) => m.getBoundingClientRect().top).join()
      same = now === before ? same + 1 : 0
      before = now
    }
    const { top: from, bottom: to } = box.getBoundingClientRect()
    return [...box.querySelectorAll<HTMLElement>('[data-message]')].flatMap((m) => {
      const { top, bottom } = m.getBoundingClientRect()
      return bottom > from && top < to ? [{ key: m.dataset.message!, index: Number(m.closest<HTMLElement>('[data-index]')!.dataset.index), top }] : []
    })
  })
  return new Map(found.map((place) => [place.key, place]))
}

/** Where these messages stand now; those that are not drawn are left out. */
const places = (list: Locator, keys: Iterable<string>): Promise<Place[]> =>
  list.evaluate(
    (box, wanted) =>
      wanted.flatMap((key) => {
        const m = box.querySelector(`[data-message="${CSS.escape(key)}"]`)
        return m ? [{ key, index: Number(m.closest<HTMLElement>('[data-index]')!.dataset.index), top: m.getBoundingClientRect().top }] : []
      }),
    [...keys],
  )

/** Holds up the pages of messages that are asked for from now on, until they may pass. */
async function gate(page: Page): Promise<{ waiting: () => number; pass: () => void; open: () => void }> {
  const waiting: Route[] = []
  let closed = true
  await page.route(
    (url) => url.pathname.endsWith('/messages'),
    (route) => (closed ? waiting.push(route) : route.continue()),
  )
  const pass = () => waiting.splice(0).forEach((route) => void route.continue())
  return {
    waiting: () => waiting.length,
    pass,
    open: () => {
      closed = false
      pass()
    },
  }
}
