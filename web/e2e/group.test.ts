import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

test('a group is created from the dialog', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const [a, b] = await w.seats(ann, bob)
  await a.page.getByRole('button', { name: 'New', exact: true }).click()
  await a.page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = a.dialog('New group')
  const find = dialog.getByRole('combobox', { name: 'Choose members' })
  await find.fill('Bob')
  await dialog.getByRole('option', { name: bob.name }).first().click()
  await find.fill('Cal')
  await find.press('Enter') // before the answer is there
  await dialog.getByRole('button', { name: `Remove ${cal.name}` }).waitFor()
  await dialog.getByLabel('Group name').fill('Garden club')
  expect(await a.axe()).toEqual([])
  await dialog.getByRole('button', { name: 'Create with 3 people' }).click()
  await a.title('Garden club').waitFor()
  await b.open('Garden club')
  await a.send('Welcome')
  await b.sees('Welcome')
})

test('a chat with two becomes a group, and then a lasting group', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const [a, c] = await w.seats(ann, cal)
  await a.startChat(bob.name)
  await a.send('Let us ask Cal')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'New group' }).click()
  const dialog = a.dialog('New group')
  await dialog.getByRole('combobox').fill('Cal')
  await dialog.getByRole('option', { name: cal.name }).first().click()
  await dialog.getByRole('button', { name: 'Create with 3 people' }).click()
  await a.title(/Ann Adler.*Bob Berg.*Cal Cole/).waitFor()
  await c.row('Ann Adler, Bob Berg, Cal Cole').waitFor()

  await a.details.getByRole('button', { name: 'Make it a lasting group' }).click()
  await a.confirm('Make it a lasting group')
  await a.details.getByText('Lasting group · 3 members').waitFor()
})

test('members are added, appointed, dismissed and removed', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.group('Crew', ann, bob)
  const [a, b, c] = await w.seats(ann, bob, cal)
  await a.open('Crew')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'Add members' }).click()
  const dialog = a.dialog('Add members')
  await dialog.getByRole('combobox').fill('Bob')
  await expect.poll(() => dialog.getByRole('option', { name: bob.name }).first().getAttribute('aria-disabled')).toBe('true')
  await dialog.getByRole('combobox').fill('Cal')
  await dialog.getByRole('option', { name: cal.name }).first().click()
  await dialog.getByRole('button', { name: 'Add 1 person' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await details.getByText('3 members').first().waitFor()
  await c.open('Crew')

  await details.getByRole('button', { name: 'All 3 members' }).click()
  const member = (name: string) => details.getByRole('listitem').filter({ hasText: name })
  const act = async (name: string, what: string) => {
    await details.getByRole('button', { name: `Actions for ${name}` }).click()
    await a.page.getByRole('menuitem', { name: what }).click()
  }
  await member(ann.name).getByText('Creator').waitFor()
  await act(bob.name, 'Make administrator')
  await member(bob.name).getByText('Administrator', { exact: true }).waitFor()

  // Bob may change the group now, and sees so at once.
  await b.open('Crew')
  const own = await b.openDetails()
  await own.getByRole('button', { name: 'Rename' }).waitFor()
  await act(bob.name, 'Dismiss as administrator')
  await own.getByRole('button', { name: 'Rename' }).waitFor({ state: 'hidden' })

  await details.getByRole('searchbox').fill('Cal')
  await member(bob.name).waitFor({ state: 'hidden' })
  await act(cal.name, 'Remove from group')
  await a.confirm('Remove from group')
  await details.getByText('No member found').waitFor()
  await c.page.getByText('You can no longer write here.').waitFor()
})

