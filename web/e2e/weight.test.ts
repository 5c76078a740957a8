import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

/** What a first visit may load until a conversation is open: bytes of JavaScript as they are transferred (gzip). */
const limit = 250_000

// The build counts what the modules import. Whatever a screen loads by itself came on top of it, unseen: 316 kB in all.
test.each(['en-US', 'zh-CN'])('the list and a conversation load no more than promised, in %s', async (locale) => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  await w.say(bob, { person: ann }, 'Hello')
  // Without the service worker, which fetches the rest for later.
  const page = await w.page({ locale, serviceWorkers: 'block' })
  const scripts = new Map<string, Promise<number>>()
  page.on('requestfinished', (request) => {
    if (request.resourceType() === 'script') scripts.set(request.url(), request.sizes().then((sizes) => sizes.responseBodySize))
  })
  const a = await w.sit(page, ann)
  await a.row(bob.name).waitFor()
  await a.open(bob.name)
  await a.sees('Hello')
  await a.message('Hello').hover()
  await a.send('Hello back')
  await a.sees('Hello back')
  await page.waitForLoadState('networkidle')
  const sizes = await Promise.all(scripts.values())
  expect(sizes.length).toBeGreaterThan(10)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(limit)
})
