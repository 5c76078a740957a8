import { expect, test } from 'vitest'
import { png } from './picture'
import { world } from './world'

const w = world()

/** The browser takes the page away without asking it anything. */
const kept = (text: string) => `Object.keys(localStorage).some((key) => key.startsWith('parley.draft.') && localStorage[key].includes(${JSON.stringify(text)}))`

/** The device has a draft with this text, and the server has it or not. */
const has = (text: string, sent: boolean) =>
  `Object.keys(localStorage).filter((key) => key.startsWith('parley.draft.')).map((key) => JSON.parse(localStorage[key])).some((draft) => draft.text === ${JSON.stringify(text)} && draft.sent === ${sent})`

test('a draft outlasts a reload right after the last key, with what it answers', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'When?')
  await w.say(cal, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.command('When?', 'Reply')
  // Both were kept a while after the last key, and in the wrong order when the page was left.
  await a.field.pressSequentially('At no')
  await a.page.keyboard.press('o')
  await a.page.reload()
  await a.ready()
  await expect.poll(() => a.field.inputValue()).toBe('At noo')
  await a.page.getByText('Reply to Bob Berg').waitFor()
  await a.open(cal.name)
  await a.row(bob.name).getByText('Draft:').waitFor()
  await a.open(bob.name)
  await a.field.pressSequentially('n')
  expect(await a.field.inputValue()).toBe('At noon')
  await a.field.press('Enter')
  await a.message('At noon').getByRole('button', { name: /When\?/ }).waitFor()
  await a.page.reload()
  await a.ready()
  await a.sees('At noon')
  expect(await a.field.inputValue()).toBe('')
  expect(await a.page.evaluate(kept('At noon'))).toBe(false)
})

// The draft of a chat that was in no list was shown nowhere.
test('a draft is listed where its chat is in no list', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  await a.startChat(bob.name)
  await a.field.pressSequentially('half a sen')
  await a.row(bob.name).waitFor()
  await a.go('/')
  await a.row(bob.name).getByText('half a sen').waitFor()
  // Its name is known without the last visit, too.
  await a.page.evaluate(() => indexedDB.deleteDatabase('parley.last-visit'))
  await a.page.reload()
  await a.row(bob.name).getByText('half a sen').waitFor()
  await a.open(bob.name)
  await a.field.fill('')
  await a.go('/')
  await a.row(bob.name).waitFor({ state: 'hidden' })
})

// The history was asked for before the application was known. The server refused that, and the refusal signed the account
// out and removed its drafts.
test('a reload keeps the session and the draft when the server is slow to name the application', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.field.pressSequentially('unsent')
  let answer!: () => void
  const held = new Promise<void>((resolve) => (answer = resolve))
  await a.page.route('**/api/config', async (route) => {
    await held
    await route.continue()
  })
  const history: string[] = []
  a.page.on('request', (request) => {
    if (new URL(request.url()).pathname.endsWith('/messages')) history.push(request.headers()['app'] ?? 'no application')
  })
  await a.page.reload()
  await expect.poll(() => a.field.inputValue()).toBe('unsent')
  // After two frames the chat has asked for everything that it needs.
  await a.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  expect(history).toEqual([])
  answer()
  await a.sees('Hello')
  expect(history).not.toHaveLength(0)
  expect(history).not.toContain('no application')
  expect(await a.field.inputValue()).toBe('unsent')
})

// Any 401 signed the account out, also one that a proxy gave.
test('only a refusal of the token ends the session, and the next sign-in finds the draft', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.field.pressSequentially('unsent')
  let body = 'Sign in to the proxy'
  await a.page.route('**/api/me', (route) => route.fulfill({ status: 401, body }))
  const refused = () => a.page.waitForResponse((answer) => answer.url().endsWith('/api/me') && answer.status() === 401)
  await Promise.all([refused(), a.page.reload()])
  await a.sees('Hello')
  expect(await a.field.inputValue()).toBe('unsent')
  body = JSON.stringify({ error: 'invalid token' })
  await Promise.all([refused(), a.page.reload()])
  await a.page.getByText('You are signed out.').waitFor()
  await a.page.unroute('**/api/me')
  await a.page.goto(await w.link(ann))
  await a.ready()
  await a.open(bob.name)
  await expect.poll(() => a.field.inputValue()).toBe('unsent')
})