test('name, announcement and picture change for everybody', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Old name', ann, bob)
  const [a, b] = await w.seats(ann, bob)
  await a.open('Old name')
  const details = await a.openDetails()
  await b.open('Old name')
  const theirs = await b.openDetails()
  expect(await theirs.getByRole('button', { name: 'Rename' }).count()).toBe(0)

  await details.getByRole('button', { name: 'Rename' }).click()
  await details.getByLabel('Group name').fill('New name')
  await details.getByLabel('Group name').press('Enter')
  await b.title('New name').waitFor()
  await b.row('New name').waitFor()

  await details.getByRole('button', { name: 'Write an announcement' }).click()
  const dialog = a.dialog('Announcement')
  await dialog.getByLabel('Announcement').fill('We meet on Friday')
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await theirs.getByRole('region', { name: 'Announcement' }).getByText('We meet on Friday').waitFor()

  await details.getByRole('button', { name: 'Picture of the group' }).click()
  const [chooser] = await Promise.all([
    a.page.waitForEvent('filechooser'),
    a.page.getByRole('menuitem', { name: 'Change picture' }).click(),
  ])
  await chooser.setFiles({ name: 'team.png', mimeType: 'image/png', buffer: await pngFrom(a) })
  await details.locator('img[src*="/avatars/"]').first().waitFor()
  await theirs.locator('img[src*="/avatars/"]').first().waitFor()
  await b.row('New name').locator('img').waitFor()
})

/** A picture of what stands on the page is as good as any. */
const pngFrom = (seat: { page: import('playwright-core').Page }) => seat.page.screenshot({ clip: { x: 0, y: 0, width: 64, height: 48 } })

test('administrators may ban speaking, and keep members from inviting', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Lectures', ann, bob)
  const [a, b] = await w.seats(ann, bob)
  await a.open('Lectures')
  await b.open('Lectures')
  const details = await a.openDetails()
  const theirs = await b.openDetails()
  await theirs.getByRole('button', { name: 'Add members' }).waitFor()

  await details.getByRole('switch', { name: 'Members may add people' }).click()
  await theirs.getByRole('button', { name: 'Add members' }).waitFor({ state: 'hidden' })
  await details.getByRole('switch', { name: 'Only administrators may write' }).click()
  await b.page.getByText('Only administrators may write in this group at the moment.').waitFor()
  await a.send('Listen')
  await b.sees('Listen')
  await details.getByRole('switch', { name: 'Only administrators may write' }).click()
  await b.field.waitFor()
  await b.send('May I?')
  await a.sees('May I?')
})

test('a group is muted and kept on top, on all own devices', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const group = await w.group('Noise', bob, ann)
  const a = await w.seat(ann)
  const other = await w.seat(ann)
  await a.open('Noise')
  const details = await a.openDetails()
  await details.getByRole('switch', { name: 'Mute notifications' }).click()
  await details.getByRole('switch', { name: 'Pin this chat' }).click()
  await other.row('Noise').getByText('Muted').waitFor({ state: 'attached' })
  await other.row('Noise').getByText('Pinned').waitFor({ state: 'attached' })
  await a.page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click()
  await w.say(bob, { group }, 'Psst')
  await other.badge('Noise').and(other.page.locator('.bg-badge-muted')).waitFor()
})

test('one leaves a group; its creator dissolves it', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.group('Short-lived', ann, bob, cal)
  const [a, b, c] = await w.seats(ann, bob, cal)
  for (const seat of [a, b, c]) await seat.open('Short-lived')

  await (await b.openDetails()).getByRole('button', { name: 'Leave group' }).click()
  expect(await b.details.getByRole('button', { name: 'Dissolve group' }).count()).toBe(0)
  await b.confirm('Leave group')
  await b.page.getByText('You can no longer write here.').waitFor()
  await (await a.openDetails()).getByText('2 members').first().waitFor()

  await a.details.getByRole('button', { name: 'Dissolve group' }).click()
  await a.confirm('Dissolve group')
  await c.page.getByText('You can no longer write here.').waitFor()
  await a.page.getByText('You can no longer write here.').waitFor()
})

test('details of a group pass axe', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Accessible', ann, bob)
  const a = await w.seat(ann)
  await a.open('Accessible')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'Add members' }).waitFor()
  expect(await a.axe()).toEqual([])
  await details.getByRole('button', { name: 'All 2 members' }).click()
  await details.getByRole('searchbox').waitFor()
  expect(await a.axe()).toEqual([])
})
