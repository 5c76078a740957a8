import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { launch } from './browser'
import { Server } from './server'

// The pictures of the README, of the demo as everybody sees it: npm run screenshots.

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const server = new Server({}, false)
let browser: Awaited<ReturnType<typeof launch>>

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  ;[, browser] = await Promise.all([server.start(), launch()])
})

afterAll(async () => {
  await browser?.close()
  await server.close()
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

for (const colorScheme of ['light', 'dark'] as const) {
  test.each(pictures)(`%s in ${colorScheme}`, async (name, options, prepare) => {
    const context = await browser.newContext({ ...options, colorScheme, locale: 'en-US', reducedMotion: 'reduce', baseURL: server.demo.url, permissions: ['notifications'] })
    const page = await context.newPage()
    await page.goto(new URL(server.demo.accounts[0]!.link).href)
    await page.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
    await prepare(page)
    await page.waitForLoadState('networkidle')
    await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))))
    // No caret, no hover, no time that differs from run to run but that of the messages.
    await page.mouse.move(0, 0)
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.screenshot({ path: `${folder}${name}-${colorScheme}.png`, caret: 'hide' })
    await context.close()
  })
}
