import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

test('the list is filtered, and tells what waits', async () => {
  const [ann, bob, cal] = await w.people('Ann Adler', 'Bob Berg', 'Cal Cole')
  const group = await w.group('Crew', bob, ann)
  await w.say(bob, { person: ann }, 'From Bob')
  await w.say(cal, { person: ann }, 'From Cal')
  await w.say(bob, { group }, 'In the group')
  const a = await w.seat(ann)
  const names = () => a.page.locator('[data-chat]').evaluateAll((rows) => rows.map((r) => r.querySelector('.truncate')?.textContent))
  await a.row('Crew').waitFor()
  expect(await names()).toEqual(['Crew', 'Cal Cole', 'Bob Berg'])

  const filters = a.page.getByRole('group', { name: 'Which chats' })
  await filters.getByText('Groups', { exact: true }).click()
  await expect.poll(names).toEqual(['Crew'])
  await filters.getByText('All', { exact: true }).click()
  await a.page.getByLabel('Filter by name').fill('cal')
  await expect.poll(names).toEqual(['Cal Cole'])
  await a.page.getByLabel('Filter by name').fill('')

  await a.chatMenu('Bob Berg', 'Mark as read')
  await a.badge('Bob Berg').waitFor({ state: 'hidden' })
  await a.chatMenu('Bob Berg', 'Pin')
  await expect.poll(names).toEqual(['Bob Berg', 'Crew', 'Cal Cole'])
  await a.chatMenu('Bob Berg', 'Unpin')
  await expect.poll(names).toEqual(['Crew', 'Cal Cole', 'Bob Berg'])
  await a.chatMenu('Crew', 'Mute')
  await a.row('Crew').getByText('Muted').waitFor({ state: 'attached' })
  await a.chatMenu('Cal Cole', 'Hide')
  await expect.poll(names).toEqual(['Crew', 'Bob Berg'])

  await a.page.getByRole('button', { name: 'New', exact: true }).click()
  await a.page.getByRole('menuitem', { name: 'Mark everything as read' }).click()
  await a.badge('Crew').waitFor({ state: 'hidden' })
  await expect.poll(() => a.page.title()).not.toMatch(/\d/)
})

test('notifications of the host have their own panes', async () => {
  const [ann] = await w.people('Ann Adler')
  const a = await w.seat(ann)
  const notify = (text: string, weak = false) =>
    w.server.host('POST', '/v1/notifications', { accounts: [ann.id], category: 'task', type: 'taskcomment', name: 'Demo tasks', text, url: 'https://demo.example/1', weak })
  await notify('A task is due')
  await a.row('Tasks').getByText('A task is due').waitFor()
  await expect.poll(() => a.badge('Tasks').getAttribute('aria-label')).toBe('1 unread')
  await a.row('Tasks').click()
  const pane = a.page.getByRole('main')
  await pane.getByRole('link', { name: 'A task is due' }).waitFor()
  await a.badge('Tasks').waitFor({ state: 'hidden' })
  await notify('And another one')
  await pane.getByText('And another one').waitFor()
  await pane.getByRole('button', { name: 'Mute these notifications' }).click()
  await a.row('Tasks').getByText('Muted').waitFor({ state: 'attached' })
  expect(await a.axe()).toEqual([])
})

test('a desktop notification tells of a message, and leads to it', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Before')
  const page = await w.page()
  // The browser's own notices are on nobody's screen here: what is asked of it is kept.
  await page.addInitScript(() => {
    const shown: { title: string; body: string; click: () => void }[] = []
    class Kept extends EventTarget {
      static permission = 'granted'
      static requestPermission = () => Promise.resolve('granted')
      constructor(title: string, options: NotificationOptions) {
        super()
        shown.push({ title, body: options.body ?? '', click: () => this.dispatchEvent(new Event('click')) })
      }
      close() {}
    }
    Object.assign(window, { Notification: Kept, shown })
  })
  const a = await w.sit(page, ann)
  await a.row(bob.name).waitFor()
  await w.say(bob, { person: ann }, 'Are you there?')
  const shown = () => page.evaluate(() => (window as unknown as { shown: { title: string; body: string }[] }).shown.map((s) => `${s.title}: ${s.body}`))
  await expect.poll(shown).toEqual(['Bob Berg: Are you there?'])
  await page.evaluate(() => (window as unknown as { shown: { click: () => void }[] }).shown[0]?.click())
  await a.title(bob.name).waitFor()
  await a.sees('Are you there?')
})
