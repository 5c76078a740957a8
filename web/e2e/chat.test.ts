import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

test('two people write to each other', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)

  await a.startChat(bob.name)
  await a.send('Hello Bob')
  await a.sees('Hello Bob')

  await expect.poll(() => b.badge(ann.name).getAttribute('aria-label')).toBe('1 unread')
  await b.open(ann.name)
  await b.sees('Hello Bob')
  await b.badge(ann.name).waitFor({ state: 'hidden' })

  await b.send('Hello Ann')
  await a.sees('Hello Ann')
  expect(await a.badge(bob.name).count()).toBe(0)
})
