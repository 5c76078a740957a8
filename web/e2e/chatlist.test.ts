import { expect, test } from 'vitest'
import { keepNotices } from './notices'
import { world } from './world'

const w = world()

test('the list is filtered, and tells what waits', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const group = await w.group('Crew', bob, ann)
  await w.say(bob, { person: ann }, 'From Bob')
  await w.say(cal, { person: ann }, 'From Cal')
  await w.say(bob, { group }, 'In the group')
  const a = await w.seat(ann)
  const names = () => a.page.locator('[data-chat]').evaluateAll((rows) => rows.map((r) => r.querySelector('.truncate')?.textContent))
  await a.row('Crew').waitFor()
  expect(await names()).toEqual(['Crew', 'Cal Cole', 'Bob Berg'])

  const filters = a.page.getByRole('group', { name: 'Which chats' })
  await filters.getByText('Groups', { exact: true }).click()
  await expect.poll(names).toEqual(['Crew'])
  await filters.getByText('All', { exact: true }).click()
  await a.page.getByLabel('Filter by name').fill('cal')
  await expect.poll(names).toEqual(['Cal Cole'])
  await a.page.getByLabel('Filter by name').fill('')

  await a.chatMenu('Bob Berg', 'Mark as read')
  await a.badge('Bob Berg').waitFor({ state: 'hidden' })
  await a.chatMenu('Bob Berg', 'Pin')
  await expect.poll(names).toEqual(['Bob Berg', 'Crew', 'Cal Cole'])
  await a.chatMenu('Bob Berg', 'Unpin')
  await expect.poll(names).toEqual(['Crew', 'Cal Cole', 'Bob Berg'])
  await a.chatMenu('Crew', 'Mute')
  await a.row('Crew').getByText('Muted').waitFor({ state: 'attached' })
  await a.chatMenu('Cal Cole', 'Hide')
  await expect.poll(names).toEqual(['Crew', 'Bob Berg'])

  await a.page.getByRole('button', { name: 'New', exact: true }).click()
  await a.page.getByRole('menuitem', { name: 'Mark everything as read' }).click()
  await a.badge('Crew').waitFor({ state: 'hidden' })
  await expect.poll(() => a.page.title()).not.toMatch(/\d/)
})

test('a chat with a person is muted, on all own devices', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Before')
  const [a, other] = await w.seats(ann, ann)
  await a.chatMenu('Bob Berg', 'Mute')
  await other.row('Bob Berg').getByText('Muted').waitFor({ state: 'attached' })
  await other.badge('Bob Berg').and(other.page.locator('.bg-badge-muted')).waitFor()
  // Muted chats are not counted in the title.
  await expect.poll(() => other.page.title()).not.toMatch(/\d/)
  await w.say(bob, { person: ann }, 'Psst')
  await expect.poll(() => other.badge('Bob Berg').getAttribute('aria-label')).toBe('2 unread')
  expect(await other.page.title()).not.toMatch(/\d/)

  // Hidden and back, it is still muted; the switch beside the chat ends it.
  await a.chatMenu('Bob Berg', 'Hide')
  await other.row('Bob Berg').waitFor({ state: 'hidden' })
  await w.say(bob, { person: ann }, 'Back')
  await other.row('Bob Berg').getByText('Muted').waitFor({ state: 'attached' })
  await a.open('Bob Berg')
  const details = await a.openDetails()
  const mute = details.getByRole('switch', { name: 'Mute notifications' })
  expect(await mute.getAttribute('aria-checked')).toBe('true')
  expect(await a.axe()).toEqual([])
  await mute.click()
  await other.row('Bob Berg').getByText('Muted').waitFor({ state: 'detached' })
  await a.page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click()
  await w.say(bob, { person: ann }, 'Loudly')
  await expect.poll(() => other.page.title()).toMatch(/1/)
})

test('notifications of the host have their own panes', async () => {
  const [ann] = await w.people('Ann Adler')
  const a = await w.seat(ann)
  const notify = (text: string, weak = false) =>
    w.server.host('POST', '/v1/notifications', { accounts: [ann.id], category: 'task', type: 'taskcomment', name: 'Demo tasks', text, url: 'https://demo.example/1', weak })
  await notify('A task is due')
  await a.row('Tasks').getByText('A task is due').waitFor()
  await expect.poll(() => a.badge('Tasks').getAttribute('aria-label')).toBe('1 unread')
  await a.row('Tasks').click()
  const pane = a.page.getByRole('main')
  await pane.getByRole('link', { name: 'A task is due' }).waitFor()
  await a.badge('Tasks').waitFor({ state: 'hidden' })
  await notify('And another one')
  await pane.getByText('And another one').waitFor()
  await pane.getByRole('button', { name: 'Mute these notifications' }).click()
  await a.row('Tasks').getByText('Muted').waitFor({ state: 'attached' })
  expect(await a.axe()).toEqual([])
})

