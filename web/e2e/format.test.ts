// Formatted texts: what they look like, what they do not do, and how they are written.
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

const text = (seat: Seat, part: string): Locator => seat.message(part).last().locator('[data-text]')

test('a text is shown with its formatting, and without its marks elsewhere', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await a.send('**Plan** for _today_, ~~not~~ `a*b*`\n> quoted\nanswer\n- one\n- two\n1. first\n\nsee [our page](https://example.org/x_y_)')
  await b.row(ann.name).getByText('Plan for today, not a*b* > quoted answer - one').waitFor()
  await b.open(ann.name)
  for (const seat of [a, b]) {
    const shown = text(seat, 'Plan')
    await shown.locator('strong', { hasText: /^Plan$/ }).waitFor()
    expect(await shown.locator('em').innerText()).toBe('today')
    expect(await shown.locator('s').innerText()).toBe('not')
    expect(await shown.locator('code').innerText()).toBe('a*b*')
    expect(await shown.locator('blockquote').innerText()).toBe('quoted')
    expect(await shown.locator('ul > li').allInnerTexts()).toEqual(['one', 'two'])
    expect(await shown.locator('ol > li').getAttribute('value')).toBe('1')
    const link = shown.getByRole('link', { name: 'our page' })
    expect([await link.getAttribute('href'), await link.getAttribute('rel'), await link.getAttribute('target')]).toEqual(['https://example.org/x_y_', 'noopener noreferrer', '_blank'])
  }
  // Others quote and copy it.
  await b.command('Plan', 'Reply')
  await b.page.getByText('Plan for today, not a*b* quoted answer').last().waitFor()
  await b.page.getByRole('button', { name: 'Do not reply' }).click()
  await b.command('Plan', 'Copy')
  await expect.poll(() => b.page.evaluate(() => navigator.clipboard.readText())).toMatch(/^\*\*Plan\*\* for _today_.*\n> quoted\nanswer\n- one/)
})

test('a text does nothing but be there', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const b = await w.seat(bob)
  const asked: string[] = []
  b.page.on('request', (request) => {
    if (!request.url().startsWith(w.server.demo.url)) asked.push(request.url())
  })
  const evil = '**begin** <img src="https://evil.test/p.png" onerror="document.title=1"> ![p](https://evil.test/q.png) [a](javascript:document.title=2) [b](data:text/html,x) <script>document.title=3</script> [https://bank.test](https://evil.test) **end**'
  await w.say(ann, { person: bob }, evil)
  await b.open(ann.name)
  const shown = text(b, 'begin')
  await shown.locator('strong', { hasText: 'end' }).waitFor()
  expect(await shown.locator('img, script, iframe, style, link, [onerror], [style]').count()).toBe(0)
  expect(await shown.locator('a').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))).toEqual(['https://evil.test/p.png', 'https://evil.test/q.png', 'https://bank.test/', 'https://evil.test/'])
  expect(await shown.locator('a', { hasText: 'bank' }).innerText()).toBe('https://bank.test')
  expect(await b.page.title()).not.toMatch(/^[123]$/)
  expect(asked).toEqual([])
})

test('code has its indentation and its colors, in both color schemes', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const code = '// add adds.\nfunc add(a, b int) (string, error) {\n\tif a == 12 {\n\t\treturn "x", nil\n\t}\n}'
  await w.say(ann, { person: bob }, `\`\`\`go\n${code}\n\`\`\`\nand \`inline\` [link](https://example.org) **bold**`)
  await w.say(bob, { person: ann }, '```diff\n- a\n+ b\n```\n```yaml\nkey: 1 # note\n```\n> _quoted_\n\n```brainfuck\n+-\n```')
  for (const colorScheme of ['light', 'dark'] as const) {
    const b = await w.seat(bob, { colorScheme })
    await b.open(ann.name)
    const shown = text(b, 'add adds')
    const block = shown.locator('pre').first()
    await block.locator('span').first().waitFor()
    expect(await block.locator('code').evaluate((element) => element.textContent)).toBe(code)
    expect(new Set(await block.locator('span').evaluateAll((all) => all.map((one) => getComputedStyle(one).color))).size).toBeGreaterThan(3)
    await text(b, 'quoted').locator('pre[data-language=diff] span').first().waitFor()
    await text(b, 'quoted').locator('pre[data-language=yaml] span').first().waitFor()
    expect(await text(b, 'quoted').locator('pre[data-language=brainfuck]').innerText()).toContain('+-')
    expect(await b.axe()).toEqual([])
    await block.hover()
    await block.getByRole('button', { name: 'Copy the code' }).click()
    await expect.poll(() => b.page.evaluate(() => navigator.clipboard.readText())).toBe(code)
  }
})

