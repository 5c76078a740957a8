import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import axe from './axe'
import { launch, patience } from './browser'
import { copyWith } from './clipboard'
import { FreshServer } from './fresh'

// Events are given up soon.
const server = new FreshServer({ PARLEY_AUTH_FRESH_SIGN_IN: '24h', PARLEY_OUTGOING_NETWORKS: '127.0.0.0/8', PARLEY_OUTGOING_GIVE_UP: '3s' })
let browser: Browser

interface Arrival {
  headers: IncomingHttpHeaders
  body: string
}

/** The system that gets the events. */
const arrivals: Arrival[] = []
let status = 204
const receiver = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (part: string) => (body += part))
  request.on('end', () => {
    arrivals.push({ headers: request.headers, body })
    response.statusCode = status
    response.end()
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  ;[, browser] = await Promise.all([server.start(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await server.close()
  receiver.closeAllConnections()
  receiver.close()
})

test('an owner subscribes a system, sees that it fails, and posts what was given up again', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  await page.goto(server.links[0] ?? '')
  await page.getByLabel('Name of your organization').fill('Example Works')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Your e-mail').fill('olga@example.test')
  await page.getByLabel('Password').fill('a long password')
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await page.getByRole('heading', { name: 'Invite people' }).waitFor()
  const kept = await page.evaluate(() => localStorage.getItem('parley.sessions') ?? '[]')
  const [session] = JSON.parse(kept) as { token: string }[]
  const admin = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${server.url}/api/admin${path}`, {
      method,
      headers: { Authorization: `Bearer ${session!.token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (answer.status === 204 ? undefined : await answer.json()) as T
  }
  await admin('POST', '/applications', { name: 'Archive', kind: 'server', scopes: ['read'] })

  await page.goto(`${server.url}/admin/subscriptions`)
  await page.getByText('There are no subscriptions.').waitFor()
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Add a subscription' }).click()
  const adding = page.getByRole('dialog', { name: 'Add a subscription' })
  await adding.getByLabel('Address').fill('https://192.168.1.1/in')
  await adding.getByLabel('Note (optional)').fill('Archive of the company')
  await adding.getByRole('button', { name: 'Add a subscription' }).click()
  await adding.getByText('Choose at least one kind of event.').waitFor()
  await adding.getByRole('checkbox', { name: /^Account created/ }).check()
  await adding.getByRole('button', { name: 'Add a subscription' }).click()
  await adding.getByText('Nothing can be posted to this address.').waitFor()
  expect(await axe(page)).toEqual([])
  await adding.getByLabel('Address').fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`)
  await adding.getByRole('button', { name: 'Add a subscription' }).click()
  const shown = page.getByRole('dialog', { name: 'Secret of the subscription' })
  const secret = await copyWith(shown.getByRole('button', { name: 'Copy' }))
  expect(secret).toMatch(/^whsec_/)
  await shown.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('heading', { name: 'Archive of the company', level: 2 }).waitFor()

  await page.getByRole('button', { name: 'Post a test event' }).click()
  await page.getByText('A test event is posted.').waitFor()
  await expect.poll(() => arrivals.length, { timeout: patience }).toBe(1)
  const { headers, body } = arrivals[0]!
  expect(JSON.parse(body)).toMatchObject({ type: 'test' })
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const signature = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(signed).digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${signature}`)

  // The receiver fails until the event is given up.
  status = 500
  await admin('POST', '/people', { name: 'Nina New', email: 'nina@example.test' })
  const region = page.getByRole('region', { name: 'Archive of the company' })
  await region.getByText('status 500').first().waitFor()
  const dead = page.getByRole('list', { name: 'Events that were given up' })
  await dead.getByText('Account created').waitFor()
  expect(await axe(page)).toEqual([])
  await dead.getByText('Content').click()
  await dead.getByText('nina@example.test').waitFor()

  status = 204
  const before = arrivals.length
  await dead.getByRole('button', { name: /^Post the event of/ }).click()
  await page.getByText('1 event is posted again.').waitFor()
  await expect.poll(() => arrivals.length, { timeout: patience }).toBeGreaterThan(before)
  expect(arrivals.at(-1)!.headers['webhook-id']).toBe(arrivals[before - 1]!.headers['webhook-id'])
  await dead.waitFor({ state: 'hidden' })

  await page.getByRole('button', { name: 'Rotate the secret' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate the secret' }).click()
  await shown.getByRole('button', { name: 'Close' }).click()
  expect(await page.getByRole('list', { name: 'Secret', exact: true }).getByRole('listitem').count()).toBe(2)

  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await region.getByText('It was stopped here or by the application.').waitFor()
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  await region.getByText('Events are posted.').first().waitFor()

  await page.getByRole('button', { name: 'Remove the subscription' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the subscription' }).click()
  await page.getByText('There are no subscriptions.').waitFor()
  await context.close()
})
