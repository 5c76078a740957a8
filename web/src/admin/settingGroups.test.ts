import { expect, test } from 'vitest'
import { groupNames, keyOf, known } from './settingGroups'

interface Texts { options: { groups: Record<string, string>; names: Record<string, string>; hints: Record<string, string> } }
const texts = import.meta.glob<Texts>('../i18n/*/later/admin.json', { eager: true, import: 'default' })
const [options] = Object.values(import.meta.glob<string>('../../../docs/config.md', { eager: true, import: 'default', query: '?raw' }))
const settings = [...options!.matchAll(/^\| `([^`]+)`.*\*Setting\.\* \|$/gm)].map((m) => m[1]!)

// A setting without texts stood under "Other" in English, also on a Chinese page.
test('every setting stands in a group', () => {
  expect(settings).toContain('auth.two-factor')
  expect([...known].sort()).toEqual([...settings].sort())
})

test.each(Object.entries(texts))('%s has texts for every setting and group', (_, { options: o }) => {
  expect(settings.filter((s) => !o.names[keyOf(s)] || !o.hints[keyOf(s)])).toEqual([])
  expect(groupNames.filter((g) => !o.groups[g])).toEqual([])
})
