import { readFileSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import axe from './axe'
import { launch, patience } from './browser'
import { copyWith } from './clipboard'
import { FreshServer } from './fresh'
import { Seat } from './seat'

const server = new FreshServer({ PARLEY_AUTH_FRESH_SIGN_IN: '24h' }) // the owner makes links for the own account
let browser: Browser
let owner = { id: '', token: '' }
const open: Page[] = []
const faults: string[] = []

beforeAll(async () => {
  ;[, browser] = await Promise.all([server.start(), launch()])
  owner = await setUp()
})
afterAll(async () => {
  await browser?.close()
  await server.close()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((page) => page.context().close()))
  expect(faults.splice(0)).toEqual([])
})

async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'], ...options })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  open.push(page)
  page.on('request', (r) => {
    if (r.method() === 'POST' && r.url().includes('/api/admin/') && !r.headers()['idempotency-key']) faults.push(`no idempotency key: ${r.url()}`)
  })
  return page
}

class Tab extends Seat {
  override readonly faults = faults
}

/** Sets the server up, and returns who did it. */
async function setUp(): Promise<typeof owner> {
  const page = await newPage()
  await page.goto(server.links[0] ?? '')
  await page.getByLabel('Name of your organization').fill('Example Works')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Your e-mail').fill('olga@example.test')
  await page.getByLabel('Password').fill('a long password')
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await page.getByRole('heading', { name: 'Invite people' }).waitFor()
  const kept = await page.evaluate(() => localStorage.getItem('parley.sessions') ?? '[]')
  const [session] = JSON.parse(kept) as { account: { id: string }; token: string }[]
  await page.context().close()
  open.splice(0)
  return { id: session!.account.id, token: session!.token }
}

/** Calls the administration API as the owner. */
async function admin<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${server.url}/api/admin${path}`, {
    method,
    headers: { Authorization: `Bearer ${owner.token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

const add = (name: string): Promise<{ accountId: string }> => admin('POST', '/people', { name, email: `${name.toLowerCase().replaceAll(' ', '.')}@example.test` })

/** Somebody in a browser of their own. */
async function sit(account: string, options: BrowserContextOptions = {}): Promise<Seat> {
  const { link } = await admin<{ link: string }>('POST', `/people/${account}/sign-in-links`)
  const seat = new Tab(await newPage(options), { id: account, name: '', email: '' })
  await seat.page.goto(server.url + link.slice(link.indexOf('/sign-in')))
  return seat.ready()
}

const people = Array.from({ length: 500 }, (_, i) => `Person ${String(i).padStart(3, '0')}`)
const csv = (extra = ''): Buffer =>
  Buffer.from(`name,email,title,department\n${people.map((name, i) => `${name},p${i}@example.test,Baker,Bread`).join('\n')}\n${extra}`)

async function chooseFile(page: Page, button: string, buffer: Buffer): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: button }).click()])
  await chooser.setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer })
}

/** The number beside a word of the outcome of an import. */
const figure = (page: Page, name: string) => page.getByRole('status').locator('dl > div').filter({ hasText: name }).locator('dd')

async function find(page: Page, name: string): Promise<void> {
  await page.getByRole('main').getByLabel('Search').fill(name)
  await page.getByRole('link', { name }).click()
  await page.getByRole('heading', { name, level: 2 }).waitFor()
}

