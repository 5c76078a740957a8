import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { png } from './picture'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

async function more(seat: Seat, what: string): Promise<void> {
  await seat.page.getByRole('toolbar', { name: 'Send something else' }).getByRole('button', { name: 'More' }).click()
  await seat.page.getByRole('menuitem', { name: what }).click()
}

test('two people write to each other', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)

  await a.startChat(bob.name)
  await a.send('Hello Bob')
  await a.sees('Hello Bob')
  await a.field.fill('Two\nlines 😀 <b>&amp;')
  await a.field.press('Enter')

  // What is unread is counted in the list, the rail and the title, and no longer once it is seen.
  await expect.poll(() => b.badge(ann.name).getAttribute('aria-label')).toBe('2 unread')
  await expect.poll(() => b.page.title()).toMatch(/2/)
  await b.open(ann.name)
  await b.sees('Two\nlines 😀 <b>&amp;')
  await b.page.getByText('New messages').waitFor()
  await b.badge(ann.name).waitFor({ state: 'hidden' })
  await expect.poll(() => b.page.title()).not.toMatch(/2/)

  await b.send('Hello Ann')
  await a.sees('Hello Ann')
  expect(await a.badge(bob.name).count()).toBe(0)
  await a.row(bob.name).getByText('Hello Ann').waitFor()
})

test('a message is answered, sent on, withdrawn and written anew', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(cal, { person: ann }, 'Earlier')
  const [a, b, c] = await w.seats(ann, bob, cal)
  await a.startChat(bob.name)
  await a.send('Lunch at noon?')
  await b.open(ann.name)

  await b.command('Lunch at noon?', 'Reply')
  await b.page.getByText('Reply to Ann Adler').waitFor()
  await b.send('Gladly')
  await a.message('Gladly').getByRole('button', { name: 'Ann Adler: Lunch at noon?' }).waitFor()

  await a.command('Gladly', 'Forward')
  const dialog = a.dialog('Forward')
  await dialog.getByRole('option', { name: cal.name }).click()
  await dialog.getByRole('button', { name: 'Forward to 1 chat' }).click()
  await c.open(ann.name)
  await c.sees('Gladly')

  await a.command(/^You.*Lunch at noon\?/s, 'Withdraw')
  await a.confirm('Withdraw')
  await b.message('Lunch at noon?').waitFor({ state: 'hidden' })
  await b.page.getByText(/withdr/i).first().waitFor()
  await a.page.getByRole('button', { name: 'Edit again' }).click()
  expect(await a.field.inputValue()).toBe('Lunch at noon?')
  await a.field.fill('Lunch at one?')
  await a.field.press('Enter')
  await b.sees('Lunch at one?')
})

test('somebody is mentioned, and everybody', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.group('Crew', ann, bob, cal)
  const [a, b, c] = await w.seats(ann, bob, cal)
  await a.open('Crew')
  await a.field.pressSequentially('Look, @bo')
  await a.page.getByRole('listbox', { name: 'Mention somebody' }).getByRole('option', { name: bob.name }).waitFor()
  await a.field.press('Enter')
  await a.field.pressSequentially('here')
  await a.field.press('Enter')
  await b.row('Crew').getByText('@Me').waitFor()
  await c.badge('Crew').waitFor()
  expect(await c.row('Crew').getByText('@Me').count()).toBe(0)
  await b.open('Crew')
  await b.sees('Look, @Bob Berg here')
  await b.row('Crew').getByText('@Me').waitFor({ state: 'hidden' })

  await a.field.pressSequentially('@every')
  await a.page.getByRole('option', { name: 'everyone' }).waitFor()
  await a.field.press('Enter')
  await a.field.pressSequentially('listen')
  await a.field.press('Enter')
  await c.row('Crew').getByText('@Me').waitFor()
})

// The caret used to be set a moment after the name, so that keys that came meanwhile stood before it.
test('what is typed right after a mention was picked stands behind it', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Crew', ann, bob)
  const a = await w.seat(ann)
  await a.open('Crew')
  await a.field.pressSequentially('Look, @bo')
  await a.page.getByRole('option', { name: bob.name }).waitFor()
  await a.field.evaluate((field) => {
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    document.execCommand('insertText', false, 'come')
  })
  await expect.poll(() => a.field.inputValue()).toBe('Look, @Bob Berg come')
})

