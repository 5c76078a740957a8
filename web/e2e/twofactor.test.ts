import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Authenticator } from './authenticator'
import { launch, patience } from './browser'
import { copyWith } from './clipboard'
import { FreshServer } from './fresh'
import { Seat } from './seat'

const options: Record<string, string> = {}
const server = new FreshServer(options)
let browser: Browser
const open: Page[] = []
const faults: string[] = []

beforeAll(async () => {
  ;[, browser] = await Promise.all([server.start(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await server.close()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((page) => page.context().close()))
  expect(faults.splice(0)).toEqual([])
})

class Tab extends Seat {
  override readonly faults = faults
}

async function tab(address: string, where: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'], ...where })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  open.push(page)
  await page.goto(address)
  return new Tab(page, { id: '', name: '', email: '' })
}

const password = 'a long password'

async function typePassword(page: Page, email: string, names = { email: 'E-mail', password: 'Password', signIn: 'Sign in' }): Promise<void> {
  await page.getByLabel(names.email, { exact: true }).fill(email)
  await page.getByLabel(names.password, { exact: true }).fill(password)
  await page.getByRole('button', { name: names.signIn, exact: true }).click()
}

async function signOut(seat: Seat): Promise<void> {
  await seat.go('/settings/sessions')
  await seat.page.getByRole('button', { name: 'Sign out here' }).click()
  await seat.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
  await seat.go('/') // where the next sign-in leads
}

const codeLabel = 'Code from your authenticator app'

/** The recovery codes that the page shows. */
async function recoveryCodes(page: Page): Promise<string[]> {
  await page.getByRole('heading', { name: 'Recovery codes', exact: true }).waitFor()
  const codes = await page.getByRole('listitem').filter({ hasText: /^[A-Z0-9]{4}(-[A-Z0-9]{4}){3}$/ }).allInnerTexts()
  expect(codes).toHaveLength(10)
  return codes
}

/** Turns two-factor on in the settings. */
async function turnOn(seat: Seat): Promise<{ app: Authenticator; codes: string[] }> {
  const { page } = seat
  await seat.go('/settings/two-factor')
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  const app = await Authenticator.of(page)
  await page.getByLabel(codeLabel).fill(await app.code())
  await page.getByRole('button', { name: 'Turn on' }).click()
  const codes = await recoveryCodes(page)
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByText('10 recovery codes are left.').waitFor()
  return { app, codes }
}

let owner: { app: Authenticator; codes: string[] }

test('the owner turns it on, and signs in with a code and with a recovery code', async () => {
  const olga = await tab(server.links[0] ?? '')
  const { page } = olga
  await page.getByLabel('Name of your organization').fill('Example Works')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Your e-mail').fill('olga@example.test')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await page.getByRole('heading', { name: 'Invite people' }).waitFor()

  await olga.go('/settings/two-factor')
  await page.getByText('You need an authenticator app').waitFor()
  expect(await olga.axe()).toEqual([])
  await page.getByRole('button', { name: 'Set up' }).click()
  const app = await Authenticator.of(page)
  expect(await olga.axe()).toEqual([])
  const field = page.getByLabel(codeLabel)
  expect(await Promise.all(['inputmode', 'autocomplete'].map((name) => field.getAttribute(name)))).toEqual(['numeric', 'one-time-code'])
  await field.fill('123')
  await field.press('Enter')
  await page.getByText('Type the six digits that the app shows.').waitFor()
  await field.fill(app.wrong())
  await field.press('Enter')
  await page.getByText('This code is wrong.').waitFor()
  await field.fill((await app.code()).replace(/^.../, '$& '))
  await field.press('Enter')

  const codes = await recoveryCodes(page)
  expect(await olga.axe()).toEqual([])
  await page.getByRole('button', { name: 'Copy' }).click()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(`Recovery codes of Olga Owner for Example Works\n\n${codes.join('\n')}\n`)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
  expect(file.suggestedFilename()).toBe('recovery-codes.txt')
  await page.addInitScript(() => {
    // A browser without windows does not print. The frame keeps what would be on the paper.
    Object.assign(window, { print: () => Object.assign(parent, { printed: document.body.innerText }) })
  })
  await page.getByRole('button', { name: 'Print' }).click()
  expect(await page.evaluate(() => (window as unknown as { printed: string }).printed)).toContain(codes[9])
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByText('Two-factor is on since').waitFor()
  expect(await olga.axe()).toEqual([])
  owner = { app, codes }

  // The sign-in page does not load the code of the settings and the QR code.
  await signOut(olga)
  const scripts: string[] = []
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.push(request.url())
  })
  await page.reload()
  await typePassword(page, 'olga@example.test')
  await field.waitFor()
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
  expect(await olga.axe()).toEqual([])
  expect(scripts.filter((name) => /CodeStep/.test(name))).toHaveLength(1)
  expect(scripts.filter((name) => /TwoFactorSection|SettingsPage|QrCode|AppForm|SetUpStep/.test(name))).toEqual([])

  await field.fill(app.wrong())
  await field.press('Enter')
  await page.getByText('This code is wrong.').first().waitFor()
  // A phone may load the page again while somebody is in the app.
  await page.reload()
  await field.fill(await app.code())
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await olga.ready()

  await signOut(olga)
  await typePassword(page, 'olga@example.test')
  await page.getByRole('button', { name: 'Use a recovery code instead' }).click()
  expect(await olga.axe()).toEqual([])
  await page.getByLabel('Recovery code').fill(codes[0]!.toLowerCase())
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await olga.ready()
  await olga.go('/settings/two-factor')
  await page.getByText('9 recovery codes are left.').waitFor()
})

