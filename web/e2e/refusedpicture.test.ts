import { expect, test } from 'vitest'
import { png } from './picture'
import { world } from './world'

const w = world({ PARLEY_UPLOAD_MAX_PIXELS: '1000000' })

// A picture that the server refused could not be sent at all.
test('pictures that are refused can be sent as files, with their caption', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  const [chooser] = await Promise.all([a.page.waitForEvent('filechooser'), a.page.getByRole('button', { name: 'Attach files' }).click()])
  await chooser.setFiles([
    { name: 'small.png', mimeType: 'image/png', buffer: png(60, 40) },
    { name: 'damaged.png', mimeType: 'image/png', buffer: Buffer.from('no picture') },
    { name: 'large.png', mimeType: 'image/png', buffer: png(1200, 1000) },
  ])
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
