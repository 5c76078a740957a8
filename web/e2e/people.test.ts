import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

async function peoplePage(seat: Seat): Promise<void> {
  await seat.page.getByRole('navigation').getByRole('link', { name: 'People' }).click()
  await seat.page.getByRole('heading', { name: 'People', level: 1 }).waitFor()
}

const profile = (seat: Seat, name: string) => seat.page.getByRole('article', { name })

test('the directory lists colleagues by initial, pinyin too, and finds them', async () => {
  const [ann] = await w.people('Ann Adler', 'Zoe Zimmer', '李小龙', '张伟')
  const a = await w.seat(ann)
  await peoplePage(a)
  const directory = a.page.getByRole('list', { name: 'Directory' })
  await directory.getByRole('link', { name: '李小龙' }).waitFor()
  const headings = await directory.getByRole('heading').allInnerTexts()
  expect(headings).toContain('L')
  expect(headings).toContain('Z')
  const names = await directory.getByRole('link').allInnerTexts()
  expect(names.findIndex((n) => n.startsWith('李小龙'))).toBeLessThan(names.findIndex((n) => n.startsWith('张伟')))

  const search = a.page.getByRole('searchbox')
  await search.fill('zhangwei')
  await directory.getByRole('link', { name: '李小龙' }).waitFor({ state: 'hidden' })
  await directory.getByRole('link', { name: '张伟' }).waitFor()
  await search.fill('nobody at all')
  await a.page.getByText('Nobody found').waitFor()
  await search.fill('')
  await a.page.getByRole('toolbar', { name: 'Initials' }).getByRole('button', { name: 'Jump to Z' }).click()
  await directory.getByRole('link', { name: 'Zoe Zimmer' }).click()
  await profile(a, 'Zoe Zimmer').getByText('Test organization').waitFor()
  expect(await a.axe()).toEqual([])
})

test('a profile leads to a chat and to a group', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.go(`/people/${bob.id}`)
  await profile(a, bob.name).getByRole('button', { name: 'Message' }).click()
  await a.title(bob.name).waitFor()
  await a.send('From your profile')
  await b.row(ann.name).waitFor()

  await a.go(`/people/${bob.id}`)
  await profile(a, bob.name).getByRole('button', { name: 'New group' }).click()
  await a.dialog('New group').getByRole('button', { name: 'Create with 2 people' }).click()
  await a.title(/Ann Adler.*Bob Berg/).waitFor()
  await b.row('Ann Adler, Bob Berg').waitFor()
  await a.go(`/people/${bob.id}`)
  await profile(a, bob.name).getByRole('link', { name: /Ann Adler.*Bob Berg/ }).waitFor()
})

test('a stranger is asked by e-mail, accepts, is written to, and is removed again', async () => {
  const [ann] = await w.people('Ann Adler')
  const [sam] = await w.strangers('Sam Stranger')
  const [a, s] = await w.seats(ann, sam)

  await peoplePage(a)
  await a.page.getByRole('button', { name: 'Add friend' }).click()
  const dialog = a.dialog('Add friend')
  await dialog.getByLabel('E-mail').fill('nobody@people.example')
  await dialog.getByRole('button', { name: 'Send request' }).click()
  await dialog.getByText('Nobody with this e-mail address is here.').waitFor()
  await dialog.getByLabel('E-mail').fill(sam.email)
  await dialog.getByLabel('Message').fill('We met at the fair')
  await dialog.getByRole('button', { name: 'Send request' }).click()
  await dialog.waitFor({ state: 'hidden' })

  // The request is in the notifications at once, and is answered there or among the people.
  await s.row('System').waitFor()
  await peoplePage(s)
  await s.page.getByRole('tab', { name: /Requests/ }).click()
  await s.page.getByText('We met at the fair').waitFor()
  expect(await s.axe()).toEqual([])
  await s.page.getByRole('button', { name: 'Accept' }).click()
  await s.page.getByText('Accepted').waitFor()

  // Ann is told, and sees the new friend without asking again.
  await a.page.getByRole('tab', { name: 'Friends' }).click()
  await a.page.getByRole('list', { name: 'Directory' }).getByRole('link', { name: sam.name }).click()
  await profile(a, sam.name).getByText('Your friend').waitFor()
  await profile(a, sam.name).getByRole('button', { name: 'Message' }).click()
  await a.send('Hello friend')
  await s.page.getByRole('navigation').getByRole('link', { name: /Chats/ }).click()
  await s.open(ann.name)
  await s.sees('Hello friend')

  await a.go(`/people/${sam.id}`)
  await profile(a, sam.name).getByRole('button', { name: 'Remove friend' }).click()
  await a.confirm('Remove friend')
  await profile(a, sam.name).getByRole('button', { name: 'Add friend' }).waitFor()
  await s.page.getByText('You can no longer write here.').waitFor()
})

test('a request is declined, and another one taken back', async () => {
  const [ann] = await w.people('Ann Adler')
  const [sam, tom] = await w.strangers('Sam Stranger', 'Tom Stranger')
  const [a, s] = await w.seats(ann, sam)
  await peoplePage(a)
  for (const other of [sam, tom]) {
    await a.page.getByRole('button', { name: 'Add friend' }).first().click()
    await a.dialog('Add friend').getByLabel('E-mail').fill(other.email)
    await a.dialog('Add friend').getByRole('button', { name: 'Send request' }).click()
    await a.dialog('Add friend').waitFor({ state: 'hidden' })
  }
  await a.page.getByRole('tab', { name: /Requests/ }).click()
  await a.page.getByRole('listitem').filter({ hasText: tom.name }).getByRole('button', { name: 'Withdraw' }).click()
  await a.page.getByRole('link', { name: tom.name }).waitFor({ state: 'hidden' })

  await peoplePage(s)
  await s.page.getByRole('tab', { name: /Requests/ }).click()
  await s.page.getByRole('button', { name: 'Decline' }).click()
  await s.page.getByText('Declined').waitFor()
})

test('one writes to oneself', async () => {
  const [ann] = await w.people('Ann Adler')
  const a = await w.seat(ann)
  const phone = await w.seat(ann, { viewport: { width: 390, height: 800 } })
  await peoplePage(a)
  await a.page.getByRole('link', { name: /My devices/ }).click()
  await a.send('Note to self')
  await phone.open('My devices')
  await phone.sees('Note to self')
})
