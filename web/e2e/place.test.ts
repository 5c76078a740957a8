// Where a conversation is shown: at the line of the new messages, where one was, or at its end; and that what counts as
// read is what has been on the screen.
import { randomUUID } from 'node:crypto'
import type { Locator, Page, Route } from 'playwright-core'
import { io, type Socket } from 'socket.io-client'
import { afterEach, expect, test } from 'vitest'
import { keepNotices } from './notices'
import { png } from './picture'
import type { Person, Seat } from './seat'
import { world } from './world'

const w = world()

type Chat = { type: 1; id: string } | { type: 2; id: string }

/** What somebody says from another program, as fast as the server takes it. */
class Speaker {
  private constructor(private readonly socket: Socket) {}

  static async of(who: Person): Promise<Speaker> {
    const socket = io(w.server.demo.url, { auth: { token: await w.token(who), app: w.server.demo.app }, transports: ['websocket'], forceNew: true })
    open.push(socket)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject))
    return new Speaker(socket)
  }

  ask<T>(event: string, payload: object): Promise<T> {
    return new Promise((resolve, reject) => this.socket.emit(event, payload, (error: unknown, result: T) => (error ? reject(new Error(JSON.stringify(error))) : resolve(result))))
  }

  async say(to: Chat, content: object): Promise<string> {
    const message = { type: 1, msg: '', waitingid: randomUUID(), ...content }
    const { id } = to.type === 1 ? await this.ask<{ id: string }>('send message', { touser: to.id, ...message }) : await this.ask<{ id: string }>('send group message', { togroup: to.id, ...message })
    return id
  }

  /** Messages `first` to `last` with very different heights: each says its number. Gives their ids. */
  async sayMany(to: Chat, first: number, last: number): Promise<string[]> {
    const ids: string[] = []
    for (let n = first; n <= last; n++) ids.push(await this.say(to, numbered(n)))
    return ids
  }
}

const open: Socket[] = []
afterEach(() => open.splice(0).forEach((socket) => socket.close()))

function numbered(n: number): object {
  const msg = `#${n}#`
  const picture = { key: `none/${n}.png`, url: `https://files.example.test/${n}.png`, name: `${n}.png`, size: 1000 }
  switch (n % 7) {
    case 1:
      return { msg: `${msg} ${'some longer words, '.repeat(40)}` }
    case 3:
      return { msg: `${msg}\n${'line\n'.repeat(9)}end` }
    case 4:
      return { msg, type: 2, file: { ...picture, width: 640, height: 480 } }
    case 5:
      return { msg, type: 2, file: picture }
    case 6:
      return { msg, type: 4, file: { ...picture, name: `${n}.pdf` } }
    default:
      return { msg }
  }
}

const list = (seat: Seat): Locator => seat.page.getByRole('main').getByRole('list', { name: 'Messages' })
const newLine = (seat: Seat): Locator => list(seat).getByText('New messages')
const toNewest = (seat: Seat): Locator => seat.page.getByRole('button', { name: /^To the newest message/ })

interface Screen {
  /** Numbers of the messages of which the lower edge is on the screen. */
  numbers: number[]
  /** How far below the upper edge the line of the new messages is; null: it is not on the screen. */
  line: number | null
  /** Pixels that are below the screen. */
  below: number
  /** The first message on the screen, and how far below the upper edge it begins. */
  top: { key: string; at: number } | null
}

