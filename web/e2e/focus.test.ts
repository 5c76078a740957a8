import { expect, test } from 'vitest'
import { png } from './picture'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

async function sits(): Promise<Seat> {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Crew', ann, bob)
  await w.say(bob, { person: ann }, 'Hello')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.sees('Hello')
  return a
}

const escape = (a: Seat) => a.page.keyboard.press('Escape')
const more = (a: Seat, entry: string) => async () => {
  await a.page.getByRole('toolbar', { name: 'Send something else' }).getByRole('button', { name: 'More' }).click()
  await a.page.getByRole('menuitem', { name: entry }).click()
}

interface Case {
  name: string
  open: (a: Seat) => Promise<unknown>
  close?: (a: Seat) => Promise<unknown>
}

const cases: Case[] = [
  { name: 'the switcher', open: (a) => a.page.keyboard.press('Control+k') },
  { name: 'the new chat dialog', open: (a) => a.page.getByRole('button', { name: 'New chat', exact: true }).first().click() },
  { name: 'the emoji picker', open: (a) => a.page.getByRole('button', { name: 'Emoji' }).click() },
  {
    name: 'a cancelled location',
    open: (a) => more(a, 'Location')(),
    close: (a) => a.dialog('Location').getByRole('button', { name: 'Cancel' }).click(),
  },
  { name: 'the link dialog', open: (a) => more(a, 'Link with a title')() },
  { name: 'the menu of the field', open: (a) => a.page.getByRole('toolbar', { name: 'Send something else' }).getByRole('button', { name: 'More' }).click() },
  { name: 'the menu of a message', open: (a) => a.message('Hello').click({ button: 'right' }) },
  { name: 'the menu of a chat', open: (a) => a.row('Crew').click({ button: 'right' }) },
  { name: 'the account menu', open: (a) => a.page.getByRole('button', { name: /^Account of/ }).first().click() },
  { name: 'the forward dialog', open: (a) => a.command('Hello', 'Forward') },
  {
    name: 'a dropped reply',
    open: (a) => a.command('Hello', 'Reply'),
    close: (a) => a.page.getByRole('button', { name: 'Do not reply' }).click(),
  },
  {
    name: 'a removed file',
    open: async (a) => {
      await a.attach({ name: 'blue.png', mimeType: 'image/png', buffer: png(8, 8) })
      await a.page.getByRole('button', { name: 'Remove blue.png' }).waitFor()
    },
    close: (a) => a.page.getByRole('button', { name: 'Remove blue.png' }).click(),
  },
]

// Focus was lost, or stayed on what had opened the window, so that what was typed next went nowhere.
test('the focus goes back into the field, with its caret, from whatever was open', async () => {
  const a = await sits()
  for (const { name, open, close = escape } of cases) {
    await a.field.fill('ab')
    await a.field.press('ArrowLeft')
    await open(a)
    // Open means that something else can be seen; a reply and a file are part of the field.
    if (close === escape) await a.page.locator('[role="dialog"], [role="menu"]').first().waitFor()
    await close(a)
    await a.page.locator('[role="dialog"], [role="menu"]').first().waitFor({ state: 'hidden' })
    await expect.poll(() => a.field.evaluate((field) => document.activeElement === field), { message: name }).toBe(true)
    await a.page.keyboard.type('x')
    expect(await a.field.inputValue(), name).toBe('axb')
  }
})

test('an emoji is picked with a click, and one goes on typing', async () => {
  const a = await sits()
  await a.field.fill('ab')
  await a.field.press('ArrowLeft')
  await a.page.getByRole('button', { name: 'Emoji' }).click()
  const picker = a.dialog('Emoji')
  await picker.getByRole('combobox').fill('thumbs up')
  await picker.getByRole('option', { name: 'thumbs up', exact: true }).click()
  await picker.waitFor({ state: 'hidden' })
  await expect.poll(() => a.field.evaluate((field) => document.activeElement === field)).toBe(true)
  await a.page.keyboard.type('x')
  expect(await a.field.inputValue()).toMatch(/^a👍\uFE0F?xb$/u)
})

test('a window that was opened with the keyboard gives the focus back to its button', async () => {
  const a = await sits()
  const button = a.page.getByRole('button', { name: 'Emoji' })
  await a.field.focus()
  while (!(await button.evaluate((b) => b === document.activeElement))) await a.page.keyboard.press('Tab')
  await a.page.keyboard.press('Enter')
  await a.dialog('Emoji').waitFor()
  await escape(a)
  await expect.poll(() => button.evaluate((b) => b === document.activeElement)).toBe(true)
})

test('one goes on typing after a click on Send, by mouse and by finger', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  for (const options of [{}, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } }]) {
    const a = await w.seat(ann, options)
    const press = (what: ReturnType<typeof a.page.locator>) => ('hasTouch' in options ? what.tap() : what.click())
    await press(a.row(bob.name))
    await press(a.field)
    await a.page.keyboard.type('first')
    await press(a.page.getByRole('main').getByRole('button', { name: 'Send', exact: true }))
    await a.page.keyboard.type('second')
    expect(await a.field.inputValue()).toBe('second')
    await a.field.fill('')
    await a.sees('first')
  }
})

// Keys pressed after a click among the messages were lost.
test('what is typed or pasted while no field has the focus goes into the field, commands do not', async () => {
  const a = await sits()
  await a.message('Hello').click()
  await a.page.keyboard.type('typed')
  expect(await a.field.inputValue()).toBe('typed')
  await a.row('Bob Berg').focus()
  await a.page.keyboard.type(' more')
  expect(await a.field.inputValue()).toBe('typedmore') // space is the link's

  await a.message('Hello').click()
  await a.page.evaluate(() => navigator.clipboard.writeText(' pasted'))
  await a.page.keyboard.press('Control+v')
  await expect.poll(() => a.field.inputValue()).toBe('typedmore pasted')

  // A message that is selected with the keyboard has letters as commands.
  await a.field.fill('')
  await a.field.press('Shift+ArrowUp')
  await expect.poll(() => a.page.evaluate(() => document.activeElement?.hasAttribute('data-message'))).toBe(true)
  await a.page.keyboard.press('x')
  expect(await a.field.inputValue()).toBe('')
  await a.page.keyboard.press('r')
  await a.page.getByText('Reply to Bob Berg').waitFor()
  expect(await a.field.inputValue()).toBe('')

  // A window over the page keeps its keys.
  await a.message('Hello').click({ button: 'right' })
  await a.page.getByRole('menuitem', { name: /^Copy/ }).waitFor()
  await a.page.keyboard.press('y')
  expect(await a.field.inputValue()).toBe('')
})