/** Signs the owner in, who has two-factor. */
async function signInOwner(): Promise<Tab> {
  const olga = await tab(server.url)
  await typePassword(olga.page, 'olga@example.test')
  await olga.page.getByLabel(codeLabel).fill(await owner.app.code())
  await olga.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await olga.ready()
  return olga
}

test('new recovery codes, another app, and turning it off need the password or a code', async () => {
  const olga = await signInOwner()
  const { page } = olga
  await olga.go('/settings/two-factor')
  await page.getByRole('button', { name: 'New recovery codes' }).click()
  const dialog = olga.dialog('New recovery codes')
  await dialog.getByLabel('Current password').fill('not this one')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByText('This is not your current password.').waitFor()
  expect(await olga.axe()).toEqual([])
  await dialog.getByLabel('Current password').fill(password)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  const codes = await recoveryCodes(page)
  expect(codes).not.toContain(owner.codes[1])
  await page.getByRole('button', { name: 'I have kept them' }).click()

  await page.getByRole('button', { name: 'Use another app' }).click()
  await olga.dialog('Use another app').getByRole('button', { name: 'Use a code instead' }).click()
  await olga.dialog('Use another app').getByLabel('Code from the app, or a recovery code').fill(codes[0]!)
  await olga.dialog('Use another app').getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  const app = await Authenticator.of(page)
  await page.getByLabel(codeLabel).fill(await app.code())
  await page.getByRole('button', { name: 'Turn on' }).click()
  await recoveryCodes(page)
  await page.getByRole('button', { name: 'I have kept them' }).click()

  await page.getByRole('button', { name: 'Turn off' }).click()
  await olga.dialog('Turn off two-factor?').getByLabel('Current password').fill(password)
  await olga.dialog('Turn off two-factor?').getByRole('button', { name: 'Turn off' }).click()
  await page.getByText('You need an authenticator app').waitFor()
  owner = await turnOn(olga)
})

test('an administrator turns it off for somebody who has lost the app; the log has it', async () => {
  const olga = await signInOwner()
  await olga.go('/settings/invitations')
  await olga.page.getByRole('button', { name: 'Create the link' }).click()
  const pia = await tab(await copyWith(olga.page.getByRole('button', { name: 'Copy the link' })))
  await pia.page.getByLabel('Your name').fill('Pia Person')
  await pia.page.getByLabel('Your e-mail').fill('pia@example.test')
  await pia.page.getByLabel('Choose a password').fill(password)
  await pia.page.getByRole('button', { name: 'Create the account' }).click()
  await pia.ready()
  await turnOn(pia)
  await signOut(pia)
  await typePassword(pia.page, 'pia@example.test')
  await pia.page.getByLabel(codeLabel).waitFor()

  await olga.go('/admin/people')
  await olga.page.getByRole('link', { name: 'Pia Person' }).click()
  await olga.page.getByText('Two-factor is on.').waitFor()
  await olga.page.getByRole('button', { name: 'Turn off two-factor' }).click()
  await olga.confirm('Turn off two-factor')
  await olga.page.getByText('The two-factor of Pia Person is off.').waitFor()
  await olga.page.getByRole('button', { name: 'Turn off two-factor' }).waitFor({ state: 'hidden' })
  await olga.go('/admin/audit?kind=two-factor.reset')
  await olga.page.getByText(/reset two-factor sign-in of/).first().waitFor()

  // The sign-in that had waited for a code ends, and the password is enough.
  await pia.page.getByLabel(codeLabel).fill('123456')
  await pia.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await pia.page.getByText('The sign-in took too long. Begin again.').waitFor()
  await typePassword(pia.page, 'pia@example.test')
  await pia.ready()
})