/** What is on the screen, once nothing has moved for some frames. */
const screen = (seat: Seat): Promise<Screen> =>
  list(seat).evaluate(async (box) => {
    let before = ''
    for (let same = 0; same < 10; ) {
      await new Promise(requestAnimationFrame)
      const now = [...box.querySelectorAll('[data-index]')].map((m) => m.getBoundingClientRect().top).join()
      same = now === before && now !== '' ? same + 1 : 0
      before = now
    }
    const edge = box.getBoundingClientRect()
    const rows = [...box.querySelectorAll<HTMLElement>('[data-message]')].map((m) => {
      const line = m.closest('[data-index]')!.getBoundingClientRect()
      return { key: m.dataset.message!, text: m.innerText, top: line.top - edge.top, bottom: line.bottom - edge.top }
    })
    const on = rows.filter((r) => r.bottom > 1 && r.bottom <= edge.height + 13)
    const first = rows.find((r) => r.bottom > 1)
    const line = [...box.querySelectorAll<HTMLElement>('[data-index]')].find((m) => m.innerText.includes('New messages'))?.getBoundingClientRect()
    return {
      numbers: on.flatMap((r) => Number(/#(\d+)#/.exec(r.text)?.[1] ?? 0) || []),
      line: line && line.bottom > edge.top && line.top < edge.bottom ? line.top - edge.top : null,
      below: box.scrollHeight - box.clientHeight - box.scrollTop,
      top: first ? { key: first.key, at: first.top } : null,
    }
  })

/** The chat is at the line of the new messages, which stands above message `first`, and only what is on the screen is read. */
async function atNewLine(seat: Seat, chat: Chat, ids: readonly string[], from: number): Promise<Screen> {
  await newLine(seat).waitFor()
  const shown = await screen(seat)
  expect(shown.line, 'the line is on the screen').not.toBeNull()
  expect(shown.numbers, 'the first unread message is on the screen').toContain(from)
  const seen = shown.numbers.at(-1)!
  const all = from + ids.length - 1
  if (seen < all) expect(shown.line!, 'the line is near the upper edge').toBeLessThan(120)
  else expect(shown.below).toBeLessThanOrEqual(1)
  await expect.poll(() => w.unread(seat.who, chat)).toEqual(seen < all ? { count: all - seen, first: ids[seen - from + 1] } : { count: 0 })
  if (seen < all) await seat.page.getByRole('button', { name: `To the newest message, ${all - seen} new` }).waitFor()
  else expect(await toNewest(seat).count()).toBe(0)
  // Nothing of it changes by itself.
  const later = await screen(seat)
  expect(later).toEqual(shown)
  return shown
}

/** Scrolls on until the line of the new messages is above the screen. */
async function pastTheLine(seat: Seat): Promise<Screen> {
  await list(seat).hover()
  await seat.page.mouse.wheel(0, 900)
  await expect.poll(async () => (await screen(seat)).line).toBeNull()
  return screen(seat)
}

/** Somebody who has read `read` messages of a chat and not `unread` more. */
async function withUnread(kind: 'direct' | 'group', read: number, unread: number) {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const speaker = await Speaker.of(ann)
  const reader = await Speaker.of(bob)
  const group = kind === 'group' ? await w.group('Crew', ann, bob) : ''
  const to: Chat = kind === 'group' ? { type: 2, id: group } : { type: 1, id: bob.id }
  const chat: Chat = kind === 'group' ? to : { type: 1, id: ann.id }
  await speaker.sayMany(to, 1, read)
  await reader.ask('clear unread', chat)
  const ids = await speaker.sayMany(to, read + 1, read + unread)
  return { ann, bob, speaker, to, chat, ids, title: kind === 'group' ? 'Crew' : ann.name, path: `/chat/${chat.type}/${chat.id}` }
}

for (const kind of ['direct', 'group'] as const)
  for (const unread of [1, 30, 250])
    test(`a ${kind} chat with ${unread} unread opens at the line of the new messages`, async () => {
      const { bob, chat, ids, title } = await withUnread(kind, 40, unread)
      const b = await w.seat(bob)
      await b.badge(title).waitFor()
      await b.open(title)
      await atNewLine(b, chat, ids, 41)
    })

for (const kind of ['direct', 'group'] as const)
  test(`a ${kind} chat opens at the line of the new messages by its address, and again after a reload`, async () => {
    const { bob, chat, ids, path } = await withUnread(kind, 40, 250)
    const b = await w.seat(bob)
    await b.page.goto(new URL(path, w.server.demo.url).href)
    const before = await atNewLine(b, chat, ids, 41)
    await b.page.reload()
    await list(b).waitFor()
    const after = await screen(b)
    expect(after.numbers).toEqual(before.numbers)
    expect(after.top!.key).toBe(before.top!.key)
    expect(Math.abs(after.top!.at - before.top!.at)).toBeLessThan(2)
    expect((await w.unread(bob, chat)).count).toBe(290 - before.numbers.at(-1)!)
  })

for (const kind of ['direct', 'group'] as const)
  test(`a ${kind} chat opens at the line of the new messages from a desktop notification`, async () => {
    const { bob, speaker, to, chat, ids, title } = await withUnread(kind, 40, 250)
    const page = await w.page()
    const notices = await keepNotices(page)
    const b = await w.sit(page, bob)
    await b.badge(title).waitFor()
    ids.push(await speaker.say(to, numbered(291)))
    await expect.poll(notices.shown).toHaveLength(1)
    await notices.click()
    await atNewLine(b, chat, ids, 41)
  })

for (const kind of ['direct', 'group'] as const)
  test(`a ${kind} chat opens at the line of the new messages from a notification in the inbox`, async () => {
    const { bob, chat, ids, path } = await withUnread(kind, 40, 250)
    await w.server.host('POST', '/v1/notifications', { accounts: [bob.id], category: 'task', type: 'taskmessage', name: 'Demo tasks', text: 'Look at this', url: new URL(path, w.server.demo.url).href })
    const b = await w.seat(bob)
    await b.row('Tasks').click()
    await b.page.getByRole('main').getByRole('link', { name: 'Look at this' }).click()
    await atNewLine(b, chat, ids, 41)
  })

test('a slow server and a slow machine change nothing', async () => {
  const { bob, chat, ids, title } = await withUnread('group', 40, 250)
  const b = await w.seat(bob)
  const session = await b.context.newCDPSession(b.page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 })
  const held = await hold(b.page)
  await b.open(title)
  await expect.poll(held.waiting).toBe(2)
  // What arrives meanwhile changes nothing either.
  held.pass(1)
  held.pass(0)
  await expect.poll(held.waiting).toBe(1) // around the first unread message
  held.open()
  await atNewLine(b, chat, ids, 41)
})

test('pictures that load late move nothing', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const speaker = await Speaker.of(ann)
  const reader = await Speaker.of(bob)
  const to: Chat = { type: 1, id: bob.id }
  const chat: Chat = { type: 1, id: ann.id }
  // Some say how large they are, and some do not.
  const said = async (first: number, last: number): Promise<string[]> => {
    const ids: string[] = []
    for (let n = first; n <= last; n++) {
      const size = n % 2 ? { width: 600, height: 900 } : {}
      ids.push(await speaker.say(to, n % 3 ? { msg: `#${n}#`, type: 2, file: { key: `late/${n}.png`, url: new URL(`late/${n}.png`, w.server.demo.url).href, name: `${n}.png`, size: 1000, ...size } } : numbered(n * 7)))
    }
    return ids
  }
  await said(1, 30)
  await reader.ask('clear unread', chat)
  const ids = await said(31, 90)
  const b = await w.seat(bob)
  const waiting: Route[] = []
  await b.page.route((url) => /late(\/|%2F)/.test(url.pathname), (route) => void waiting.push(route))
  await b.open(ann.name)
  await newLine(b).waitFor()
  const before = await screen(b)
  expect(before.line).not.toBeNull()
  await expect.poll(() => waiting.length).toBeGreaterThan(0)
  const picture = png(600, 900)
  let passed = 0
  await expect
    .poll(async () => {
      const some = waiting.splice(0)
      passed += some.length
      await Promise.all(some.map((route) => route.fulfill({ contentType: 'image/png', body: picture })))
      return some.length
    })
    .toBe(0)
  expect(passed).toBeGreaterThan(2)
  await b.page.waitForFunction(() => [...document.querySelectorAll('main [data-message] img')].every((image) => (image as HTMLImageElement).complete))
  const after = await screen(b)
  expect(after.top!.key).toBe(before.top!.key)
  expect(Math.abs(after.top!.at - before.top!.at)).toBeLessThan(2)
  expect(after.line).toBe(before.line)
  const left = await w.unread(bob, chat)
  expect(left.first).toBe(ids[60 - left.count])
  expect(left.count).toBeGreaterThan(40)
})

