import { expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { world } from './world'

const w = world()

/** The background of the element that the selector finds first. */
const background = (page: Page, selector: string) => page.locator(selector).first().evaluate((e) => getComputedStyle(e).backgroundColor)

async function seated() {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'Hello from Bob')
  await w.say(cal, { person: ann }, 'Hello from Cal')
  return { ann, bob, cal }
}

// Esc went to the composer and left both panels open.
test('Escape closes what is nearest: the dialog, then the panel', async () => {
  const { ann, bob } = await seated()
  const a = await w.seat(ann)
  const { keyboard } = a.page
  await a.open(bob.name)
  await a.openDetails()
  await keyboard.press('Control+/')
  await a.dialog('Keyboard shortcuts').waitFor()
  await keyboard.press('Escape')
  await a.dialog('Keyboard shortcuts').waitFor({ state: 'hidden' })
  expect(await a.details.isVisible()).toBe(true)
  await keyboard.press('Escape')
  await a.details.waitFor({ state: 'hidden' })
  await expect.poll(() => a.field.evaluate((f) => f === document.activeElement)).toBe(true)

  const search = a.page.getByRole('complementary', { name: 'Search in this chat' })
  await keyboard.press('Control+f')
  await search.getByRole('searchbox').waitFor()
  await keyboard.press('Escape')
  await search.waitFor({ state: 'hidden' })
})

test('the search of a chat closes with it, and the details show the next chat', async () => {
  const { ann, bob, cal } = await seated()
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.page.keyboard.press('Control+f')
  const search = a.page.getByRole('complementary', { name: 'Search in this chat' })
  await search.waitFor()
  await a.open(cal.name)
  expect(await search.count()).toBe(0)
  await a.openDetails()
  await a.open(bob.name)
  await a.details.getByText(bob.email).waitFor()
})

test('the title of the tab names what it shows', async () => {
  const { ann, bob, cal } = await seated()
  const a = await w.seat(ann)
  const title = () => a.page.title()
  await expect.poll(title).toBe('(2) parley')
  await a.open(bob.name)
  await expect.poll(title).toBe('(1) Bob Berg – parley')
  await a.open(cal.name)
  await expect.poll(title).toBe('Cal Cole – parley')
  await a.go('/settings')
  await expect.poll(title).toBe('Settings – parley')
  const b = await w.seat(ann, { locale: 'zh-CN' })
  await b.go('/chat/1/file-transfer')
  await expect.poll(() => b.page.title()).toBe('我的设备 – parley')
  await b.go('/people')
  await expect.poll(() => b.page.title()).toBe('通讯录 – parley')
})

// The text stood in one line in the chat, and its addresses were no links anywhere.
test('an announcement keeps its lines and links', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Crew', ann, bob)
  const a = await w.seat(ann)
  await a.open('Crew')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'Write an announcement' }).click()
  await a.dialog('Announcement').getByLabel('Announcement').fill('First line\nSee https://demo.example/plan')
  await a.dialog('Announcement').getByRole('button', { name: 'Publish' }).click()
  for (const place of [details.getByRole('region', { name: 'Announcement' }), a.message('First line')]) {
    expect(await place.getByRole('link', { name: 'https://demo.example/plan' }).getAttribute('href')).toBe('https://demo.example/plan')
    expect(await place.innerText()).toContain('First line\nSee')
  }
})

// Backgrounds go with forced colours, and with them went the selection, the switches and the dots.
test('with forced colours, every state can be seen', async () => {
  const { ann, bob } = await seated()
  const a = await w.seat(ann, { forcedColors: 'active' })
  await a.row(bob.name).waitFor()
  const canvas = await background(a.page, 'html')
  await a.badge('Cal Cole').waitFor()
  expect(await background(a.page, '[data-chat] .bg-badge')).not.toBe(canvas)
  await a.open(bob.name)
  expect(await background(a.page, '[data-chat][aria-current=page]')).not.toBe(canvas)
  await a.openDetails()
  const sticky = a.details.getByRole('switch', { name: 'Pin this chat' })
  const look = () => sticky.evaluate((s) => [getComputedStyle(s).backgroundColor, getComputedStyle(s.firstElementChild!).backgroundColor])
  const off = await look()
  expect(new Set(off).size).toBe(2)
  await sticky.click()
  await expect.poll(look).not.toEqual(off)
  expect(new Set(await look()).size).toBe(2)
  await a.page.keyboard.press('Escape')
  await a.page.keyboard.press('ArrowUp')
  const selected = a.page.locator('[data-message][data-selected]')
  expect(await selected.evaluate((s) => getComputedStyle(s).outlineStyle)).toBe('solid')
  expect(await a.axe()).toEqual([])
})
