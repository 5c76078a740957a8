import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { png } from './picture'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

const options = (seat: Seat, name: string): Locator => seat.dialog(name).getByRole('option')

/**
 * The picture of each row that begins with one of the names: the first thing in it that is drawn as an area, apart from the box to tick. Its shape is told
 * by what the browser computed, whatever element or class it is.
 */
const pictures = (rows: Locator, names: string[]): Promise<{ of: string; shape: string }[]> =>
  rows.evaluateAll((all, known) =>
    all.flatMap((row) => {
      const text = (row as HTMLElement).innerText
      const of = known.find((name) => text.startsWith(name))
      if (of === undefined) return []
      const area = [...row.querySelectorAll<HTMLElement>('*')].find((e) => {
        const { width, height } = e.getBoundingClientRect()
        const style = getComputedStyle(e)
        return width >= 24 && height >= 24 && width <= 96 && (e instanceof HTMLImageElement || style.backgroundColor !== 'rgba(0, 0, 0, 0)')
      })
      if (!area) return { of, shape: 'none' }
      const { width, height } = area.getBoundingClientRect()
      const radii = ['top-left', 'top-right', 'bottom-left', 'bottom-right'].map((corner) => parseFloat(getComputedStyle(area).getPropertyValue(`border-${corner}-radius`)))
      const round = radii.map((r) => r / Math.min(width, height))
      const corners = round.every((r) => r >= 0.5) ? 'circle' : round.every((r) => r >= 0.15 && r <= 0.3) ? 'rounded square' : `corners of ${radii.join(' ')}`
      return { of, shape: Math.abs(width - height) < 0.5 ? corners : `${width} by ${height}, ${corners}` }
    }),
    names,
  )

// The pickers had circles for some and squares for others. The rule: everybody and everything is a rounded square.
test('all choices draw people, groups and the own devices in one shape', async () => {
  const [ann, bob, wang] = await w.people('Ann Adler', 'Bob Berg', '王小明')
  await w.group('Crew', ann, bob, wang)
  await w.group('Garden', ann)
  await w.say(bob, { person: ann }, 'Hello')
  const [a, b] = [await w.seat(ann), await w.seat(bob)]
  // Somebody with a picture, beside those with initials.
  await b.go('/settings/profile')
  await b.page.getByRole('main').getByRole('button', { name: 'Your picture' }).click()
  await b.choose(b.page.getByRole('menuitem', { name: 'Choose a picture' }), { name: 'me.png', mimeType: 'image/png', buffer: png(300, 200) })
  await b.page.getByRole('main').locator('img[src*="/avatars/"]').waitFor()
  await a.page.reload()
  await a.ready()

  const wrong: string[] = []
  /** Notes what is not a rounded square, when all that must be there is. */
  const look = async (where: string, rows: Locator, ...names: string[]): Promise<void> => {
    await expect.poll(async () => (await pictures(rows, names)).map((p) => p.of), { message: where }).toEqual(expect.arrayContaining(names))
    const found = await pictures(rows, names)
    wrong.push(...found.filter((p) => p.shape !== 'rounded square').map((p) => `${where}: ${p.of}: ${p.shape}`))
    // The boxes to tick have one shape as well.
    const ticks = await rows.evaluateAll((all) =>
      all.flatMap((row) => [...row.querySelectorAll<HTMLElement>('*')].filter((e) => e.getBoundingClientRect().width === 20 && getComputedStyle(e).borderTopWidth === '1px').map((e) => parseFloat(getComputedStyle(e).borderTopLeftRadius))),
    )
    wrong.push(...ticks.filter((radius) => radius !== 4).map((radius) => `${where}: box with corners of ${radius}`))
  }
  const close = async (name: string): Promise<void> => {
    await a.dialog(name).getByRole('button', { name: 'Close' }).click()
    await a.dialog(name).waitFor({ state: 'hidden' })
  }

  await a.open(bob.name)
  await a.sees('Hello')
  await a.command('Hello', 'Forward')
  await look('forward', options(a, 'Forward'), bob.name, 'Crew', 'Garden', 'My devices')
  await options(a, 'Forward').filter({ hasText: bob.name }).first().click()
  await look('forward, chosen', options(a, 'Forward'), bob.name, 'Crew', 'Garden', 'My devices')
  await a.dialog('Forward').getByRole('combobox').fill('王')
  await look('forward, found', options(a, 'Forward'), wang.name)
  await close('Forward')

  await a.page.getByRole('button', { name: 'New chat', exact: true }).first().click()
  await look('new chat', options(a, 'New chat'), bob.name, wang.name)
  await close('New chat')

  await a.page.getByRole('button', { name: 'New', exact: true }).click()
  await a.page.getByRole('menuitem', { name: 'New group' }).click()
  await options(a, 'New group').filter({ hasText: bob.name }).click()
  await look('new group', options(a, 'New group'), bob.name, wang.name)
  await close('New group')

  await a.page.keyboard.press('Control+K')
  await look('switcher', options(a, 'Go to'), 'My devices', 'Crew', 'Garden')
  await a.dialog('Go to').getByRole('combobox').fill('王')
  await look('switcher, found', options(a, 'Go to'), wang.name)
  await a.page.keyboard.press('Escape')
  await a.dialog('Go to').waitFor({ state: 'hidden' })

  await a.open('Garden')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'Add members' }).first().click()
  await look('add members', options(a, 'Add members'), bob.name, wang.name)
  await close('Add members')

  await a.open('Crew')
  await a.field.pressSequentially('@')
  await look('@-list', a.page.getByRole('listbox', { name: 'Mention somebody' }).getByRole('option'), 'everyone', bob.name, wang.name)
  await a.field.fill('')
  await look('members', (await a.openDetails()).getByRole('listitem'), ann.name, bob.name, wang.name)
  await a.details.getByRole('button', { name: 'All 3 members' }).click()
  await look('all members', a.details.getByRole('listitem'), ann.name, bob.name, wang.name)

  const main = a.page.getByRole('main')
  await a.go('/people')
  await look('people', main.getByRole('link'), bob.name, wang.name, 'My devices')
  await main.getByRole('tab', { name: 'Groups' }).click()
  await look('groups', main.getByRole('button'), 'Crew', 'Garden')
  await a.go('/search?q=crew')
  await look('search', main.getByRole('link'), 'Crew')
  await a.go('/')
  await look('chat list', a.page.locator('[data-chat]'), bob.name, 'Crew', 'Garden')

  expect(wrong).toEqual([])
})
