import { expect, test } from 'vitest'
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
