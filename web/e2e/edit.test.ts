import { expect, test } from 'vitest'
import type { Person, Seat } from './seat'
import { world } from './world'

const w = world()

/** Two people who both look at what the first one has said. */
async function talking(...texts: string[]): Promise<{ ann: Person; bob: Person; a: Seat; b: Seat }> {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  for (const text of texts) await a.send(text)
  await b.open(ann.name)
  for (const text of texts) await b.sees(text)
  return { ann, bob, a, b }
}

const edited = (seat: Seat, text: string) => seat.message(text).getByRole('button', { name: 'edited' })

/** Changes settings of the server while it runs. */
async function set(change: object): Promise<void> {
  const { version } = await w.server.host<{ version: string }>('GET', '/api/admin/settings')
  await w.server.host('PATCH', '/api/admin/settings', { version, ...change })
}

test('by mouse: both see the new text in its place, in quotes and in the list, and what it was', async () => {
  const { ann, bob, a, b } = await talking('See you on Tuseday', 'At ten')
  await b.command('See you', 'Reply')
  await b.send('Fine')
  await a.sees('Fine')
  await a.command(/^(?!.*Fine).*See you/s, 'Edit')
  await expect.poll(() => a.field.inputValue()).toBe('See you on Tuseday')
  await a.page.getByText('Edit message', { exact: true }).waitFor()
  await a.field.fill('See you on Tuesday')
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()
  for (const seat of [a, b]) {
    await seat.message('See you on Tuesday').first().waitFor()
    await edited(seat, 'See you on Tuesday').waitFor()
    // The quote as well.
    await seat.message('Fine').getByText('See you on Tuesday').waitFor()
    expect(await seat.found(/^.*(See you on \w+|At ten|Fine)$/ms)).toHaveLength(3)
    expect(await seat.message('Tuseday').count()).toBe(0)
  }
  await expect.poll(() => a.field.inputValue()).toBe('')
  await a.page.getByText('Edit message', { exact: true }).waitFor({ state: 'hidden' })
  expect(await w.unread(bob, { type: 1, id: ann.id })).toEqual({ count: 0 })

  // The latest one is in the list, too, for somebody who is elsewhere, and not unread again.
  await b.go('/')
  await a.command('At ten', 'Edit')
  await a.field.fill('At eleven')
  await a.field.press('Enter')
  await edited(a, 'At eleven').waitFor()
  expect(await b.badge(ann.name).count()).toBe(0)
  await b.open(ann.name)
  await edited(b, 'At eleven').waitFor()

  await edited(b, 'See you on Tuesday').click()
  const former = b.dialog('Edit history')
  await expect.poll(() => former.getByRole('listitem').count()).toBe(2)
  expect((await former.getByRole('paragraph').allInnerTexts())).toEqual(['See you on Tuesday', 'See you on Tuseday'])
  await b.page.keyboard.press('Escape')
  for (const [seat, other] of [[a, bob], [b, ann]] as const) {
    await seat.page.reload()
    await seat.title(other.name).waitFor()
    await edited(seat, 'See you on Tuesday').waitFor()
    await edited(seat, 'At eleven').waitFor()
    await seat.message('Fine').getByText('See you on Tuesday').waitFor()
  }
})

test('by keyboard, and what was being written comes back', async () => {
  const { a, b } = await talking('First', 'Secnod')
  const { keyboard } = a.page
  await a.field.focus()
  await keyboard.press('ArrowUp')
  await expect.poll(() => a.field.inputValue()).toBe('Secnod')
  await keyboard.press('Control+a')
  await keyboard.type('Second')
  // A reload in the middle of it loses nothing.
  await expect.poll(() => a.page.evaluate(() => JSON.stringify(localStorage))).toContain('Second')
  await a.page.reload()
  await expect.poll(() => a.field.inputValue()).toBe('Second')
  await a.page.getByText('Edit message', { exact: true }).waitFor()
  await a.field.press('Enter')
  await edited(b, 'Second').waitFor()
  await expect.poll(() => a.field.inputValue()).toBe('')

  await a.field.pressSequentially('half a thou')
  await keyboard.press('ArrowUp') // there is a text: the caret moves
  expect(await a.field.inputValue()).toBe('half a thou')
  await a.message('First').hover()
  await a.command('First', 'Edit')
  await expect.poll(() => a.field.inputValue()).toBe('First')
  await keyboard.press('Escape')
  await expect.poll(() => a.field.inputValue()).toBe('half a thou')
  await a.page.getByText('Edit message', { exact: true }).waitFor({ state: 'hidden' })
  await a.command('First', 'Edit')
  await a.field.fill('The first')
  await a.field.press('Enter')
  await edited(b, 'The first').waitFor()
  await expect.poll(() => a.field.inputValue()).toBe('half a thou')

  // An own message that may not be edited, and one of somebody else, are passed over.
  await a.field.fill('')
  await b.send('Mine')
  await a.sees('Mine')
  await a.field.focus()
  await keyboard.press('ArrowUp')
  await expect.poll(() => a.field.inputValue()).toBe('Second')
  await keyboard.press('Escape')
})