test('an administrator imports people, gives roles, signs out, deactivates, and finds it all in the audit log', async () => {
  const { page } = await sit(owner.id)
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Administration' }).click()
  await page.getByRole('main').getByRole('link', { name: 'People', exact: true }).click()
  await page.getByRole('button', { name: 'Import people' }).click()

  const [template] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download a template' }).click()])
  expect(readFileSync(await template.path(), 'utf8')).toBe('\uFEFFname,email,id,title,department,phone,language,timezone,role,active\r\n')
  // A picture is refused in words.
  await chooseFile(page, 'Choose a file', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]))
  await page.getByText('The file is no text.').waitFor()

  // First a preview, which changes nothing.
  await chooseFile(page, 'Choose a file', csv('No Address,not an address,,\n'))
  await page.getByRole('heading', { name: 'What will happen' }).waitFor()
  expect(await figure(page, 'To be added').innerText()).toBe('500')
  expect(await figure(page, 'Refused').innerText()).toBe('1')
  await page.getByLabel('Show').selectOption('Refuse')
  await page.getByText('No Address').waitFor()
  expect((await admin<{ items: unknown[] }>('GET', '/people?query=Person%20001')).items).toEqual([])
  await page.getByRole('button', { name: 'Import 500 people' }).click()
  await page.getByRole('heading', { name: 'The import is done' }).waitFor()
  expect(await figure(page, 'Added').innerText()).toBe('500')
  await page.getByLabel('Show').selectOption('All lines')
  await page.getByRole('region', { name: 'Lines of the file' }).getByText('Added', { exact: true }).first().waitFor()
  await page.getByText('The import sends no mails.').waitFor()
  // All sign-in links come in one file.
  await page.getByRole('button', { name: 'Create 500 sign-in links' }).click()
  await page.getByText('500 links were created.').waitFor({ timeout: 120_000 })
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click()])
  expect(file.suggestedFilename()).toBe('sign-in-links.csv')
  const links = readFileSync(await file.path(), 'utf8')
  const lines = links.trimEnd().split('\r\n')
  expect(lines).toHaveLength(501)
  expect(await copyWith(page.getByRole('button', { name: 'Copy as CSV' }))).toBe(links.slice(1))
  const [name, , link7] = lines[8]!.split(',')
  const newcomer = new Tab(await newPage(), { id: '', name: name!, email: '' })
  await newcomer.page.goto(server.url + link7!.slice(link7!.indexOf('/sign-in')))
  await newcomer.ready()
  // The same file again has nothing to do.
  await chooseFile(page, 'Choose another file', csv())
  await page.getByText('There is nothing to import in this file.').waitFor()
  expect(await figure(page, 'Unchanged').innerText()).toBe('500')

  // The list is loaded as far as somebody scrolls.
  await page.getByRole('link', { name: 'All people' }).click()
  const list = page.getByRole('list', { name: 'People', exact: true })
  await list.getByText('Person 000').waitFor()
  await expect
    .poll(async () => {
      await list.evaluate((element) => element.parentElement?.scrollTo(0, element.scrollHeight))
      return list.getByText('Person 499').isVisible()
    }, { timeout: 60_000 })
    .toBe(true)

  await find(page, 'Person 017')
  await page.getByLabel('Role').selectOption('Administrator')
  await page.getByLabel('Title').fill('Head baker')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('paragraph').filter({ hasText: 'Administrator' }).waitFor()

  // Somebody is signed in with a link that the administrator hands over.
  await page.getByRole('link', { name: 'All people' }).click()
  await find(page, 'Person 018')
  await page.getByRole('button', { name: 'Sign-in link' }).click()
  await page.getByRole('button', { name: 'Create the link' }).click()
  const link = await copyWith(page.getByRole('button', { name: 'Copy' }))
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  const other = new Tab(await newPage(), { id: '', name: 'Person 018', email: '' })
  await other.page.goto(server.url + link.slice(link.indexOf('/sign-in')))
  await other.ready()

  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByText('Person 018 is signed out everywhere.').waitFor()
  await other.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
  await page.getByText('This person is not signed in anywhere.').waitFor()

  await page.getByRole('button', { name: 'Deactivate' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click()
  await page.getByText('Person 018 is deactivated.').waitFor()
  await page.getByRole('button', { name: 'Reactivate' }).waitFor()

  // The entries about one person, then all entries of the owner.
  await page.getByRole('link', { name: 'What was done to this person' }).click()
  const log = page.getByRole('list', { name: 'Audit log' })
  for (const entry of ['Account created', 'Sign-in link created', 'Signed out everywhere', 'Account deactivated'])
    await log.getByRole('article').filter({ hasText: entry }).filter({ hasText: 'Person 018' }).first().waitFor()
  await page.getByRole('button', { name: 'Done to anybody' }).click()
  await page.getByLabel('Kind').selectOption('Role changed')
  await log.getByRole('article').filter({ hasText: 'Person 017' }).filter({ hasText: 'Olga Owner' }).filter({ hasText: /from \S*Member\S* to \S*Administrator/ }).waitFor()

  for (const [format, ending] of [['CSV', 'csv'], ['JSON lines', 'jsonl']] as const) {
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: format }).click()])
    expect(download.suggestedFilename()).toBe(`audit.${ending}`)
    const text = readFileSync(await download.path(), 'utf8')
    expect(text).toContain('role.changed')
    expect(text).toContain('Person 017')
    expect(text).not.toContain('account.created')
  }
  await page.getByLabel('Kind').selectOption('Audit log exported')
  await expect.poll(() => log.getByRole('article').count()).toBe(2)
  // Some other day has nothing.
  await page.getByLabel('To', { exact: true }).fill('2020-01-01')
  await page.getByText('No entries found').waitFor()
})

