import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Person, Seat } from './seat'
import { world } from './world'

const w = world()

const chip = (seat: Seat, text: string, name: string | RegExp): Locator => seat.message(text).getByRole('group', { name: 'Reactions' }).getByRole('button', { name })
const count = (seat: Seat, text: string, emoji: string): Promise<string> => chip(seat, text, new RegExp(emoji)).innerText()

/** Presses the button of the toolbar that the mouse brings up. */
async function press(seat: Seat, text: string, name: string): Promise<void> {
  await seat.message(text).hover()
  await seat.message(text).getByRole('toolbar').getByRole('button', { name }).click()
}

const shown = (seat: Seat) => seat.page.getByRole('group', { name: 'Reactions' }).innerText()

/** Two people who both look at what the first one has said. */
async function talking(text: string): Promise<{ ann: Person; bob: Person; a: Seat; b: Seat }> {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await a.send(text)
  await b.open(ann.name)
  await b.sees(text)
  return { ann, bob, a, b }
}

test('by mouse: both see it, more and fewer of them, and the same after a reload', async () => {
  const { ann, bob, a, b } = await talking('The release is out')
  await press(b, 'The release', 'React with 👍')
  await chip(b, 'The release', '👍 1, from Bob Berg').waitFor()
  await chip(a, 'The release', '👍 1, from Bob Berg').waitFor()
  expect(await chip(b, 'The release', /👍/).getAttribute('aria-pressed')).toBe('true')
  expect(await chip(a, 'The release', /👍/).getAttribute('aria-pressed')).toBe('false')

  await chip(a, 'The release', /👍/).click()
  await chip(b, 'The release', '👍 2, from Bob Berg, Ann Adler').waitFor()
  expect([await count(a, 'The release', '👍'), await count(b, 'The release', '👍')]).toEqual(['👍\n2', '👍\n2'])

  // Any other emoji, from the picker of the toolbar and from that beside the reactions.
  await press(a, 'The release', 'Add a reaction')
  const picker = a.dialog('Add a reaction')
  await picker.getByRole('combobox').fill('party popper')
  await picker.getByRole('option', { name: 'party popper', exact: true }).click()
  await chip(b, 'The release', '🎉 1, from Ann Adler').waitFor()
  // The toolbar offers what was used last.
  await a.field.hover()
  await a.message('The release').hover()
  await expect.poll(() => a.message('The release').getByRole('toolbar').getByRole('button', { name: /^React with/ }).evaluateAll((all) => all.map((button) => button.textContent))).toEqual(['🎉', '👍', '❤️'])
  await chip(b, 'The release', 'Add a reaction').click()
  await b.dialog('Add a reaction').getByRole('combobox').fill('心碎')
  await b.dialog('Add a reaction').getByRole('option', { name: 'broken heart' }).click()
  await chip(a, 'The release', '💔 1, from Bob Berg').waitFor()
  await chip(b, 'The release', /👍/).click()
  await chip(a, 'The release', '👍 1, from Ann Adler').waitFor()

  const before = await shown(a)
  expect(before.split('\n')).toEqual(['🎉', '1', '👍', '1', '💔', '1'])
  for (const [seat, other] of [[a, bob], [b, ann]] as const) {
    await expect.poll(() => shown(seat)).toBe(before)
    await seat.page.reload()
    await seat.title(other.name).waitFor()
    await seat.sees('The release')
    expect(await shown(seat)).toBe(before)
  }
  // Without its last account, an emoji is not shown.
  await chip(a, 'The release', /👍/).click()
  await chip(b, 'The release', /👍/).waitFor({ state: 'detached' })

  // A withdrawal removes the reactions.
  await a.command('The release', 'Withdraw')
  await a.confirm('Withdraw')
  await b.page.getByRole('group', { name: 'Reactions' }).waitFor({ state: 'detached' })
  await a.page.getByRole('group', { name: 'Reactions' }).waitFor({ state: 'detached' })
})

test('by keyboard', async () => {
  const { bob, a, b } = await talking('Who comes along?')
  const { keyboard } = b.page
  await b.field.focus()
  await keyboard.press('Shift+ArrowUp')
  await b.page.locator('[data-message][data-selected]').waitFor()
  await keyboard.press('+')
  const dialog = b.dialog('Add a reaction')
  await dialog.waitFor()
  await keyboard.type('waving hand')
  await dialog.getByRole('option', { name: 'waving hand' }).first().waitFor()
  await keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await chip(a, 'Who comes', `👋 1, from ${bob.name}`).waitFor()

  // Tab goes from the selected message to the buttons of the toolbar and to the reactions.
  await b.field.focus()
  await keyboard.press('Shift+ArrowUp')
  const focused = () => b.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
  const tabTo = async (name: RegExp): Promise<void> => {
    for (let i = 0; i < 15 && !name.test(await focused()); i++) await keyboard.press('Tab')
    expect(await focused()).toMatch(name)
  }
  await tabTo(/^React with 👍$/)
  await keyboard.press('Enter')
  await chip(a, 'Who comes', `👍 1, from ${bob.name}`).waitFor()
  await tabTo(/^👋 1, from/)
  await keyboard.press('Space')
  await chip(a, 'Who comes', /👋/).waitFor({ state: 'detached' })

  await b.field.focus()
  await keyboard.press('Shift+ArrowUp')
  await keyboard.press('w')
  await b.dialog('Who reacted').getByRole('region', { name: '👍 1' }).getByRole('link', { name: bob.name }).waitFor()
  await keyboard.press('Escape')
  await b.dialog('Who reacted').waitFor({ state: 'hidden' })
})