test('emoji, emotions and a shake', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await a.page.getByRole('button', { name: 'Emoji' }).click()
  const picker = a.dialog('Emoji')
  await picker.getByRole('combobox').fill('thumbs up')
  await picker.getByRole('option', { name: 'thumbs up', exact: true }).click()
  await a.field.press('Enter')
  await b.open(ann.name)
  await b.sees('👍')
  await a.send('[微笑]')
  await b.message('🙂').or(b.message('😊')).last().waitFor()

  const shaken = b.page.waitForFunction(() => (document.querySelector('main')?.getAnimations().length ?? 0) > 0)
  await a.page.getByRole('button', { name: 'Shake their window' }).click()
  await shaken
  await a.page.getByText('You shook their window').waitFor()
  // It stays in the chat, where it happened: neither side saw a trace of it after a reload.
  await b.send('What is it?')
  await a.sees('What is it?')
  for (const [seat, text] of [[a, 'You shook the window of Bob Berg'], [b, 'Ann Adler shook your window']] as const) {
    await seat.page.reload()
    await seat.sees('What is it?')
    const lines = await seat.page.getByRole('main').getByRole('listitem').allInnerTexts()
    const at = lines.findIndex((line) => line.includes(text))
    expect(lines[at + 1]).toContain('What is it?')
  }
  const other = await w.seat(ann, { beside: a })
  await other.open(bob.name)
  await other.page.getByText('You shook the window of Bob Berg').waitFor()
})

test('pictures and files are sent, shown and fetched', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await a.attach(
    { name: 'blue.png', mimeType: 'image/png', buffer: png(320, 200) },
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('Plain notes') },
  )
  await a.page.getByRole('list', { name: 'Files to send' }).getByText('notes.txt').waitFor()
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()

  await b.open(ann.name)
  await b.page.getByRole('button', { name: 'Open image blue.png' }).click()
  const viewer = b.page.getByRole('dialog')
  await expect.poll(() => viewer.locator('img').first().evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(320)
  await b.page.keyboard.press('Escape')
  await viewer.waitFor({ state: 'hidden' })

  const [download] = await Promise.all([b.page.waitForEvent('download'), b.page.getByLabel('Download notes.txt').click()])
  expect(download.suggestedFilename()).toBe('notes.txt')
  expect(await readFile(await download.path(), 'utf8')).toBe('Plain notes')

  // Everything sent in the chat is in its panel.
  const details = await b.openDetails()
  await details.getByRole('button', { name: 'Files and images' }).click()
  await details.getByRole('button', { name: /blue\.png/ }).waitFor()
  await details.getByRole('tab', { name: 'Files' }).click()
  await details.getByText('notes.txt').waitFor()
})

test('a picture is pasted, and a file dropped', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  const give = (event: 'paste' | 'drop', name: string, type: string, bytes: Buffer) =>
    a.field.evaluate(
      (field, given) => {
        const data = new DataTransfer()
        data.items.add(new File([new Uint8Array(given.bytes)], given.name, { type: given.type }))
        const options = { bubbles: true, cancelable: true }
        if (given.event === 'drop') field.dispatchEvent(new DragEvent('dragenter', { ...options, dataTransfer: data }))
        field.dispatchEvent(
          given.event === 'drop' ? new DragEvent('drop', { ...options, dataTransfer: data }) : new ClipboardEvent('paste', { ...options, clipboardData: data }),
        )
      },
      { event, name, type, bytes: [...bytes] },
    )
  await give('paste', 'pasted.png', 'image/png', png(60, 40))
  await a.page.getByRole('list', { name: 'Files to send' }).getByRole('img').waitFor()
  await a.field.press('Enter')
  await b.open(ann.name)
  await b.page.getByRole('button', { name: /^Open image/ }).waitFor()

  await give('drop', 'dropped.csv', 'text/csv', Buffer.from('a,b\n1,2\n'))
  await a.page.getByRole('list', { name: 'Files to send' }).getByText('dropped.csv').waitFor()
  await a.field.press('Enter')
  await b.page.getByLabel('Download dropped.csv').waitFor()
})

test('a voice message is recorded, and heard once on all devices', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  const phone = await w.seat(bob)
  await a.startChat(bob.name)
  await a.page.getByRole('button', { name: 'Record a voice message' }).click()
  await a.page.getByRole('timer', { name: 'Recording' }).getByText('0:01').waitFor()
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()
  for (const seat of [b, phone]) {
    await seat.open(ann.name)
    await seat.page.getByRole('img', { name: 'Not heard yet' }).waitFor()
  }
  await b.page.getByRole('button', { name: /^Play voice message/ }).click()
  for (const seat of [b, phone]) await seat.page.getByRole('img', { name: 'Not heard yet' }).waitFor({ state: 'hidden' })
})

test('a place and a link with a title are sent', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await more(a, 'Location')
  const place = a.dialog('Location')
  await place.getByRole('button', { name: 'Find my position' }).click()
  await place.getByText('52.52, 13.405').waitFor()
  await place.getByLabel('Name of the place').fill('The square')
  await place.getByRole('button', { name: 'Send' }).click()
  await b.open(ann.name)
  await expect.poll(() => b.message('The square').getByRole('link', { name: /The square/ }).getAttribute('href')).toMatch(/^https:\/\/www\.openstreetmap\.org\/.*52\.52/)

  await more(a, 'Link with a title')
  const card = a.dialog('Link with a title')
  await card.getByLabel('Link').fill('https://demo.example/page')
  await card.getByLabel('Title').fill('A demo page')
  await card.getByRole('button', { name: 'Send' }).click()
  expect(await b.message('A demo page').getByRole('link', { name: /A demo page/ }).getAttribute('href')).toBe('https://demo.example/page')
})