test('an owner erases a person, whose name and messages disappear for others', async () => {
  const [wes, xan] = await Promise.all(['Wes Worker', 'Xan Friend'].map(add))
  const leaving = await sit(wes!.accountId)
  await leaving.startChat('Xan Friend')
  await leaving.send('my secret plan')
  await leaving.sees('my secret plan')
  const other = await sit(xan!.accountId)
  await other.open('Wes Worker')
  await other.sees('my secret plan')

  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/people/${wes!.accountId}`)
  await page.getByRole('button', { name: 'Erase this person' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Erase Wes Worker for ever?' })
  for (const text of ['The text and the files of every message of the person', 'Backups that were made before, until they are removed']) await dialog.getByText(text).waitFor()
  const name = dialog.getByLabel('Type the name Wes Worker to confirm')
  await name.fill('Wes')
  await name.press('Enter')
  await dialog.getByText('This is not the name of the person.').waitFor()
  expect(await axe(page)).toEqual([])
  await name.fill('Wes Worker')
  await dialog.getByRole('button', { name: 'Erase for ever' }).click()
  await page.getByRole('heading', { name: 'Deleted person', level: 2 }).waitFor()
  await page.getByText(/^Complete: .*1 message was erased\.$/).waitFor()
  expect(await axe(page)).toEqual([])
  for (const button of ['Reactivate', 'Save', 'Erase this person']) expect(await page.getByRole('button', { name: button }).count()).toBe(0)

  await leaving.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
  await other.title('Deleted person').waitFor()
  await other.message('my secret plan').waitFor({ state: 'hidden' })
  expect(await other.page.getByText('Wes Worker').evaluateAll((all) => all.map((e) => e.outerHTML.slice(0, 300)))).toEqual([])

  await page.getByRole('link', { name: 'What was done to this person' }).click()
  await page.getByRole('list', { name: 'Audit log' }).getByRole('article').filter({ hasText: 'Person erased' }).filter({ hasText: 'Olga Owner' }).waitFor()
  expect(await page.getByText('Wes Worker').count()).toBe(0)
})

test('an administrator hands a group over, changes its members, and dissolves it', async () => {
  const [gil, , ivo] = await Promise.all(['Gil Groups', 'Hana Heir', 'Ivo Inside'].map(add))
  const creator = await sit(gil!.accountId)
  const token = await creator.page.evaluate(() => (JSON.parse(localStorage.getItem('parley.sessions') ?? '[]') as { token: string }[])[0]!.token)
  const made = await fetch(`${server.url}/api/groups`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Harvest', members: [ivo!.accountId] }),
  })
  expect(made.status).toBe(201)
  await admin('PATCH', `/people/${gil!.accountId}`, { active: false })

  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin`)
  await page.getByText('The creator of 1 group is deactivated.').waitFor()
  await page.getByRole('listitem').filter({ hasText: 'The creator of 1 group' }).getByRole('link', { name: 'Show' }).click()
  await page.getByRole('link', { name: 'Harvest' }).click()
  await page.getByRole('heading', { name: 'Harvest', level: 2 }).waitFor()

  // With the keyboard alone.
  await page.getByRole('button', { name: 'Hand over' }).press('Enter')
  const chooser = page.getByRole('dialog', { name: 'Hand over Harvest' })
  await chooser.getByRole('combobox').fill('Hana')
  await chooser.getByRole('option', { name: 'Hana Heir' }).waitFor()
  await chooser.getByRole('combobox').press('Enter')
  await chooser.getByRole('button', { name: 'Remove Hana Heir' }).waitFor()
  await chooser.getByRole('button', { name: 'Hand over' }).press('Enter')
  await page.getByText('Hana Heir is the creator now.').waitFor()
  const member = (name: string) => page.getByRole('listitem').filter({ hasText: name })
  await member('Hana Heir').getByText('Creator').waitFor()

  await page.getByRole('button', { name: 'Remove Ivo Inside' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await member('Ivo Inside').waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Dissolve group' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Dissolve group' }).click()
  await page.getByText('Dissolved').first().waitFor()
  expect(await page.getByRole('button', { name: 'Hand over' }).count()).toBe(0)
  await page.goto(`${server.url}/admin/audit?kind=group.`)
  const log = page.getByRole('list', { name: 'Audit log' })
  for (const entry of ['Group handed over', 'Member removed from a group', 'Group dissolved'])
    await log.getByRole('article').filter({ hasText: entry }).filter({ hasText: 'Olga Owner' }).waitFor()
})