// Opening an inbox marked everything in it as read, also what was below the edge of the screen.
test('notifications are read once they have been on the screen', async () => {
  const [ann] = await w.people('Ann Adler')
  const notify = (n: number) =>
    w.server.host('POST', '/v1/notifications', { accounts: [ann.id], category: 'task', type: 'taskcomment', name: 'Demo tasks', text: `Notice ${String(n).padStart(2, '0')}` })
  for (let n = 1; n <= 30; n++) await notify(n)
  const a = await w.seat(ann)
  await a.row('Tasks').click()
  const pane = a.page.getByRole('main')
  const mark = (text: string) => pane.getByRole('listitem').filter({ hasText: text }).getByRole('img', { name: 'Unread' })
  const badge = () => a.badge('Tasks').getAttribute('aria-label')
  await mark('Notice 30').waitFor()
  // The newest are on the screen, the oldest are not; the server keeps the newest unread.
  await notify(31)
  await mark('Notice 31').waitFor()
  await expect.poll(badge).toBe('31 unread')

  await pane.getByText('Notice 01').scrollIntoViewIfNeeded()
  await mark('Notice 01').waitFor({ state: 'detached' })
  const left = await mark('Notice').count()
  expect(await mark('Notice 16').count()).toBe(1)
  await expect.poll(badge).toBe(`${left} unread`)
  // One that arrives above the screen is not read, either.
  await notify(32)
  await expect.poll(badge).toBe(`${left + 1} unread`)

  await pane.getByRole('button', { name: 'Mark all as read' }).click()
  await a.badge('Tasks').waitFor({ state: 'detached' })
  await expect.poll(() => mark('Notice').count()).toBe(0)
  expect(await pane.getByRole('button', { name: 'Mark all as read' }).isDisabled()).toBe(true)
})

/** Ann, to whom Bob has written before, in a page that records its desktop notifications. */
async function noticed() {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Before')
  const page = await w.page()
  const notices = await keepNotices(page)
  const a = await w.sit(page, ann)
  await a.row(bob.name).waitFor()
  return { ann, bob, a, notices }
}

test('a desktop notification tells of a message, and leads to it', async () => {
  const { ann, bob, a, notices } = await noticed()
  await w.say(bob, { person: ann }, 'Are you there?')
  await expect.poll(notices.shown).toEqual(['Bob Berg: Are you there?'])
  await notices.click()
  await a.title(bob.name).waitFor()
  await a.sees('Are you there?')
})

// The list said "File" in place of its name, and the notification nothing at all.
test('the list and a desktop notification name a file', async () => {
  const { ann, bob, a, notices } = await noticed()
  const send = (type: number, file: object) => w.server.host('POST', '/v1/messages', { from: bob.id, toAccount: ann.id, type, file })
  await send(4, { url: 'https://files.example/report.pdf', name: 'report.pdf', size: 9 })
  await a.row(bob.name).getByText('report.pdf', { exact: true }).waitFor()
  await expect.poll(notices.shown).toEqual(['Bob Berg: report.pdf'])
  await a.page.reload()
  await a.row(bob.name).getByText('report.pdf', { exact: true }).waitFor()

  await send(2, { url: 'https://files.example/a.png', name: 'a.png' })
  await a.row(bob.name).getByText('Image', { exact: true }).waitFor()
  await expect.poll(notices.shown).toEqual(['Bob Berg: Image'])
})

// A shake moved the page of the open chat, and nothing told of it anywhere else.
test('a shake is told of in another chat, in the list and behind another window', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'Hello')
  await w.say(cal, { person: ann }, 'Hello')
  const page = await w.page()
  const notices = await keepNotices(page)
  const a = await w.sit(page, ann)
  const b = await w.seat(bob)
  await b.open(ann.name)
  await a.open(cal.name)
  const shake = () => b.page.getByRole('button', { name: 'Shake their window' }).click()

  await shake()
  const toast = page.getByRole('region', { name: 'Messages from parley' })
  await toast.getByText('Bob Berg shook your window').waitFor()
  await a.row(bob.name).getByText('Shook your window').waitFor()
  expect(await notices.shown()).toEqual([])
  const moved = page.waitForFunction(() => (document.querySelector('main')?.getAnimations().length ?? 0) > 0)
  await toast.getByRole('button', { name: 'Open' }).click()
  await a.title(bob.name).waitFor()
  await moved
  await a.row(bob.name).getByRole('img', { name: 'Shook your window' }).waitFor({ state: 'detached' })

  // Behind another window the browser's own notice tells of it.
  await a.open(cal.name)
  await page.evaluate(() => {
    document.hasFocus = () => false
    dispatchEvent(new Event('blur'))
  })
  // The server takes one shake in three seconds from the same person.
  await expect.poll(async () => ((await shake()), notices.shown()), { interval: 500 }).toEqual(['Bob Berg: Bob Berg shook your window'])
  await a.row(bob.name).getByText('Shook your window').waitFor()
})

// The row was at the end of the list, below the oldest chat.
test('a shake lists a chat that was not in the list, among the newest', async () => {
  const [ann, bob, cal, dan] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole', 'Dan Dorn')
  await w.say(dan, { person: ann }, 'First')
  await w.say(cal, { person: ann }, 'Second')
  const [a, b] = await w.seats(ann, bob)
  await a.row(cal.name).waitFor()
  await b.startChat(ann.name)
  await b.page.getByRole('button', { name: 'Shake their window' }).click()
  await a.row(bob.name).getByText('Shook your window').waitFor()
  expect(await a.page.locator('[data-chat]').evaluateAll((rows) => rows.map((r) => r.querySelector('.truncate')?.textContent))).toEqual([cal.name, bob.name, dan.name])
})
