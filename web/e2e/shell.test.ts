import { expect, test } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { png } from './picture'
import { world } from './world'

const w = world()

/** The contrast of two colours, as computed styles write them. */
function contrast(a: string, b: string): number {
  const [light, dark] = [a, b]
    .map((colour) => {
      const [r, g, bl] = colour.match(/[\d.]+/g)!.slice(0, 3).map((part) => ((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))(Number(part) / 255))
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * bl! + 0.05
    })
    .toSorted((x, y) => y - x)
  return light! / dark!
}

/** The contrast of the initials in an element to the ground that is drawn behind them. */
async function letters(within: Locator): Promise<number> {
  const [colour, ground] = await within.locator('[data-initials]').first().evaluate((e) => {
    let behind: Element | null = e
    while (behind && /^rgba\(.*, 0\)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement
    return [getComputedStyle(e, '::before').color, getComputedStyle(behind!).backgroundColor]
  })
  return contrast(colour!, ground!)
}

/** Whether an outline or border that can be told from black is drawn around an element. */
async function edged(element: Locator): Promise<boolean> {
  const { outline, border } = await element.evaluate((e) => {
    const style = getComputedStyle(e)
    return {
      outline: style.outlineStyle === 'none' ? null : style.outlineColor,
      border: parseFloat(style.borderTopWidth) > 0 ? style.borderTopColor : null,
    }
  })
  return [outline, border].some((colour) => colour !== null && contrast(colour, 'rgb(0, 0, 0)') > 3)
}

/** The background of the element that the selector finds first. */
const background = (page: Page, selector: string) => page.locator(selector).first().evaluate((e) => getComputedStyle(e).backgroundColor)

async function seated() {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'Hello from Bob')
  await w.say(cal, { person: ann }, 'Hello from Cal')
  return { ann, bob, cal }
}

// Esc went to the composer and left both panels open.
test('Escape closes what is nearest: the dialog, then the panel', async () => {
  const { ann, bob } = await seated()
  const a = await w.seat(ann)
  const { keyboard } = a.page
  await a.open(bob.name)
  await a.openDetails()
  await keyboard.press('Control+/')
  await a.dialog('Keyboard shortcuts').waitFor()
  await keyboard.press('Escape')
  await a.dialog('Keyboard shortcuts').waitFor({ state: 'hidden' })
  expect(await a.details.isVisible()).toBe(true)
  await keyboard.press('Escape')
  await a.details.waitFor({ state: 'hidden' })
  await expect.poll(() => a.field.evaluate((f) => f === document.activeElement)).toBe(true)

  const search = a.page.getByRole('complementary', { name: 'Search in this chat' })
  await keyboard.press('Control+f')
  await search.getByRole('searchbox').waitFor()
  await keyboard.press('Escape')
  await search.waitFor({ state: 'hidden' })
})

test('the search of a chat closes with it, and the details show the next chat', async () => {
  const { ann, bob, cal } = await seated()
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.page.keyboard.press('Control+f')
  const search = a.page.getByRole('complementary', { name: 'Search in this chat' })
  await search.waitFor()
  await a.open(cal.name)
  expect(await search.count()).toBe(0)
  await a.openDetails()
  await a.open(bob.name)
  await a.details.getByText(bob.email).waitFor()
})

test('the title of the tab names what it shows', async () => {
  const { ann, bob, cal } = await seated()
  const a = await w.seat(ann)
  const title = () => a.page.title()
  await expect.poll(title).toBe('(2) parley')
  await a.open(bob.name)
  await expect.poll(title).toBe('(1) Bob Berg – parley')
  await a.open(cal.name)
  await expect.poll(title).toBe('Cal Cole – parley')
  await a.go('/settings')
  await expect.poll(title).toBe('Settings – parley')
  const b = await w.seat(ann, { locale: 'zh-CN' })
  await b.go('/chat/1/file-transfer')
  await expect.poll(() => b.page.title()).toBe('我的设备 – parley')
  await b.go('/people')
  await expect.poll(() => b.page.title()).toBe('通讯录 – parley')
})