test('what has been scrolled into sight is read, and no more', async () => {
  const { bob, chat, ids, title } = await withUnread('direct', 40, 250)
  const phone = await w.seat(bob)
  const b = await w.seat(bob)
  await b.open(title)
  await atNewLine(b, chat, ids, 41)
  const shown = await pastTheLine(b)
  const left = 290 - shown.numbers.at(-1)!
  await expect.poll(() => w.unread(bob, chat)).toEqual({ count: left, first: ids[shown.numbers.at(-1)! - 40] })
  // Another device is told at once.
  await expect.poll(() => phone.badge(title).getAttribute('aria-label')).toBe(`${left} unread`)
  // Reading back does not make anything unread.
  await b.page.mouse.wheel(0, -3000)
  await screen(b)
  expect((await w.unread(bob, chat)).count).toBe(left)
  await toNewest(b).click()
  await b.sees('#290#')
  expect((await screen(b)).below).toBeLessThanOrEqual(1)
  await expect.poll(() => w.unread(bob, chat)).toEqual({ count: 0 })
  await phone.badge(title).waitFor({ state: 'hidden' })
})

test('a message that was jumped to does not read what stands before it', async () => {
  const { bob, chat, ids, path, ann } = await withUnread('direct', 40, 250)
  const b = await w.seat(bob)
  await b.go(`${path}?m=${ids[199]}`) // message 240
  await b.sees('#240#')
  expect((await screen(b)).numbers).toContain(240)
  expect(await w.unread(bob, chat)).toEqual({ count: 250, first: ids[0] })
  await toNewest(b).click()
  await b.badge(ann.name).waitFor({ state: 'hidden' })
  await expect.poll(() => w.unread(bob, chat)).toEqual({ count: 0 })
})

