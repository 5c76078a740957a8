import { readFileSync } from 'node:fs'
import i18n from 'i18next'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AuditEntry } from '@/api/admin'
import en from '@/i18n/en/later/admin.json'
import zh from '@/i18n/zh/later/admin.json'
import { areas, detailOf, sentenceOf, textsOf } from './audit'

const source = readFileSync(new URL('../../../internal/chat/audit.go', import.meta.url), 'utf8')
const kinds = [...source.matchAll(/AuditKind += "([^"]+)"/g)].map((found) => found[1]!)

beforeAll(() => i18n.init({ resources: { en: { admin: en }, zh: { admin: zh } }, ns: ['admin'], defaultNS: 'admin', interpolation: { escapeValue: false } }))

const language = (code: string) => ({
  t: i18n.getFixedT(code, 'admin'),
  language: code,
  exists: (key: string) => i18n.exists(key, { lng: code, ns: 'admin', fallbackLng: [] }),
})
const entry = (e: Partial<AuditEntry>): AuditEntry => ({ id: '1', at: 0, kind: 'x', ...e })
/** Removes the directional marks around names. */
const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '')

test('every kind of the server has words and a sentence, and can be filtered', () => {
  expect(kinds.length).toBeGreaterThan(40)
  const filter = Object.values(areas).flat() as string[]
  expect(kinds.filter((kind) => !filter.includes(kind))).toEqual([])
  for (const code of ['en', 'zh']) {
    const { exists } = language(code)
    for (const kind of kinds)
      for (const key of [`audit.kinds.${textsOf(kind)}`, `audit.sentences.${textsOf(kind)}`]) expect(exists(key), `${code}: ${key}`).toBe(true)
  }
})

describe.each([
  ['en', 'Ann made Bob an administrator of the group Garden.', 'Ann changed the role of Bob from Member to Owner.', 'Ann handed the group Garden over from Bob to Cleo.', 'Ann added Bob, Cleo, and 3 more people to the group Garden.', 'Ann set a new password.'],
  ['zh', 'Ann 将 Bob 设为群聊 Garden 的管理员。', 'Ann 将 Bob 的角色由“成员”改为“所有者”。', 'Ann 将群聊 Garden 由 Bob 转交给 Cleo。', 'Ann 将 Bob、Cleo和另外 3 人 加入群聊 Garden。', 'Ann 设置了新密码。'],
])('in %s', (code, administrator, role, handedOver, added, own) => {
  const l = language(code)
  const say = (e: Partial<AuditEntry>): string => plain(sentenceOf(l, entry({ actor: 'a', actorName: 'Ann', ...e })))
  const garden = { target: 'g', targetName: 'Garden', names: { b: 'Bob', c: 'Cleo' } }
  test('a sentence has names and words', () => {
    expect(say({ ...garden, kind: 'group.administrator', detail: { account: 'b', administrator: 'true' } })).toBe(administrator)
    expect(say({ kind: 'role.changed', target: 'b', targetName: 'Bob', detail: { from: 'member', to: 'owner' } })).toBe(role)
    expect(say({ ...garden, kind: 'group.handed-over', detail: { from: 'b', to: 'c' } })).toBe(handedOver)
    expect(say({ ...garden, kind: 'group.members-added', detail: { accounts: 'b,c', count: '5' } })).toBe(added)
    expect(say({ kind: 'password.set', target: 'a', targetName: 'Ann' })).toBe(own)
    const exported = { kind: 'data.exported', target: 'b', targetName: 'Bob' }
    expect(say({ ...exported, detail: { messages: '2' } })).toBe(code === 'zh' ? 'Ann 导出了 Bob 的数据。' : 'Ann exported data of Bob.')
    expect(say({ ...exported, detail: { state: 'begun' } })).toBe(code === 'zh' ? 'Ann 开始导出 Bob 的数据。' : 'Ann began to export data of Bob.')
    expect(say({ kind: 'setting.changed', target: 'token.ttl', detail: { from: '720h', to: '24h' } })).toContain('24h')
    expect(say({ kind: 'invitation.revoked', target: '0198c0de-0000-7000-8000-000000a1b2c3' })).toContain('…a1b2c3')
  })
  test('what is not known is shown as it is', () => {
    expect(say({ kind: 'new.kind' })).toBe('new.kind')
    expect(plain(detailOf(l, entry({ detail: { account: 'gone' } }), 'account'))).toBe('gone')
    expect(plain(sentenceOf(l, entry({ kind: 'audit.exported', appName: 'Payroll' })))).toContain('Payroll')
    expect(plain(sentenceOf(l, entry({ kind: 'audit.exported' })))).toContain(l.t('audit.nobody'))
  })
  test('the operator is named for a command', () => {
    const operator = code === 'zh' ? '运维人员（命令行）' : 'The operator (command line)'
    expect(say({ actor: undefined, actorName: undefined, operator: true, kind: 'setting.changed', target: 'token.ttl' })).toContain(operator)
  })
})
