import { expect, test } from 'vitest'
import { world } from './world'

const w = world()

const drop = (name: string) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from('x') })

// The name was shown as "invoiceexe.pdf": an override turned the direction of its end.
test('a direction override in the name of a file does nothing', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const [a, b] = await w.seats(ann, bob)
  await a.startChat(bob.name)
  await a.page.locator('main input[type=file]').first().setInputFiles(drop('invoice\u202Efdp.exe'))
  const tray = a.page.getByRole('list', { name: 'Files to send' })
  await tray.getByTitle('invoicefdp.exe', { exact: true }).waitFor()
  await a.field.press('Enter')
  await b.open(ann.name)
  for (const seat of [a, b]) {
    await seat.message('fdp.exe').getByTitle('invoicefdp.exe', { exact: true }).waitFor()
    expect(await seat.page.locator('main').innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/)
  }
  const [download] = await Promise.all([b.page.waitForEvent('download'), b.page.getByRole('button', { name: 'Download invoicefdp.exe' }).click()])
  expect(download.suggestedFilename()).toBe('invoicefdp.exe')
})

// Names were cut at the end, where the extension stands.
test('a long name of a file is cut in the middle', async () => {
  const [ann, bob] = await w.people('Ann Adler', 'Bob Berg')
  const a = await w.seat(ann)
  await a.startChat(bob.name)
  const name = 'Minutes of the second meeting about the new garden.docx'
  await a.page.locator('main input[type=file]').first().setInputFiles(drop(name))
  await a.field.press('Enter')
  const shown = a.message('.docx').getByTitle(name, { exact: true })
  await shown.waitFor()
  const [start, end] = await shown.evaluate((span) =>
    [...span.children].map((part) => ({ cut: part.scrollWidth > part.clientWidth, text: part.textContent, right: part.getBoundingClientRect().right - span.getBoundingClientRect().right })),
  )
  expect(start!.cut).toBe(true)
  expect(end).toMatchObject({ cut: false, text: 'rden.docx' })
  expect(end!.right).toBeLessThanOrEqual(1)
})

test('texts and names have the direction of their letters', async () => {
  const [ann, dana] = await w.people('Ann Adler', 'דנה כהן')
  const [a, d] = await w.seats(ann, dana)
  await a.startChat(dana.name)
  await a.field.fill('مرحبا، ABC!')
  expect(await a.field.evaluate((field) => getComputedStyle(field).direction)).toBe('rtl')
  await a.field.press('Enter')
  await d.open(ann.name)
  await a.send('Hello')
  const direction = (text: string) => d.message(text).getByText(text).evaluate((element) => getComputedStyle(element).direction)
  await d.sees('Hello')
  expect(await direction('مرحبا، ABC!')).toBe('rtl')
  expect(await direction('Hello')).toBe('ltr')
  expect(await a.row(dana.name).getByText(dana.name).evaluate((element) => getComputedStyle(element).direction)).toBe('rtl')
  // What stands behind an override is not turned with it.
  await a.send('\u202Ehttps://example.com/a')
  const link = d.page.getByRole('link', { name: 'https://example.com/a', exact: true })
  expect(await link.evaluate((element) => [getComputedStyle(element).direction, getComputedStyle(element).unicodeBidi])).toEqual(['ltr', 'isolate'])
})
