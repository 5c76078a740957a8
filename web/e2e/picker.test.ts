import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

const forwardDialog = async (seat: Seat, text: string) => {
  await seat.command(text, 'Forward')
  const dialog = seat.dialog('Forward')
  return { dialog, find: dialog.getByRole('combobox'), option: (name: string) => dialog.getByRole('option', { name }) }
}

// Only the chats of the list were offered, by name.
test('a message is forwarded to several people and groups, found by name, pinyin and e-mail', async () => {
  const [ann, bob, wang, cal] = await w.people('Ann Adler', 'Bob Berg', '王小明', 'Cal Cole')
  await w.group('花园俱乐部', ann, cal)
  const [a, b, c, d] = await w.seats(ann, bob, wang, cal)
  await a.startChat(bob.name)
  await a.send('Read this')
  await b.row(ann.name).waitFor()

  const { dialog, find, option } = await forwardDialog(a, 'Read this')
  // Recent chats first, and one's own devices.
  await expect.poll(() => dialog.getByRole('option').first().innerText()).toContain(bob.name)
  await option('My devices').click()
  for (const text of ['王小明', 'wangxiaoming', 'wxm', wang.email]) {
    await find.fill(text)
    await option(wang.name).waitFor()
    await expect.poll(() => dialog.getByRole('option').count()).toBe(1)
  }
  await option(wang.name).click()
  await find.fill('hyjlb')
  await find.press('Enter') // before the answer is there
  await dialog.getByRole('button', { name: 'Remove 花园俱乐部' }).waitFor()
  expect(await a.axe()).toEqual([])
  await dialog.getByRole('button', { name: 'Forward to 3 chats' }).click()
  await c.open(ann.name)
  await c.sees('Read this')
  await d.open('花园俱乐部')
  await d.sees('Read this')
  await a.open('My devices')
  await a.sees('Read this')
})

test('people of the same name are told apart by their e-mail addresses', async () => {
  const [ann, one, two] = await w.people('Ann Adler', 'Kim Lee', 'Kim Lee')
  const [a, c] = await w.seats(ann, two)
  await w.say(one, { person: ann }, 'First')
  await w.say(two, { person: ann }, 'Second')
  // Not by the name: once both are in the list, the row also has an address.
  await a.page.locator('[data-chat]').filter({ hasText: 'First' }).click()
  const { dialog, option } = await forwardDialog(a, 'First')
  await option(`Kim Lee ${one.email}`).waitFor()
  await option(`Kim Lee ${two.email}`).click()
  await dialog.getByRole('button', { name: 'Forward to 1 chat' }).click()
  await c.open(ann.name)
  await c.sees('First')
})

test('every choice of people finds by name, pinyin and e-mail', async () => {
  const [ann, bob, wang] = await w.people('Ann Adler', 'Bob Berg', '王小明')
  await w.group('Crew', ann, bob)
  const a = await w.seat(ann)
  await a.open('Crew')
  const finds = async (dialog: ReturnType<Seat['dialog']>) => {
    for (const text of ['王小', 'xiaoming', 'wxm', wang.email]) {
      await dialog.getByRole('combobox').fill(text)
      await dialog.getByRole('option', { name: wang.name }).waitFor()
      await expect.poll(() => dialog.getByRole('option').count()).toBe(1)
    }
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'hidden' })
  }
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'Add members' }).click()
  await finds(a.dialog('Add members'))
  await a.page.getByRole('button', { name: 'New chat', exact: true }).first().click()
  await finds(a.dialog('New chat'))
  await a.page.getByRole('button', { name: 'New', exact: true }).click()
  await a.page.getByRole('menuitem', { name: 'New group' }).click()
  await finds(a.dialog('New group'))
})

test('members are found by pinyin and e-mail, in the list and behind an @', async () => {
  const [ann, wang] = await w.people('Ann Adler', '王小明')
  await w.group('Crew', ann, wang)
  const a = await w.seat(ann)
  await a.open('Crew')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'All 2 members' }).click()
  for (const text of ['小明', 'wxm', wang.email]) {
    await details.getByRole('searchbox').fill(text)
    await details.getByRole('listitem').filter({ hasText: ann.name }).waitFor({ state: 'hidden' })
    await details.getByRole('listitem').filter({ hasText: wang.name }).waitFor()
  }
  for (const text of ['@wxm', `@${wang.email.slice(0, 8)}`]) {
    await a.field.fill('')
    await a.field.pressSequentially(text)
    await a.page.getByRole('listbox', { name: 'Mention somebody' }).getByRole('option', { name: wang.name }).waitFor()
  }
})

// Two chips said the same name.
test('chosen people of the same name are told apart', async () => {
  const [ann, one, two, bob] = await w.people('Ann Adler', 'Kim Lee', 'Kim Lee', 'Bob Berg')
  const a = await w.seat(ann)
  await a.page.getByRole('button', { name: 'New', exact: true }).click()
  await a.page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = a.dialog('New group')
  await dialog.getByRole('option', { name: bob.name }).click()
  await dialog.getByRole('option', { name: `Kim Lee ${one.email}` }).click()
  await dialog.getByRole('button', { name: 'Remove Kim Lee', exact: true }).waitFor()
  await dialog.getByRole('option', { name: `Kim Lee ${two.email}` }).click()
  for (const { email } of [one, two]) {
    const chip = dialog.getByRole('button', { name: `Remove Kim Lee ${email}`, exact: true }).locator('..')
    await chip.getByText(email, { exact: true }).waitFor()
  }
  await dialog.getByRole('button', { name: `Remove Kim Lee ${one.email}` }).click()
  await dialog.getByRole('button', { name: 'Remove Kim Lee', exact: true }).waitFor()
})