test('text, lists and quotes have the direction of their letters, and code has its own', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(ann, { person: bob }, 'מכתב **חשוב**\n- פריט `code()`\n> ציטוט\n```\nx = 1\n```\nEnd')
  const b = await w.seat(bob)
  await b.open(ann.name)
  const shown = text(b, 'מכתב')
  const direction = (selector: string) => shown.locator(selector).first().evaluate((element) => getComputedStyle(element).direction)
  await shown.locator('strong').waitFor()
  expect([await direction('p'), await direction('ul'), await direction('li code'), await direction('blockquote'), await direction('pre'), await shown.getByText('End', { exact: true }).evaluate((element) => getComputedStyle(element).direction)]).toEqual(['rtl', 'rtl', 'ltr', 'rtl', 'ltr', 'ltr'])
  // The bullet and the line of the quote are on the right.
  expect(await shown.locator('ul').evaluate((list) => getComputedStyle(list).paddingRight)).not.toBe('0px')
  expect(await shown.locator('blockquote').evaluate((quote) => getComputedStyle(quote).borderRightWidth)).toBe('2px')
})

// Nested marks took the square of the length in other parsers.
test('a long text full of marks is shown in part, and as a whole when that is asked for', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const long = `**begin** ${'**a _b ~~c `d [e](f '.repeat(400)}${'> '.repeat(40)}`
  expect(long.length).toBeGreaterThan(8000)
  await w.say(ann, { person: bob }, `${long} finish`)
  const b = await w.seat(bob)
  await b.open(ann.name)
  await text(b, 'begin').locator('strong').first().waitFor()
  expect(await text(b, 'begin').innerText()).not.toContain('finish')
  await text(b, 'begin').getByRole('button', { name: 'Show all' }).click()
  await b.sees('finish')
})

test('formatting can be turned off', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(ann, { person: bob }, '**bold** text')
  const b = await w.seat(bob)
  await b.open(ann.name)
  await text(b, 'bold').locator('strong').waitFor()
  await b.go('/settings/appearance')
  await b.page.getByRole('switch', { name: 'Formatted messages' }).click()
  await b.go('/')
  await b.row(ann.name).getByText('**bold** text').waitFor()
  await b.open(ann.name)
  await b.message('**bold** text').waitFor()
  expect(await b.page.getByRole('button', { name: 'Formatting' }).count()).toBe(0)
  await b.field.fill('word')
  await b.field.press('Control+a')
  await b.field.press('Control+b')
  expect(await b.field.inputValue()).toBe('word')
  await b.field.fill('**word**')
  await b.page.reload()
  await b.message('**bold** text').waitFor()
  expect(await b.page.getByRole('region', { name: 'Preview' }).count()).toBe(0)
})

test('the composer has shortcuts, buttons and a preview', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Crew', ann, bob)
  const [a, b] = await w.seats(ann, bob)
  await a.open('Crew')
  const value = () => a.field.inputValue()
  await a.field.fill('some words')
  await a.field.press('Control+a')
  for (const [keys, want] of [
    ['Control+b', '**some words**'],
    ['Control+b', 'some words'],
    ['Control+i', '_some words_'],
    ['Control+i', 'some words'],
    ['Control+Shift+X', '~~some words~~'],
    ['Control+Shift+X', 'some words'],
    ['Control+e', '`some words`'],
    ['Control+z', 'some words'],
  ] as const) {
    await a.field.press(keys)
    await expect.poll(value).toBe(want)
  }
  // A mention stays one when it becomes bold.
  await a.field.fill('')
  await a.field.pressSequentially('@bob')
  await a.page.getByRole('option', { name: bob.name }).click()
  await a.field.press('Control+a')
  await a.field.press('Control+b')
  await expect.poll(value).toBe('**@Bob Berg** ')
  const preview = a.page.getByRole('region', { name: 'Preview' })
  await preview.locator('strong', { hasText: '@Bob Berg' }).waitFor()
  // The buttons.
  const open = a.page.getByRole('button', { name: 'Formatting', exact: true })
  await open.click()
  const bar = a.page.getByRole('toolbar', { name: 'Formatting' })
  await a.field.press('End')
  await bar.getByRole('button', { name: 'Numbered list' }).click()
  await expect.poll(value).toBe('1. **@Bob Berg** ')
  await preview.locator('ol li').waitFor()
  expect(await a.axe()).toEqual([])
  await bar.getByRole('button', { name: 'Numbered list' }).click()
  await expect.poll(value).toBe('**@Bob Berg** ')
  await bar.getByRole('button', { name: 'Preview' }).click()
  await preview.waitFor({ state: 'detached' })
  await bar.getByRole('button', { name: 'Preview' }).click()
  await preview.waitFor()
  await a.field.press('Enter')
  await b.row('Crew').getByText('@Me').waitFor()
  await b.open('Crew')
  await text(b, '@Bob Berg').locator('strong').waitFor()
  await preview.waitFor({ state: 'detached' })
  await open.click()
  await bar.waitFor({ state: 'detached' })
})

