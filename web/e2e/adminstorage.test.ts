import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import axe from './axe'
import { launch, patience } from './browser'
import { FreshServer } from './fresh'
import { Seat } from './seat'
import { binary } from './server'

const place = mkdtempSync(join(tmpdir(), 'parley-e2e-storage-'))
const server = new FreshServer({ PARLEY_BACKUP_FOLDER: join(place, 'backups'), PARLEY_AUTH_FRESH_SIGN_IN: '24h' })
let browser: Browser
const faults: string[] = []

class Tab extends Seat {
  override readonly faults = faults
}

beforeAll(async () => {
  ;[, browser] = await Promise.all([server.start(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await server.close()
  rmSync(place, { recursive: true, force: true })
})
afterEach(() => expect(faults.splice(0)).toEqual([]))

/** Sets the server up. The page is that of the owner. */
async function owner(): Promise<{ seat: Seat; page: Page; token: string }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  const seat = new Tab(page, { id: '', name: '', email: '' })
  await page.goto(server.links[0] ?? '')
  await page.getByLabel('Name of your organization').fill('Example Works')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Your e-mail').fill('olga@example.test')
  await page.getByLabel('Password').fill('a long password')
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await page.getByRole('heading', { name: 'Invite people' }).waitFor()
  const kept = await page.evaluate(() => localStorage.getItem('parley.sessions') ?? '[]')
  const [session] = JSON.parse(kept) as { token: string }[]
  return { seat, page, token: session!.token }
}

/** A person of an export of Slack. */
const user = (id: string, name: string): object => ({ id, team_id: 'T1', name: name.toLowerCase(), real_name: name, profile: { real_name: name, email: `${name.toLowerCase()}@example.test` } })

/** Imports a group with messages that are years old, as an export of Slack has them. */
function importOld(messages: number): void {
  const folder = join(place, 'slack')
  mkdirSync(join(folder, 'garden'), { recursive: true })
  const write = (name: string, content: unknown): void => writeFileSync(join(folder, name), JSON.stringify(content))
  write('users.json', [user('U1', 'Ada'), user('U2', 'Bo')])
  write('channels.json', [{ id: 'C1', name: 'garden', created: 1_577_836_800, creator: 'U1', members: ['U1', 'U2'] }])
  write(join('garden', '2020-01-02.json'), Array.from({ length: messages }, (_, i) => ({ type: 'message', user: 'U1', text: `old ${i}`, ts: `${1_577_966_400 + i}.000100` })))
  const done = spawnSync(binary(), ['import', '--data', server.data, folder], { encoding: 'utf8' })
  expect(done.status, done.stderr).toBe(0)
}

test('an owner sees what a rule will remove, sets it, makes an exception, and sees the backups', async () => {
  const { seat, page, token } = await owner()
  importOld(3)
  await seat.go('/admin/storage')
  const main = page.getByRole('main')
  await main.getByText('There is no rule: messages are kept for ever.').waitFor()

  // Bad numbers are refused in words.
  const days = main.getByLabel('Keep for how many days')
  const look = main.getByRole('button', { name: 'See what will be removed' })
  const dialog = page.getByRole('alertdialog')
  for (const wrong of ['-1', '1.5', 'ten', '36501']) {
    await days.fill(wrong)
    await look.click()
    await main.getByText('Type a whole number up to 36,500, or nothing.').waitFor()
  }

  // First a preview, which changes nothing. The server counts in parts; here the first part says that there is another.
  await main.getByLabel('Messages of').selectOption('garden')
  await days.fill('30')
  const held: (() => void)[] = []
  await page.route(/retention\/preview/, async (route) => {
    if (new URL(route.request().url()).searchParams.has('after')) return void held.push(() => void route.continue())
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...((await response.json()) as object), progress: 0.25, next: 1_000_000 } })
  })
  const progress = main.getByRole('progressbar', { name: 'Messages are counted' })
  await look.click()
  await expect.poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value)).toBe(0.25)
  await main.getByRole('button', { name: 'Cancel' }).click()
  await progress.waitFor({ state: 'hidden' })
  expect(await dialog.count()).toBe(0)
  held.length = 0
  await look.click()
  await expect.poll(() => held.length).toBe(1)
  held[0]?.()
  await dialog.getByText('The server will remove 3 messages in 1 chat, and 0 files').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await look.click()
  await dialog.getByText('Keep the messages of garden: 30 days?').waitFor()
  await dialog.getByText('The server will remove 3 messages in 1 chat, and 0 files').waitFor()
  expect(await axe(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await main.getByText('There is no rule: messages are kept for ever.').waitFor()
  await look.click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  const rules = main.getByRole('list', { name: 'For how long messages are kept' })
  await rules.getByRole('listitem').filter({ hasText: 'Group garden' }).filter({ hasText: '30 days' }).waitFor()

  // The organization, for ever: nothing will go.
  await main.getByLabel('Messages of').selectOption('Example Works')
  await days.fill('')
  await look.click()
  await dialog.getByText('Keep the messages of Example Works: for ever?').waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await rules.getByRole('listitem').filter({ hasText: 'Organization Example Works' }).filter({ hasText: 'for ever' }).waitFor()
  expect(await rules.getByRole('listitem').count()).toBe(2)

  // The first run had nothing to remove, and the server has made a backup.
  await main.getByRole('heading', { name: 'Removal of old messages' }).waitFor()
  await main.getByText('Complete', { exact: true }).waitFor()
  const kept = main.getByRole('list', { name: 'Kept backups' })
  await kept.getByRole('listitem').first().waitFor()
  await main.getByText(join(place, 'backups')).waitFor()
  expect(await axe(page)).toEqual([])

  // After a restart, the server removes the messages.
  await server.stop()
  await server.start()
  await seat.go('/admin/storage')
  await expect
    .poll(async () => {
      const answer = await fetch(`${server.url}/api/admin/retention`, { headers: { Authorization: `Bearer ${token}` } })
      return ((await answer.json()) as { run: { running: boolean; messages: number } }).run
    }, { timeout: 60_000 })
    .toMatchObject({ running: false, messages: 3 })
  await main.locator('dl > div').filter({ hasText: 'Removed messages' }).getByText('3', { exact: true }).waitFor()

  await main.getByRole('button', { name: 'Remove the rule: Group garden' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await rules.getByRole('listitem').filter({ hasText: 'Group garden' }).waitFor({ state: 'hidden' })
  await seat.go('/admin/audit')
  const log = page.getByRole('list', { name: 'Audit log' })
  await expect.poll(() => log.getByRole('article').filter({ hasText: 'Retention changed' }).filter({ hasText: 'garden' }).filter({ hasText: 'Olga Owner' }).count(), { timeout: 60_000 }).toBe(2)
  await page.context().close()
}, 300_000)