/** The bar over the messages, which says how many are new. */
const bar = (seat: Seat, name = 'Unread messages'): Locator => seat.page.getByRole('main').getByRole('group', { name })
/** A text of the bar that is seen. */
const says = (seat: Seat, text: RegExp, name?: string): Promise<void> => bar(seat, name).getByText(text).and(seat.page.locator(':not([role=status])')).waitFor()
const toFirst = (seat: Seat): Locator => bar(seat).getByRole('button', { name: 'To the first' })

for (const kind of ['direct', 'group'] as const)
  test(`the bar of a ${kind} chat says how many messages are new and since when, and marks them as read`, async () => {
    const { bob, chat, ids, title } = await withUnread(kind, 40, 250)
    const phone = await w.seat(bob)
    const b = await w.seat(bob)
    await b.open(title)
    const shown = await atNewLine(b, chat, ids, 41)
    const left = 290 - shown.numbers.at(-1)!
    await says(b, new RegExp(`^${left} new messages since ([A-Z]\\w+ \\d+, )?\\d\\d:\\d\\d$`))
    // The way to the first is offered when the reader has gone away from it.
    expect(await toFirst(b).count()).toBe(0)
    expect(await b.axe()).toEqual([])
    await list(b).hover()
    await b.page.mouse.wheel(0, -900)
    await toFirst(b).waitFor()
    await toFirst(b).click()
    await expect.poll(async () => (await screen(b)).numbers).toContain(shown.numbers.at(-1)! + 1)
    await expect.poll(async () => (await w.unread(bob, chat)).count).toBeLessThan(left)
    await bar(b).getByRole('button', { name: 'Mark read' }).click()
    await bar(b).waitFor({ state: 'hidden' })
    await expect.poll(() => w.unread(bob, chat)).toEqual({ count: 0 })
    await phone.badge(title).waitFor({ state: 'hidden' })
    // The reader stays where they are, and hears of what comes now.
    expect((await screen(b)).below).toBeGreaterThan(1000)
  })

test('the bar is used with the keyboard, also far away from the first unread message', async () => {
  const { bob, chat, ids, path, speaker, to } = await withUnread('direct', 40, 250)
  const b = await w.seat(bob)
  await b.go(`${path}?m=${ids[199]}`) // message 240
  await b.sees('#240#')
  await says(b, /^250 new messages since /)
  // Screen readers are told once.
  await bar(b).getByRole('status').getByText(/^250 new messages since /).waitFor({ state: 'attached' })
  await toFirst(b).focus()
  await b.page.keyboard.press('Enter')
  await expect.poll(async () => (await screen(b)).numbers).toContain(41)
  await expect.poll(() => b.message('#41#').evaluate((row) => row === document.activeElement)).toBe(true)
  await expect.poll(async () => (await w.unread(bob, chat)).count).toBeLessThan(250)
  expect((await w.unread(bob, chat)).count).toBeGreaterThan(200)
  // Before the messages in the order of the page.
  await list(b).focus()
  await b.page.keyboard.press('Shift+Tab')
  await expect.poll(() => bar(b).getByRole('button', { name: 'Mark read' }).evaluate((button) => button === document.activeElement)).toBe(true)
  await b.page.keyboard.press('Enter')
  await bar(b).waitFor({ state: 'hidden' })
  expect(await list(b).evaluate((box) => box === document.activeElement)).toBe(true)
  await expect.poll(() => w.unread(bob, chat)).toEqual({ count: 0 })
  // Later messages are new again, from there on.
  for (const n of [291, 292, 293]) await speaker.say(to, { msg: `#${n}#` }) // they fit on the screen together
  await says(b, /^3 new messages since /)
  await toFirst(b).click()
  await expect.poll(async () => (await screen(b)).numbers).toContain(291)
  await bar(b).waitFor({ state: 'hidden' })
})

