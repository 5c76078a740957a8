import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import axe from './axe'
import { launch, patience } from './browser'
import { FreshServer } from './fresh'
import { Seat } from './seat'

// The pages of the administration, the settings, the set-up and the invitation, in each language, light and dark, on a phone
// and on a desk. The size and the colours change on the page that is open, so that nobody signs in again.

const backups = mkdtempSync(join(tmpdir(), 'parley-e2e-backups-'))
const server = new FreshServer({ PARLEY_AUTH_FRESH_SIGN_IN: '24h', PARLEY_BACKUP_FOLDER: backups }) // the owner makes links for the own account
let browser: Browser
const faults: string[] = []
let owner = { id: '', token: '' }
let erased = ''

class Tab extends Seat {
  override readonly faults = faults
}

beforeAll(async () => {
  ;[, browser] = await Promise.all([server.start(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await server.close()
  rmSync(backups, { recursive: true, force: true })
})
afterEach(() => expect(faults.splice(0)).toEqual([]))

async function open(locale: string): Promise<Seat> {
  const context = await browser.newContext({ viewport: wide, locale, reducedMotion: 'reduce' })
  context.setDefaultTimeout(patience)
  return new Tab(await context.newPage(), { id: '', name: '', email: '' })
}

const wide = { width: 1280, height: 800 }
const phone = { width: 360, height: 740 }

/** Checks the page in both sizes and both sets of colours: English is light when wide and dark on a phone, Chinese the other way. */
async function check(page: Page, what: string): Promise<void> {
  const chinese = await page.evaluate(() => document.documentElement.lang.startsWith('zh'))
  for (const [size, colorScheme] of [[wide, chinese ? 'dark' : 'light'], [phone, chinese ? 'light' : 'dark']] as const) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme })
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur())
    const where = `${what}, ${size.width} px, ${colorScheme}`
    await settled(page)
    expect(await axe(page), where).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(size.width)
  }
}

