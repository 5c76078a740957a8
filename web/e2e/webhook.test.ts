import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

test('an administrator makes a webhook, a program writes with it, and it is managed', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.group('Operations', ann, bob)
  const [a, b] = await w.seats(ann, bob)
  await a.open('Operations')
  const details = await a.openDetails()
  await details.getByRole('button', { name: 'Incoming webhooks' }).click()
  await details.getByText('This group has no webhooks.').waitFor()
  await details.getByRole('button', { name: 'New webhook' }).click()
  const dialog = a.dialog('New webhook')
  await dialog.getByLabel('Name').fill('Alerts')
  expect(await a.axe()).toEqual([])
  await dialog.getByRole('button', { name: 'Create' }).click()
  const issued = a.dialog('Address of Alerts')
  const address = (await issued.getByText(/\/hooks\//).innerText()).trim()
  expect(address).toMatch(/\/hooks\/[\w-]{43}$/)
  expect(await a.axe()).toEqual([])
  await a.page.keyboard.press('Escape')
  await issued.waitFor({ state: 'hidden' })

  // A message of a program is there at once, unread, and marked as that of a bot.
  const url = new URL(new URL(address).pathname, w.server.demo.url).href
  expect((await post(url, { text: 'The disk of <https://db.example.test|db-1> is full' })).status).toBe(200)
  await b.row('Operations').getByText(/Alerts/).waitFor()
  await b.open('Operations')
  const message = b.message('The disk of')
  await message.getByText('db-1 (https://db.example.test)').waitFor()
  await message.getByText('Bot', { exact: true }).waitFor()
  expect(await message.getByRole('link', { name: 'Alerts' }).count()).toBe(0)
  expect((await post(url, { msgtype: 'link', link: { title: 'Build 7', text: 'failed\nafter 64 s', messageUrl: 'https://ci.example.test/7' } })).status).toBe(200)
  await b.page.getByRole('link', { name: /Build 7/ }).getByText('after 64 s').waitFor()
  expect(await b.axe()).toEqual([])

  const act = async (what: string) => {
    await details.getByRole('button', { name: 'Actions for Alerts' }).click()
    await a.page.getByRole('menuitem', { name: what }).click()
  }
  await act('Require signatures')
  await a.confirm('Require signatures')
  const secret = a.dialog('Secret of Alerts')
  await secret.getByText(/^[\w-]{43}$/).waitFor()
  await a.page.keyboard.press('Escape')
  await details.getByText('Messages must be signed').waitFor()
  expect((await post(url, { text: 'unsigned' })).status).toBe(403)
  await act('Accept unsigned messages')
  await a.confirm('Accept unsigned messages')
  await details.getByText('Messages must be signed').waitFor({ state: 'hidden' })
  await act('New address')
  await a.confirm('New address')
  await a.dialog('Address of Alerts').waitFor()
  await a.page.keyboard.press('Escape')
  expect((await post(url, { text: 'late' })).status).toBe(404)
  await act('Rename')
  await a.dialog('Rename').getByLabel('Name').fill('Builds')
  await a.dialog('Rename').getByRole('button', { name: 'Save' }).click()
  await details.getByText('Builds', { exact: true }).waitFor()
  await details.getByRole('button', { name: 'Actions for Builds' }).click()
  await a.page.getByRole('menuitem', { name: 'Remove' }).click()
  await a.confirm('Remove')
  await details.getByText('This group has no webhooks.').waitFor()

  // Others do not see the way there.
  const own = await b.openDetails()
  await own.getByRole('button', { name: 'Leave group' }).waitFor()
  expect(await own.getByRole('button', { name: 'Incoming webhooks' }).count()).toBe(0)
})