test('two tabs keep the drafts of each other', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'Hello')
  await w.say(cal, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  const other = await w.seat(ann, { beside: a })
  await a.open(bob.name)
  await other.open(cal.name)
  await a.field.pressSequentially('to Bob')
  await other.field.pressSequentially('to Cal')
  await Promise.all([a.page.reload(), other.page.reload()])
  await expect.poll(() => a.field.inputValue()).toBe('to Bob')
  await expect.poll(() => other.field.inputValue()).toBe('to Cal')
  // The same chat shows the same draft in both.
  await other.open(bob.name)
  await expect.poll(() => other.field.inputValue()).toBe('to Bob')
  await other.field.pressSequentially(', too')
  await expect.poll(() => a.field.inputValue()).toBe('to Bob, too')
})

test('signing out removes the drafts from the device', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  const other = await a.context.newPage()
  await other.goto(w.server.demo.url)
  await a.open(bob.name)
  await a.field.pressSequentially('private')
  await other.getByText('Draft:').waitFor()
  await a.page.getByRole('button', { name: /^Account of/ }).first().click()
  await a.page.getByRole('menuitem', { name: 'Sign out' }).click()
  for (const page of [a.page, other]) await page.getByRole('heading', { name: 'Chats', level: 1 }).waitFor({ state: 'hidden' })
  expect(await a.page.evaluate(kept('private'))).toBe(false)
})

// The tray was emptied by a look at another chat, and by leaving the page.
test('files that are not sent stay with their chat, and leaving the page asks first', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'Hello')
  await w.say(cal, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.attach({ name: 'blue.png', mimeType: 'image/png', buffer: png(8, 8) })
  const remove = a.page.getByRole('button', { name: 'Remove blue.png' })
  await remove.waitFor()
  await a.open(cal.name)
  await remove.waitFor({ state: 'hidden' })
  await a.open(bob.name)
  await remove.waitFor()
  const asked = a.page.waitForEvent('dialog')
  const leaving = a.page.close({ runBeforeUnload: true })
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()
  await leaving
  await remove.click()
  await a.page.reload()
  await a.ready()
})

// Escape and a reload lost what was written in a dialog.
test('what is written in a dialog is kept until it is sent', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Crew', ann, bob)
  const a = await w.seat(ann)
  await a.open('Crew')
  const details = await a.openDetails()
  const text = a.dialog('Announcement').getByLabel('Announcement')
  const write = () => details.getByRole('button', { name: 'Write an announcement' }).click()
  await write()
  await text.fill('Meet at nine')
  await a.page.keyboard.press('Escape')
  await text.waitFor({ state: 'hidden' })
  await write()
  expect(await text.inputValue()).toBe('Meet at nine')
  await text.fill('Meet at ten')
  await a.page.reload()
  await write()
  expect(await text.inputValue()).toBe('Meet at ten')
  await a.dialog('Announcement').getByRole('button', { name: 'Publish' }).click()
  await a.message('Meet at ten').waitFor()
  expect(await a.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('parley.form.')))).toEqual([])

  const card = a.dialog('Link with a title')
  const open = async () => {
    await a.page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click()
    await a.page.getByRole('menuitem', { name: 'Link with a title' }).click()
  }
  await open()
  await card.getByRole('textbox').nth(0).fill('https://demo.example/plan')
  await card.getByRole('textbox').nth(1).fill('The plan')
  await a.page.keyboard.press('Escape')
  await card.waitFor({ state: 'hidden' })
  await a.page.reload()
  await open()
  expect(await card.getByRole('textbox').nth(0).inputValue()).toBe('https://demo.example/plan')
  expect(await card.getByRole('textbox').nth(1).inputValue()).toBe('The plan')
  await card.getByRole('button', { name: 'Send' }).click()
  await a.message('The plan').waitFor()
  await open()
  expect(await card.getByRole('textbox').nth(1).inputValue()).toBe('')
  // Cancel discards the text.
  await card.getByRole('textbox').nth(1).fill('Another')
  await card.getByRole('button', { name: 'Cancel' }).click()
  await card.waitFor({ state: 'hidden' })
  await open()
  expect(await card.getByRole('textbox').nth(1).inputValue()).toBe('')
})