test('an owner registers a system, rotates its secret with an overlap, and disables it', async () => {
  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/applications`)
  await page.getByRole('button', { name: 'Register an application' }).press('Enter')
  const adding = page.getByRole('dialog', { name: 'Register an application' })
  await adding.getByLabel('Name', { exact: true }).fill('Payroll')
  await adding.getByLabel('Kind').selectOption('Host system')
  await adding.getByRole('button', { name: 'Register an application' }).click()
  await adding.getByText('Choose at least one permission.').waitFor()
  await adding.getByRole('checkbox', { name: /^read/ }).press('Space')
  await adding.getByLabel('Name', { exact: true }).press('Enter')
  const secret = async (title: string): Promise<string> => {
    const shown = page.getByRole('dialog', { name: title })
    const text = await copyWith(shown.getByRole('button', { name: 'Copy' }))
    await shown.getByRole('button', { name: 'Close' }).click()
    await shown.waitFor({ state: 'hidden' })
    return text
  }
  const first = await secret('Secret of Payroll')
  await page.getByRole('heading', { name: 'Payroll', level: 2 }).waitFor()
  const { items } = await admin<{ items: { id: string; key: string; name: string }[] }>('GET', '/applications')
  const { id, key } = items.find((a) => a.name === 'Payroll')!
  const call = async (with_: string): Promise<number> =>
    (await fetch(`${server.url}/v1/application`, { headers: { Authorization: `Basic ${btoa(`${key}:${with_}`)}` } })).status
  expect(await call(first)).toBe(200)

  await page.getByRole('button', { name: 'Rotate the secret' }).click()
  await page.getByRole('dialog').getByLabel('The previous one stays valid').selectOption('For an hour')
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate the secret' }).click()
  const second = await secret('New secret')
  expect(second).not.toBe(first)
  const secrets = page.getByRole('list', { name: 'Secret', exact: true })
  await secrets.getByText('Valid until').waitFor()
  expect(await secrets.getByRole('listitem').count()).toBe(2)
  expect([await call(first), await call(second)]).toEqual([200, 200])

  await page.getByRole('checkbox', { name: /^groups/ }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click()
  await page.getByText('Payroll is disabled.').waitFor()
  expect(await call(second)).toBe(401)
  await page.getByRole('region', { name: 'Payroll' }).getByRole('button', { name: 'Enable' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Enable' }).click()
  await page.getByText('Payroll is enabled.').waitFor()
  expect(await call(second)).toBe(200)

  // The application of the web client cannot be disabled, so there is no button for it.
  await page.goto(`${server.url}/admin/applications`)
  await page.getByRole('link', { name: 'parley web' }).click()
  await page.getByText('The web client uses this application.').waitFor()
  expect(await page.getByRole('button', { name: 'Disable' }).count()).toBe(0)

  // An administrator cannot change a host system.
  const { accountId } = await add('Adam Administrator')
  await admin('PATCH', `/people/${accountId}`, { role: 'administrator' })
  const adam = await sit(accountId)
  await adam.page.goto(`${server.url}/admin/applications/${id}`)
  await adam.page.getByText('Only owners change it.').first().waitFor()
  for (const name of ['Save', 'Rotate the secret', 'Disable']) expect(await adam.page.getByRole('button', { name }).count()).toBe(0)
})

test('an administrator finds sessions, and ends one, or all of a person', async () => {
  const [sara, theo] = await Promise.all(['Sara Sessions', 'Theo Twice'].map(add))
  const [first, second] = [await sit(theo!.accountId), await sit(theo!.accountId)]
  const other = await sit(sara!.accountId)
  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/sessions`)
  const list = page.getByRole('list', { name: 'Sessions' })
  await list.getByText('This device').waitFor()
  await page.getByLabel('Device').fill('no such device')
  await page.getByText('No sessions found').waitFor()
  await page.getByLabel('Device').fill('CHROM')
  await list.getByText('Sara Sessions').waitFor()
  await page.getByLabel('Last used').selectOption('Not for 90 days')
  await page.getByText('No sessions found').waitFor()
  await page.getByLabel('Last used').selectOption('Any')
  await page.getByLabel('Application').selectOption('parley web')
  await list.getByRole('button', { name: /^Sign out: Sara Sessions/ }).press('Enter')
  await other.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
  await list.getByText('Sara Sessions').waitFor({ state: 'hidden' })

  await page.getByRole('button', { name: 'Of a person' }).click()
  const chooser = page.getByRole('dialog')
  await chooser.getByRole('combobox').fill('Theo')
  await chooser.getByRole('option', { name: 'Theo Twice' }).click()
  await chooser.getByRole('button', { name: 'Filter' }).click()
  await expect.poll(() => list.getByRole('listitem').count()).toBe(2)
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByText('No sessions found').waitFor()
  await Promise.all([first, second].map((seat) => seat.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()))
  await page.getByRole('button', { name: 'Of anybody' }).click()
  await list.getByText('This device').waitFor()
})

