import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

// Every group without a picture had the same one.
test('a group without a picture shows the faces of its members, everywhere the same', async () => {
  const [ann, bob, cal, dan] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole', 'Dan Dorn')
  await w.group('Crew', ann, bob, cal)
  await w.group('Garden', ann, dan)
  const a = await w.seat(ann)
  const letters = (where: ReturnType<typeof a.row>) =>
    where.locator('[data-faces] [data-initials]').evaluateAll((all) => all.map((one) => one.getAttribute('data-initials')).sort())
  await expect.poll(() => letters(a.row('Crew'))).toEqual(['A', 'B', 'C'])
  await expect.poll(() => letters(a.row('Garden'))).toEqual(['A', 'D'])
  await a.open('Crew')
  await expect.poll(() => letters(a.page.getByRole('main').locator('header').first())).toEqual(['A', 'B', 'C'])
  const details = await a.openDetails()
  await expect.poll(() => letters(details.getByRole('button', { name: 'Picture of the group' }))).toEqual(['A', 'B', 'C'])

  await details.getByRole('button', { name: 'Add members' }).first().click()
  const dialog = a.dialog('Add members')
  await dialog.getByRole('combobox').fill('Dan')
  await dialog.getByRole('option', { name: dan.name }).click()
  await dialog.getByRole('button', { name: 'Add 1 person' }).click()
  await expect.poll(() => letters(a.row('Crew'))).toEqual(['A', 'B', 'C', 'D'])
  await dialog.waitFor({ state: 'hidden' })
  expect(await a.axe()).toEqual([])

  await a.page.getByRole('link', { name: 'People' }).first().click()
  await a.page.getByRole('tab', { name: 'Groups' }).click()
  const listed = a.page.getByRole('button', { name: /^Garden/ })
  await expect.poll(() => letters(listed)).toEqual(['A', 'D'])
})

test('the own devices have an icon and a name of their own', async () => {
  const [ann] = await w.people('Ann Adler')
  const a = await w.seat(ann)
  await a.page.getByRole('button', { name: 'New chat', exact: true }).first().click()
  await a.dialog('New chat').getByRole('button', { name: 'My devices' }).click()
  await a.title('My devices').waitFor()
  const header = a.page.getByRole('main').locator('header').first()
  expect(await header.locator('[data-initials]').count()).toBe(0)
  expect(await header.locator('svg.lucide-folder-sync').count()).toBe(1)
  expect(await a.field.getAttribute('placeholder')).toBe('Message to My devices')
  await a.send('Note')
  await a.row('My devices').waitFor()
  expect(await a.field.getAttribute('placeholder')).toBe('Message to My devices')
})
