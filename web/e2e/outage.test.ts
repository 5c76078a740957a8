// The client while the server cannot be reached, and after it is back.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { png } from './picture'
import { Seat } from './seat'
import { world } from './world'

const w = world()

/** Waits until the page can be opened without the server. */
const installed = async (page: Page): Promise<void> => {
  await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state)).toBe('activated')
}

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

/** Ann, to whom Bob has said good morning, behind a line that can be cut. */
async function greeted(options: BrowserContextOptions = {}) {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'good morning')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, options, at)
  if (options.serviceWorkers !== 'block') await installed(a.page)
  await a.row(bob.name).waitFor()
  return { ann, bob, line, at, a }
}

/** Opens the chat in which somebody said good morning, and waits until the browser keeps list and messages. */
async function openKept(seat: Seat, name: string): Promise<void> {
  await seat.open(name)
  await seat.sees('good morning')
  await expect.poll(() => keptText(seat)).toMatch(/good morning.*good morning/)
}

/** From here on nothing that waits for longer than a moment comes about in the page. */
function holdTimers(): void {
  const { setTimeout } = window
  window.setTimeout = ((call: () => void, wait = 0) => (wait > 600 ? 0 : setTimeout(call, wait))) as typeof window.setTimeout
}

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

const initialsOf = (where: Locator): Promise<(string | null)[]> =>
  where.locator('[data-faces] [data-initials]').evaluateAll((all) => all.map((one) => one.getAttribute('data-initials')).toSorted())

test('the faces and the size of a group are shown without a connection', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const team = await w.group('Team', ann, bob, cal)
  await w.say(bob, { group: team }, 'the plan')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await installed(a.page)
  const header = a.page.getByRole('main').locator('header').first()
  const shown = async () => {
    await header.getByText('3 members').waitFor()
    for (const where of [a.row('Team'), header]) await expect.poll(() => initialsOf(where)).toEqual(['A', 'B', 'C'])
  }
  await a.open('Team')
  await a.sees('the plan')
  await shown()
  await expect.poll(() => keptText(a)).toMatch(/"members":3.*"faces"|"faces".*"members":3/)
  line.cut()
  await a.page.reload()
  await a.offline.waitFor()
  await shown()

  // Somebody who is in the group no longer sees nothing of who is in it.
  line.mend()
  await a.offline.waitFor({ state: 'hidden' })
  await w.server.host('POST', `/v1/groups/${team}/members/${ann.id}/leave`)
  await header.getByText('3 members').waitFor({ state: 'hidden' })
  await expect.poll(() => keptText(a)).not.toContain('"faces"')
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
  // Pages that load their own data as well.
  await a.details.getByText(cal.name).waitFor()
  await a.page.locator(`[data-chat="2:${team}"] [data-faces]`).waitFor()
  await later.open('Team')
  await later.sees('written in the outage')
})

