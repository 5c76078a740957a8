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

test('a chat with two becomes a group, and then a permanent group', async () => {
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

  await a.details.getByRole('button', { name: 'Make it a permanent group' }).click()
  await a.confirm('Make it a permanent group')
  await a.details.getByText('Permanent group · 3 members').waitFor()
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
  await c.page.getByText('You were removed from this group.').waitFor()
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
  await a.choose(a.page.getByRole('menuitem', { name: 'Change picture' }), { name: 'team.png', mimeType: 'image/png', buffer: await pngFrom(a) })
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
  await b.page.getByText('You left this group.').waitFor()
  await (await a.openDetails()).getByText('2 members').first().waitFor()

  await a.details.getByRole('button', { name: 'Dissolve group' }).click()
  await a.confirm('Dissolve group')
  await c.page.getByText('This group was dissolved.').waitFor()
  await a.page.getByText('This group was dissolved.').waitFor()
})

// The page said only that one can no longer write, and the row looked like that of any other group.
test('a group that one is no longer in says why, and is removed from the list', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const kept = await w.group('Kept', ann, bob)
  const ended = {
    Removal: { label: 'Removed', line: 'You were removed from this group.', end: (id: string) => w.server.host('DELETE', `/v1/groups/${id}/members/${bob.id}?by=${ann.id}`) },
    Departure: { label: 'Left', line: 'You left this group.', end: (id: string) => w.server.host('POST', `/v1/groups/${id}/members/${bob.id}/leave`) },
    Dissolution: { label: 'Dissolved', line: 'This group was dissolved.', end: (id: string) => w.server.host('DELETE', `/v1/groups/${id}?by=${ann.id}`) },
  }
  const ids = new Map<string, string>()
  for (const name of Object.keys(ended)) ids.set(name, await w.group(name, ann, bob))
  await w.say(ann, { group: kept }, 'Still here')
  const b = await w.seat(bob)
  const colour = (name: string) => b.row(name).evaluate((row) => getComputedStyle(row).color)
  for (const [name, { label, line, end }] of Object.entries(ended)) {
    await b.open(name)
    await b.field.waitFor()
    await end(ids.get(name)!)
    await b.page.getByRole('status').getByText(line, { exact: true }).waitFor()
    expect(await b.field.count()).toBe(0)
    await b.row(name).getByText(label, { exact: true }).waitFor()
    expect(await colour(name)).not.toBe(await colour('Kept'))
    expect(await b.axe()).toEqual([])
  }

  // What the pushes told is told by a reload, too.
  await b.page.reload()
  await b.ready()
  for (const [name, { label, line }] of Object.entries(ended)) {
    await b.row(name).getByText(label, { exact: true }).waitFor()
    await b.open(name)
    await b.page.getByRole('status').getByText(line, { exact: true }).waitFor()
    // The details of a group that had ended offered to try again.
    const details = await b.openDetails()
    await details.getByText(line, { exact: true }).waitFor()
    expect(await details.getByRole('button', { name: 'Try again' }).count()).toBe(0)
  }
  expect(await b.row('Kept').getByText(/^(Removed|Left|Dissolved|Not a member)$/).count()).toBe(0)

  // From the page, and from the menu of the row.
  await b.page.getByRole('button', { name: 'Remove from list' }).click()
  await b.row('Dissolution').waitFor({ state: 'detached' })
  for (const name of ['Removal', 'Departure']) {
    await b.chatMenu(name, 'Remove from list')
    await b.row(name).waitFor({ state: 'detached' })
  }
  await b.page.reload()
  await b.row('Kept').getByText('Still here').waitFor()
  await expect.poll(() => b.page.locator('[data-chat]').count()).toBe(1)
})

// These lines came in the language of the server, and told the reader's own actions by the reader's name.
test('system messages and withdrawals are worded for the reader', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const group = await w.group('Crew', ann, bob)
  const [a, b] = await Promise.all([w.seat(ann), w.seat(bob, { locale: 'zh-CN' })])
  await a.open('Crew')
  await b.open('Crew')
  await a.sees('You created the group with Bob Berg')
  await b.sees('Ann Adler 创建了群聊，成员有你')

  await w.server.host('POST', `/v1/groups/${group}/members?by=${ann.id}`, { accounts: [cal.id] })
  await a.sees('You added Cal Cole')
  await a.row('Crew').getByText('You added Cal Cole').waitFor()
  await b.sees('Ann Adler 邀请 Cal Cole 加入了群聊')
  await b.row('Crew').getByText('Ann Adler 邀请 Cal Cole 加入了群聊').waitFor()

  await a.send('A slip')
  await b.sees('A slip')
  await a.command('A slip', 'Withdraw')
  await a.confirm('Withdraw')
  await a.sees('You withdrew a message')
  await a.row('Crew').getByText('You withdrew a message').waitFor()
  await b.sees('Ann Adler 撤回了一条消息')
  await b.row('Crew').getByText('Ann Adler 撤回了一条消息').waitFor()

  // What the pushes told is told by a reload, too.
  for (const seat of [a, b]) await seat.page.reload()
  await a.sees('You created the group with Bob Berg')
  await a.sees('You added Cal Cole')
  await a.sees('You withdrew a message')
  await a.row('Crew').getByText('You withdrew a message').waitFor()
  await b.sees('Ann Adler 创建了群聊，成员有你')
  await b.sees('Ann Adler 邀请 Cal Cole 加入了群聊')
  await b.sees('Ann Adler 撤回了一条消息')
  await b.row('Crew').getByText('Ann Adler 撤回了一条消息').waitFor()
  expect(await b.message(/withdrew|created|added/).count()).toBe(0)
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

// The administrator read "An administrator withdrew a message" about their own deed.
test('an administrator who withdraws a message of somebody reads whose it was', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const group = await w.group('Crew', ann, bob, cal)
  await w.say(bob, { group }, 'Too much')
  const [a, b] = await w.seats(ann, bob)
  const c = await w.seat(cal, { locale: 'zh-CN' })
  for (const seat of [a, b, c]) await seat.open('Crew')
  await a.command('Too much', 'Withdraw')
  await a.confirm('Withdraw')
  for (const times of [1, 2]) {
    await a.message('You withdrew a message of Bob Berg').waitFor()
    await a.row('Crew').getByText('You withdrew a message of Bob Berg').waitFor()
    await b.message('An administrator withdrew a message').waitFor()
    await c.message('管理员撤回了一条消息').waitFor()
    if (times === 1) await Promise.all([a, b, c].map((seat) => seat.page.reload()))
  }
})
