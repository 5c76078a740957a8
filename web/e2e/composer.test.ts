import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

/** An input method: what it writes arrives without keys. */
async function inputMethod(seat: Seat) {
  const devtools = await seat.context.newCDPSession(seat.page)
  return {
    compose: (text: string) => devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length }),
    commit: (text: string) => devtools.send('Input.insertText', { text }),
  }
}

/** Pastes text and files into the element that has the focus. */
async function paste(seat: Seat, data: Record<string, string>, ...files: { name: string; type: string }[]): Promise<void> {
  await seat.page.evaluate(
    ([texts, names]) => {
      const clipboardData = new DataTransfer()
      for (const [type, text] of Object.entries(texts)) clipboardData.setData(type, text)
      for (const { name, type } of names) clipboardData.items.add(new File(['x'], name, { type }))
      const target = document.activeElement ?? document.body
      const kept = target.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData }))
      // What the browser does by itself with a paste that nobody handles.
      if (kept) document.execCommand('insertText', false, texts['text/plain'] ?? '')
    },
    [data, files] as const,
  )
}

async function crew() {
  const [ann, bob, zhang, li] = await w.people('Ann Adler', 'Bob Berg', '张三', '李四')
  await w.group('Crew', ann, bob, zhang, li)
  const a = await w.seat(ann)
  await a.open('Crew')
  const list = a.page.getByRole('listbox', { name: 'Mention somebody' })
  return { a, list, option: (name: string) => list.getByRole('option', { name, exact: true }), value: () => a.field.inputValue() }
}

// The list followed the keys only. An input method that commits with a click or a tap sends none, so that Enter
// replaced the name by "@everyone".
test('the completion of names follows what an input method writes', async () => {
  const { a, list, option, value } = await crew()
  const keyboard = await inputMethod(a)
  await a.field.fill('明天开会')
  await a.field.press('Home')
  await keyboard.commit('@')
  await option('everyone').waitFor()
  await keyboard.compose('zhang san')
  await keyboard.commit('张三')
  await option('张三').waitFor()
  await expect.poll(() => list.getByRole('option').count()).toBe(1)
  await a.field.press('Enter')
  expect(await value()).toBe('@张三 明天开会')

  // A name that is nobody's calls nobody.
  await a.field.fill('')
  await keyboard.commit('@')
  await option('everyone').waitFor()
  await keyboard.commit('王五')
  await list.waitFor({ state: 'hidden' })
  await a.field.press('Enter')
  await a.sees('@王五')
  expect(await value()).toBe('')
})

test('everybody is called only by choice', async () => {
  const { a, list, option, value } = await crew()
  await a.field.fill('')
  await a.field.press('@')
  await option('everyone').waitFor()
  expect(await list.getByRole('option').last().innerText()).toBe('everyone')
  await a.field.press('Enter')
  expect(await value()).toMatch(/^@(Bob Berg|张三|李四) $/)

  await a.field.fill('')
  await a.field.press('@')
  await option('everyone').click()
  expect(await value()).toBe('@everyone ')
})

test('the completion of names follows the content and the caret, whatever changes them', async () => {
  const { a, list, option, value } = await crew()
  await a.field.fill('')
  await paste(a, { 'text/plain': 'hello @bo' })
  await option('Bob Berg').waitFor()
  for (const [away, back] of [
    ['Home', 'End'],
    ['ArrowLeft', 'ArrowRight'],
  ] as const) {
    if (away === 'ArrowLeft') for (let i = 0; i < 3; i++) await a.field.press(away)
    else await a.field.press(away)
    await list.waitFor({ state: 'hidden' })
    if (back === 'ArrowRight') for (let i = 0; i < 3; i++) await a.field.press(back)
    else await a.field.press(back)
    await option('Bob Berg').waitFor()
  }
  // A click into the field moves the caret to before the name.
  await a.field.click({ position: { x: 6, y: 12 } })
  await list.waitFor({ state: 'hidden' })
  await a.field.press('End')
  await option('Bob Berg').waitFor()

  // Autocorrect and undo replace text without keys.
  await a.field.evaluate((field: HTMLTextAreaElement) => {
    field.setSelectionRange(6, 9)
    document.execCommand('insertText', false, '@李')
  })
  await option('李四').waitFor()
  await a.field.evaluate(() => document.execCommand('undo'))
  await a.field.press('End')
  await option('Bob Berg').waitFor()
  await option('Bob Berg').click()
  expect(await value()).toBe('hello @Bob Berg ')
  // What was completed can be undone.
  await a.field.press('Control+z')
  expect(await value()).toBe('hello @bo')
})

// The browser reports a moved caret later; Enter acted on the place before.
test('Enter completes no name that the caret has left', async () => {
  const { a, option, value } = await crew()
  await a.field.pressSequentially('see @bo')
  await option('Bob Berg').waitFor()
  await a.field.evaluate((field: HTMLTextAreaElement) => {
    field.setSelectionRange(1, 1)
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
  })
  await a.sees('see @bo')
  expect(await value()).toBe('')
})

test('a picked name replaces the text from the @ to the caret and nothing else', async () => {
  const { a, option, value } = await crew()
  await a.field.fill('see @botest and others')
  await a.field.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(7, 7))
  await option('Bob Berg').click()
  expect(await value()).toBe('see @Bob Berg test and others')

  await a.field.fill('see @bo and others')
  await a.field.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(7, 7))
  await option('Bob Berg').click()
  expect(await value()).toBe('see @Bob Berg and others')
  await a.page.keyboard.insertText('today ')
  expect(await value()).toBe('see @Bob Berg today and others')
})