// The text stood in one line in the chat, and its addresses were no links anywhere.
test('an announcement keeps its lines and links', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Crew', ann, bob)
  const a = await w.seat(ann)
  await a.open('Crew')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'Write an announcement' }).click()
  await a.dialog('Announcement').getByLabel('Announcement').fill('First line\nSee https://demo.example/plan')
  await a.dialog('Announcement').getByRole('button', { name: 'Publish' }).click()
  for (const place of [details.getByRole('region', { name: 'Announcement' }), a.message('First line')]) {
    expect(await place.getByRole('link', { name: 'https://demo.example/plan' }).getAttribute('href')).toBe('https://demo.example/plan')
    expect(await place.innerText()).toContain('First line\nSee')
  }
})

// Backgrounds go with forced colours, and with them went the selection, the switches and the dots.
test('with forced colours, every state can be seen', async () => {
  const { ann, bob } = await seated()
  const a = await w.seat(ann, { forcedColors: 'active' })
  await a.row(bob.name).waitFor()
  const canvas = await background(a.page, 'html')
  await a.badge('Cal Cole').waitFor()
  expect(await background(a.page, '[data-chat] .bg-badge')).not.toBe(canvas)
  await a.open(bob.name)
  expect(await background(a.page, '[data-chat][aria-current=page]')).not.toBe(canvas)
  await a.openDetails()
  const sticky = a.details.getByRole('switch', { name: 'Pin this chat' })
  const look = () => sticky.evaluate((s) => [getComputedStyle(s).backgroundColor, getComputedStyle(s.firstElementChild!).backgroundColor])
  const off = await look()
  expect(new Set(off).size).toBe(2)
  await sticky.click()
  await expect.poll(look).not.toEqual(off)
  await expect.poll(async () => new Set(await look()).size).toBe(2)
  await a.page.keyboard.press('Escape')
  await a.page.keyboard.press('Shift+ArrowUp')
  const selected = a.page.locator('[data-message][data-selected]')
  await expect.poll(() => selected.evaluate((s) => getComputedStyle(s).outlineStyle)).toBe('solid')
  expect(await a.axe()).toEqual([])
})

/** Whether two elements cover each other anywhere. */
async function overlap(a: Locator, b: Locator): Promise<boolean> {
  const [x, y] = await Promise.all([a.boundingBox(), b.boundingBox()])
  if (!x || !y) throw new Error('not on the screen')
  return x.x < y.x + y.width && y.x < x.x + x.width && x.y < y.y + y.height && y.y < x.y + x.height
}

// The toolbar stood on the text that the pointer was over, and toasts on the composer.
test.each([1280, 768])('nothing covers what is read or written, at %i pixels', async (width) => {
  const { ann, bob } = await seated()
  await w.say(bob, { person: ann }, 'A text that is as wide as the conversation, and a little wider, so that its bubble takes all the room there is')
  const a = await w.seat(ann, { viewport: { width, height: 800 } })
  await a.open(bob.name)
  await a.send('Mine, and of more than one line as well, because it is as long as the one before it, or longer still')
  await a.sees('Mine, and')
  for (const text of ['A text that', 'Mine, and']) {
    await a.message(text).hover()
    const toolbar = a.message(text).getByRole('toolbar')
    expect(await overlap(toolbar, a.message(text).locator('.bg-bubble, .bg-bubble-mine'))).toBe(false)
  }
  await a.page.getByRole('button', { name: 'Shake their window' }).click()
  const toast = a.page.getByText('You shook their window')
  await toast.waitFor()
  expect(await overlap(toast, a.field)).toBe(false)
  expect(await overlap(toast, a.message('Mine, and'))).toBe(false)
})