test('what is not finished stays as a draft, what is refused says why', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'From Bob')
  await w.say(cal, { person: ann }, 'From Cal')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.field.fill('Half a sent')
  await a.open(cal.name)
  await a.row(bob.name).getByText('Draft:').waitFor()
  await a.page.reload()
  await a.ready()
  await a.open(bob.name)
  expect(await a.field.inputValue()).toBe('Half a sent')

  await w.server.host('PATCH', `/v1/accounts/${bob.id}`, { active: false })
  await a.send('Anybody there?')
  await a.message('Anybody there?').getByText('You can no longer write here').waitFor()
  await w.server.host('PATCH', `/v1/accounts/${bob.id}`, { active: true })
  await a.message('Anybody there?').getByRole('button', { name: 'Send again' }).last().click()
  await a.message('Anybody there?').getByText('You can no longer write here').waitFor({ state: 'hidden' })
  const b = await w.seat(bob)
  await b.open(ann.name)
  await b.sees('Anybody there?')
  expect(await b.message('Anybody there?').count()).toBe(1)
})

test('a long history opens where reading ended, and a quoted message is found in it', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const first = await w.server.host<{ id: string }>('POST', '/v1/messages', { from: bob.id, toAccount: ann.id, text: 'line 0' })
  for (let i = 1; i < 120; i++) await w.say(bob, { person: ann }, `line ${i}`)
  await w.server.host('POST', '/v1/messages', { from: bob.id, toAccount: ann.id, text: 'As I said', refer: first.id })
  const a = await w.seat(ann)
  await a.open(bob.name)
  // It begins where reading ended, and the newest is a button away.
  await a.page.getByText('New messages').waitFor()
  await a.sees(/line 0(?!\d)/)
  await a.page.getByRole('button', { name: /^To the newest message/ }).click()
  await a.message('As I said').getByRole('button', { name: 'Bob Berg: line 0' }).click()
  await a.sees(/line 0(?!\d)/)
  await w.say(bob, { person: ann }, 'And now')
  await a.page.getByRole('button', { name: /^To the newest message/ }).click()
  await a.sees('And now')
})

// The clipboard had names and times, or had not, depending on how the messages were selected.
test('several messages are copied in one form, however they were selected', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  await a.startChat(bob.name)
  await a.send('good morning')
  await a.message('good morning').getByLabel('Waiting to be sent').waitFor({ state: 'hidden' })
  await w.say(bob, { person: ann }, 'hello')
  await a.sees('hello')
  const copied = async (): Promise<string> => {
    await a.page.keyboard.press('ControlOrMeta+c')
    return (await a.page.evaluate(() => navigator.clipboard.readText())).replaceAll(/\d\d:\d\d/g, 'time')
  }
  const want = 'You, time\ngood morning\nBob Berg, time\nhello'
  // With the mouse, from the words of one message to the words of the other.
  const [from, to] = [await a.message('good morning').getByText('good morning').boundingBox(), await a.message('hello').getByText('hello', { exact: true }).boundingBox()]
  await a.page.mouse.move(from!.x + 1, from!.y + from!.height / 2)
  await a.page.mouse.down()
  await a.page.mouse.move(to!.x + to!.width + 4, to!.y + to!.height / 2, { steps: 5 })
  await a.page.mouse.up()
  expect(await copied()).toBe(want)
  // With the keyboard, all of the page.
  await a.page.getByRole('main').getByRole('list', { name: 'Messages' }).focus()
  await a.page.keyboard.press('ControlOrMeta+a')
  expect(await copied()).toBe(want)
})

// Links swallowed Chinese punctuation, and ended before Chinese names.
test('a link ends where the address does', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  const links: [text: string, address: string][] = [
    ['1 https://example.com/a，然后', 'https://example.com/a'],
    ['2 （https://example.com/b）。', 'https://example.com/b'],
    ['3 看https://example.com/c然后', 'https://example.com/c'],
    ['4 https://zh.wikipedia.org/wiki/维基百科，自由的', 'https://zh.wikipedia.org/wiki/维基百科'],
    ['5 **https://example.com/d**', 'https://example.com/d'],
  ]
  for (const [text] of links) await a.send(text)
  await b.open(ann.name)
  for (const seat of [a, b])
    for (const [text, address] of links) {
      const link = seat.message(text.replaceAll('**', '')).locator('a[target=_blank]') // the text is bold
      expect(await link.innerText()).toBe(address)
      expect(await link.evaluate((element: HTMLAnchorElement) => element.href)).toBe(new URL(address).href)
    }
})
