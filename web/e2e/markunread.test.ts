import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

const badge = (seat: Seat, name: string) => seat.badge(name).getAttribute('aria-label')

/** Two devices of Ann, who has read what Bob said. */
async function read(...texts: string[]) {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  for (const text of texts) await w.say(bob, { person: ann }, text)
  const [a, other] = await w.seats(ann, ann)
  await a.open(bob.name)
  await a.sees(texts.at(-1) ?? '')
  for (const seat of [a, other]) await seat.badge(bob.name).waitFor({ state: 'hidden' })
  return { ann, bob, a, other }
}

test('from a message on, on all own devices, until the chat is opened again', async () => {
  const { ann, bob, a, other } = await read('First', 'Second', 'Third')
  await a.command('Second', 'Mark as unread from here')
  for (const seat of [a, other]) await expect.poll(() => badge(seat, bob.name)).toBe('2 unread')
  await expect.poll(() => other.page.title()).toMatch(/2/)
  // The line of the new messages stands above it.
  const rows = await a.page.getByRole('main').innerText()
  expect(rows.indexOf('New messages')).toBeGreaterThan(rows.indexOf('First'))
  expect(rows.indexOf('New messages')).toBeLessThan(rows.indexOf('Second'))
  expect(await a.axe()).toEqual([])

  // It stays unread although it is on the screen, and so does what arrives.
  await w.say(bob, { person: ann }, 'Fourth')
  await a.sees('Fourth')
  for (const seat of [a, other]) await expect.poll(() => badge(seat, bob.name)).toBe('3 unread')
  // Opened again, it is read.
  await a.page.reload()
  await a.sees('Fourth')
  for (const seat of [a, other]) await seat.badge(bob.name).waitFor({ state: 'hidden' })
})

test('on a device that shows the chat, another device marks it', async () => {
  const { bob, a, other } = await read('First', 'Second')
  await other.open(bob.name)
  await other.sees('Second')
  await a.command('First', 'Mark as unread from here')
  for (const seat of [a, other]) await expect.poll(() => badge(seat, bob.name)).toBe('2 unread')
  // Marked as read on the other one, both read the chat that they show.
  await other.chatMenu(bob.name, 'Mark as read')
  for (const seat of [a, other]) await seat.badge(bob.name).waitFor({ state: 'hidden' })
})

test('by keyboard, and in the list of chats', async () => {
  const { bob, a, other } = await read('First', 'Second')
  await a.field.press('Shift+ArrowUp')
  await a.page.locator('[data-message][data-selected]').waitFor()
  await a.page.keyboard.press('u')
  await a.page.getByText('Marked as unread').waitFor()
  for (const seat of [a, other]) await expect.poll(() => badge(seat, bob.name)).toBe('1 unread')
  await a.go('/')
  await other.chatMenu(bob.name, 'Mark as read')
  for (const seat of [a, other]) await seat.badge(bob.name).waitFor({ state: 'hidden' })
  await other.chatMenu(bob.name, 'Mark as unread')
  for (const seat of [a, other]) await expect.poll(() => badge(seat, bob.name)).toBe('1 unread')
})
