// What is shown while the server cannot be reached, and how it comes back.
import { expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { Seat } from './seat'
import { world } from './world'

const w = world()

/** Waits until the page can be opened without the server. */
const installed = (page: Page): Promise<void> => page.evaluate(async () => void (await navigator.serviceWorker.ready))

/** What the browser keeps of the last visit of the account, as text. */
const keptText = (seat: Seat): Promise<string> =>
  seat.page.evaluate(async (account) => {
    const asked = indexedDB.open('parley.last-visit')
    await new Promise((resolve) => asked.addEventListener('success', resolve))
    const database = asked.result
    const transaction = database.transaction(['lists', 'ends'])
    const list = transaction.objectStore('lists').get(account)
    const ends = transaction.objectStore('ends').getAll(IDBKeyRange.bound([account], [account, []]))
    await new Promise((resolve) => transaction.addEventListener('complete', resolve))
    database.close()
    return JSON.stringify([list.result, ends.result])
  }, seat.who.id)

test('a page that is reloaded without a connection shows the last visit, and all of it is renewed later', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const team = await w.group('Team', ann, bob, cal)
  await w.say(bob, { group: team }, 'the plan for today')
  await w.say(cal, { person: ann }, 'are you there?')
  await w.say(bob, { person: ann }, 'good morning')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await installed(a.page)
  await a.open(bob.name)
  await a.sees('good morning')
  await a.badge(cal.name).waitFor()
  await expect.poll(() => keptText(a)).toMatch(/good morning.*are you there.*good morning/)
  line.cut()
  await a.page.reload()
  // The list, with last lines and what is unread.
  await a.row('Team').getByText('the plan for today').waitFor()
  expect(await a.badge(cal.name).getAttribute('aria-label')).toBe('1 unread')
  await a.row(cal.name).getByText('are you there?').waitFor()
  // The chat, with its name everywhere.
  await a.title(bob.name).waitFor()
  await a.sees('good morning')
  expect(await a.field.getAttribute('placeholder')).toBe(`Message to ${bob.name}`)
  // One banner, with one button, above everything else.
  await a.offline.waitFor()
  expect(await a.page.getByRole('button', { name: /^(Try now|Try again)$/ }).count()).toBe(1)
  const banner = (await a.page.getByRole('button', { name: 'Try now' }).boundingBox())!
  for (const heading of [a.title(bob.name), a.page.getByRole('heading', { name: 'Chats', level: 1 })])
    expect((await heading.boundingBox())!.y).toBeGreaterThanOrEqual(banner.y + banner.height)
  // A chat that was not opened has its name, and says that its messages are not here.
  await a.open('Team')
  await a.page.getByText('The messages cannot be loaded at the moment.').waitFor()
  expect(await a.field.getAttribute('placeholder')).toBe('Message to Team')
  expect(await a.page.getByRole('button', { name: /^(Try now|Try again)$/ }).count()).toBe(1)

  await w.say(cal, { person: ann }, 'call me')
  line.mend()
  await a.page.getByRole('button', { name: 'Try now' }).click()
  await a.offline.waitFor({ state: 'hidden' })
  await a.sees('the plan for today')
  await expect.poll(() => a.badge(cal.name).getAttribute('aria-label')).toBe('2 unread')
  await a.row(cal.name).getByText('call me').waitFor()
})

test('when the server is down and the page is reloaded, everything comes back with the server', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const team = await w.group('Team', ann, bob, cal)
  await w.say(bob, { group: team }, 'first line')
  const a = await w.seat(ann)
  await installed(a.page)
  await a.open('Team')
  await a.sees('first line')
  await a.openDetails()
  await expect.poll(() => keptText(a)).toMatch(/first line.*first line/)
  await w.server.stop()
  await a.page.reload()
  await a.offline.waitFor()
  await a.sees('first line')
  await a.openDetails()
  await a.page.getByRole('button', { name: 'Try now' }).click()
  await a.offline.waitFor()
  await a.send('written in the outage')
  await a.message('written in the outage').getByLabel('Waiting to be sent').waitFor()
  await w.server.start()
  const later = await w.seat(bob)
  await w.say(bob, { group: team }, 'second line')
  await a.offline.waitFor({ state: 'hidden' })
  await a.sees('second line')
  await a.message('written in the outage').getByLabel('Waiting to be sent').waitFor({ state: 'hidden' })
  // What asks the server by itself, too.
  await a.details.getByText(cal.name).waitFor()
  await a.page.locator(`[data-chat="2:${team}"] [data-faces]`).waitFor()
  await later.open('Team')
  await later.sees('written in the outage')
})

test('the last visit is shown while a slow server has not answered', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'good morning')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.sees('good morning')
  await expect.poll(() => keptText(a)).toMatch(/good morning.*good morning/)
  const waiting: (() => void)[] = []
  await a.page.route(/\/api\/config$/, (route) => void waiting.push(() => void route.continue()))
  await a.page.reload()
  await a.row(bob.name).getByText('good morning').waitFor()
  await a.sees('good morning')
  await w.say(bob, { person: ann }, 'wake up')
  for (const go of waiting) go()
  await a.sees('wake up')
  await a.row(bob.name).getByText('wake up').waitFor()
})

