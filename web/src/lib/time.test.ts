import { expect, test } from 'vitest'
import { bytes } from './bytes'
import { daysAgo, duration, longDay, shortTime } from './time'

const now = new Date(2026, 4, 20, 15, 0).getTime()
const at = (month: number, day: number, hour = 9, year = 2026) => new Date(year, month - 1, day, hour, 41).getTime()

test('a list shows the clock today and less the older it is', () => {
  expect(shortTime(at(5, 20), 'en', now)).toBe('09:41')
  expect(shortTime(at(5, 20, 0), 'en', now)).toBe('00:41')
  expect(shortTime(at(5, 19, 23), 'en', now)).toBe('Yesterday')
  expect(shortTime(at(5, 19, 23), 'zh', now)).toBe('昨天')
  expect(shortTime(at(5, 15), 'en', now)).toBe('Fri')
  expect(shortTime(at(5, 1), 'en', now)).toBe('May 1')
  expect(shortTime(at(5, 1, 9, 2025), 'en', now)).toBe('5/1/2025')
})

test('days are counted by the calendar', () => {
  expect(daysAgo(at(5, 19, 23), at(5, 20, 0))).toBe(1)
  expect(daysAgo(at(3, 1), at(4, 1))).toBe(31) // across the change of the clocks, where there is one
  expect(longDay(at(5, 20), 'en', now)).toBe('Today')
  expect(longDay(at(5, 18), 'en', now)).toBe('Monday, May 18')
  expect(longDay(at(5, 18), 'zh', now)).toBe('5月18日星期一')
})

test('durations and sizes', () => {
  expect(duration(5)).toBe('0:05')
  expect(duration(3_725)).toBe('1:02:05')
  expect(bytes(999, 'en')).toBe('999 bytes')
  expect(bytes(1_400_000, 'en')).toBe('1.4 MB')
})
