import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Authenticator } from './authenticator'
import { launch, patience } from './browser'
import { FreshServer } from './fresh'
import { Seat } from './seat'

const server = new FreshServer({ PARLEY_AUTH_FRESH_SIGN_IN: '60s' })
let browser: Browser

beforeAll(async () => {
  ;[, browser] = await Promise.all([server.start(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await server.close()
})

const faults: string[] = []
afterEach(() => expect(faults.splice(0)).toEqual([]))

class Tab extends Seat {
  override readonly faults = faults
}

const password = 'a long password'

test('a change that needs a recent sign-in keeps what was typed, and is made after signing in again', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  const olga = new Tab(page, { id: '', name: 'Olga Owner', email: 'olga@example.test' })
  await page.goto(server.links[0] ?? '')
  await page.getByLabel('Name of your organization').fill('Example Works')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Your e-mail').fill('olga@example.test')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await page.getByRole('heading', { name: 'Invite people' }).waitFor()

  const session = async () => {
    const kept = await page.evaluate(() => localStorage.getItem('parley.sessions') ?? '[]')
    return (JSON.parse(kept) as { token: string; sessionId: string }[])[0]!
  }
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${server.url}/api${path}`, {
      method,
      headers: { Authorization: `Bearer ${(await session()).token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const { secret } = await call<{ secret: string }>('POST', '/me/two-factor/begin', { password })
  const app = Authenticator.with(secret)
  await call('POST', '/me/two-factor/confirm', { code: await app.code() })
  const old = await session()
  const shortest = async () => (await call<{ items: { name: string; value: string }[] }>('GET', '/admin/settings')).items.find((s) => s.name === 'auth.min-password')?.value

  // The form is open when the proof expires.
  await olga.go('/admin/settings')
  const field = page.getByLabel('Shortest password')
  await field.fill('14')
  await expect.poll(async () => (await call<{ freshUntil?: number }>('GET', '/me')).freshUntil, { timeout: 120_000 }).toBeUndefined()
  const card = page.getByText(/^For your security, this change can only be made/)
  expect(await card.count()).toBe(0)
  await page.getByRole('button', { name: 'Save' }).click()
  await card.waitFor()
  await page.getByRole('alert').filter({ hasText: 'Your sign-in is too old for this.' }).waitFor()
  expect(await field.inputValue()).toBe('14')
  expect(await shortest()).toBe('10')
  expect(await olga.axe()).toEqual([])

  // Back without signing in: the change is still refused.
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await page.getByRole('button', { name: 'Back without signing in' }).click()
  await field.fill('14')
  await page.getByRole('button', { name: 'Save' }).click()
  await card.waitFor()

  // The password and the second factor are asked for; afterwards the page is the same.
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await expect.poll(() => page.getByLabel('E-mail', { exact: true }).inputValue()).toBe('olga@example.test')
  await page.getByLabel('Password', { exact: true }).fill(password)
  const code = await app.code()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByLabel('Code from your authenticator app').fill(code)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await field.waitFor()
  expect(new URL(page.url()).pathname).toBe('/admin/settings')
  expect(await card.count()).toBe(0)
  await field.fill('14')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  expect(await shortest()).toBe('14')
  expect((await session()).sessionId).not.toBe(old.sessionId)

  // A rule after which messages are removed needs the same proof.
  const rules = async () => (await call<{ rules: { days: number }[] }>('GET', '/admin/retention')).rules.map((r) => r.days)
  await expect.poll(async () => (await call<{ freshUntil?: number }>('GET', '/me')).freshUntil, { timeout: 120_000 }).toBeUndefined()
  const dialog = page.getByRole('alertdialog')
  const setRule = async () => {
    await page.getByLabel('Keep for how many days').fill('30')
    await page.getByRole('button', { name: 'See what will be removed' }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
  }
  await olga.go('/admin/storage')
  await setRule()
  await dialog.getByRole('alert').filter({ hasText: 'Your sign-in is too old for this.' }).waitFor()
  expect(await rules()).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await card.waitFor()
  expect(await olga.axe()).toEqual([])
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await page.getByLabel('Password', { exact: true }).fill(password)
  const another = await app.code()
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByLabel('Code from your authenticator app').fill(another)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByLabel('Keep for how many days').waitFor()
  expect(new URL(page.url()).pathname).toBe('/admin/storage')
  await setRule()
  await dialog.waitFor({ state: 'hidden' })
  expect(await rules()).toEqual([30])
  await context.close()
})