// Initials in what was selected were black on black, and dialogs, chips and the line of the new messages had no edge.
test('with forced colours in the dark, letters and edges can be seen', async () => {
  const { ann, bob, cal } = await seated()
  await w.say(cal, { person: ann }, 'And another')
  const a = await w.seat(ann, { forcedColors: 'active', colorScheme: 'dark' })
  await a.open(cal.name)
  await a.page.getByRole('list', { name: 'Messages', exact: true }).getByText('New messages').waitFor()
  const edge = a.page.getByText('New messages').locator('span').first()
  expect(await edged(edge)).toBe(true)
  expect(await letters(a.page.locator('[data-chat][aria-current=page]'))).toBeGreaterThan(4.5)
  expect(await letters(a.row(bob.name))).toBeGreaterThan(4.5)

  await a.page.getByRole('button', { name: 'New', exact: true }).click()
  await a.page.getByRole('menuitem', { name: 'New group' }).click()
  const dialog = a.dialog('New group')
  const option = dialog.getByRole('option', { name: bob.name })
  await option.first().click()
  expect(await edged(dialog)).toBe(true)
  const chip = dialog.getByRole('button', { name: `Remove ${bob.name}` }).locator('..')
  expect(await edged(chip)).toBe(true)
  await expect.poll(() => option.first().getAttribute('aria-selected')).toBe('true')
  expect(await letters(option.first())).toBeGreaterThan(4.5)
})

// At 1,024 pixels the panel left 300 to the conversation, and later lay over it.
test.each([
  [900, 480],
  [1024, 480],
  [1280, 480],
  [1440, 480],
])('the details leave the conversation its room, at %i pixels', async (width, least) => {
  const { ann, bob } = await seated()
  const a = await w.seat(ann, { viewport: { width, height: 800 } })
  await a.open(bob.name)
  await a.openDetails()
  const room = (await a.page.getByRole('main').boundingBox())!
  expect(room.width).toBeGreaterThanOrEqual(least)
  expect(await overlap(a.page.getByRole('main'), a.details)).toBe(false)
  // Nothing lies over it.
  const covered = await a.page.getByRole('main').evaluate((main) => {
    const { left, right, top, bottom } = main.getBoundingClientRect()
    return [0.02, 0.5, 0.98].flatMap((x) => [0.02, 0.5, 0.98].map((y) => main.contains(document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y)))).filter((free) => !free).length
  })
  expect(covered).toBe(0)
  expect(await a.axe()).toEqual([])
  await a.page.keyboard.press('Escape')
  await a.details.waitFor({ state: 'hidden' })
  await a.row('Cal Cole').waitFor()
})

// It covered the first lines of whatever was read.
test('the date over the messages is shown only while the reader scrolls', async () => {
  const { ann, bob } = await seated()
  for (let i = 0; i < 40; i++) await w.say(bob, { person: ann }, `Line ${i}`)
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.sees('Line 3')
  await a.page.getByRole('list', { name: 'Messages', exact: true }).hover()
  const date = a.page.locator('[data-date]')
  const opacity = () => date.evaluate((d) => getComputedStyle(d).opacity)
  await expect.poll(async () => (await a.page.mouse.wheel(0, 20), (await date.count()) > 0 && (await opacity()))).toBe('1')
  await expect.poll(opacity).toBe('0')
})