test('the overview has the figures of the days', async () => {
  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/overview`)
  await page.getByRole('img', { name: /^Messages a day/ }).locator('canvas').waitFor()
  await page.getByText('There is only one owner.').waitFor()
  expect(await page.getByRole('table', { name: 'Uploads a day' }).getByRole('row').count()).toBe(31)
  await page.getByText('Stored files', { exact: true }).waitFor()
})

test('the overview of several nodes has the figures of each and their sum', async () => {
  const { page } = await sit(owner.id)
  // One server has no list of nodes; this is the answer of three, one of which is older and gives no figures.
  await page.route('**/api/admin/overview*', async (route) => {
    const answer = await route.fetch()
    const node = { version: '2.0.0', since: 1_767_225_600_000, answers: false }
    const perNode = [
      { ...node, id: 'a', address: 'node1.example.test:8081', connections: 1200, online: 700, waiting: 1 },
      { ...node, id: 'b', address: 'node2.example.test:8081', connections: 34, online: 30, waiting: 0, answers: true },
      { ...node, id: 'c', version: '1.9.0' },
    ]
    const attention = [{ kind: 'versions', target: '1.9.0, 2.0.0' }, { kind: 'mail', count: 2 }]
    await route.fulfill({ response: answer, json: { ...(await answer.json()), nodes: 3, perNode, connections: 1234, online: 730, waiting: 1, attention } })
  })
  await page.goto(`${server.url}/admin/overview`)
  const nodes = page.getByRole('list', { name: 'Nodes' }).getByRole('listitem')
  await nodes.last().waitFor()
  expect((await nodes.allInnerTexts()).map((text) => text.split('\n').filter(Boolean).slice(0, 3))).toMatchObject([
    ['node1.example.test:8081', 'Connections: 1,200 · Online: 700 · Waiting writes: 1', expect.stringContaining('Version 2.0.0 · since ')],
    ['node2.example.test:8081', 'Answers you', 'Connections: 34 · Online: 30 · Waiting writes: 0'],
    ['c', 'No figures yet', expect.stringContaining('Version 1.9.0')],
    ['All 3 nodes', 'Connections: 1,234 · Online: 730 · Waiting writes: 1'],
  ])
  await page.getByText('Online now, at most').waitFor()
  await page.getByText('The nodes run different versions: 1.9.0, 2.0.0.').waitFor()
  await page.getByText('2 e-mails have waited for more than 15 minutes.').waitFor()
})

test('a member has no entry, and finds no page', async () => {
  const { accountId } = await add('Mia Member')
  const mia = await sit(accountId)
  const asked: string[] = []
  mia.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await mia.page.getByRole('button', { name: /^Account of/ }).click()
  await mia.page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
  expect(await mia.page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0)
  await mia.page.keyboard.press('Escape')
  for (const path of ['/admin', '/admin/people', '/admin/audit', '/admin/nothing']) {
    await mia.go('/settings')
    await mia.go(path)
    await mia.page.getByText('Page not found').waitFor()
  }
  expect(asked.filter((path) => path.includes('admin') || /Admin\w+-/.test(path))).toEqual([])
})

test('a guest sees only the groups and the people of the invitation', async () => {
  const [host, colleague] = await Promise.all(['Greta Group', 'Carl Colleague'].map(add))
  const { page } = await sit(host!.accountId)
  const token = await page.evaluate(() => (JSON.parse(localStorage.getItem('parley.sessions') ?? '[]') as { token: string }[])[0]!.token)
  const call = async <T>(as: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> => {
    const answer = await fetch(`${server.url}/api${path}`, {
      method,
      headers: { Authorization: `Bearer ${as}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: (text ? JSON.parse(text) : undefined) as T }
  }
  const made = await Promise.all(['Open house', 'Back room'].map((name) => call<{ id: string }>(token, 'POST', '/groups', { name, members: [] })))
  expect(made.map((m) => m.status)).toEqual([201, 201])
  const invitation = await call<{ link: string }>(owner.token, 'POST', '/invitations', { role: 'guest', groups: [made[0]!.body.id], maxUses: 1 })

  const guest = await newPage()
  await guest.goto(server.url + invitation.body.link.slice(invitation.body.link.indexOf('/invite')))
  await guest.getByText('You are invited as a guest').waitFor()
  await guest.getByLabel('Your name').fill('Gus Guest')
  await guest.getByLabel('Your e-mail').fill('gus@example.test')
  await guest.getByLabel('Choose a password').fill('a long password')
  await guest.getByRole('button', { name: 'Create the account' }).click()
  const seat = await new Tab(guest, { id: '', name: 'Gus Guest', email: '' }).ready()
  await guest.getByRole('option', { name: 'Open house' }).or(guest.getByRole('link', { name: 'Open house' })).first().waitFor()

  // The directory has the person who invited, and nobody else; a search finds no colleague and no other group.
  await seat.go('/people')
  await guest.getByText('Olga Owner').first().waitFor()
  expect(await guest.getByText('Carl Colleague').count()).toBe(0)
  const own = await guest.evaluate(() => (JSON.parse(localStorage.getItem('parley.sessions') ?? '[]') as { token: string }[])[0]!.token)
  expect((await call<{ items: unknown[] }>(own, 'GET', '/people?query=Carl')).body.items).toEqual([])
  expect((await call<{ items: { name: string }[] }>(own, 'GET', '/people?limit=100')).body.items.map((p) => p.name)).toEqual(['Olga Owner'])
  expect((await call<{ items: { name: string }[] }>(own, 'GET', '/groups?limit=100')).body.items.map((g) => g.name)).toEqual(['Open house'])
  expect((await call(own, 'GET', `/people/${colleague!.accountId}`)).status).toBe(404)
  expect((await call(own, 'GET', `/groups/${made[1]!.body.id}`)).status).toBe(403)
  expect((await call(own, 'GET', '/admin')).status).toBe(403)
  await seat.go('/admin')
  await guest.getByText('Page not found').waitFor()
})