test('the bar goes as the last message is read, and none comes where all are on the screen', async () => {
  const { bob, chat, ids, title, speaker, to } = await withUnread('direct', 40, 2)
  const b = await w.seat(bob, { viewport: { width: 1280, height: 1600 } })
  const shown = await b.page.evaluateHandle(() => {
    const count = { bars: 0 }
    new MutationObserver(() => (count.bars += document.querySelectorAll('main [role=group][aria-label="Unread messages"]').length)).observe(document, { childList: true, subtree: true })
    return count
  })
  await b.open(title)
  await atNewLine(b, chat, ids, 41)
  expect(await shown.evaluate(({ bars }) => bars)).toBe(0)
  await list(b).hover()
  await b.page.mouse.wheel(0, -3000)
  await toNewest(b).waitFor()
  await speaker.say(to, numbered(43))
  await says(b, /^1 new message since /)
  await toNewest(b).click()
  await bar(b).waitFor({ state: 'hidden' })
})

test('the bar fits on a phone and in the dark, and is in Chinese', async () => {
  const { bob, path } = await withUnread('group', 40, 250)
  const b = await w.seat(bob, { viewport: { width: 320, height: 640 }, colorScheme: 'dark', locale: 'zh-CN', hasTouch: true, isMobile: true, reducedMotion: 'reduce' })
  await b.go(path)
  await says(b, /^(\d+月\d+日 )?\d\d:\d\d 以来有 2\d\d 条新消息$/, '未读消息')
  expect(await b.axe()).toEqual([])
  expect(await bar(b, '未读消息').evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0)
  await bar(b, '未读消息').getByRole('button', { name: '标为已读' }).tap()
  await bar(b, '未读消息').waitFor({ state: 'hidden' })
})

test('an unread mention that is not on the screen is a click away', async () => {
  const { bob, speaker, to, ids, title } = await withUnread('group', 40, 250)
  for (const n of [100, 260]) await speaker.ask('group shake', { gid: to.id, toUser: [bob.id], messageId: ids[n - 41] })
  const b = await w.seat(bob)
  await b.open(title)
  await b.page.getByRole('button', { name: 'To the next of 2 unread mentions of you' }).click()
  await b.sees('#100#')
  await expect.poll(async () => (await screen(b)).numbers).toContain(100)
  await b.page.getByRole('button', { name: 'To 1 unread mention of you' }).waitFor()
  // Going to the end reads the other one without showing it: it can still be found.
  await toNewest(b).click()
  await b.sees('#290#')
  await b.page.getByRole('button', { name: 'To 1 unread mention of you' }).click()
  await expect.poll(async () => (await screen(b)).numbers).toContain(260)
  await b.page.getByRole('button', { name: /unread mention/ }).waitFor({ state: 'hidden' })
})

test('what comes while nobody looks stays unread, and its beginning in sight', async () => {
  const { bob, chat, speaker, to, title } = await withUnread('direct', 40, 0)
  const b = await w.seat(bob)
  await b.open(title)
  await b.sees('#40#')
  await expect.poll(async () => (await screen(b)).below).toBeLessThanOrEqual(1)
  await look(b.page, false)
  await unlooked(speaker, to, bob, chat)
  const ids = await speaker.sayMany(to, 41, 80)
  await b.sees('#41#')
  const away = await screen(b)
  expect(away.numbers).toContain(41)
  expect(away.line).not.toBeNull()
  expect((await w.unread(bob, chat)).count).toBe(41)
  await look(b.page, true)
  const seen = away.numbers.at(-1)!
  await expect.poll(() => w.unread(bob, chat)).toEqual({ count: 80 - seen, first: ids[seen - 40] })
  expect(await screen(b)).toEqual(away)
})

