import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

// The mention was looked up by its name, so of two people of one name only one was told.
test('two people of the same name are told apart, and both are told', async () => {
  const [ann, one, two] = await w.people('Ann Adler', 'Kim Lee', 'Kim Lee')
  await w.group('Crew', ann, one, two)
  const [a, b, c] = await w.seats(ann, one, two)
  await a.open('Crew')
  for (const { email } of [one, two]) {
    await a.field.pressSequentially('@kim')
    await a.page.getByRole('option', { name: `Kim Lee ${email}` }).click()
  }
  await a.field.pressSequentially('look')
  expect(await a.field.inputValue()).toBe('@Kim Lee @Kim Lee look')
  await a.field.press('Enter')
  await b.row('Crew').getByText('@Me').waitFor()
  await c.row('Crew').getByText('@Me').waitFor()
})

test('an edit mentions those whom the message did not mention before, and nobody twice', async () => {
  const [ann, one, two] = await w.people('Ann Adler', 'Kim Lee', 'Kim Lee')
  await w.group('Crew', ann, one, two)
  const [a, b, c] = await w.seats(ann, one, two)
  await a.open('Crew')
  await a.field.pressSequentially('@kim')
  await a.page.getByRole('option', { name: `Kim Lee ${one.email}` }).click()
  await a.field.pressSequentially('look')
  await a.field.press('Enter')
  await b.row('Crew').getByText('@Me').waitFor()
  await c.badge('Crew').waitFor()
  expect(await c.row('Crew').getByText('@Me').count()).toBe(0)
  await b.open('Crew')
  await b.sees('look')
  await b.badge('Crew').waitFor({ state: 'hidden' })
  await b.go('/')

  await a.command('look', 'Edit')
  await expect.poll(() => a.field.inputValue()).toBe('@Kim Lee look')
  await a.field.press('End')
  await a.field.pressSequentially(' @kim')
  await a.page.getByRole('option', { name: `Kim Lee ${two.email}` }).click()
  await a.field.press('Enter')
  await a.sees('@Kim Lee look @Kim Lee')
  await c.row('Crew').getByText('@Me').waitFor()
  expect(await b.row('Crew').getByText('@Me').count()).toBe(0)
})

test('a draft keeps whom it mentions over a reload', async () => {
  const [ann, one, two] = await w.people('Ann Adler', 'Kim Lee', 'Kim Lee')
  await w.group('Crew', ann, one, two)
  const [a, b, c] = await w.seats(ann, one, two)
  await a.open('Crew')
  await a.field.pressSequentially('@kim')
  await a.page.getByRole('option', { name: `Kim Lee ${one.email}` }).click()
  await a.field.pressSequentially('later')
  await expect.poll(() => a.page.evaluate(() => JSON.stringify(localStorage))).toContain('later')
  await a.page.reload()
  await expect.poll(() => a.field.inputValue()).toBe('@Kim Lee later')
  await a.field.press('Enter')
  await b.row('Crew').getByText('@Me').waitFor()
  await c.badge('Crew').waitFor()
  expect(await c.row('Crew').getByText('@Me').count()).toBe(0)
})

// A name was coloured up to its first space where its bearer had not written anything.
test('the whole name is coloured, for author and reader', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob van der Berg', 'Bob van')
  await w.group('Crew', ann, bob, cal)
  const [a, b] = await w.seats(ann, bob)
  await a.open('Crew')
  await b.open('Crew')
  await a.send('ask @Bob van der Berg, not @Bob van?')
  for (const seat of [a, b]) {
    const row = seat.message('ask').last()
    await row.getByText('@Bob van der Berg', { exact: true }).waitFor()
    await row.getByText('@Bob van', { exact: true }).waitFor()
  }
})

// Input methods for Chinese write a full-width sign, which opened nothing.
test('a full-width ＠ opens the list of people, too', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Crew', ann, bob)
  const [a, b] = await w.seats(ann, bob)
  await a.open('Crew')
  await a.page.keyboard.insertText('看＠bo')
  await a.page.getByRole('option', { name: bob.name }).click()
  expect(await a.field.inputValue()).toBe('看@Bob Berg ')
  await a.field.press('Enter')
  await b.row('Crew').getByText('@Me').waitFor()
})
