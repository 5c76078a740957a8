import { expect, test } from 'vitest'
import { bell, isQuiet, type Situation } from './rules'

const plain = { mention: false, weak: false }
const situation = (change: Partial<Situation> = {}): Situation => ({
  preferences: { desktop: true, sound: true, preview: true, quiet: { on: false, from: '22:00', until: '08:00' } },
  muted: false,
  lookedAt: false,
  doNotDisturb: false,
  now: new Date(2026, 4, 20, 12, 0),
  ...change,
})
const quiet = { desktop: false, sound: false, inPage: false }

test('a message rings', () => {
  expect(bell(plain, situation())).toEqual({ desktop: true, sound: true, inPage: false })
})

test('nothing rings for what is looked at', () => {
  expect(bell(plain, situation({ lookedAt: true }))).toEqual(quiet)
  expect(bell({ ...plain, mention: true }, situation({ doNotDisturb: true }))).toEqual(quiet)
  expect(bell({ ...plain, mention: true }, situation({ lookedAt: true }))).toEqual(quiet)
})

test('a silenced chat rings for a mention only', () => {
  expect(bell(plain, situation({ muted: true }))).toEqual(quiet)
  expect(bell({ ...plain, mention: true }, situation({ muted: true }))).toEqual({ desktop: true, sound: true, inPage: true })
})

test('a notification that is counted apart never rings', () => {
  expect(bell({ ...plain, weak: true }, situation())).toEqual(quiet)
})

test('picture and sound are chosen apart', () => {
  const preferences = { ...situation().preferences, sound: false }
  expect(bell(plain, situation({ preferences }))).toEqual({ desktop: true, sound: false, inPage: false })
})

test('a mention is told within the page as well', () => {
  expect(bell({ ...plain, mention: true }, situation())).toEqual({ desktop: true, sound: true, inPage: true })
})

test('quiet hours hold, a mention or not', () => {
  const preferences = { ...situation().preferences, quiet: { on: true, from: '11:00', until: '13:00' } }
  expect(bell({ ...plain, mention: true }, situation({ preferences }))).toEqual(quiet)
})

test.each([
  ['22:00', '08:00', 22, 0, true],
  ['22:00', '08:00', 7, 59, true],
  ['22:00', '08:00', 8, 0, false],
  ['22:00', '08:00', 21, 59, false],
  ['12:00', '13:30', 13, 29, true],
  ['12:00', '13:30', 13, 30, false],
  ['09:00', '09:00', 3, 0, true],
])('from %s until %s at %i:%i: %s', (from, until, hour, minute, want) => {
  expect(isQuiet({ on: true, from, until }, new Date(2026, 4, 20, hour, minute))).toBe(want)
})
