import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launch, patience } from './browser'
import { FreshServer } from './fresh'
import { Seat } from './seat'

const server = new FreshServer({ PARLEY_CHAT_MAX_TOP: '3' })
let browser: Browser
let owner = { id: '', token: '' }
const open: Page[] = []
const faults: string[] = []

beforeAll(async () => {
  ;[, browser] = await Promise.all([server.start(), launch()])
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
  owner = { id: session!.account.id, token: session!.token }
  await page.context().close()
  open.splice(0)
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
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', ...options })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  open.push(page)
  return page
}

class Tab extends Seat {
  override readonly faults = faults
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${owner.token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

async function sit(account: string, options: BrowserContextOptions = {}): Promise<Seat> {
  const { link } = await call<{ link: string }>('POST', `/api/admin/people/${account}/sign-in-links`)
  const seat = new Tab(await newPage(options), { id: account, name: '', email: '' })
  await seat.page.goto(server.url + link.slice(link.indexOf('/sign-in')))
  return seat.ready()
}

interface Config {
  server: { name: string }
  limits: { file: number }
  signIn: { code: boolean }
}
const config = (): Promise<Config> => call('GET', '/api/config')

test('an administrator changes settings, and an open client and the page of sign-in follow', async () => {
  const member = await call<{ accountId: string }>('POST', '/api/admin/people', { name: 'Mia Member', email: 'mia@example.test' })
  const other = await sit(member.accountId)
  await other.page.goto(`${server.url}/settings/about`)
  await other.page.getByText('Example Works').first().waitFor()

  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/settings`)
  const save = page.getByRole('button', { name: 'Save', exact: true })
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('New Works')
  await page.getByLabel('Largest file').fill('big')
  // The server cannot send mail. The owner can choose who needs a second factor.
  const mail = page.getByRole('checkbox', { name: /^E-mail/ })
  expect([await mail.isDisabled(), await mail.isChecked()]).toEqual([true, false])
  await page.getByRole('combobox', { name: 'Two-factor' }).selectOption('Also all owners and administrators')
  await page.getByRole('combobox', { name: 'Two-factor' }).selectOption('People who turn it on')
  await page.getByRole('checkbox', { name: /^Code/ }).uncheck()
  await save.click()
  await page.getByText('A value is not possible. Look at the field.').waitFor()
  expect(await page.getByLabel('Largest file').getAttribute('aria-invalid')).toBe('true')
  expect((await config()).server.name).toBe('Example Works')

  await page.getByLabel('Largest file').fill('1536KiB')
  await save.click()
  await page.getByText('Saved.').waitFor()
  expect(await config()).toMatchObject({ server: { name: 'New Works' }, limits: { file: 1_572_864 }, signIn: { code: false } })
  await other.page.evaluate(() => dispatchEvent(new Event('focus')))
  await other.page.getByText('New Works').first().waitFor()

  // An option of the operator is shown, and has no field.
  await page.getByText('Fixed by the environment.').first().waitFor()
  expect(await page.getByLabel('Chats on top').count()).toBe(0)

  const stranger = await newPage()
  await stranger.goto(`${server.url}/sign-in`)
  await stranger.getByLabel('Password').waitFor()
  expect(await stranger.getByText('code', { exact: false }).count()).toBe(0)
})

test('two administrators do not overwrite each other', async () => {
  const { page } = await sit(owner.id)
  await page.goto(`${server.url}/admin/settings`)
  await page.getByLabel('Longest message').fill('500')
  const { version } = await call<{ version: string }>('GET', '/api/admin/settings')
  await call('PATCH', '/api/admin/settings', { version, values: [{ name: 'chat.max-group-members', value: '77' }] })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Somebody else has changed the settings meanwhile.').waitFor()
  await expect.poll(() => page.getByLabel('Largest group').inputValue()).toBe('77')
  expect(await page.getByLabel('Longest message').inputValue()).toBe('500')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
})

// The page in Chinese said in English why a value was refused.
test('the reasons are in the language of the page', async () => {
  const { page } = await sit(owner.id, { locale: 'zh-CN' })
  await page.goto(`${server.url}/admin/settings`)
  const values = [
    ['文件大小上限', 'big', '请输入大小，例如 500KiB 或 20MiB。'],
    ['消息长度上限', '0', '不能小于 1。'],
    ['登录有效期', '1s', '不能小于 1h。 也可以填 0，表示不限。'],
    ['密码最短长度', '129', '不能大于 128。'],
  ] as const
  await page.getByRole('textbox', { name: '名称', exact: true }).fill('‮New')
  for (const [label, value] of values) await page.getByLabel(label).fill(value)
  await page.getByRole('button', { name: '保存', exact: true }).click()
  await page.getByText('有 5 项的值无效').waitFor()
  await page.getByText('含有名称中不能使用的字符。').waitFor()
  for (const [, , reason] of values) await page.getByText(reason).waitFor()
  expect(await page.locator('form').innerText()).not.toMatch(/must (be|have|not)/)
})

test.each([
  { locale: 'en-US', colorScheme: 'light' as const },
  { locale: 'zh-CN', colorScheme: 'dark' as const, viewport: { width: 390, height: 800 } },
])('axe finds nothing in $locale, and the page is not wider than the screen', async (options) => {
  const seat = await sit(owner.id, options)
  await seat.page.goto(`${server.url}/admin/settings`)
  await seat.page.locator('input[type=checkbox]').first().waitFor()
  await seat.page.locator('summary').click()
  expect(await seat.axe()).toEqual([])
  expect(await seat.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
})

test('the reading of the members of an organization is hidden', async () => {
  const seat = await sit(owner.id)
  await seat.page.goto(`${server.url}/admin/settings`)
  const of = (title: string) => seat.page.locator('section').filter({ has: seat.page.getByRole('heading', { name: title }) }).getByRole('switch', { name: /Works$/ })
  const shown = of('Read marks of organizations')
  await expect.poll(() => shown.getAttribute('aria-checked')).toBe('true')
  expect(await seat.axe()).toEqual([])
  await shown.click()
  await expect.poll(() => shown.getAttribute('aria-checked')).toBe('false')
  expect(await call('GET', '/api/me')).toMatchObject({ hidesReading: false, readMarks: false })
  await seat.page.reload()
  await expect.poll(() => shown.getAttribute('aria-checked')).toBe('false')
  await shown.click()
  await expect.poll(async () => (await call<{ readMarks: boolean }>('GET', '/api/me')).readMarks).toBe(true)
  const active = of('Activity of organizations')
  await active.click()
  await expect.poll(async () => (await call<{ activity: boolean }>('GET', '/api/me')).activity).toBe(false)
  await active.click()
  await expect.poll(async () => (await call<{ activity: boolean }>('GET', '/api/me')).activity).toBe(true)
})
