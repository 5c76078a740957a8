import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

const bar = (seat: Seat) => seat.page.getByRole('region', { name: 'Pinned messages' })

test('in a chat with a person: bar, list, system line, on all devices and after a reload', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  for (const text of ['The first plan', 'The second plan']) await w.say(bob, { person: ann }, text)
  const [a, b, other] = await w.seats(ann, bob, bob)
  await a.open(bob.name)
  await b.open(ann.name)
  await other.open(ann.name)
  await a.command('The first plan', 'Pin message')
  for (const seat of [a, b, other]) await bar(seat).getByText('The first plan').waitFor()
  await a.sees('You pinned a message')
  for (const seat of [b, other]) await seat.sees('Ann Adler pinned a message')
  await b.command('The second plan', 'Pin message')
  for (const seat of [a, b, other]) await bar(seat).getByText('The second plan').waitFor()
  expect(await a.axe()).toEqual([])

  // The list has all of them; a message there leads to its place.
  await bar(a).getByRole('button', { name: 'All 2 pinned messages' }).click()
  const list = a.dialog('Pinned messages')
  await expect.poll(() => list.getByRole('listitem').count()).toBe(2)
  await list.getByText('Pinned by Ann Adler').waitFor()
  expect(await a.axe()).toEqual([])
  await list.getByRole('button', { name: /The first plan/ }).click()
  await list.waitFor({ state: 'hidden' })
  await a.message('The first plan').and(a.page.locator('.animate-lit')).waitFor()

  // An edit changes the bar, a withdrawal removes the message from it, and so does the list.
  await b.command('The second plan', 'Edit')
  await b.send('The third plan')
  for (const seat of [a, other]) await bar(seat).getByText('The third plan').waitFor()
  await b.command('The third plan', 'Withdraw')
  await b.confirm('Withdraw')
  for (const seat of [a, b, other]) await bar(seat).getByText('The first plan').waitFor()
  await a.page.reload()
  await bar(a).getByRole('button', { name: '1 pinned message' }).click()
  await a.dialog('Pinned messages').getByRole('button', { name: 'Unpin message' }).click()
  for (const seat of [a, b, other]) await bar(seat).waitFor({ state: 'detached' })
})

test('in a group, administrators pin; former members see no pins; by keyboard', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const group = await w.group('Crew', ann, bob)
  await w.say(bob, { group }, 'The rules')
  const [a, b] = await w.seats(ann, bob)
  await a.open('Crew')
  await b.open('Crew')
  await a.sees('The rules')
  await a.field.press('Shift+ArrowUp')
  await a.page.locator('[data-message][data-selected]').waitFor()
  await a.page.keyboard.press('p')
  for (const seat of [a, b]) await bar(seat).getByText('The rules').waitFor()
  await b.sees('Ann Adler pinned a message')

  // A member cannot pin, and is not offered it.
  await b.message('The rules').click({ button: 'right' })
  await b.page.getByRole('menuitem', { name: /Reply/ }).waitFor()
  expect(await b.page.getByRole('menuitem', { name: /pin message/i }).count()).toBe(0)
  await b.page.keyboard.press('Escape')

  await w.server.host('DELETE', `/v1/groups/${group}/members/${bob.id}`)
  await bar(b).waitFor({ state: 'detached' })
  await b.page.reload()
  await b.sees('The rules')
  expect(await bar(b).count()).toBe(0)
})
