import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import axe from './axe'
import { launch, patience } from './browser'
import { copyWith } from './clipboard'
import { FreshServer } from './fresh'
import { Seat } from './seat'

const server = new FreshServer()
let browser: Browser
const open: Page[] = []
const faults: string[] = []

beforeAll(async () => {
  ;[, browser] = await Promise.all([server.start(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await server.close()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((page) => page.context().close()))
  expect(faults.splice(0)).toEqual([])
})

/** A browser of somebody who has never been here. */
async function stranger(options: BrowserContextOptions = {}): Promise<Seat> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'Asia/Shanghai',
    permissions: ['clipboard-read', 'clipboard-write', 'notifications'],
    ...options,
  })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  open.push(page)
  return new (class extends Seat {
    override readonly faults = faults
  })(page, { id: '', name: '', email: '' })
}

const link = (): string => server.links[0] ?? ''

test('a page that nobody was given a link to says what is missing', async () => {
  const { page } = await stranger()
  await page.goto(server.url)
  await page.getByText('This server is not set up yet.').waitFor()
  await page.goto(`${server.url}/set-up#wrong`)
  await page.getByText('This link is not valid.').waitFor()
  expect(await axe(page)).toEqual([])
})

test('the link of an earlier start is not good any more', async () => {
  const before = link()
  await server.stop()
  await server.start()
  expect(link()).not.toBe(before)
  const { page } = await stranger()
  await page.goto(before)
  await page.getByText('This link is not valid.').waitFor()
})

test.each([
  { locale: 'en-US', colorScheme: 'light' as const, viewport: { width: 1280, height: 800 } },
  { locale: 'zh-CN', colorScheme: 'dark' as const, viewport: { width: 390, height: 844 } },
])('the page is in $locale and axe finds nothing', async (options) => {
  const { page } = await stranger(options)
  await page.goto(link())
  await page.getByRole('heading', { name: options.locale === 'zh-CN' ? '设置服务器' : 'Set up this server' }).waitFor()
  await page.getByRole('button', { name: options.locale === 'zh-CN' ? '完成设置并登录' : 'Set up and sign in' }).click()
  await page.getByText(options.locale === 'zh-CN' ? '请输入姓名。' : 'Type your name.').waitFor()
  expect(await axe(page)).toEqual([])
})

// From an empty folder to two people who chat, without a terminal.
test('the first person sets the server up and invites a second one, and the two chat', async () => {
  const olga = await stranger()
  await olga.page.goto(link())
  await olga.page.getByLabel('Name of your organization').fill('Example Works')
  expect(olga.page.url()).not.toContain(new URL(link()).hash)
  await olga.page.getByLabel('Your name').fill('Olga Owner')
  await olga.page.getByLabel('Your e-mail').fill('olga@example.test')
  await olga.page.getByLabel('Password').fill('a long password')
  expect(await olga.page.getByLabel('Time zone').inputValue()).toBe('Asia/Shanghai')
  await olga.page.getByRole('button', { name: 'Set up and sign in' }).click()

  // The owner sees how to invite others.
  await olga.page.getByRole('heading', { name: 'Invite people' }).waitFor()
  expect(await axe(olga.page)).toEqual([])
  await olga.page.getByRole('button', { name: 'Create the link' }).click()
  await olga.page.getByRole('img', { name: 'QR code of the invitation' }).waitFor()
  expect(await axe(olga.page)).toEqual([])
  const invitation = await copyWith(olga.page.getByRole('button', { name: 'Copy the link' }))
  expect(invitation).toMatch(new RegExp(`^${server.url}/invite#`))

  // The set-up is over for everybody.
  const late = await stranger()
  await late.page.goto(link())
  await late.page.getByRole('heading', { name: 'Sign in to Example Works' }).waitFor()

  const pia = await stranger({ locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 390, height: 844 } })
  await pia.page.goto(invitation)
  await pia.page.getByText('Olga Owner 邀请你加入。').waitFor()
  expect(await axe(pia.page)).toEqual([])
  await pia.page.getByLabel('你的姓名').fill('Pia Person')
  await pia.page.getByLabel('你的邮箱').fill('pia@example.test')
  await pia.page.getByLabel('设置密码').fill('another password')
  await pia.page.getByRole('button', { name: '创建账号' }).click()
  await pia.ready()

  await olga.go('/')
  await olga.startChat('Pia Person')
  await olga.send('Welcome!')
  await pia.open('Olga Owner')
  await pia.sees('Welcome!')
  await pia.send('谢谢')
  await olga.sees('谢谢')

  // The invitation was for one person.
  const third = await stranger()
  await third.page.goto(invitation)
  await third.page.getByText('This invitation is not valid.').waitFor()
  expect(await axe(third.page)).toEqual([])

  // A restart prints no link, and the two can sign in again.
  await server.stop()
  await server.start()
  expect(server.links).toEqual([])
  await late.page.reload()
  await late.page.getByLabel('E-mail').fill('olga@example.test')
  await late.page.getByLabel('Password').fill('a long password')
  await late.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await late.ready()
  await late.row('Pia Person').waitFor()
})
