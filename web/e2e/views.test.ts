import { describe, expect, test } from 'vitest'
import type { Person, Seat } from './seat'
import { world } from './world'

const w = world()

/** Somebody with something in every view. */
async function busy(): Promise<{ ann: Person; bob: Person; group: string }> {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', '陈小明')
  const group = await w.group('Crew', ann, bob, cal)
  await w.say(bob, { person: ann }, 'Hello https://demo.example/ 😀')
  await w.say(ann, { person: bob }, 'Hello back')
  await w.say(cal, { group }, '大家好')
  await w.server.host('POST', '/v1/notifications', { accounts: [ann.id], category: 'task', type: 'taskmessage', name: 'Demo tasks', text: 'A task is due', url: '' })
  return { ann, bob, group }
}

const views = (bob: Person, group: string) => [
  '/',
  `/chat/1/${bob.id}`,
  `/chat/2/${group}`,
  '/inbox/task',
  '/people',
  `/people/${bob.id}`,
  '/search',
  '/settings/profile',
  '/settings/notifications',
  '/settings/appearance',
  '/settings/sessions',
  '/settings/keyboard',
  '/settings/about',
]

/** The view is there, and nothing of it still on its way. */
async function shown(seat: Seat, view: string): Promise<void> {
  await seat.page.locator(view === '/' ? 'h1' : 'main h1').filter({ visible: true }).first().waitFor()
  await seat.page.waitForLoadState('networkidle')
  await seat.page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity))
}

describe.each(['light', 'dark'] as const)('axe finds nothing in %s', (colorScheme) => {
  test.each([
    ['on a wide screen', { width: 1280, height: 800 }],
    ['on a phone', { width: 360, height: 740 }],
  ])('%s', async (_, viewport) => {
    const { ann, bob, group } = await busy()
    const a = await w.seat(ann, { viewport, colorScheme, reducedMotion: 'reduce' })
    const found: string[] = []
    for (const view of views(bob, group)) {
      await a.go(view)
      await shown(a, view)
      found.push(...(await a.axe()).map((f) => `${view} ${f}`))
      // Nothing sticks out at the side.
      const over = await a.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (over > 0) found.push(`${view} is ${over} px too wide`)
    }
    expect(found).toEqual([])
  })
})

test('on a phone one pane is shown at a time', async () => {
  const { ann, bob } = await busy()
  const a = await w.seat(ann, { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true })
  await a.open(bob.name)
  expect(await a.page.getByRole('heading', { name: 'Chats', level: 1 }).count()).toBe(0)
  await a.field.fill('From the phone')
  await a.page.getByRole('button', { name: 'Send', exact: true }).click()
  await a.sees('From the phone')
  const details = await a.openDetails()
  const box = await details.boundingBox()
  expect(box?.width).toBe(390)
  await details.getByRole('button', { name: 'Close' }).click()
  await details.waitFor({ state: 'hidden' })
  await a.page.getByRole('main').getByRole('button', { name: 'Back' }).click()
  await a.row(bob.name).getByText('From the phone').waitFor()
  await a.page.getByRole('navigation').getByRole('link', { name: 'People' }).click()
  await a.page.getByRole('list', { name: 'Directory' }).getByRole('link', { name: bob.name }).click()
  await a.page.getByRole('article', { name: bob.name }).getByRole('button', { name: 'Back' }).click()
  await a.page.getByRole('list', { name: 'Directory' }).waitFor()
})