test.each([
  { locale: 'zh-CN', colorScheme: 'dark' as const, viewport: { width: 390, height: 844 } },
  { locale: 'en-US', colorScheme: 'light' as const, viewport: { width: 1280, height: 800 } },
])('once it is required, nobody gets in without it ($locale)', async (where) => {
  const chinese = where.locale === 'zh-CN'
  delete options.PARLEY_AUTH_TWO_FACTOR
  await server.stop()
  await server.start()
  const pia = await tab(server.url, where)
  const { page } = pia
  const names = chinese ? { email: '邮箱', password: '密码', signIn: '登录' } : undefined
  if (chinese) {
    await typePassword(page, 'pia@example.test', names)
    await pia.ready()

    // A session goes on, with a reminder.
    options.PARLEY_AUTH_TWO_FACTOR = 'all'
    await server.stop()
    await server.start()
    await page.goto(server.url)
    await page.getByRole('link', { name: '立即设置' }).click()
    await page.getByText('此服务器要求启用两步验证，请现在设置').waitFor()
    expect(await pia.axe()).toEqual([])
    await pia.go('/settings/sessions')
    await page.getByRole('button', { name: '退出当前设备' }).click()
    await page.getByRole('heading', { name: /^登录/ }).waitFor()
    await pia.go('/')
    await typePassword(page, 'pia@example.test', names)
    await page.getByText('此服务器要求启用两步验证，设置完成后即可登录。').waitFor()
  } else {
    // Also somebody who is new.
    const olga = await signInOwner()
    await olga.go('/settings/invitations')
    await olga.page.getByRole('button', { name: 'Create the link' }).click()
    const invitation = await copyWith(olga.page.getByRole('button', { name: 'Copy the link' }))
    options.PARLEY_AUTH_TWO_FACTOR = 'all'
    await server.stop()
    await server.start()
    await page.goto(invitation)
    await page.getByLabel('Your name').fill('Nia New')
    await page.getByLabel('Your e-mail').fill('nia@example.test')
    await page.getByLabel('Choose a password').fill(password)
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.getByText('This server requires two-factor sign-in. Set it up to go on.').waitFor()
  }
  // It survives a reload, and there is no session yet.
  await page.reload()
  await page.getByRole('img', { name: chinese ? '供身份验证器扫描的二维码' : 'QR code for the authenticator app' }).waitFor()
  expect(await page.evaluate(() => localStorage.getItem('parley.sessions') ?? '[]')).toBe('[]')
  expect(await pia.axe()).toEqual([])
  const app = await Authenticator.of(page)
  await page.getByLabel(chinese ? '身份验证器中的验证码' : codeLabel).fill(await app.code())
  await page.getByRole('button', { name: chinese ? '启用' : 'Turn on', exact: true }).click()
  await page.getByRole('heading', { name: chinese ? '恢复码' : 'Recovery codes', exact: true }).waitFor()
  expect(await pia.axe()).toEqual([])
  await page.getByRole('button', { name: chinese ? '我已保存' : 'I have kept them' }).click()
  await pia.ready()
  await pia.go('/settings/two-factor')
  await page.getByText(chinese ? '此服务器要求启用两步验证，无法关闭。' : 'This server requires two-factor, so it cannot be turned off.').waitFor()
})

test('the first person of a server that requires it sets it up at once', async () => {
  const strict = new FreshServer({ PARLEY_AUTH_TWO_FACTOR: 'administrators' })
  try {
    await strict.start()
    const olga = await tab(strict.links[0] ?? '')
    const { page } = olga
    await page.getByLabel('Name of your organization').fill('Example Works')
    await page.getByLabel('Your name').fill('Olga Owner')
    await page.getByLabel('Your e-mail').fill('olga@example.test')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Set up and sign in' }).click()
    await page.getByText('This server requires two-factor sign-in. Set it up to go on.').waitFor()
    const app = await Authenticator.of(page)
    await page.getByLabel(codeLabel).fill(await app.code())
    await page.getByRole('button', { name: 'Turn on' }).click()
    await recoveryCodes(page)
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await olga.ready()
  } finally {
    await strict.close()
  }
})