test('a message that is withdrawn after it was edited shows nothing of what it was', async () => {
  const { ann, a, b } = await talking('The code is 1234')
  await a.command('The code', 'Edit')
  await a.field.fill('The code is 5678')
  await a.field.press('Enter')
  await edited(b, 'The code is 5678').waitFor()
  await a.command('The code', 'Withdraw')
  await a.confirm('Withdraw')
  await b.message('The code').waitFor({ state: 'detached' })
  expect(await b.page.getByRole('button', { name: 'edited' }).count()).toBe(0)
  await b.page.reload()
  await b.title(ann.name).waitFor()
  await b.sees('withdrew a message')
  expect(await b.page.getByText(/1234|5678/).count()).toBe(0)
})

test('after the time for it, a message cannot be edited, and the text stays in the field', async () => {
  const { a } = await talking('Before the deadline')
  const sentBefore = Date.now()
  await a.command('Before the', 'Edit')
  await a.field.fill('After the deadline')
  await set({ values: [{ name: 'chat.edit-window', value: '1s' }] })
  try {
    await expect.poll(() => Date.now() - sentBefore, { timeout: 10_000 }).toBeGreaterThan(1000)
    await a.field.press('Enter')
    await a.page.getByText('It is too late to edit this message.').waitFor()
    expect(await a.field.inputValue()).toBe('After the deadline')
    await a.field.press('Escape')
    await a.sees('Before the deadline')
    // A client that starts now does not offer it.
    await a.page.reload()
    await a.sees('Before the deadline')
    await a.message('Before the').click({ button: 'right' })
    await a.page.getByRole('menuitem', { name: /^Forward/ }).waitFor()
    expect(await a.page.getByRole('menuitem', { name: /^Edit/ }).count()).toBe(0)
    await a.page.keyboard.press('Escape')
    await a.field.focus()
    await a.page.keyboard.press('ArrowUp')
    expect(await a.field.inputValue()).toBe('')
  } finally {
    await set({ reset: ['chat.edit-window'] })
  }
})

test('former texts can be for the author alone', async () => {
  const { ann, bob, a } = await talking('One')
  await a.command('One', 'Edit')
  await a.field.fill('Two')
  await a.field.press('Enter')
  await edited(a, 'Two').waitFor()
  await set({ values: [{ name: 'chat.hide-revisions', value: 'true' }] })
  try {
    const b = await w.seat(bob)
    await b.open(ann.name)
    await b.message('Two').getByText('edited', { exact: true }).waitFor()
    expect(await edited(b, 'Two').count()).toBe(0)
    await edited(a, 'Two').click()
    await expect.poll(() => a.dialog('Edit history').getByRole('listitem').count()).toBe(2)
  } finally {
    await set({ reset: ['chat.hide-revisions'] })
  }
})

test('in Chinese', async () => {
  const { ann, bob } = await talking('明天见面')
  const a = await w.seat(ann, { locale: 'zh-CN' })
  await a.open(bob.name)
  await a.message('明天见面').click({ button: 'right' })
  await a.page.getByRole('menuitem', { name: /^编辑/ }).click()
  await a.page.getByText('编辑消息', { exact: true }).waitFor()
  await a.field.fill('后天见面')
  await a.field.press('Enter')
  await a.message('后天见面').getByRole('button', { name: '已编辑' }).click()
  await a.dialog('编辑记录').getByText('明天见面').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing in %s', async (colorScheme) => {
  const { ann, bob, b } = await talking('A mistkae')
  const a = await w.seat(ann, { colorScheme, reducedMotion: 'reduce' })
  await a.open(bob.name)
  await a.command('A mistkae', 'Edit')
  await a.page.getByText('Edit message', { exact: true }).waitFor()
  expect(await a.axe()).toEqual([])
  await a.field.fill('A mistake')
  await a.field.press('Enter')
  await edited(b, 'A mistake').waitFor()
  await edited(a, 'A mistake').click()
  await expect.poll(() => a.dialog('Edit history').getByRole('listitem').count()).toBe(2)
  expect(await a.axe()).toEqual([])
})
