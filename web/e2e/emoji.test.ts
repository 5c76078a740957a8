import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

test('the categories of the emoji lead to them, by click and by key', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  await a.startChat(bob.name)
  await a.page.getByRole('button', { name: 'Emoji' }).click()
  const picker = a.dialog('Emoji')
  const categories = picker.getByRole('toolbar', { name: 'Categories' })
  const category = (name: string) => categories.getByRole('button', { name })
  const current = () => categories.locator('[aria-current=true]').getAttribute('aria-label')
  await expect.poll(current).toBe('Smileys and emotion')
  expect(await a.axe()).toEqual([])

  await category('Flags').click()
  await picker.getByRole('option', { name: 'chequered flag' }).waitFor()
  await expect.poll(current).toBe('Flags')
  await category('Flags').press('ArrowLeft')
  await expect.poll(current).toBe('Symbols')
  await expect.poll(() => category('Symbols').evaluate((button) => button === document.activeElement)).toBe(true)
  await category('Symbols').press('Home')
  await expect.poll(current).toBe('Smileys and emotion')

  // Scrolling marks the category that is in sight.
  await picker.getByRole('listbox').evaluate((list) => (list.parentElement!.scrollTop = list.scrollHeight))
  await expect.poll(current).toBe('Flags')
})

test('a skin tone is chosen once, and what was picked comes first', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  await a.startChat(bob.name)
  const open = async () => {
    await a.page.getByRole('button', { name: 'Emoji' }).click()
    return a.dialog('Emoji')
  }
  let picker = await open()
  await picker.getByRole('button', { name: 'Skin tone: Default' }).click()
  await picker.getByRole('button', { name: 'Medium-dark' }).click()
  await picker.getByRole('button', { name: 'Skin tone: Medium-dark' }).waitFor()
  await picker.getByRole('combobox').fill('拇指向上') // the words of the other language find, too
  await picker.getByRole('option', { name: 'thumbs up', exact: true }).click()
  await expect.poll(() => a.field.inputValue()).toBe('👍🏾')

  await a.page.reload()
  picker = await open()
  await picker.getByRole('button', { name: 'Recent' }).waitFor()
  expect(await picker.getByRole('option').first().innerText()).toBe('👍🏾')
})