test('the author who is elsewhere sees a mark in the list, and nothing is unread', async () => {
  const { ann, bob, a, b } = await talking('Done')
  await a.go('/')
  await press(b, 'Done', 'React with ❤️')
  const mark = a.row(bob.name).getByRole('img', { name: 'Bob Berg reacted with ❤️' })
  await mark.waitFor()
  expect(await a.badge(bob.name).count()).toBe(0)
  expect(await w.unread(ann, { type: 1, id: bob.id })).toEqual({ count: 0 })
  await a.page.reload()
  await mark.waitFor()
  // A device that has just been started shows it, and reading on one of them is enough.
  const phone = await w.seat(ann)
  await phone.row(bob.name).getByRole('img', { name: 'Bob Berg reacted with ❤️' }).waitFor()
  await a.open(bob.name)
  await mark.waitFor({ state: 'detached' })
  await phone.row(bob.name).getByRole('img', { name: /reacted/ }).waitFor({ state: 'detached' })
  await a.page.reload()
  await a.title(bob.name).waitFor()
  expect(await mark.count()).toBe(0)
  // An author who looks at the chat gets no mark.
  await a.sees('Done')
  await press(b, 'Done', 'React with 👍')
  await chip(a, 'Done', `👍 1, from ${bob.name}`).waitFor()
  await expect.poll(() => a.row(bob.name).getByRole('img', { name: /reacted/ }).count()).toBe(0)
})

test('in a group in which only administrators speak, everybody can react, and see who has', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const crew = await w.group('Crew', ann, bob, cal)
  await w.say(ann, { group: crew }, 'Office closed on Friday')
  await w.server.host('PUT', `/v1/groups/${crew}/ban`)
  const [a, b, c] = await w.seats(ann, bob, cal)
  for (const seat of [a, b, c]) await seat.open('Crew')
  await press(b, 'Office closed', 'React with 👍')
  await press(c, 'Office closed', 'React with 👍')
  await chip(a, 'Office closed', '👍 2, from Bob Berg, Cal Cole').waitFor()
  await a.command('Office closed', 'Who reacted')
  const people = a.dialog('Who reacted').getByRole('region', { name: '👍 2' }).getByRole('link')
  await expect.poll(() => people.count()).toBe(2)
  expect((await people.allInnerTexts()).map((text) => text.split('\n').find((line) => line.includes(' ')))).toEqual(['Bob Berg', 'Cal Cole'])
  await people.first().click()
  await a.page.getByRole('article', { name: bob.name }).waitFor()
})

test('by touch, from the menu of a message', async () => {
  const { ann, bob, b: other } = await talking('On the way')
  const b = await w.seat(bob, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } })
  await b.open(ann.name)
  await b.message('On the way').click({ button: 'right' })
  await b.page.getByRole('menuitem', { name: /^Add a reaction/ }).tap()
  await b.dialog('Add a reaction').getByRole('option', { name: 'grinning face', exact: true }).tap()
  await chip(other, 'On the way', `😀 1, from ${bob.name}`).waitFor()
  await chip(b, 'On the way', /😀/).tap()
  await chip(other, 'On the way', /😀/).waitFor({ state: 'detached' })
  expect(await b.axe()).toEqual([])
})

test('in Chinese', async () => {
  const { ann, bob } = await talking('发布完成')
  const b = await w.seat(bob, { locale: 'zh-CN' })
  await b.open(ann.name)
  await press(b, '发布完成', '用 👍 回应')
  await b.message('发布完成').getByRole('group', { name: '表情回应' }).getByRole('button', { name: '👍 1 人：Bob Berg' }).waitFor()
  await b.message('发布完成').click({ button: 'right' })
  await b.page.getByRole('menuitem', { name: /^查看表情回应/ }).click()
  await b.dialog('查看表情回应').getByRole('link', { name: bob.name }).waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing in %s', async (colorScheme) => {
  const { ann, bob, a: other } = await talking('Look at this')
  const a = await w.seat(bob, { colorScheme, reducedMotion: 'reduce' })
  await a.open(ann.name)
  await press(a, 'Look at this', 'React with 👍')
  await press(other, 'Look at this', 'React with ❤️')
  await chip(a, 'Look at this', /❤️/).waitFor()
  await a.message('Look at this').hover()
  await a.message('Look at this').getByRole('toolbar').waitFor()
  expect(await a.axe()).toEqual([])
  await press(a, 'Look at this', 'Add a reaction')
  await a.dialog('Add a reaction').getByRole('option').first().waitFor()
  expect(await a.axe()).toEqual([])
  await a.page.keyboard.press('Escape')
  await a.dialog('Add a reaction').waitFor({ state: 'hidden' })
  await a.command('Look at this', 'Who reacted')
  await a.dialog('Who reacted').getByRole('link', { name: bob.name }).waitFor()
  expect(await a.axe()).toEqual([])
  await a.page.keyboard.press('Escape')
  await a.dialog('Who reacted').waitFor({ state: 'hidden' })
  await other.go('/')
  await press(a, 'Look at this', 'React with 😂')
  await other.row(bob.name).getByRole('img', { name: /reacted with 😂/ }).waitFor()
  expect(await other.axe()).toEqual([])
})