test('everything is said in Chinese', async () => {
  const { ann, bob, group } = await busy()
  const a = await w.seat(ann, { locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  expect(await a.page.evaluate(() => document.documentElement.lang)).toBe('zh')
  const left: string[] = []
  // Texts of people, texts of the server for all readers, names of products, languages and time zones, and names of keys.
  const foreign = /(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[^\n]+|Ann Adler|Bob Berg|Crew|Hello back|Hello|https?:\S+|Demo tasks|A task is due|Test organization|\S+@people\.example|parley|English|Ctrl|Shift|Alt|Esc|Enter|Tab|Home|End|OpenAPI|API|Chromium|Chrome|Linux|Asia|UTC|GMT|[0-9a-f-]{36}/g
  for (const view of views(bob, group)) {
    await a.go(view)
    await shown(a, view)
    const texts = await a.page.evaluate(() => {
      const labels = [...document.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap((e) => [e.getAttribute('aria-label'), e.getAttribute('placeholder'), e.getAttribute('title')])
      return [...document.body.innerText.split('\n'), ...labels.filter((l) => l !== null)]
    })
    left.push(...texts.filter((text) => /[A-Za-z]{3,}/.test(text.replaceAll(foreign, ''))).map((text) => `${view}: ${text}`))
  }
  expect(left).toEqual([])
})

test('no mouse is needed', async () => {
  const { ann, bob } = await busy()
  const a = await w.seat(ann)
  const { keyboard } = a.page
  await keyboard.press('Control+K')
  await a.page.getByRole('combobox', { name: 'Go to' }).fill('bob')
  await a.page.getByRole('option', { name: /Bob Berg/ }).waitFor()
  await keyboard.press('Enter')
  await a.title(bob.name).waitFor()
  await a.sees('Hello back')
  await expect.poll(() => a.field.evaluate((f) => f === document.activeElement)).toBe(true)
  await keyboard.type('By hand')
  await keyboard.press('Shift+Enter')
  await keyboard.type('two lines')
  await keyboard.press('Enter')
  await a.sees('By hand\ntwo lines')

  // Up edits the last own message, and Esc leaves it as it is.
  await keyboard.press('ArrowUp')
  await expect.poll(() => a.field.inputValue()).toBe('By hand\ntwo lines')
  await keyboard.type(', changed')
  await keyboard.press('Escape')
  await expect.poll(() => a.field.inputValue()).toBe('')
  await keyboard.press('ArrowUp')
  await keyboard.type(', corrected')
  await keyboard.press('Enter')
  await a.sees('two lines, corrected')
  await expect.poll(() => a.field.inputValue()).toBe('')
  // Shift Up selects messages, and keys act on the one that is selected: past the own two to the first one.
  await keyboard.press('Shift+ArrowUp')
  await keyboard.press('ArrowUp')
  await keyboard.press('ArrowUp')
  await keyboard.press('r')
  await a.page.getByText('Reply to Bob Berg').waitFor()
  await keyboard.press('Escape')
  await a.page.getByText('Reply to Bob Berg').waitFor({ state: 'hidden' })

  await keyboard.press('Alt+ArrowDown')
  await a.title(bob.name).waitFor({ state: 'hidden' })
  await keyboard.press('Alt+ArrowUp')
  await a.title(bob.name).waitFor()
  await keyboard.press('Control+/')
  const help = a.dialog('Keyboard shortcuts')
  await help.waitFor()
  await keyboard.press('Escape')
  await help.waitFor({ state: 'hidden' })
  await keyboard.press('Alt+i')
  await a.details.waitFor()
  await keyboard.press('Alt+n')
  const dialog = a.dialog('New chat')
  await dialog.waitFor()
  await keyboard.type('陈')
  await keyboard.press('Enter')
  await a.title('陈小明').waitFor()
})

// The client used to do nothing when the key came before the acknowledgement, as it does on a fast machine.
test('a message can be corrected before the server has answered', async () => {
  const { ann, bob } = await busy()
  const { line, at } = await w.relay()
  const a = await w.seat(ann, {}, at)
  const { keyboard } = a.page
  await a.open(bob.name)
  await a.sees('Hello back')
  line.hold()
  await a.send('Sent too soon')
  await a.sees('Sent too soon')
  await keyboard.press('ArrowUp')
  // Once is enough, however often the key is pressed.
  await keyboard.press('ArrowUp')
  expect(await a.field.inputValue()).toBe('')
  line.release()
  await expect.poll(() => a.field.inputValue()).toBe('Sent too soon')
  await keyboard.type(', corrected')
  await keyboard.press('Enter')
  await a.sees('Sent too soon, corrected')
  const b = await w.seat(bob)
  await b.open(ann.name)
  await b.sees('Sent too soon, corrected')
  expect(await b.found(/Sent too soon.*/)).toEqual(['Sent too soon, corrected'])
  await b.message('Sent too soon').getByRole('button', { name: 'edited' }).waitFor()
})

test('the page is installable', async () => {
  const page = await w.page()
  await page.goto(w.server.demo.url)
  const manifest = await page.locator('link[rel=manifest]').getAttribute('href')
  const found = await page.evaluate(async (address) => (await fetch(address)).json() as Promise<{ name: string; icons: { src: string; sizes: string }[]; display: string; start_url: string }>, manifest ?? '')
  expect(found.display).toBe('standalone')
  for (const icon of found.icons) {
    const status = await page.evaluate(async (src) => (await fetch(src)).status, icon.src)
    expect(status, icon.src).toBe(200)
  }
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.context().setOffline(true)
  await page.reload()
  await page.getByRole('heading', { level: 1 }).or(page.getByText(/server does not answer/)).first().waitFor()
  await page.context().close()
})
