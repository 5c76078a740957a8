import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import axe from './axe'
import { launch, patience } from './browser'
import { copyWith } from './clipboard'
import { FreshServer } from './fresh'
import { Provider, signInThere } from './identity'

const first = new Provider()
const partner = new Provider()
let server: FreshServer
let browser: Browser

beforeAll(async () => {
  await Promise.all([first.start(), partner.start()])
  server = new FreshServer({
    PARLEY_AUTH_OIDC_ISSUER: first.issuer,
    PARLEY_AUTH_OIDC_CLIENT_ID: 'parley',
    PARLEY_AUTH_OIDC_CLIENT_SECRET: 'a-secret',
    PARLEY_AUTH_OIDC_NAME: 'Example login',
    PARLEY_AUTH_PROVIDERS: JSON.stringify([{ id: 'partner', name: 'Partner Works', issuer: partner.issuer, 'client-id': 'parley', 'client-secret': 'another-secret' }]),
  })
  ;[, browser] = await Promise.all([server.start(), launch()])
  await first.register('parley', 'a-secret', `${server.url}/api/sign-in/oidc/main/callback`)
  await partner.register('parley', 'another-secret', `${server.url}/api/sign-in/oidc/partner/callback`)
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await Promise.all([first.close(), partner.close()])
})

async function visit(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'], ...options })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  await page.goto(address)
  return page
}

test('an invitation is accepted with the second provider, which signs the person in from then on', async () => {
  const olga = await visit(server.links[0] ?? '')
  await olga.getByLabel('Name of your organization').fill('Example Works')
  await olga.getByLabel('Your name').fill('Olga Owner')
  await olga.getByLabel('Your e-mail').fill('olga@example.test')
  await olga.getByLabel('Password').fill('a long password')
  await olga.getByRole('button', { name: 'Set up and sign in' }).click()
  await olga.getByRole('button', { name: 'Create the link' }).click()
  const invitation = await copyWith(olga.getByRole('button', { name: 'Copy the link' }))

  const pia = await visit(invitation)
  await pia.getByRole('button', { name: 'Go on with Example login' }).waitFor()
  expect(await axe(pia)).toEqual([])
  await pia.getByRole('button', { name: 'Go on with Partner Works' }).click()
  await signInThere(pia, 'new')
  await pia.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
  expect(await pia.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('invite')))).toEqual([])
  await pia.goto(`${server.url}/settings/profile`)
  await pia.getByText('new@example.test').waitFor()
  await pia.getByText('Example Works').waitFor()
  expect(await pia.getByLabel('Name').inputValue()).toBe('Newly Hired')

  const again = await visit(server.url)
  await again.getByRole('button', { name: 'Sign in with Example login' }).waitFor()
  expect(await axe(again)).toEqual([])
  await again.getByRole('button', { name: 'Sign in with Partner Works' }).click()
  await signInThere(again, 'new')
  await again.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
  await again.goto(`${server.url}/settings/profile`)
  await again.getByText('new@example.test').waitFor()

  // The invitation is used up, and the first provider makes no accounts.
  const late = await visit(invitation)
  await late.getByText('This invitation is not valid.').waitFor()
  const stranger = await visit(server.url)
  await stranger.getByRole('button', { name: 'Sign in with Example login' }).click()
  await signInThere(stranger, 'one')
  await stranger.getByText('There is no account here for this sign-in.').waitFor()

  // An address elsewhere is told where the invitation was opened, which still waits.
  await olga.getByRole('button', { name: 'Create another link' }).click()
  await olga.getByLabel('Only e-mail addresses at (optional)').fill('elsewhere.test')
  await olga.getByRole('button', { name: 'Create the link' }).click()
  const phone = await visit(await copyWith(olga.getByRole('button', { name: 'Copy the link' })), { locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 390, height: 844 } })
  await phone.getByRole('button', { name: '使用 Example login 继续' }).click()
  await signInThere(phone, 'one')
  await phone.getByText('此邀请仅限 @elsewhere.test 的邮箱').waitFor()
  await phone.getByRole('button', { name: '使用 Partner Works 继续' }).waitFor()
  expect(await axe(phone)).toEqual([])
})
