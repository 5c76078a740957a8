import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { png } from './picture'
import { world } from './world'

const w = world({ PARLEY_AUTH_PASSWORDS: 'true' })

const settings = async (seat: Seat, section: string) => {
  await seat.go(`/settings/${section}`)
  return seat.page.getByRole('main')
}

test('name and picture are changed, and others see it', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  const main = await settings(a, 'profile')
  await main.getByLabel('Name', { exact: true }).fill('Ann of the Garden')
  await main.getByRole('button', { name: 'Save' }).click()
  await a.page.getByText('Saved.').waitFor()
  await main.getByRole('button', { name: 'Your picture' }).click()
  const [chooser] = await Promise.all([a.page.waitForEvent('filechooser'), a.page.getByRole('menuitem', { name: 'Choose a picture' }).click()])
  await chooser.setFiles({ name: 'me.png', mimeType: 'image/png', buffer: png(300, 200) })
  await main.locator('img[src*="/avatars/"]').first().waitFor()
  const b = await w.seat(bob)
  await b.go(`/people/${ann.id}`)
  const profile = b.page.getByRole('article', { name: 'Ann of the Garden' })
  await profile.locator('img[src*="/avatars/"]').waitFor()
})

test('a device is signed out from another one', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  const lost = await w.seat(ann)
  // With a chat open: taken down after the session, it once took the page with it.
  await lost.startChat(bob.name)
  await lost.field.fill('not sent')
  const main = await settings(a, 'sessions')
  await main.getByRole('button', { name: /^Sign out: / }).first().click()
  await lost.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
  await main.getByRole('button', { name: /^Sign out: / }).waitFor({ state: 'hidden' })
  // What is signed out is not signed in again by a reload.
  await lost.page.reload()
  await lost.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()

  await main.getByRole('button', { name: 'Sign out here' }).click()
  await a.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
})

test('all other devices are signed out with one request', async () => {
  const [ann] = await w.people('Ann Adler')
  const [a, other] = await w.seats(ann, ann)
  const main = await settings(a, 'sessions')
  await main.getByRole('button', { name: 'Sign out everywhere else' }).click()
  // A refusal is told, and signs nobody out.
  await a.page.route('**/api/sessions', (route) => (route.request().method() === 'DELETE' ? route.fulfill({ status: 500 }) : route.fallback()))
  const asked = a.page.getByRole('alertdialog')
  await asked.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await asked.getByRole('alert').waitFor()
  expect(await other.page.getByRole('heading', { name: 'Chats', level: 1 }).isVisible()).toBe(true)
  await a.page.unroute('**/api/sessions')
  await asked.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await a.page.getByText('All other devices are signed out.').waitFor()
  await other.page.getByRole('heading', { name: /^Sign in to/ }).waitFor()
})

test('language and colours are chosen, and kept on the device', async () => {
  const [ann] = await w.people('Ann Adler')
  const a = await w.seat(ann)
  const main = await settings(a, 'appearance')
  await main.getByRole('combobox', { name: 'Colours' }).click()
  await a.page.getByRole('option', { name: 'Dark' }).click()
  await expect.poll(() => a.page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  await main.getByRole('combobox', { name: 'Language' }).click()
  await a.page.getByRole('option', { name: '简体中文' }).click()
  await a.page.getByRole('navigation').getByRole('link', { name: '通讯录' }).waitFor()
  await a.page.reload()
  await a.page.getByRole('navigation').getByRole('link', { name: '通讯录' }).waitFor()
  expect(await a.page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual(['zh', 'dark'])
})

test('a password is set, and signs in', async () => {
  const [ann] = await w.people('Ann Adler')
  const a = await w.seat(ann)
  const main = await settings(a, 'password')
  await main.getByLabel('New password', { exact: true }).fill('a long enough password')
  await main.getByLabel('New password again').fill('a long enough password')
  await main.getByRole('button', { name: 'Save' }).click()
  await a.page.getByText('The password is set.').waitFor()

  const page = await w.page()
  await page.goto(w.server.demo.url)
  await page.getByLabel('E-mail').fill(ann.email)
  await page.getByLabel('Password').fill('not this one')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByText('E-mail or password is wrong.').waitFor()
  await page.getByLabel('Password').fill('a long enough password')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
  await page.context().close()
})

test('a sign-in link is good once', async () => {
  const [ann] = await w.people('Ann Adler')
  const link = await w.link(ann)
  const first = await w.page()
  await first.goto(link)
  await first.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
  expect(first.url()).not.toContain('code')
  await first.context().close()
  const second = await w.page()
  await second.goto(link)
  await second.getByText(/This code is not valid/).waitFor()
  await second.context().close()
})