// Each picture stood below the other, and four of them filled the screen.
test('pictures that are sent in a row are an album, of which each stays a message', async () => {
  const { ann, bob } = await seated()
  const [a, b] = await w.seats(ann, bob)
  await a.open(bob.name)
  const files = ['one', 'two', 'three', 'four'].map((name) => ({ name: `${name}.png`, mimeType: 'image/png', buffer: png(300, 200) }))
  await a.attach(...files)
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()
  const album = b.page.getByRole('group', { name: '4 images' })

  // Its height does not depend on what is loaded.
  await b.page.route('**/files/**', (route) => route.abort())
  await b.open(ann.name)
  await album.waitFor()
  expect((await album.boundingBox())!.height).toBe(320)
  await b.page.unroute('**/files/**')
  // An album ends at the line above the unread messages.
  await expect.poll(() => w.unread(bob, { type: 1, id: ann.id })).toEqual({ count: 0 })
  await b.page.reload()
  await b.sees('Hello from Bob')
  await album.locator('img').nth(3).waitFor()
  expect((await album.boundingBox())!.height).toBe(320)
  expect(await b.axe()).toEqual([])

  await album.getByRole('button', { name: 'Open image three.png' }).click()
  await b.page.getByRole('dialog').getByText('three.png').waitFor()
  await b.page.keyboard.press('Escape')

  // By keyboard, one of them is withdrawn.
  await a.page.getByRole('group', { name: '4 images' }).waitFor()
  await a.field.focus()
  await a.page.keyboard.press('Shift+ArrowUp')
  await a.page.keyboard.press('ArrowUp')
  await a.page.locator('[data-message][data-selected]').getByRole('button', { name: 'Open image three.png' }).waitFor()
  await a.page.keyboard.press('Delete')
  await a.confirm('Withdraw')
  await b.page.getByRole('group', { name: '2 images' }).getByRole('button', { name: 'Open image one.png' }).waitFor()
  await b.page.getByRole('button', { name: 'Open image four.png' }).waitFor()
  await b.page.getByRole('button', { name: 'Open image three.png' }).waitFor({ state: 'detached' })
})

// The caption is sent with the last picture, which used to stand alone below the others, in a bubble of its own.
test('the caption of an album stands below its pictures', async () => {
  const { ann, bob } = await seated()
  const [a, b] = await w.seats(ann, bob)
  await a.open(bob.name)
  const files = ['one', 'two', 'three'].map((name) => ({ name: `${name}.png`, mimeType: 'image/png', buffer: png(300, 200) }))
  await a.attach(...files)
  await a.field.fill('Our trip')
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()
  await b.open(ann.name)
  await b.sees('Our trip')
  const album = b.page.getByRole('group', { name: '3 images' })
  await album.getByRole('button', { name: 'Open image three.png' }).waitFor()
  const caption = album.locator('xpath=following-sibling::*').getByText('Our trip')
  const [grid, text] = [(await album.boundingBox())!, (await caption.boundingBox())!]
  expect([text.x, text.y - grid.y - grid.height]).toEqual([grid.x, 8])
})

// A toast that comes while a dialog is open can be closed without losing what was typed into the dialog.
test('closing a toast leaves the dialog below it open', async () => {
  const { ann, bob } = await seated()
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.page.getByRole('button', { name: 'Shake their window' }).click()
  const toasts = a.page.getByRole('region', { name: 'Messages from parley' })
  const toast = toasts.getByText('You shook their window')
  await toast.hover() // which keeps it
  await a.page.keyboard.press('Alt+n')
  const dialog = a.dialog('New chat')
  await dialog.waitFor()
  await a.page.keyboard.type('cal')
  await a.page.locator('[aria-live]').getByText('You shook their window').locator('..').locator('button').click()
  await toast.waitFor({ state: 'detached' })
  expect(await dialog.getByRole('combobox').inputValue()).toBe('cal')
})

// ⌥N opened the dialog in the middle of ñ.
test('on a Mac, ⌥ with a letter belongs to the text', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const page = await w.page()
  await page.addInitScript(() => Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' }))
  const a = await w.sit(page, ann)
  await a.startChat(bob.name)
  await a.field.pressSequentially('ma')
  for (const letter of ['n', 'i', 'm', 'p']) await page.keyboard.press(`Alt+${letter}`)
  await a.field.pressSequentially('o')
  expect(await a.field.inputValue()).toBe('mao')
  expect(await page.getByRole('dialog').count()).toBe(0)
  await page.keyboard.press('Control+Meta+n')
  await a.dialog('New chat').waitFor()
})
