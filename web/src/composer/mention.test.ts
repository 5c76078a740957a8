import { describe, expect, it } from 'vitest'
import { everybody } from '@/state/model'
import { bestFirst, type DraftCall, idsOf, mentionQuery, movedCalls, standingCalls, withCalls } from './mention'

describe('mentionQuery', () => {
  it.each([
    ['@', 1, { at: 0, query: '' }],
    ['hello @an', 9, { at: 6, query: 'an' }],
    ['你好@张', 4, { at: 2, query: '张' }],
    ['hello @an there', 9, { at: 6, query: 'an' }],
    ['(@bo', 4, { at: 1, query: 'bo' }],
    ['me@example.com', 14, null],
    ['@ann le', 7, { at: 0, query: 'ann le' }],
    ['@ann ', 5, null],
    ['@ann\nhello', 10, null],
    ['hello', 5, null],
  ])('%s', (text, caret, want) => {
    expect(mentionQuery(text, caret)).toEqual(want)
  })
})

const person = (name: string, local: string) => ({ name, email: `${local}@example.org` })

// `@e` offered everybody whose address is at example.org, and Enter called the first of them.
describe('bestFirst', () => {
  // The list is the server's answer: whoever has a name in another script may have been found by its spelling.
  const people = [person('Ann Lee', 'elk'), person('Bob Berg', 'bob'), person('Émile', 'x'), person('张三', 'zhangsan'), person('Tom', 't')]
  it.each([
    ['e', ['Émile', 'Ann Lee', 'Bob Berg']],
    ['exa', []],
    ['t', ['Tom', '张三']],
    ['san', ['张三']],
    ['', ['Ann Lee', 'Bob Berg', 'Émile', '张三', 'Tom']],
  ])('@%s', (query, want) => {
    expect(bestFirst(people, query).map(({ name }) => name)).toEqual(want)
  })
})

const idsAfter = (calls: DraftCall[], text: string) => standingCalls(text, calls).map(({ at, id }) => `${id} at ${at}`)

describe('calls of a draft', () => {
  const ann1 = { at: 0, name: 'Ann', id: '1' }
  const ann2 = { at: 5, name: 'Ann', id: '2' }
  const both = '@Ann @Ann '

  // People of the same name were one entry by that name, so that only the last one was told.
  it('mean each person, also of the same name', () => {
    expect(idsOf(standingCalls(both, [ann1, ann2]))).toEqual(['1', '2'])
    expect(idsOf([ann1, { at: 9, name: 'everyone', id: everybody }])).toBe('all')
    expect(idsOf([])).toBeUndefined()
  })

  it.each([
    ['text typed before them', 'hi @Ann @Ann ', 3, ['1 at 3', '2 at 8']],
    ['text typed between them', '@Ann or @Ann ', 8, ['1 at 0', '2 at 8']],
    ['text typed behind them', '@Ann @Ann hello', 15, ['1 at 0', '2 at 5']],
    ['the first deleted', '@Ann ', 0, ['2 at 0']],
    ['the second deleted', '@Ann ', 5, ['1 at 0']],
    ['everything deleted', '', 0, []],
    ['another name made of one', '@Anna @Ann ', 5, ['2 at 6']],
    ['a letter of a name deleted', '@An @Ann ', 3, ['2 at 4']],
    ['everything replaced', 'hello', 5, []],
  ])('move with %s', (_, after, caret, want) => {
    expect(idsAfter(movedCalls([ann1, ann2], both, after, caret), after)).toEqual(want)
  })

  it('come back with undo', () => {
    for (const [after, caret] of [['@Ann ', 0], ['@Ann ', 5], ['', 0]] as const) {
      const less = movedCalls([ann1, ann2], both, after, caret)
      expect(idsAfter(movedCalls(less, after, both, after === '' || caret === 5 ? 10 : 5), both)).toEqual(['1 at 0', '2 at 5'])
    }
  })

  it('do not come back when the name is typed at another place', () => {
    const less = movedCalls([ann1], '@Ann ', '', 0)
    expect(idsAfter(movedCalls(less, '', 'to @Ann', 7), 'to @Ann')).toEqual([])
  })

  it('take the place of those that they overwrite', () => {
    expect(withCalls([ann1, ann2], [{ at: 5, name: 'Ann Lee', id: '3' }]).map(({ id }) => id)).toEqual(['1', '3'])
  })
})
