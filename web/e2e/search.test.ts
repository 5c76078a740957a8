import { expect, test } from 'vitest'
import type { Person } from './seat'
import { world } from './world'

const w = world()

test('messages, people and groups are found, and only one’s own', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const group = await w.group('Sunflower crew', ann, bob)
  await w.say(bob, { person: ann }, 'The sunflower seeds arrived')
  for (let i = 0; i < 60; i++) await w.say(bob, { person: ann }, `other ${i}`)
  await w.say(bob, { group }, '明天的会议改到三点')
  await w.say(cal, { person: bob }, 'A sunflower for nobody else')
  const a = await w.seat(ann)

  await a.page.getByRole('navigation').getByRole('link', { name: 'Search' }).click()
  const field = a.page.getByRole('main').getByRole('searchbox')
  await field.fill('sunflower')
  const main = a.page.getByRole('main')
  await main.getByRole('link', { name: /seeds arrived/ }).waitFor()
  await main.getByText('Sunflower crew').first().waitFor()
  expect(await main.getByText('for nobody else').count()).toBe(0)
  expect(await main.locator('mark').first().innerText()).toMatch(/sunflower/i)
  expect(await a.axe()).toEqual([])
  await main.getByRole('link', { name: /seeds arrived/ }).click()
  await a.title(bob.name).waitFor()
  await a.sees('The sunflower seeds arrived')

  await a.page.keyboard.press('Control+Shift+F')
  await field.fill('会议')
  await main.getByRole('link', { name: /明天的/ }).click()
  await a.title('Sunflower crew').waitFor()
  await a.sees('明天的会议改到三点')
})

test('one chat is searched, and the switcher goes anywhere', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  await w.say(bob, { person: ann }, 'needle in the hay')
  for (let i = 0; i < 60; i++) await w.say(bob, { person: ann }, `hay ${i}`)
  await w.say(cal, { person: ann }, 'needle elsewhere')
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.page.keyboard.press('Control+F')
  const panel = a.page.getByRole('complementary', { name: 'Search in this chat' })
  await panel.getByRole('searchbox').fill('needle')
  await panel.getByRole('link', { name: /in the hay/ }).or(panel.getByRole('button', { name: /in the hay/ })).first().click()
  expect(await panel.getByText('elsewhere').count()).toBe(0)
  await a.sees('needle in the hay')

  await a.page.keyboard.press('Control+K')
  await a.page.getByRole('combobox', { name: 'Go to' }).fill('cal')
  await a.page.getByRole('option', { name: /Cal Cole/ }).waitFor()
  await a.page.keyboard.press('Enter')
  await a.title(cal.name).waitFor()
})

// Quotation marks were looked for in the messages, and nothing was found.
test('a phrase in quotation marks is found as it stands, and a lone mark does not count', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'the quick brown fox')
  await w.say(bob, { person: ann }, 'a fox, brown and quick')
  const a = await w.seat(ann)
  await a.page.getByRole('navigation').getByRole('link', { name: 'Search' }).click()
  const main = a.page.getByRole('main')
  const field = main.getByRole('searchbox')
  const found = main.getByRole('link', { name: /fox/ })
  for (const typed of ['"quick brown"', '“quick brown”', '"quick  brown" fox']) {
    await field.fill('')
    await found.first().waitFor({ state: 'hidden' })
    await field.fill(typed)
    await found.first().waitFor()
    await expect.poll(() => found.allInnerTexts()).toEqual([expect.stringContaining('the quick brown fox')])
  }
  for (const typed of ['"fox', 'fox"', '“fox']) {
    await field.fill('')
    await found.first().waitFor({ state: 'hidden' })
    await field.fill(typed)
    await expect.poll(() => found.count()).toBe(2)
  }
})

/** Sends a message of any type, through another device. */
const send = (from: Person, to: { toAccount: string } | { toGroup: string }, content: object) => w.server.host('POST', '/v1/messages', { from: from.id, ...to, ...content })

const today = () => new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' })