test('nothing that comes in or changes its size moves what is read', async () => {
  const { bob, speaker, to, title } = await withUnread('direct', 120, 0)
  const b = await w.seat(bob)
  await b.open(title)
  await b.sees('#120#')
  await list(b).hover()
  await b.page.mouse.wheel(0, -2500)
  await expect.poll(async () => (await screen(b)).below).toBeGreaterThan(1000)
  const before = (await screen(b)).top!
  const stays = async (what: string) => {
    const now = (await screen(b)).top!
    expect(now.key, what).toBe(before.key)
    expect(Math.abs(now.at - before.at), what).toBeLessThan(2)
  }
  await speaker.sayMany(to, 121, 140)
  await b.page.getByRole('button', { name: 'To the newest message, 20 new' }).waitFor()
  await stays('new messages')
  await b.page.setViewportSize({ width: 1280, height: 500 })
  await stays('a lower window')
  await b.page.setViewportSize({ width: 1280, height: 800 })
  await stays('a higher window')
  await b.openDetails()
  await b.page.setViewportSize({ width: 1500, height: 800 })
  expect((await screen(b)).top!.key).toBe(before.key)

  await toNewest(b).click()
  await b.sees('#140#')
  await expect.poll(async () => (await screen(b)).below).toBeLessThanOrEqual(1)
  await speaker.sayMany(to, 141, 150)
  await b.sees('#150#')
  await expect.poll(async () => (await screen(b)).below).toBeLessThanOrEqual(1)
  await b.page.setViewportSize({ width: 700, height: 500 })
  await expect.poll(async () => (await screen(b)).below).toBeLessThanOrEqual(1)
})

test('one comes back to where one was, after a reload and from another chat', async () => {
  const { bob, speaker, to, title } = await withUnread('direct', 200, 0)
  const [cal] = await w.people('Cal Cole')
  await w.group('Other', cal, bob)
  const b = await w.seat(bob)
  await b.open(title)
  await b.sees('#200#')
  await list(b).hover()
  await b.page.mouse.wheel(0, -4000)
  await expect.poll(async () => (await screen(b)).below).toBeGreaterThan(2500)
  const before = (await screen(b)).top!
  const same = async () => {
    await list(b).waitFor()
    const now = (await screen(b)).top!
    expect(now.key).toBe(before.key)
    expect(Math.abs(now.at - before.at)).toBeLessThan(2)
  }
  await b.page.reload()
  await same()
  await b.open('Other')
  await speaker.sayMany(to, 201, 203)
  await b.page.goBack()
  await b.title(title).waitFor()
  await same()
  await b.page.getByRole('button', { name: 'To the newest message, 3 new' }).click()
  await b.sees('#203#')
  await b.open('Other')
  await b.open(title)
  await b.sees('#203#')
  expect((await screen(b)).below).toBeLessThanOrEqual(1)
})

// The list was shown for a moment where it had begun before, and that became the place to come back to.
test('one comes back to a place among many unread messages', async () => {
  const { bob, chat, ids, title } = await withUnread('direct', 40, 250)
  const [cal] = await w.people('Cal Cole')
  await w.group('Other', cal, bob)
  const b = await w.seat(bob)
  await b.open(title)
  await atNewLine(b, chat, ids, 41)
  const before = await pastTheLine(b)
  for (let times = 0; times < 2; times++) {
    await b.open('Other')
    await b.open(title)
    await b.message(`#${before.numbers.at(-1)}#`).waitFor()
    const after = await screen(b)
    expect(after.top!.key).toBe(before.top!.key)
    expect(Math.abs(after.top!.at - before.top!.at)).toBeLessThan(2)
  }
  await expect.poll(() => w.unread(bob, chat)).toMatchObject({ count: 290 - before.numbers.at(-1)! })
})

test('what waits to be sent is shown without a connection, and the end after it', async () => {
  const { bob, title, path } = await withUnread('direct', 200, 0)
  const { line, at } = await w.relay()
  const b = await w.seat(bob, {}, at)
  await b.page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await b.open(title)
  await b.sees('#200#')
  line.cut()
  await b.offline.waitFor()
  await b.send('written offline')
  await b.message('written offline').getByLabel('Waiting to be sent').waitFor()
  expect((await screen(b)).below).toBeLessThanOrEqual(1)
  await b.page.reload()
  await b.message('written offline').getByLabel('Waiting to be sent').waitFor()
  await b.sees('#200#')
  expect((await screen(b)).below).toBeLessThanOrEqual(1)
  expect(new URL(b.page.url()).pathname).toBe(path)
  line.mend()
  await b.sees('#200#')
  await b.message('written offline').getByLabel('Waiting to be sent').waitFor({ state: 'hidden' })
  const shown = await screen(b)
  expect(shown.below).toBeLessThanOrEqual(1)
  expect(shown.numbers.at(-1)).toBe(200)
  expect(await b.message('written offline').count()).toBe(1)
})

