import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { groupInitials, initials } from './initials'

it.each([
  ['Ann Lee', 'AL', 'AL'],
  ['Ann van der Lee', 'AL', 'AV'],
  ['Ann', 'AN', 'AN'],
  ['王小明', '小明', '王小'],
  ['R&D (core)', 'R(', 'RD'],
  ['花园 Club', '花园', '花园'],
  ['🎉', '🎉', '🎉'],
  ['', '', ''],
])('of %j: %s for a person, %s for a group', (name, person, group) => {
  expect(initials(name)).toBe(person)
  expect(groupInitials(name)).toBe(group)
})

/** Relative luminance of WCAG 2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

it('stand on colours with a contrast of at least 4.5 to white', () => {
  const styles = readFileSync(new URL('../styles.css', import.meta.url), 'utf8')
  const colours = [...styles.matchAll(/--color-avatar-\d+: (#[\da-f]{6});/g)].map((match) => match[1]!)
  expect(colours).toHaveLength(8)
  for (const colour of colours) expect(1.05 / (luminance(colour) + 0.05), colour).toBeGreaterThanOrEqual(4.5)
})