test('what the server refuses, and what does not arrive, is said', async () => {
  const { accountId } = await add('Rita Refused')
  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/people/${owner.id}`)
  await page.getByRole('heading', { name: 'Olga Owner', level: 2 }).waitFor()
  // Nobody shuts themselves out.
  expect(await page.getByRole('button', { name: 'Deactivate' }).count()).toBe(0)
  // The own password has its place in the settings, with a proof.
  await page.getByRole('link', { name: 'You change your own password' }).waitFor()
  expect(await page.getByRole('button', { name: 'Set a password' }).count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Sign-in link' }).count()).toBe(0)
  await page.goto(`${server.url}/admin/people/${accountId}`)
  await page.getByRole('textbox', { name: 'E-mail' }).fill('not an address')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').waitFor()
  await page.goto(`${server.url}/admin/people/nobody`)
  await page.getByText('There is nobody with this account.').waitFor()

  await page.route('**/api/admin/people*', (route) => route.fulfill({ status: 500, json: { error: 'internal error' } }))
  await page.goto(`${server.url}/admin/people`)
  await page.getByText('The server could not do this. Try again.').waitFor()
  await page.unroute('**/api/admin/people*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Olga Owner').first().waitFor()
  await page.getByRole('main').getByLabel('Search').fill('nobody has this name')
  await page.getByText('Nobody found').waitFor()
})

// The dialogs and forms said in English why the server refuses something.
test('refusals are in the language of the page', async () => {
  // This owner has no way to sign in again, so the other one must stay.
  const { accountId } = await admin<{ accountId: string }>('POST', '/people', { name: 'Linda Link', role: 'owner' })
  const guest = await admin<{ accountId: string }>('POST', '/people', { name: 'Gitta Guest', role: 'guest' })
  const made = await fetch(`${server.url}/api/groups`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${owner.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Garden', members: [] }),
  })
  const { id: groupId } = (await made.json()) as { id: string }
  const { page } = await sit(accountId, { locale: 'zh-CN' })
  await page.goto(`${server.url}/admin/people/${owner.id}`)
  await page.getByRole('button', { name: '停用账号' }).click()
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: '停用账号' }).click()
  await dialog.getByRole('alert').filter({ hasText: '更改后将没有所有者可以登录。' }).waitFor()
  await dialog.getByRole('button', { name: '取消' }).click()
  await dialog.waitFor({ state: 'hidden' })

  const main = page.getByRole('main')
  await main.getByLabel('邮箱', { exact: true }).fill('no address')
  await main.getByRole('button', { name: '保存' }).click()
  await main.getByText('邮箱：该值无效。').waitFor()

  await page.goto(`${server.url}/admin/people/${guest.accountId}`)
  await page.getByRole('button', { name: '设置密码' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('新密码').fill('a long password')
  await form.getByRole('button', { name: '设置密码' }).click()
  await form.getByText('此人没有可用于登录的邮箱。').waitFor()

  await page.goto(`${server.url}/admin/groups/${groupId}`)
  await page.getByRole('button', { name: '转交' }).click()
  await form.getByRole('combobox', { name: '人员' }).fill('Gitta')
  await form.getByRole('option', { name: /Gitta Guest/ }).click()
  await form.getByRole('button', { name: '转交' }).click()
  await form.getByText('访客不能担任群主。').waitFor()

  await page.goto(`${server.url}/admin/import`)
  await chooseFile(page, '选择文件', Buffer.from('name,shoe\nAnn,39\n'))
  await page.getByText('无法识别的列：“shoe”。').waitFor()
  await admin('PATCH', `/people/${accountId}`, { role: 'member' })
})

// The preview was made for 500 lines at a time, so a line did not see what the lines long before it would do.
test('the preview of a long file says what the import does', async () => {
  const { accountId } = await admin<{ accountId: string }>('POST', '/people', { name: 'Moved Demo', email: 'moved@example.test' })
  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/import`)
  const between = Array.from({ length: 600 }, (_, i) => `,Between ${i},between${i}@example.test`)
  const lines = ['id,name,email', `${accountId},,moved.new@example.test`, ...between, ',Next Demo,moved@example.test', ',Moved Again,moved.new@example.test']
  await chooseFile(page, 'Choose a file', Buffer.from(`${lines.join('\n')}\n`))
  await page.getByRole('button', { name: 'Import 602 people' }).waitFor()
  const counts = async (...words: string[]) => Promise.all(words.map((word) => figure(page, word).innerText()))
  expect(await counts('To be added', 'To be changed', 'Refused')).toEqual(['601', '1', '1'])
  await page.getByRole('button', { name: 'Import 602 people' }).click()
  await page.getByRole('heading', { name: 'The import is done' }).waitFor()
  expect(await counts('Added', 'Refused')).toEqual(['601', '1'])
  expect((await admin<{ items: { name: string }[] }>('GET', '/people?query=moved@example.test')).items.map((p) => p.name)).toEqual(['Next Demo'])
})