test('a message that was withdrawn is not shown again', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const { line, at } = await w.relay()
  const [a, b] = [await w.seat(ann, {}, at), await w.seat(bob)]
  await installed(a.page)
  await b.startChat(ann.name)
  await b.send('the secret')
  await b.send('something else')
  await a.open(bob.name)
  await a.sees('the secret')
  await expect.poll(() => keptText(a)).toContain('the secret')
  // The chat is no longer open, so nothing but the kept copy has its messages after the next start.
  await a.go('/')
  await a.page.reload()
  await a.ready()
  await a.row(bob.name).waitFor()
  await expect.poll(() => a.page.getByRole('button', { name: /, connected$/ }).count()).toBe(1)
  await b.command('the secret', 'Withdraw')
  await b.confirm('Withdraw')
  await expect.poll(() => keptText(a)).not.toContain('the secret')
  line.cut()
  await a.page.reload()
  await a.open(bob.name)
  await a.sees('something else')
  expect(await a.message('the secret').count()).toBe(0)
})

test('signing out removes what is kept', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'good morning')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.sees('good morning')
  await expect.poll(() => keptText(a)).toMatch(/good morning.*good morning/)
  await a.page.getByRole('button', { name: /^Account of/ }).click()
  await a.page.getByRole('menuitem', { name: 'Sign out' }).click()
  await a.page.getByText('You have been signed out').or(a.page.getByRole('heading', { level: 1 })).first().waitFor()
  await expect.poll(() => keptText(a)).not.toMatch(/good morning|Bob/)
})

/** Everything in the page's localStorage, as text. */
const storedText = (page: Page): Promise<string> => page.evaluate(() => JSON.stringify({ ...localStorage }))

test('signing out without a connection removes what is kept, and the server ends the session later', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'good morning')
  await w.say(cal, { person: ann }, 'hello')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  const elsewhere = await w.seat(ann)
  await elsewhere.go('/settings/sessions')
  const others = elsewhere.page.getByRole('button', { name: /^Sign out: / })
  await others.waitFor()
  await installed(a.page)
  await a.open(cal.name)
  await a.sees('hello')
  await a.field.fill('a draft')
  await a.open(bob.name)
  await a.sees('good morning')
  await expect.poll(() => keptText(a)).toMatch(/good morning.*good morning/)
  const tab = new Seat(await a.context.newPage(), ann)
  await tab.page.goto(at)
  await tab.ready()
  line.cut()
  await a.offline.waitFor()
  await a.send('written in the outage')
  await a.message('written in the outage').getByLabel('Waiting to be sent').waitFor()
  expect(await storedText(a.page)).toMatch(/a draft.*written in the outage|written in the outage.*a draft/)

  const ask = async () => {
    await a.page.getByRole('button', { name: /^Account of/ }).click()
    await a.page.getByRole('menuitem', { name: 'Sign out' }).click()
    await a.page.getByRole('alertdialog', { name: 'Sign out on this device?' }).waitFor()
  }
  await ask()
  await a.page.getByText('1 message has not been sent and will be lost.').waitFor()
  expect(await a.axe()).toEqual([])
  await a.confirm('Cancel')
  await a.sees('written in the outage')
  await ask()
  await a.confirm('Sign out')
  for (const { page } of [a, tab]) await page.getByText('You are signed out.').waitFor()
  await expect.poll(() => keptText(a)).not.toMatch(/good morning|Bob/)
  expect(await storedText(a.page)).not.toMatch(/"token|a draft|written in the outage/)

  // The relay lets nothing through, so the session is still in the list.
  await elsewhere.page.reload()
  await others.waitFor()
  line.mend()
  await expect
    .poll(async () => {
      await elsewhere.page.reload()
      await elsewhere.page.getByText('This device').waitFor()
      return others.count()
    })
    .toBe(0)
})

test('the button of the banner keeps the focus, and gives it back', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'good morning')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await a.open(bob.name)
  await a.sees('good morning')
  let attempts = 0
  a.page.on('websocket', () => attempts++)
  line.cut()
  await a.offline.waitFor()
  const focused = () => a.page.evaluate(() => document.activeElement?.textContent)
  await a.page.getByRole('button', { name: 'Try now' }).focus()
  for (const _ of [1, 2, 3]) {
    const before = attempts
    await a.page.keyboard.press('Enter')
    await expect.poll(() => attempts).toBeGreaterThan(before)
    // The attempt has failed when the next one is announced.
    await a.page.getByText(/Trying again in/).waitFor()
    expect(await focused()).toBe('Try now')
  }
  await a.field.click()
  await a.page.getByRole('button', { name: 'Try now' }).click()
  await a.page.getByText(/Trying again in/).waitFor()
  expect(await focused()).toBe('Try now')
  line.mend()
  await a.page.getByRole('button', { name: 'Try now' }).click()
  await a.offline.waitFor({ state: 'hidden' })
  await expect.poll(() => a.field.evaluate((field) => field === document.activeElement)).toBe(true)
})

test('a message that waits to be sent stands in the chat list, also after a reload', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const team = await w.group('Team', ann, bob, cal)
  await w.say(bob, { person: ann }, 'good morning')
  await w.say(bob, { group: team }, 'the plan')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await installed(a.page)
  await a.open(bob.name)
  await a.sees('good morning')
  await expect.poll(() => keptText(a)).toMatch(/good morning.*good morning/)
  line.cut()
  await a.offline.waitFor()
  await a.send('see you later')
  await a.open('Team')
  await a.send('on my way')
  const shown = async () => {
    await a.row(bob.name).getByLabel('Waiting to be sent').waitFor()
    await a.row(bob.name).getByText('see you later').waitFor()
    await a.row('Team').getByLabel('Waiting to be sent').waitFor()
    await a.row('Team').getByText('You: on my way').waitFor()
  }
  await shown()
  await a.page.reload()
  await shown()
  expect(await a.axe()).toEqual([])
  line.mend()
  for (const name of [bob.name, 'Team']) await a.row(name).getByLabel('Waiting to be sent').waitFor({ state: 'hidden' })
  await a.row(bob.name).getByText('see you later').waitFor()
  await a.row('Team').getByText('You: on my way').waitFor()
})