test('code that is pasted keeps its indentation', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  const code = '\tif x {\n\t\ty()\n\t}'
  const paste = (data: Record<string, string>) =>
    a.field.evaluate((field, types) => {
      const clipboardData = new DataTransfer()
      for (const [type, value] of Object.entries(types)) clipboardData.setData(type, value)
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, data)
  await a.field.focus()
  await paste({ 'text/plain': code, 'vscode-editor-data': '{"mode":"go"}' })
  await expect.poll(() => a.field.inputValue()).toBe(`\`\`\`go\n${code}\n\`\`\`\n`)
  await a.field.press('Enter')
  await b.open(ann.name)
  await text(b, 'if x').locator('pre').waitFor()
  expect(await text(b, 'if x').locator('pre code').evaluate((element) => element.textContent)).toBe(code)
  // An address on a selected text makes a link of it.
  await a.field.fill('page')
  await a.field.press('Control+a')
  await paste({ 'text/plain': 'https://example.org/x' })
  await expect.poll(() => a.field.inputValue()).toBe('[page](https://example.org/x)')
  await a.field.press('Enter')
  await text(b, 'page').getByRole('link', { name: 'page' }).waitFor()
})

// The heights of texts changed when the parser came.
test('a chat with formatted texts opens at its end and stays there, also with a slow connection', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  for (let i = 0; i < 25; i++) await w.say(bob, { person: ann }, `**#${i}#**\n- one\n- two\n\n\n> three\n\`\`\`\ncode\n\`\`\``)
  const page = await w.page({ serviceWorkers: 'block' })
  const b = await w.sit(page, bob)
  let parser = 0
  await page.route(/\/assets\/Formatted-/, async (route) => {
    parser++
    await route.continue()
  })
  await b.open(ann.name)
  await text(b, '#24#').locator('strong').waitFor()
  expect(parser).toBe(1)
  const list = page.getByRole('main').getByRole('list', { name: 'Messages' })
  const below = () => list.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop)
  expect(await below()).toBeLessThanOrEqual(1)
  // Without the parser the texts are shown as they were typed.
  const other = await w.page({ serviceWorkers: 'block' })
  await other.route(/\/assets\/Formatted-/, (route) => route.abort())
  const c = await w.sit(other, bob)
  await c.open(ann.name)
  await c.sees('**#24#**')
})

test('a selection over several formatted messages is copied with its lines', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(ann, { person: bob }, '**one**\n- two\n- three')
  await w.say(ann, { person: bob }, 'four **five**')
  const b = await w.seat(bob)
  await b.open(ann.name)
  await text(b, 'one').locator('strong').waitFor()
  await b.page.evaluate(() => {
    const [first, last] = [...document.querySelectorAll('[data-text]')]
    const walk = document.createTreeWalker(first!.querySelector('li')!, NodeFilter.SHOW_TEXT)
    getSelection()!.setBaseAndExtent(walk.nextNode()!, 0, last!, last!.childNodes.length)
  })
  await b.page.keyboard.press('Control+c')
  await expect.poll(() => b.page.evaluate(() => navigator.clipboard.readText())).toMatch(/two\nthree\nfour \*\*five\*\*$/)
})