test('an import that was interrupted is repeated, and the list of thousands of people stays small', async () => {
  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/import`)
  const names = Array.from({ length: 3000 }, (_, i) => `Worker ${String(i).padStart(4, '0')}`)
  // The last line repeats a person of another piece.
  const file = Buffer.from(
    `name,email\n${names.map((name, i) => `${name},worker${i}@example.test`).join('\n')}\n张三,zhang@example.test\nWorker Again,WORKER7@example.test\n`,
  )
  await chooseFile(page, 'Choose a file', file)
  await page.getByRole('button', { name: 'Import 3001 people' }).waitFor()
  // The third piece does not arrive.
  let pieces = 0
  await page.route('**/api/admin/people/import', (route) => (++pieces === 3 ? route.abort() : route.continue()))
  await page.getByRole('button', { name: 'Import 3001 people' }).click()
  await page.getByRole('alert').waitFor()
  await page.unroute('**/api/admin/people/import')
  await chooseFile(page, 'Choose another file', file)
  await page.getByRole('button', { name: 'Import 2001 people' }).click()
  await page.getByRole('heading', { name: 'The import is done' }).waitFor()
  expect(await figure(page, 'Added').innerText()).toBe('2001')
  expect(await figure(page, 'Unchanged').innerText()).toBe('1000')
  expect(await figure(page, 'Refused').innerText()).toBe('1')

  await page.getByRole('link', { name: 'All people' }).click()
  const list = page.getByRole('list', { name: 'People', exact: true })
  const rows = list.getByRole('listitem')
  const search = page.getByRole('main').getByLabel('Search')
  const found = async (query: string, wanted: string[]): Promise<void> => {
    await search.fill(query)
    await expect.poll(async () => (await rows.getByRole('link').allInnerTexts()).map((text) => text.split('\n').find((line) => /^(Worker|张)/.test(line))), { timeout: 60_000 }).toEqual(wanted)
  }
  await search.pressSequentially('worker 2999')
  await found('worker 2999', ['Worker 2999'])
  await found('zhangsan', ['张三'])
  await found('worker 123', names.filter((name) => name.includes('123')))
  // The last of them is drawn when it is reached, and never more than some of them.
  await search.fill('worker')
  await rows.filter({ hasText: 'Worker 0000' }).waitFor()
  let most = 0
  await expect
    .poll(async () => {
      await list.evaluate((element) => element.parentElement?.scrollTo(0, element.scrollHeight))
      most = Math.max(most, await rows.count())
      return list.getByText('Worker 2999').isVisible()
    }, { timeout: 180_000 })
    .toBe(true)
  expect(most).toBeLessThan(60)
})