// The list stayed where it was loaded, without the message that waited, and came back there.
for (const where of ['at the line of the new messages', 'where the reader had scrolled back to'])
  test(`what waits to be sent is shown behind messages that are not loaded, ${where}`, async () => {
    const unread = where.includes('new messages')
    const { bob, title } = await withUnread('direct', unread ? 40 : 200, unread ? 160 : 0)
    const b = await w.seat(bob)
    await b.page.evaluate(async () => void (await navigator.serviceWorker.ready))
    await b.open(title)
    if (unread) await newLine(b).waitFor()
    else {
      await b.sees('#200#')
      await list(b).hover()
      await expect.poll(async () => (await b.page.mouse.wheel(0, -5000), (await screen(b)).below)).toBeGreaterThan(20_000)
      await b.page.reload()
      await list(b).waitFor()
      expect((await screen(b)).below).toBeGreaterThan(1000)
    }
    const waiting = b.message('written offline').getByLabel('Waiting to be sent')
    const atEnd = async () => {
      await waiting.waitFor()
      await expect.poll(async () => (await screen(b)).below).toBeLessThanOrEqual(1)
      expect(await inView(b, 'written offline')).toBe(true)
    }
    await b.context.setOffline(true)
    await b.send('written offline')
    await atEnd()
    await b.page.reload()
    await atEnd()
    await b.context.setOffline(false)
    await waiting.waitFor({ state: 'hidden' })
    await b.sees('#200#')
    await expect.poll(async () => (await screen(b)).below).toBeLessThanOrEqual(1)
    expect((await screen(b)).numbers).toContain(200)
    expect(await inView(b, 'written offline')).toBe(true)
    expect(await b.message('written offline').count()).toBe(1)
  })

test('messages that could not be loaded come between when the connection is back, without a reload', async () => {
  const { bob, title } = await withUnread('direct', 40, 160)
  const { line, at } = await w.relay()
  const b = await w.seat(bob, {}, at)
  await b.open(title)
  await newLine(b).waitFor()
  line.cut()
  await b.offline.waitFor()
  await b.send('written offline')
  await list(b).getByText('Newer messages are loaded when the connection is back.').waitFor()
  expect(await inView(b, 'written offline')).toBe(true)
  line.mend()
  await b.sees('#200#')
  await b.message('written offline').getByLabel('Waiting to be sent').waitFor({ state: 'hidden' })
  await expect.poll(async () => (await screen(b)).below).toBeLessThanOrEqual(1)
  expect((await screen(b)).numbers).toContain(200)
  expect(await inView(b, 'written offline')).toBe(true)
})

/** Whether the whole line of a message is on the screen. */
const inView = (seat: Seat, text: string): Promise<boolean> =>
  seat.message(text).evaluate((message) => {
    const [row, box] = [message.getBoundingClientRect(), message.closest('[role=list]')!.getBoundingClientRect()]
    return row.height > 0 && row.top >= box.top && row.bottom <= box.bottom
  })

/** Pretends that the window gets or loses the focus. */
const look = (page: Page, here: boolean): Promise<void> =>
  page.evaluate((focused) => {
    document.hasFocus = () => focused
    dispatchEvent(new Event(focused ? 'focus' : 'blur'))
  }, here)

/** Says something, until it stays unread: the server knows that nobody looks. It stays the only one. */
async function unlooked(speaker: Speaker, to: Chat, who: Person, chat: Chat): Promise<void> {
  await expect
    .poll(async () => {
      await speaker.say(to, { msg: 'Anybody here?' })
      return (await w.unread(who, chat)).count
    })
    .toBe(1)
}

/** Holds up what is asked about messages from now on. */
async function hold(page: Page) {
  const waiting: (() => void)[] = []
  let closed = true
  await page.route(
    (url) => /\/(group_)?messages(_byid)?$|\/api\/unread$/.test(url.pathname),
    (route) => (closed ? void waiting.push(() => void route.continue()) : route.continue()),
  )
  return {
    waiting: () => waiting.length,
    pass: (index: number) => waiting.splice(index, 1)[0]!(),
    open: () => {
      closed = false
      waiting.splice(0).forEach((go) => go())
    },
  }
}
