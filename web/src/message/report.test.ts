import i18n from 'i18next'
import { beforeAll, describe, expect, test } from 'vitest'
import en from '@/i18n/en/message.json'
import zh from '@/i18n/zh/message.json'
import type { Report } from '@/wire/wire.gen'
import { wordReport, wordWithdrawal } from './report'

const ann = { id: 'ann', name: 'Ann' }
const ben = { id: 'ben', name: 'Ben' }
const added: Report = { kind: 'members added', by: ann, users: [ben], total: 1 }

beforeAll(() => i18n.init({ lng: 'en', resources: { en: { message: en }, zh: { message: zh } }, interpolation: { escapeValue: false } }))

// System messages were in the language of the server, and named readers in their own actions.
describe('a system message', () => {
  test.each([
    [added, 'Ann added Ben', 'You added Ben', 'Ann added you'],
    [{ kind: 'group renamed', by: ann, name: 'Crew' }, 'Ann renamed the group to Crew', 'You renamed the group to Crew', 'Ann renamed the group to Crew'],
    [{ kind: 'group created', by: ann }, 'Ann created the group', 'You created the group', 'Ann created the group'],
    [{ kind: 'group created', by: ann, users: [ben], total: 12 }, 'Ann created the group with Ben and others', 'You created the group with Ben and others', 'Ann created the group with you and others'],
    [{ kind: 'announcement changed', by: ann }, 'Ann removed the announcement', 'You removed the announcement', 'Ann removed the announcement'],
    [{ kind: 'announcement changed', by: ann, text: '<b>' }, 'Ann announced: <b>', 'You announced: <b>', 'Ann announced: <b>'],
  ] satisfies [Report, string, string, string][])('%o', (report, toOthers, toAnn, toBen) => {
    expect([undefined, 'ann', 'ben'].map((me) => wordReport(report, me))).toEqual([toOthers, toAnn, toBen])
  })

  test('of an unknown kind has only its text', () => {
    expect(wordReport({ kind: 'something new', by: ann } as unknown as Report, 'ann')).toBe(null)
  })

  test('and a withdrawal are in the language of the reader', async () => {
    expect(['me', 'ann'].map((me) => wordWithdrawal(ann, undefined, me))).toEqual(['Ann withdrew a message', 'You withdrew a message'])
    expect(['ann', 'ben', 'me'].map((me) => wordWithdrawal(ann, 'ben', me))).toEqual(['An administrator withdrew a message', 'You withdrew a message of Ann', 'An administrator withdrew a message'])
    const three: Report = { ...added, users: [ben, { id: 'tom', name: 'Tom' }, { id: 'li', name: '李四' }], total: 3 }
    expect(['me', 'tom', 'li'].map((me) => wordReport(three, me))).toEqual(['Ann added Ben, Tom and 李四', 'Ann added Ben, you and 李四', 'Ann added Ben, Tom and you'])
    await i18n.changeLanguage('zh')
    expect(['me', 'tom', 'li'].map((me) => wordReport(three, me))).toEqual(['Ann 邀请 Ben、Tom 和李四加入了群聊', 'Ann 邀请 Ben、你和李四加入了群聊', 'Ann 邀请 Ben、Tom 和你加入了群聊'])
    expect(['me', 'ann', 'ben'].map((me) => wordReport(added, me))).toEqual(['Ann 邀请 Ben 加入了群聊', '你邀请 Ben 加入了群聊', 'Ann 邀请你加入了群聊'])
    expect(['me', 'ann'].map((me) => wordWithdrawal(ann, undefined, me))).toEqual(['Ann 撤回了一条消息', '你撤回了一条消息'])
  })
})
