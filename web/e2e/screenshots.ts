import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { launch } from './browser'
import { FreshServer } from './fresh'
import { Server } from './server'

// The pictures of the README, of the demo as everybody sees it: npm run screenshots.

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const server = new Server({}, false)
const fresh = new FreshServer()
let browser: Awaited<ReturnType<typeof launch>>

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  ;[, browser] = await Promise.all([server.start(), launch(), fresh.start()])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([server.close(), fresh.close()])
})

const wide: BrowserContextOptions = { viewport: { width: 1280, height: 800 } }
const phone: BrowserContextOptions = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true }

const chat = (page: Page) => page.locator('[data-chat]').filter({ hasText: server.demo.group.name }).first()

const pictures: [string, BrowserContextOptions, (page: Page) => Promise<void>][] = [
  [
    'chat',
    wide,
    async (page) => {
      await chat(page).click()
      await page.locator('[data-message]').last().waitFor()
      await page.getByRole('main').getByRole('button', { name: 'Details', exact: true }).click()
      await page.getByRole('complementary').getByRole('listitem').first().waitFor()
    },
  ],
  [
    'people',
    wide,
    async (page) => {
      await page.goto('/people')
      await page.getByRole('list', { name: 'Directory' }).getByRole('link').first().click()
      await page.getByRole('article').waitFor()
    },
  ],
  [
    'search',
    wide,
    async (page) => {
      await page.goto('/search')
      await page.getByRole('main').getByRole('searchbox').fill('demo')
      await page.locator('mark').first().waitFor()
    },
  ],
  ['phone-chats', phone, (page) => chat(page).waitFor()],
  [
    'phone-chat',
    phone,
    async (page) => {
      await chat(page).click()
      await page.locator('[data-message]').last().waitFor()
    },
  ],
]

async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))))
  // No caret, no hover, no time that differs from run to run but that of the messages.
  await page.mouse.move(0, 0)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.screenshot({ path: `${folder}${name}.png`, caret: 'hide' })
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.each(pictures)(`%s in ${colorScheme}`, async (name, options, prepare) => {
    const context = await browser.newContext({ ...options, colorScheme, locale: 'en-US', reducedMotion: 'reduce', baseURL: server.demo.url, permissions: ['notifications'] })
    const page = await context.newPage()
    await page.goto(new URL(server.demo.accounts[0]!.link).href)
    await page.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
    await prepare(page)
    await take(page, `${name}-${colorScheme}`)
    await context.close()
  })
}

test('the first start', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 850 }, colorScheme: 'light', locale: 'en-US', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce', permissions: ['notifications'] })
  const page = await context.newPage()
  await page.goto(fresh.links[0] ?? '')
  await page.getByLabel('Name of your organization').fill('Example Works')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Your e-mail').fill('olga@example.test')
  await page.getByLabel('Password').fill('a long password')
  await take(page, 'set-up-light')
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await page.getByRole('heading', { name: 'Invite people' }).waitFor()
  await page.getByRole('button', { name: 'Create the link' }).click()
  await page.getByRole('img', { name: 'QR code of the invitation' }).waitFor()
  await page.emulateMedia({ colorScheme: 'dark' })
  await take(page, 'invite-dark')
  await context.close()
})

test('the administration', async () => {
  const { demo } = server
  const made = await fetch(`${demo.url}/api/admin/people/${demo.accounts[0]!.id}`, {
    method: 'PATCH',
    headers: { Authorization: `Basic ${btoa(`${demo.host.app}:${demo.host.secret}`)}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ role: 'owner' }),
  })
  if (!made.ok) throw new Error(await made.text())
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme: 'light', locale: 'en-US', reducedMotion: 'reduce', baseURL: demo.url, permissions: ['notifications'] })
  const page = await context.newPage()
  await page.goto(new URL(demo.accounts[0]!.link).href)
  await page.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
  await page.goto('/admin/overview')
  await page.locator('canvas').first().waitFor()
  await take(page, 'admin-overview-light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/admin/audit')
  await page.getByRole('list', { name: 'Audit log' }).getByRole('article').first().waitFor()
  await take(page, 'admin-audit-dark')
  await context.close()
})