test('a draft is on all devices of its author, with what it answers and whom it mentions', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const group = await w.group('Crew', ann, bob)
  await w.say(bob, { group }, 'When?')
  const a = await w.seat(ann)
  const phone = await w.seat(ann, { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true })
  const b = await w.seat(bob)
  await a.open('Crew')
  await a.command('When?', 'Reply')
  await a.field.pressSequentially('@bob')
  await a.page.getByRole('option', { name: bob.name }).click()
  await a.field.pressSequentially('at noon')
  await phone.row('Crew').getByText('@Bob Berg at noon').waitFor()
  await phone.open('Crew')
  await expect.poll(() => phone.field.inputValue()).toBe('@Bob Berg at noon')
  await phone.page.getByText('Reply to Bob Berg').waitFor()
  await phone.field.press('End')
  await phone.field.pressSequentially(' or later')
  await expect.poll(() => a.field.inputValue()).toBe('@Bob Berg at noon or later')
  await a.page.getByText('Reply to Bob Berg').waitFor()
  // A device that signs in later has it, too.
  const later = await w.seat(ann)
  await later.open('Crew')
  await expect.poll(() => later.field.inputValue()).toBe('@Bob Berg at noon or later')
  await later.page.getByText('Reply to Bob Berg').waitFor()
  await later.field.press('Enter')
  await later.message('at noon or later').getByRole('button', { name: /When\?/ }).waitFor()
  await b.row('Crew').getByText('@Me').waitFor()
  // Sent from one device, it is gone from the others, and stays gone.
  for (const seat of [a, phone]) {
    await expect.poll(() => seat.field.inputValue()).toBe('')
    await seat.page.getByText('Reply to Bob Berg').waitFor({ state: 'hidden' })
  }
  await a.page.reload()
  await a.sees('at noon or later')
  await expect.poll(() => a.page.evaluate(kept('noon'))).toBe(false)
  expect(await a.field.inputValue()).toBe('')
})

for (const newest of ['offline', 'online'] as const)
  test(`of two drafts, the newest wins, which was written ${newest}`, async () => {
    const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
    await w.say(bob, { person: ann }, 'Hello')
    const { line, at } = await w.relay()
    const a = await w.seat(ann, {}, at)
    const phone = await w.seat(ann)
    for (const seat of [a, phone]) await seat.open(bob.name)
    await a.field.fill('before')
    await expect.poll(() => phone.field.inputValue()).toBe('before')
    line.cut()
    await a.offline.waitFor()
    const [first, second] = newest === 'offline' ? [phone, a] : [a, phone]
    await first.field.fill('the older one')
    await expect.poll(() => first.page.evaluate(has('the older one', first === phone))).toBe(true)
    await second.field.fill('the newer one')
    if (newest === 'offline') {
      // What was written without a connection outlasts the page.
      await a.page.evaluate(async () => void (await navigator.serviceWorker.ready))
      await a.page.reload()
      await expect.poll(() => a.field.inputValue()).toBe('the newer one')
    } else await expect.poll(() => phone.page.evaluate(has('the newer one', true))).toBe(true)
    line.mend()
    for (const seat of [a, phone]) await expect.poll(() => seat.field.inputValue()).toBe('the newer one')
    await expect.poll(() => a.page.evaluate(has('the newer one', true))).toBe(true)
  })

test('what was emptied on one device does not come back from another that was offline', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  const phone = await w.seat(ann)
  for (const seat of [a, phone]) await seat.open(bob.name)
  await a.field.fill('a question')
  await expect.poll(() => phone.field.inputValue()).toBe('a question')
  await expect.poll(() => a.page.evaluate(has('a question', true))).toBe(true)
  line.cut()
  await a.offline.waitFor()
  await phone.field.press('Enter')
  await phone.sees('a question')
  await expect.poll(() => phone.page.evaluate(kept('question'))).toBe(false)
  line.mend()
  await a.sees('a question')
  await expect.poll(() => a.field.inputValue()).toBe('')
  await phone.page.reload()
  await phone.sees('a question')
  expect(await phone.field.inputValue()).toBe('')
})

test('a draft that the server refuses stays on its device', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  await a.open(bob.name)
  const long = 'long '.repeat(6000)
  await a.field.fill(long)
  await a.page.reload()
  await a.sees('Hello')
  await expect.poll(() => a.field.inputValue()).toBe(long)
  const phone = await w.seat(ann)
  await phone.open(bob.name)
  await phone.sees('Hello')
  expect(await phone.field.inputValue()).toBe('')
  // Shortened, it is taken.
  await a.field.fill('short')
  await expect.poll(() => phone.field.inputValue()).toBe('short')
})
