import { expect, test } from 'vitest'
import { png } from './picture'
import { world } from './world'

const w = world({ PARLEY_UPLOAD_MAX_PIXELS: '1000000', PARLEY_UPLOAD_MAX_IMAGE: '1048576', PARLEY_UPLOAD_MAX_FILE: '2100000', PARLEY_UPLOAD_MAX_VIDEO: '2100000' })

const film = (size: number) => ({ name: `film-${size}.mp4`, mimeType: 'video/mp4', buffer: Buffer.alloc(size) })
const paper = (size: number) => ({ name: `paper-${size}.bin`, mimeType: 'application/octet-stream', buffer: Buffer.alloc(size) })

// A picture that the server refused could not be sent at all.
test('pictures that are refused can be sent as files, with their caption', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await a.attach(
    { name: 'small.png', mimeType: 'image/png', buffer: png(60, 40) },
    { name: 'damaged.png', mimeType: 'image/png', buffer: Buffer.from('no picture') },
    { name: 'large.png', mimeType: 'image/png', buffer: png(1200, 1000) },
  )
  await a.field.fill('the plan')
  await a.field.press('Enter')
  // The three stand in one album, and what is wrong with each stands below it.
  for (const reason of ['This picture is too large (1.2 megapixels; the limit is 1)', 'This format cannot be shown as a picture or video']) {
    const line = a.page.getByRole('paragraph').filter({ hasText: `${reason}. Send it as a file instead?` })
    await line.getByRole('button', { name: 'Send as a file' }).click()
    await line.waitFor({ state: 'hidden' })
  }

  // One message each; the caption is in that of the last file.
  await b.open(ann.name)
  await b.page.getByRole('button', { name: 'Open image small.png' }).waitFor()
  await b.page.getByLabel('Download damaged.png').waitFor()
  await b.message('the plan').getByLabel('Download large.png').waitFor()
  expect(await b.message('the plan').count()).toBe(1)
  expect(await b.page.locator('[data-message]').count()).toBe(3)
})

// "210 MB is too large; at most 210 MB" was said of a file just above the limit.
test.each([
  ['en-US', { attach: 'Attach files', send: 'Send', above: '2.2 MB is too large; at most 2.1 MB', far: '5.4 MB is too large; at most 2.1 MB' }],
  ['zh-CN', { attach: '添加文件', send: '发送', above: '文件大小为 2.2 MB，超过上限 2.1 MB', far: '文件大小为 5.4 MB，超过上限 2.1 MB' }],
] as const)('the sentence for a file above the limit has two different sizes, in %s', async (locale, texts) => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  const a = await w.seat(ann, { locale })
  await a.open(bob.name)
  await a.choose(a.page.getByRole('button', { name: texts.attach }), paper(2_100_000), paper(2_100_001), paper(5_300_001), film(2_100_001))
  const files = a.page.getByRole('main').getByRole('listitem').filter({ has: a.page.getByRole('button', { name: /paper|film/ }) })
  const said = async () => (await files.allInnerTexts()).map((text) => text.split('\n').at(-1))
  await expect.poll(said).toEqual(['2.1 MB', texts.above, texts.far, texts.above])
  // Every sentence is on the screen as a whole.
  for (const alert of await files.getByRole('alert').all()) {
    const [box, tray] = [(await alert.boundingBox())!, (await files.locator('xpath=..').first().boundingBox())!]
    expect(box.y + box.height).toBeLessThanOrEqual(tray.y + tray.height)
    expect(await alert.evaluate((e) => e.scrollWidth - e.clientWidth)).toBeLessThanOrEqual(0)
  }
  await expect.poll(() => a.page.getByRole('button', { name: texts.send, exact: true }).isDisabled()).toBe(true)
  expect(await a.axe()).toEqual([])
})

test.each([
  ['en-US', { picture: 'Your picture', choose: 'Choose a picture', above: '1.1 MB is too large; at most 1 MB' }],
  ['zh-CN', { picture: '你的头像', choose: '选择图片', above: '文件大小为 1.1 MB，超过上限 1 MB' }],
] as const)('the sentence for an own picture above the limit as well, in %s', async (locale, texts) => {
  const [ann] = await w.people('Ann Adler')
  const a = await w.seat(ann, { locale })
  await a.go('/settings/profile')
  await a.page.getByRole('main').getByRole('button', { name: texts.picture }).click()
  await a.choose(a.page.getByRole('menuitem', { name: texts.choose }), { name: 'me.png', mimeType: 'image/png', buffer: Buffer.alloc(1_048_577) })
  await a.page.getByText(texts.above, { exact: true }).waitFor()
})
