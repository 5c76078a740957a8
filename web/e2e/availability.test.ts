import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Person, Seat } from './seat'
import { world } from './world'

const w = world()

const row = (seat: Seat, who: Person): Locator => seat.row(who.name)
const dot = (where: Locator, name: string): Locator => where.getByRole('img', { name, exact: true })
const line = (seat: Seat, text: string): Locator => seat.page.getByRole('main').locator('header').getByText(text, { exact: true })

/** Opens the window for the own status. */
async function ownStatus(seat: Seat): Promise<Locator> {
  await seat.page.getByRole('button', { name: new RegExp(`^Account of ${seat.who.name}`) }).filter({ visible: true }).first().click()
  await seat.page.getByRole('menuitem', { name: 'Set a status' }).click()
  const dialog = seat.dialog('Your status')
  await dialog.waitFor()
  return dialog
}

test('contacts see who is online, and when somebody goes', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  await a.startChat(bob.name)
  await a.send('Hi')
  await line(a, 'Offline').waitFor()
  expect(await dot(row(a, bob), 'Online').count()).toBe(0)
  const b = await w.seat(bob)
  await dot(row(a, bob), 'Online').waitFor()
  await line(a, 'Online').waitFor()
  await dot(row(b, ann), 'Online').waitFor()
  await b.page.goto('about:blank')
  await line(a, 'Online within the last hour').waitFor({ timeout: 60_000 })
  await dot(row(a, bob), 'Online').waitFor({ state: 'detached' })
})

test('a status: set, shown to contacts and on the other devices, and cleared', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(ann, { person: bob }, 'Hi')
  const [a, b] = await w.seats(ann, bob)
  await b.open(ann.name)
  const dialog = await ownStatus(a)
  await dialog.getByRole('button', { name: 'Choose an emoji' }).click()
  await dialog.getByRole('combobox').first().fill('palm tree')
  await dialog.getByRole('option', { name: 'palm tree', exact: true }).click()
  await dialog.getByRole('button', { name: 'Emoji: 🌴' }).waitFor()
  await dialog.getByRole('textbox', { name: 'What are you doing?' }).fill('On leave')
  await dialog.getByRole('combobox', { name: 'It ends' }).selectOption({ label: 'Today' })
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await line(b, '🌴 On leave · Online').waitFor()

  // It is there when the window is opened again, by keyboard, and on another device.
  const second = await w.seat(ann)
  const again = await ownStatus(second)
  expect(await again.getByRole('textbox', { name: 'What are you doing?' }).inputValue()).toBe('On leave')
  await again.getByRole('switch', { name: 'Do not disturb' }).click()
  await again.getByRole('textbox', { name: 'What are you doing?' }).press('Enter')
  await again.waitFor({ state: 'hidden' })
  await line(b, '🌴 On leave · Do not disturb · Online').waitFor()
  await dot(row(b, ann), 'Do not disturb').waitFor()

  const last = await ownStatus(a)
  await last.getByRole('button', { name: 'Clear the status' }).click()
  await last.waitFor({ state: 'hidden' })
  await line(b, 'Online').waitFor()
  await dot(row(b, ann), 'Online').waitFor()
})

test('whoever hides it is not shown, and sees none', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(ann, { person: bob }, 'Hi')
  const [a, b] = await w.seats(ann, bob)
  await dot(row(a, bob), 'Online').waitFor()
  await dot(row(b, ann), 'Online').waitFor()
  await b.go('/settings/profile')
  const own = b.page.getByRole('switch', { name: 'Show what I am doing' })
  await own.click()
  await expect.poll(() => own.getAttribute('aria-checked')).toBe('false')
  await dot(row(a, bob), 'Online').waitFor({ state: 'detached' })
  await dot(row(b, ann), 'Online').waitFor({ state: 'detached' })
  await own.click()
  await expect.poll(() => own.getAttribute('aria-checked')).toBe('true')
  await dot(row(a, bob), 'Online').waitFor()
  await dot(row(b, ann), 'Online').waitFor()
})

test('in Chinese', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(ann, { person: bob }, '你好')
  const a = await w.seat(ann, { locale: 'zh-CN' })
  await w.seat(bob)
  await a.open(bob.name)
  await dot(row(a, bob), '在线').waitFor()
  await line(a, '在线').waitFor()
  await a.page.getByRole('button', { name: /Ann Adler/ }).filter({ visible: true }).first().click()
  await a.page.getByRole('menuitem', { name: '设置状态' }).click()
  const dialog = a.dialog('我的状态')
  await dialog.getByRole('textbox', { name: '你在做什么？' }).fill('开会')
  await dialog.getByRole('button', { name: '保存' }).click()
  await dialog.waitFor({ state: 'hidden' })
})

test.each(['light', 'dark'] as const)('axe finds nothing in %s', async (colorScheme) => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(ann, { person: bob }, 'Hi')
  const a = await w.seat(ann, { colorScheme, reducedMotion: 'reduce' })
  await w.seat(bob)
  await a.open(bob.name)
  await dot(row(a, bob), 'Online').waitFor()
  await line(a, 'Online').waitFor()
  expect(await a.axe()).toEqual([])
  const dialog = await ownStatus(a)
  expect(await a.axe()).toEqual([])
  await dialog.getByRole('button', { name: 'Choose an emoji' }).click()
  expect(await a.axe()).toEqual([])
})