/** Waits until nothing is loading and nothing moves. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await expect
    .poll(() => page.evaluate(() => document.querySelectorAll('svg[role=status], [data-skeleton]').length + document.getAnimations().filter((a) => a.playState === 'running').length), { timeout: 60_000 })
    .toBe(0)
}

/** Calls the server as the owner. */
async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(server.url + path, {
    method,
    headers: { Authorization: `Bearer ${owner.token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

const languages = ['en-US', 'zh-CN'] as const

/** Far above what all pages take on a busy machine, milliseconds. */
const long = 900_000

test.each(languages)('the set-up page in %s', async (locale) => {
  const { page } = await open(locale)
  await page.goto(server.links[0] ?? '')
  await page.getByRole('textbox').first().waitFor()
  await check(page, 'set-up')
  await page.getByRole('main').getByRole('button').last().click()
  await page.locator('[aria-invalid=true]').first().waitFor()
  await check(page, 'set-up with mistakes')
  await page.goto(`${server.url}/set-up#wrong`)
  await page.getByRole('main').waitFor()
  await check(page, 'set-up with a wrong link')
  await page.context().close()
})

test('the server is set up, and there is something to administer', async () => {
  const { page } = await open('en-US')
  await page.goto(server.links[0] ?? '')
  await page.getByLabel('Name of your organization').fill('Example Works')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Your e-mail').fill('olga@example.test')
  await page.getByLabel('Password').fill('a long password')
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await page.getByRole('heading', { name: 'Invite people' }).waitFor()
  const kept = await page.evaluate(() => localStorage.getItem('parley.sessions') ?? '[]')
  const [session] = JSON.parse(kept) as { account: { id: string }; token: string }[]
  owner = { id: session!.account.id, token: session!.token }
  const { accountId } = await api<{ accountId: string }>('POST', '/api/admin/people', { name: 'Axel Example', email: 'axel@example.test', title: 'Baker' })
  await api('POST', '/api/groups', { name: 'Garden', members: [accountId] })
  const { items: [garden] } = await api<{ items: { groupId: string }[] }>('GET', '/api/admin/groups')
  await api('PUT', `/api/admin/groups/${garden!.groupId}/retention`, { days: 30 })
  erased = (await api<{ accountId: string }>('POST', '/api/admin/people', { name: 'Erna Erased' })).accountId
  await api('POST', `/api/admin/people/${erased}/erase`, { name: 'Erna Erased' })
  await api('POST', '/api/admin/applications', { name: 'Payroll', kind: 'server', scopes: ['read'] })
  await page.context().close()
})

test.each(languages)('the invitation page in %s', async (locale) => {
  const { link } = await api<{ link: string }>('POST', '/api/invitations', { maxUses: 1, ttlSeconds: 86_400 })
  const { page } = await open(locale)
  await page.goto(server.url + link.slice(link.indexOf('/invite')))
  await page.getByRole('textbox').first().waitFor()
  await check(page, 'invitation')
  await page.goto('about:blank')
  await page.goto(`${server.url}/invite#wrong`)
  await page.getByRole('main').waitFor()
  await check(page, 'invitation with a wrong link')
  await page.context().close()
})

/** The owner, signed in. */
async function sit(locale: string): Promise<Seat> {
  const seat = await open(locale)
  const { link } = await api<{ link: string }>('POST', `/api/admin/people/${owner.id}/sign-in-links`)
  await seat.page.goto(server.url + link.slice(link.indexOf('/sign-in')))
  await seat.page.getByRole('navigation').first().waitFor()
  await settled(seat.page)
  return seat
}

/** The addresses in the list of sections. */
async function sectionsOf(seat: Seat, path: string): Promise<string[]> {
  await seat.page.setViewportSize(wide)
  await seat.go(path)
  const links = seat.page.getByRole('main').locator(`a[href^="${path}/"]`)
  await links.first().waitFor()
  return links.evaluateAll((all) => all.map((a) => a.getAttribute('href')!))
}

test.each(languages)('the settings in %s', async (locale) => {
  const seat = await sit(locale)
  const sections = await sectionsOf(seat, '/settings')
  expect(sections.length).toBeGreaterThan(5)
  for (const path of ['/settings', ...sections]) {
    await seat.page.setViewportSize(wide)
    await seat.go(path)
    await seat.page.waitForURL((url) => url.pathname === path)
    await check(seat.page, path)
  }
  await seat.page.context().close()
}, long)

test.each(languages)('the pages of the administration in %s', async (locale) => {
  const seat = await sit(locale)
  const sections = await sectionsOf(seat, '/admin')
  expect(sections.length).toBeGreaterThan(5)
  const [people, groups, applications] = await Promise.all([
    api<{ items: { accountId: string; name: string }[] }>('GET', '/api/admin/people'),
    api<{ items: { groupId: string }[] }>('GET', '/api/admin/groups'),
    api<{ items: { id: string }[] }>('GET', '/api/admin/applications'),
  ])
  const pages = [
    '/admin', ...sections, '/admin/import', `/admin/groups/${groups.items[0]!.groupId}`,
    ...people.items.map((p) => `/admin/people/${p.accountId}`), ...applications.items.map((a) => `/admin/applications/${a.id}`),
  ]
  for (const path of pages) {
    await seat.page.setViewportSize(wide)
    await seat.go(path)
    await seat.page.waitForURL((url) => url.pathname === path)
    await check(seat.page, path)
  }
  await seat.go('/admin/import')
  const buffer = Buffer.from('name,email\nZoe Demo,zoe@example.test\n,wrong\n')
  await seat.page.locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer })
  await seat.page.getByText('Zoe Demo').waitFor()
  await check(seat.page, '/admin/import with a file')
  await seat.page.context().close()
}, long)

