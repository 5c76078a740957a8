import { expect, test } from 'vitest'

const files = import.meta.glob<Record<string, unknown>>('./*/**/*.json', { eager: true, import: 'default' })

/** Every key with its path. Chinese has one plural form, English two: the forms count as one key. */
function keys(texts: Record<string, unknown>, path = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [path + key.replace(/_(one|other)$/, '')] : keys(value as Record<string, unknown>, `${path}${key}.`),
  )
}

const nouns = new Set(Object.keys(files).map((f) => f.replace(/^\.\/\w+\//, '')))

test.each([...nouns])('%s says the same in every language', (noun) => {
  const [en, zh] = ['en', 'zh'].map((language) => files[`./${language}/${noun}`])
  expect(en && zh, 'a file for each language').toBeTruthy()
  expect([...new Set(keys(zh!))].sort()).toEqual([...new Set(keys(en!))].sort())
})

// One thing was called 群聊, 群组 and 讨论组 by turns.
test.each(Object.entries(files).filter(([name]) => name.startsWith('./zh/')))('%s calls a group 群聊', (_, texts) => {
  expect(JSON.stringify(texts).match(/群组|讨论组|群体|小组/g)).toBeNull()
})

test.each(Object.entries(files))('%s has no empty text', (_, texts) => {
  const empty = JSON.stringify(texts).match(/"[^"]+":"\s*"/g)
  expect(empty).toBeNull()
})