test('the Enter that ends a composition does nothing else, in any field', async () => {
  const { a } = await crew()
  const keyboard = await inputMethod(a)
  await a.field.focus()
  await keyboard.compose('ni hao')
  await a.page.keyboard.press('Enter')
  await keyboard.commit('你好')
  expect(await a.field.inputValue()).toContain('你好')

  await a.page.keyboard.press('Control+k')
  const switcher = a.dialog('Go to')
  await switcher.getByRole('combobox').fill('Crew')
  await keyboard.compose('x')
  await a.page.keyboard.press('Enter')
  await switcher.waitFor()
  await keyboard.commit('x')
  await switcher.getByRole('button', { name: 'Close' }).click()
  await switcher.waitFor({ state: 'hidden' })

  await a.page.getByRole('button', { name: 'More' }).last().click()
  await a.page.getByRole('menuitem', { name: 'Link with a title' }).click()
  const card = a.dialog('Link with a title')
  await card.getByLabel('Link').fill('https://demo.example/')
  await card.getByLabel('Title').focus()
  await keyboard.compose('biao ti')
  await a.page.keyboard.press('Enter')
  await card.waitFor()
  expect(await a.message(/你好|demo\.example/).count()).toBe(0)
})

test('what is copied from a spreadsheet is pasted as text, and indentation is kept', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await a.field.focus()
  await paste(a, { 'text/plain': 'a\tb\n1\t2', 'text/html': '<table></table>' }, { name: 'image.png', type: 'image/png' })
  expect(await a.field.inputValue()).toBe('a\tb\n1\t2')
  expect(await a.page.getByRole('list', { name: 'Files to send' }).count()).toBe(0)

  await a.field.fill('\n\n    if (x) {\n\ty()\n    }\n\n')
  await a.field.press('Enter')
  await b.open(ann.name)
  const shown = b.message('if (x)').locator('.wrap-message')
  await shown.waitFor()
  expect(await shown.evaluate((e) => [e.textContent, getComputedStyle(e).whiteSpaceCollapse])).toEqual(['    if (x) {\n\ty()\n    }', 'preserve'])
})

// The whole message was copied whatever was selected.
test('copying takes the selection inside the message', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'The code is 4711, keep it')
  await w.say(bob, { person: ann }, 'Another message')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.sees('4711')
  const mark = (from: number, to: number) =>
    a.message('4711').locator('.wrap-message').evaluate((e, [start, end]) => getSelection()!.setBaseAndExtent(e.firstChild!, start, e.firstChild!, end), [from, to] as const)
  const copied = () => a.page.evaluate(() => navigator.clipboard.readText())

  await mark(12, 16)
  await a.command('4711', 'Copy selection')
  await expect.poll(copied).toBe('4711')
  await mark(0, 8)
  await a.message('4711').locator('.wrap-message').click({ button: 'right', position: { x: 4, y: 4 } })
  await a.page.getByRole('menuitem', { name: 'Copy selection' }).click()
  await expect.poll(copied).toBe('The code')
  // The selection is in another message.
  await a.command('Another message', 'Copy')
  await expect.poll(copied).toBe('Another message')
})

// The toolbar appeared under the pointer, and the selection ended before the text beside which it stood.
test('what is selected with the mouse up to the place of the toolbar is copied as a whole', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  for (const text of ['The first message', 'The second message', 'The last one, which is longer than the others']) await w.say(bob, { person: ann }, text)
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.sees('The last one')
  const { mouse, keyboard } = a.page
  const text = (of: string) => a.message(of).locator('.wrap-message')
  const first = (await text('The first').boundingBox())!
  for (const of of ['The last one', 'The first']) {
    await text(of).hover()
    const toolbar = (await a.message(of).getByRole('toolbar').boundingBox())!
    const end = (await text(of).boundingBox())!
    await mouse.move(first.x + 1, first.y + 5)
    await mouse.down()
    await mouse.move(end.x + end.width / 2, end.y + 5, { steps: 5 })
    await mouse.move(end.x + end.width - 2, end.y + 5, { steps: 5 })
    await mouse.move(toolbar.x + toolbar.width / 2, toolbar.y + 10, { steps: 5 })
    await mouse.up()
    // It is back for the next click.
    await a.message(of).getByRole('toolbar').waitFor()
    await keyboard.press('Control+c')
    const lines = of === 'The first' ? /^The first message$/ : /The first message\nThe second message\nThe last one, which is longer than the others$/
    await expect.poll(() => a.page.evaluate(() => navigator.clipboard.readText())).toMatch(lines)
    await a.field.click()
  }
})

test('hints about keys are shown where there are keys', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  for (const [options, want] of [
    [{}, 1],
    [{ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } }, 0],
    [{ hasTouch: true, isMobile: true, viewport: { width: 1180, height: 820 } }, 0],
  ] as const) {
    const a = await w.seat(ann, options)
    await a.open(bob.name)
    await a.message('Hello').click({ button: 'right' })
    const reply = a.page.getByRole('menuitem', { name: /^Reply/ })
    await reply.waitFor()
    expect(await reply.locator('kbd').count()).toBe(want)
    expect(await a.page.getByText('Enter sends').count()).toBe(want)
  }
})