test('pages of the administration whose content is not there yet', async () => {
  const seat = await sit('en-US')
  const held: (() => void)[] = []
  await seat.page.route(/\/api\/admin\/(people|groups|applications)/, (route) => void held.push(() => void route.continue()))
  for (const path of ['/admin/people', `/admin/people/${owner.id}`, '/admin/groups', '/admin/groups/1', '/admin/applications', '/admin/applications/1']) {
    await seat.go(path)
    await seat.page.waitForURL((url) => url.pathname === path)
    await expect.poll(() => held.length, { message: path }).toBeGreaterThan(0)
    expect(await axe(seat.page), path).toEqual([])
    for (const go of held.splice(0)) go()
  }
  await seat.page.unrouteAll({ behavior: 'ignoreErrors' })
  for (const go of held.splice(0)) go()
  await seat.page.context().close()
})

test.each(languages)('the dialogs of the administration in %s', async (locale) => {
  const seat = await sit(locale)
  const [people, groups, applications] = await Promise.all([
    api<{ items: { accountId: string; name: string }[] }>('GET', '/api/admin/people?query=Axel'),
    api<{ items: { groupId: string }[] }>('GET', '/api/admin/groups'),
    api<{ items: { id: string; name: string }[] }>('GET', '/api/admin/applications'),
  ])
  const payroll = applications.items.find((a) => a.name === 'Payroll')!
  const windows: [path: string, button: readonly [en: string, zh: string]][] = [
    ['/admin/people', ['Add a person', '添加人员']],
    ...([['Sign-in link', '登录链接'], ['Set a password', '设置密码'], ['Sign out everywhere', '退出所有设备'], ['Deactivate', '停用账号'], ['Erase this person', '抹除此人的数据']] as const).map(
      (b): [string, typeof b] => [`/admin/people/${people.items[0]!.accountId}`, b],
    ),
    ...([['Hand over', '转交'], ['Dissolve group', '解散群聊'], ['Add a member', '添加成员']] as const).map((b): [string, typeof b] => [`/admin/groups/${groups.items[0]!.groupId}`, b]),
    ['/admin/applications', ['Register an application', '注册应用']],
    ...([['Rotate the secret', '更换密钥'], ['Create a signing key', '创建签名密钥'], ['Disable', '停用应用']] as const).map((b): [string, typeof b] => [`/admin/applications/${payroll.id}`, b]),
    ['/admin/sessions', ['Of a person…', '选择人员…']],
    ['/admin/storage', ['See what will be removed', '查看将删除的内容']],
    ['/admin/storage', ['Remove the rule: Group Garden', '移除规则：群聊：Garden']],
    ['/admin/audit', ['Done by…', '选择操作人…']],
  ]
  for (const [path, names] of windows) {
    const name = names[locale === 'en-US' ? 0 : 1]
    await seat.page.setViewportSize(wide)
    await seat.go(path)
    await seat.page.waitForURL((url) => url.pathname === path)
    await seat.page.getByRole('main').getByRole('button', { name, exact: true }).click()
    const window = seat.page.locator('[role=dialog], [role=alertdialog]')
    await window.waitFor()
    await check(seat.page, `${path}: ${name}`)
    if (names[0] === 'Erase this person') {
      await window.getByRole('button', { name: locale === 'en-US' ? 'Erase for ever' : '永久抹除' }).click()
      await window.locator('[aria-invalid=true]').waitFor()
      expect(await axe(seat.page), `${path}: ${name}, with a mistake`).toEqual([])
    }
    await seat.page.keyboard.press('Escape')
    await window.waitFor({ state: 'hidden' })
  }
  await seat.go(`/admin/people/${erased}`)
  await seat.page.getByRole('main').getByRole('status').getByText(locale === 'en-US' ? /message/ : /消息/).waitFor()
  await settled(seat.page)
  expect(await axe(seat.page), 'an erased person').toEqual([])
  await seat.page.context().close()
}, long)
