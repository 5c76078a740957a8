import { expect, test } from 'vitest'
import type { Seat } from './seat'
import { world } from './world'

const w = world()

/** A second of moving colours, as this browser records it. */
function film(seat: Seat): Promise<number[]> {
  return seat.page.evaluate(async () => {
    const canvas = document.createElement('canvas')
    canvas.width = 160
    canvas.height = 90
    const draw = canvas.getContext('2d')!
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' })
    const parts: Blob[] = []
    recorder.addEventListener('dataavailable', (e) => parts.push(e.data))
    const ended = new Promise((done) => recorder.addEventListener('stop', done))
    recorder.start()
    for (let frame = 0; frame < 25; frame++) {
      draw.fillStyle = `hsl(${frame * 14} 80% 50%)`
      draw.fillRect(0, 0, canvas.width, canvas.height)
      await new Promise(requestAnimationFrame)
    }
    recorder.stop()
    await ended
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())]
  })
}

test('a film is sent, and plays where it stands', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  const buffer = Buffer.from(await film(a))
  await a.attach({ name: 'colours.webm', mimeType: 'video/webm', buffer })
  await a.page.getByRole('list', { name: 'Files to send' }).getByText('colours.webm').waitFor()
  await a.field.press('Enter')

  await b.open(ann.name)
  const shown = b.page.getByLabel('colours.webm')
  await expect.poll(() => shown.evaluate((v: HTMLVideoElement) => v.videoWidth)).toBe(160)
  await shown.evaluate((v: HTMLVideoElement) => v.play())
  await expect.poll(() => shown.evaluate((v: HTMLVideoElement) => v.currentTime)).toBeGreaterThan(0)
})

test('cards of every kind say what they are, and lead to what they stand for', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const kinds = { task: 'Task', calendar: 'Calendar', post: 'Post', vote: 'Vote', kcfile: 'Shared file', kcfolder: 'Shared folder' }
  const say = (title: string, card: object) =>
    w.server.host('POST', '/v1/messages', { from: bob.id, toAccount: ann.id, type: 5, card: { title, url: `https://demo.example/${title}`, ...card } })
  for (const md of Object.keys(kinds)) await say(`about-${md}`, { md, text: 'Second line' })
  await say('about-another', { md: 'another' })
  const a = await w.seat(ann)
  await a.open(bob.name)
  for (const [md, name] of Object.entries(kinds)) {
    const link = a.message(`about-${md}`).getByRole('link', { name: new RegExp(`about-${md}.*Second line.*${name}`, 's') })
    expect(await link.getAttribute('href')).toBe(`https://demo.example/about-${md}`)
  }
  await a.message('about-another').getByRole('link', { name: /demo\.example/ }).waitFor()
})

// Pictures, sound and films of other sites were loaded as they came into view, which told those sites who reads and when.
test('nothing of another site is loaded before a click', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const site = 'https://elsewhere.example'
  await w.server.host('PATCH', `/v1/accounts/${bob.id}`, { avatar: `${site}/bob.png` })
  const say = (message: object) => w.server.host<{ id: string }>('POST', '/v1/messages', { from: bob.id, toAccount: ann.id, ...message })
  const picture = await say({ type: 2, file: { url: `${site}/a.png`, name: 'a.png' } })
  await say({ type: 3, file: { url: `${site}/b.ogg`, name: 'b.ogg', len: 2 } })
  await say({ type: 7, file: { url: `${site}/c.mp4`, name: 'c.mp4' } })
  await say({ type: 5, card: { title: 'A card', url: '/people', pic: `${site}/d.png` } })
  await say({ text: 'like this', refer: picture.id })
  const a = await w.seat(ann)
  const asked: string[] = []
  a.page.on('request', (request) => {
    if (request.url().startsWith(site)) asked.push(request.url())
  })
  await a.open(bob.name)
  for (const name of ['a.png', 'b.ogg', 'c.mp4']) {
    const link = a.page.getByRole('link', { name: new RegExp(`${name}.*elsewhere\\.example`) })
    expect(await link.getAttribute('href')).toBe(`${site}/${name}`)
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
  }
  await a.message('like this').waitFor()
  expect(await a.page.getByRole('link', { name: 'A card' }).getAttribute('href')).toBe('/people')
  expect(asked).toEqual([])
})

test('times are those of the place where one is', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const sent = await w.server.host<{ at: string }>('POST', '/v1/messages', { from: bob.id, toAccount: ann.id, text: 'What time is it?' })
  for (const timezoneId of ['Asia/Kathmandu', 'America/St_Johns']) {
    const a = await w.seat(ann, { timezoneId })
    await a.open(bob.name)
    const want = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: timezoneId }).format(new Date(sent.at))
    await a.message('What time is it?').getByText(want, { exact: true }).first().waitFor()
  }
})

test('title and icon of the tab count what is unread, but for what is muted', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const group = await w.group('Crew', ann, bob)
  const a = await w.seat(ann)
  const icon = () => a.page.locator('link[rel="icon"]').getAttribute('href')
  await a.chatMenu('Crew', 'Mute')
  await a.row('Crew').getByText('Muted').waitFor({ state: 'attached' })
  await w.say(bob, { group }, 'Quietly')
  await a.badge('Crew').waitFor()
  expect(await a.page.title()).toBe('parley')
  expect(await icon()).toBe('/icon.svg')
  for (const text of ['One', 'Two']) await w.say(bob, { person: ann }, text)
  await expect.poll(() => a.page.title()).toBe('(2) parley')
  await expect.poll(icon).toMatch(/^data:image\/png/)
  await a.chatMenu(bob.name, 'Mark as read')
  await expect.poll(() => a.page.title()).toBe('parley')
  await expect.poll(icon).toBe('/icon.svg')
})