test('a search is limited to a sender, a chat, days, a type and links, also without a text', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const group = await w.group('Sunflower crew', ann, bob, cal)
  await w.say(bob, { person: ann }, 'the plan: https://docs.example.com/guide?x=foo_bar')
  await w.say(cal, { person: ann }, 'the plan is PLT-3699')
  await w.say(cal, { group }, 'a plan for v2.1.0')
  await w.say(ann, { group }, 'my plan')
  await send(bob, { toGroup: group }, { type: 3, file: { key: 'k', name: 'v.amr', len: 3 } })
  await send(bob, { toAccount: ann.id }, { type: 4, file: { key: 'k', name: 'plan.pdf', size: 5 } })
  const a = await w.seat(ann)
  await a.page.getByRole('navigation').getByRole('link', { name: 'Search' }).click()
  const main = a.page.getByRole('main')
  const filters = main.getByRole('group', { name: 'Filters' })
  const hits = main.getByRole('listitem')
  const sees = (...texts: RegExp[]) =>
    expect.poll(() => hits.allInnerTexts()).toEqual(texts.map((text) => expect.stringMatching(text)))

  // By mouse.
  await filters.getByRole('button', { name: 'Has a link' }).click()
  await sees(/docs\.example/)
  expect(await a.axe()).toEqual([])
  await filters.getByRole('button', { name: 'Has a link' }).click()
  await main.getByText('Search everything').waitFor()

  // By the keys: somebody by the first letters, whose name then stands in the filter.
  await filters.getByRole('button', { name: 'From', exact: true }).focus()
  await a.page.keyboard.press('Enter')
  const dialog = a.dialog('Messages from')
  await dialog.getByRole('combobox').waitFor()
  expect(await a.axe()).toEqual([])
  await a.page.keyboard.type('cal')
  await dialog.getByRole('option', { name: /Cal Cole/ }).waitFor()
  await a.page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await filters.getByRole('button', { name: /^From\W+Cal Cole$/ }).waitFor()
  await sees(/v2\.1\.0/, /PLT-3699/)
  await main.getByRole('searchbox').fill('2.1')
  await sees(/v2\.1\.0/)
  await main.getByRole('searchbox').fill('3699')
  await sees(/PLT-3699/)

  // The way back from a hit leads to the same hits and filters.
  await hits.getByRole('link').click()
  await a.title(cal.name).waitFor()
  await a.sees('the plan is PLT-3699')
  await a.page.goBack()
  await sees(/PLT-3699/)
  await filters.getByRole('button', { name: /Cal Cole/ }).first().waitFor()

  // Without the filter the focus is on the button that it leaves.
  await filters.getByRole('button', { name: 'Remove the filter: From' }).press('Enter')
  const from = filters.getByRole('button', { name: 'From', exact: true })
  await from.waitFor()
  expect(await from.evaluate((e) => e === document.activeElement)).toBe(true)

  await main.getByRole('searchbox').fill('')
  await filters.getByRole('combobox', { name: 'Type' }).selectOption('Voice message')
  await sees(/Voice message/)
  await filters.getByRole('combobox', { name: 'Type' }).selectOption('File')
  await sees(/plan\.pdf/)
  await filters.getByRole('combobox', { name: 'Type' }).selectOption('Any type')

  // A chat, and of it one of its members.
  await filters.getByRole('button', { name: 'Chat', exact: true }).click()
  await a.dialog('Messages of a chat').getByRole('combobox').fill('sunfl')
  await a.dialog('Messages of a chat').getByRole('option', { name: /Sunflower crew/ }).click()
  await sees(/Voice message/, /my plan/, /v2\.1\.0/)
  await filters.getByRole('button', { name: 'From', exact: true }).click()
  await a.dialog('Messages from').getByRole('option', { name: /Ann Adler/ }).click()
  await sees(/my plan/)
  await filters.getByRole('button', { name: 'Remove the filter: From' }).click()

  // Days.
  await filters.getByRole('button', { name: 'Date', exact: true }).click()
  await main.getByLabel('First day').fill(today())
  await sees(/Voice message/, /my plan/, /v2\.1\.0/)
  await main.getByLabel('Last day').fill('2020-01-01')
  await main.getByText('The last day is before the first.').waitFor()
  await main.getByLabel('First day').fill('')
  await main.getByText('Nothing found').waitFor()
  expect(await a.axe()).toEqual([])
})

// The page broke when the hits of messages were shown as files until those were there.
test('messages and files take turns', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'the plan')
  await send(bob, { toAccount: ann.id }, { type: 4, file: { key: 'k', name: 'plan.pdf', size: 5 } })
  const a = await w.seat(ann)
  await a.open(bob.name)
  await a.page.keyboard.press('Control+F')
  const panel = a.page.getByRole('complementary', { name: 'Search in this chat' })
  await panel.getByRole('searchbox').fill('plan')
  await panel.getByRole('link', { name: /the plan/ }).waitFor()
  await panel.getByRole('button', { name: 'Files' }).click()
  await panel.getByRole('link', { name: /plan\.pdf/ }).waitFor()
  await panel.getByRole('button', { name: 'Messages' }).click()
  await panel.getByRole('link', { name: /the plan/ }).waitFor()
})

test('on a phone, in Chinese, one chat is searched with filters, and a hit leads to its message', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, '计划 https://docs.example.com')
  await w.say(ann, { person: bob }, 'https://example.org')
  for (let i = 0; i < 60; i++) await w.say(bob, { person: ann }, `hay ${i}`)
  const a = await w.seat(ann, { locale: 'zh-CN', hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })
  await a.row(bob.name).tap()
  await a.title(bob.name).waitFor()
  await a.page.keyboard.press('Control+F')
  const panel = a.page.getByRole('complementary', { name: '搜索聊天记录' })
  const filters = panel.getByRole('group', { name: '筛选条件' })
  await filters.getByRole('button', { name: '含链接' }).tap()
  await expect.poll(() => panel.getByRole('listitem').count()).toBe(2)
  await filters.getByRole('button', { name: '发送人', exact: true }).tap()
  await a.dialog('选择发送人').getByRole('option', { name: bob.name }).tap()
  await expect.poll(() => panel.getByRole('listitem').count()).toBe(1)
  expect(await a.axe()).toEqual([])
  await panel.getByRole('link', { name: /计划/ }).tap()
  await panel.waitFor({ state: 'hidden' })
  await a.sees('计划 https://docs.example.com')
  await a.page.goBack()
  await a.row(bob.name).waitFor()
})