test('the last visit is shown while a slow server has not answered', async () => {
  const { ann, bob, a } = await greeted()
  await openKept(a, bob.name)
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

/** Opens the menu of the account, and asks to sign out. */
async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
}

test('signing out removes what is kept', async () => {
  const { bob, a } = await greeted()
  await openKept(a, bob.name)
  await signOut(a.page)
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
  await openKept(a, bob.name)
  const tab = new Seat(await a.context.newPage(), ann)
  await tab.page.goto(at)
  await tab.ready()
  line.cut()
  await a.offline.waitFor()
  await a.send('written in the outage')
  await a.message('written in the outage').getByLabel('Waiting to be sent').waitFor()
  expect(await storedText(a.page)).toMatch(/a draft.*written in the outage|written in the outage.*a draft/)

  const ask = async () => {
    await signOut(a.page)
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
  const { bob, line, a } = await greeted()
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
  await openKept(a, bob.name)
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

test('pages without an answer say so at once, leave the button to the banner, and load by themselves', async () => {
  const { bob, line, a } = await greeted()
  line.cut()
  await a.page.reload()
  await a.offline.waitFor()
  const main = a.page.getByRole('main')
  const notice = main.getByText('This cannot be loaded at the moment.').filter({ visible: true }).first()
  const buttons = a.page.getByRole('button', { name: /^(Try now|Try again)$/ })
  const calm = async () => {
    await notice.waitFor()
    expect(await buttons.count()).toBe(1)
  }
  const tab = (name: string) => a.page.getByRole('tab', { name }).click()
  await a.go('/people')
  await calm()
  // Also after every attempt to load it has failed.
  await a.page.waitForEvent('requestfailed', (request) => request.url().includes('/api/config'))
  await calm()
  for (const name of ['Friends', 'Groups', 'Requests']) {
    await tab(name)
    await calm()
  }
  await a.go(`/people/${bob.id}`)
  await calm()
  await a.go('/settings/sessions')
  await calm()
  await a.go('/search?q=morning')
  await calm()
  await a.go('/inbox/system')
  await calm()
  expect(await a.axe()).toEqual([])
  line.mend()
  await buttons.click()
  await main.getByText('No notifications').waitFor()

  // With a connection, an error has its button.
  await a.page.route(/\/api\/people/, (route) => route.fulfill({ status: 500, json: { error: 'internal error' } }))
  await a.go('/people')
  await main.getByRole('button', { name: 'Try again' }).waitFor()
  await a.page.unroute(/\/api\/people/)
  await main.getByRole('button', { name: 'Try again' }).click()
  await main.getByText(bob.name).waitFor()
})

test('the page of people that was opened without a connection fills itself', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await expect.poll(() => a.page.getByRole('button', { name: /, connected$/ }).count()).toBe(1)
  await installed(a.page)
  line.cut()
  await a.offline.waitFor()
  await a.go('/people')
  const main = a.page.getByRole('main')
  await main.getByText('This cannot be loaded at the moment.').waitFor()
  line.mend()
  await main.getByText(bob.name).waitFor()
  await main.getByText('This cannot be loaded at the moment.').waitFor({ state: 'hidden' })
})

// A picture sent from this browser was shown from the chosen file, so that the browser's cache does not have it.
test('an own picture has a calm placeholder after a reload without a connection, and is shown later', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await installed(a.page)
  await a.startChat(bob.name)
  await a.page.locator('main input[type=file]').first().setInputFiles({ name: 'blue.png', mimeType: 'image/png', buffer: png(320, 200) })
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()
  await expect.poll(() => keptText(a)).toContain('blue.png')
  line.cut()
  await a.page.reload()
  await a.offline.waitFor()
  const picture = a.page.locator('[data-message]').last()
  await picture.getByRole('img', { name: 'blue.png' }).waitFor()
  expect(await picture.locator('img').count()).toBe(0)
  expect(await a.page.getByText('The image could not be loaded').count()).toBe(0)
  expect(await a.axe()).toEqual([])
  line.mend()
  await expect.poll(() => picture.getByRole('button', { name: 'Open image blue.png' }).locator('img').evaluateAll((all) => all.map((i) => (i as HTMLImageElement).naturalWidth))).toEqual([320])
})

test('a picture that cannot be loaded says so, and is loaded by a click', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  let refuses = true
  await b.page.route(/\/files\//, (route) => (refuses ? route.fulfill({ status: 503 }) : route.continue()))
  await a.startChat(bob.name)
  await a.page.locator('main input[type=file]').first().setInputFiles({ name: 'blue.png', mimeType: 'image/png', buffer: png(320, 200) })
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()
  await b.open(ann.name)
  const failed = b.page.getByRole('button', { name: 'The image could not be loaded' })
  await failed.waitFor()
  refuses = false
  await failed.click()
  const picture = b.page.getByRole('button', { name: 'Open image blue.png' }).locator('img')
  await expect.poll(() => picture.evaluateAll((all) => all.map((i) => (i as HTMLImageElement).naturalWidth))).toEqual([320])
})

test('the sign-in page notices by itself that the server is back', async () => {
  const [ann] = await w.people('Ann Adler')
  const { line, at } = await w.relay()
  const page = await w.page()
  await page.goto(at)
  const ways = page.getByRole('region', { name: 'Ways to sign in' })
  await ways.waitFor()
  await installed(page)
  line.cut()
  await page.reload()
  await page.getByText('The server does not answer.').waitFor()
  expect(await ways.isVisible()).toBe(false)
  line.mend()
  await ways.waitFor()
  await page.getByText('The server does not answer.').waitFor({ state: 'hidden' })

  // A link that was followed meanwhile is used when the server is back; reloading the page would have lost its code.
  const link = await w.link(ann, at)
  line.cut()
  await page.goto(link)
  await page.getByText('No connection to the server.').waitFor()
  line.mend()
  await page.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
  await page.context().close()
})

// It took two seconds: the patience for a connection that was lost was also had with one that never was.
test('a page that is opened without a connection says so without waiting', async () => {
  const { line, a } = await greeted()
  line.cut()
  await a.page.addInitScript(holdTimers)
  await a.page.reload()
  await a.page.getByRole('status').filter({ hasText: 'No connection' }).getByRole('button', { name: 'Try now' }).waitFor()
})

test('a message that was refused stands in the chat list with a mark, also after a reload, until it is sent', async () => {
  const [ann, bob] = await w.strangers('Ann Adler', 'Bob Berg')
  const organization = randomUUID()
  const members = `/v1/organizations/${organization}/members`
  await w.server.host('POST', '/v1/organizations', { id: organization, name: 'Test organization' })
  await w.server.host('POST', members, { accounts: [ann.id, bob.id] })
  await w.say(bob, { person: ann }, 'the plan')
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  await a.open(bob.name)
  await a.sees('the plan')
  line.cut()
  await a.offline.waitFor()
  await a.send('on my way')
  await a.message('on my way').getByLabel('Waiting to be sent').waitFor()
  await w.server.host('DELETE', `${members}/${bob.id}`)
  line.mend()
  const mark = a.row(bob.name).getByRole('img', { name: /^Not sent: / })
  await mark.waitFor()
  await a.row(bob.name).getByText('on my way').waitFor()
  await a.go('/')
  await a.page.reload()
  await mark.waitFor()
  await a.row(bob.name).getByText('on my way').waitFor()
  expect(await a.axe()).toEqual([])
  // The newer message is shown, and the mark stays.
  await w.server.host('POST', members, { accounts: [bob.id] })
  await w.say(bob, { person: ann }, 'wait for me')
  await a.row(bob.name).getByText('wait for me').waitFor()
  await mark.waitFor()
  await a.open(bob.name)
  await a.message('on my way').getByRole('button', { name: 'Send again' }).click()
  await mark.waitFor({ state: 'hidden' })
  await a.row(bob.name).getByText('on my way').waitFor()
})

/** How many other sessions the account of the tab has. */
async function otherSessions({ page }: Seat): Promise<number> {
  await page.goto(new URL('/settings/sessions', page.url()).href)
  await page.getByText('This device').waitFor()
  return page.getByRole('button', { name: /^Sign out: / }).count()
}

test('a session that could not be ended is ended by the next sign-in', async () => {
  const [ann] = await w.people('Ann Adler')
  const { line, at } = await w.relay()
  const [a, elsewhere] = [await w.seat(ann, {}, at), await w.seat(ann)]
  await installed(a.page)
  line.cut()
  await a.offline.waitFor()
  await signOut(a.page)
  await a.page.evaluate(holdTimers)
  await a.confirm('Sign out')
  await a.page.getByText('You are signed out.').waitFor()
  line.mend()
  expect(await otherSessions(elsewhere)).toBe(1)
  await a.page.getByLabel('Sign-in code').fill(await w.link(ann, at))
  await a.page.getByRole('button', { name: 'Sign in with the code' }).click()
  await a.ready()
  expect(await otherSessions(elsewhere)).toBe(1)
  await a.page.getByRole('button', { name: /, connected$/ }).waitFor()
})

// Without a service worker nothing more of the client can be loaded.
test('signing out without a connection and without a service worker asks as well, and leaving the page ends the session', async () => {
  const { ann, bob, line, at, a } = await greeted({ serviceWorkers: 'block' })
  const elsewhere = await w.seat(ann)
  await a.open(bob.name)
  await a.sees('good morning')
  await a.page.getByRole('button', { name: /^Account of/ }).click()
  await a.page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
  await a.page.keyboard.press('Escape')
  line.cut()
  await a.offline.waitFor()
  const asked: string[] = []
  let answer = false
  a.page.on('dialog', (dialog) => {
    asked.push(dialog.message())
    void (answer ? dialog.accept() : dialog.dismiss())
  })
  await signOut(a.page)
  await expect.poll(() => asked).toEqual([expect.stringMatching(/^Sign out on this device\?\n\n/)])
  await a.sees('good morning')
  answer = true
  await a.page.evaluate(holdTimers)
  await signOut(a.page)
  await a.page.getByText('You are signed out.').waitFor()
  await expect.poll(() => keptText(a)).not.toMatch(/good morning|Bob/)
  expect(await storedText(a.page)).not.toContain('"token')
  line.mend()
  expect(await otherSessions(elsewhere)).toBe(1)
  await a.page.goto(at)
  await expect.poll(() => otherSessions(elsewhere)).toBe(0)
})

/** Opens something after an outage. A request on a connection from before may fail once more. */
const opens = async (shown: Locator, open: () => Promise<void>) => {
  const isOpen = async () => {
    if (!(await shown.isVisible())) await open()
    return shown.isVisible()
  }
  await expect.poll(isOpen, { interval: 2_000 }).toBe(true)
}

// In a browser without a service worker, for example over plain HTTP, a hint that could not be loaded left an empty page. A
// menu or a window that could not be loaded removed the conversation.
test('what cannot be loaded without a connection takes nothing from the page, and is there later', async () => {
  const { bob, line, a } = await greeted({ serviceWorkers: 'block' })
  await a.open(bob.name)
  await a.sees('good morning')
  line.cut()
  await a.offline.waitFor()
  const missed = a.page.getByText('No connection to the server. Try again.')
  const told = async () => {
    await missed.first().waitFor()
    await a.sees('good morning')
  }
  let isHintMissed = false
  a.page.on('requestfailed', (request) => (isHintMissed ||= request.url().includes('TooltipPopup')))
  // Again if the button moves away from the mouse, as when the banner appears.
  const hovers = async () => {
    if (isHintMissed) return true
    await a.page.mouse.move(0, 0)
    await a.page.getByRole('main').getByRole('button', { name: 'Details', exact: true }).hover()
    return isHintMissed
  }
  await expect.poll(hovers, { interval: 2_000 }).toBe(true)
  await a.sees('good morning')
  await a.message('good morning').click({ button: 'right' })
  await told()
  await a.page.keyboard.press('Control+k')
  await told()
  line.mend()
  await a.offline.waitFor({ state: 'hidden' })
  await opens(a.page.getByRole('menuitem', { name: /^Reply/ }), () => a.message('good morning').click({ button: 'right', timeout: 5_000 }).catch(() => {}))
  await a.page.keyboard.press('Escape')
  await opens(a.dialog('Go to'), () => a.page.keyboard.press('Control+k'))
})
