import { expect, test } from 'vitest'
import type { Group, GroupMember } from '@/state/model'
import { mayAppoint, mayDismiss, mayRemove, permissions } from './permissions'

const group = (role: Group['role'], more: Partial<Group> = {}): Group => ({
  id: 'g',
  name: 'Team',
  avatar: '',
  announcement: '',
  isPost: true,
  creator: 'ann',
  members: 3,
  role,
  banned: false,
  membersInvite: true,
  muted: false,
  ...more,
})

const member = (id: string, role: GroupMember['role']): GroupMember => ({
  person: { id, name: id, avatar: '' },
  role,
  isCreator: id === 'ann',
  joinedAt: 0,
})
const [ann, bea, cal] = [member('ann', 'admin'), member('bea', 'admin'), member('cal', 'member')]

test('administrators change the group, its creator ends it', () => {
  expect(permissions(group('admin'), 'ann')).toEqual({ change: true, invite: true, dissolve: true })
  expect(permissions(group('admin'), 'bea')).toEqual({ change: true, invite: true, dissolve: false })
  expect(permissions(group('member'), 'cal')).toEqual({ change: false, invite: true, dissolve: false })
})

test('members invite where they may', () => {
  expect(permissions(group('member', { membersInvite: false }), 'cal').invite).toBe(false)
  expect(permissions(group('admin', { membersInvite: false }), 'bea').invite).toBe(true)
})

test('administrators remove others, never the creator', () => {
  expect([ann, bea, cal].map((m) => mayRemove(group('admin'), 'bea', m))).toEqual([false, false, true])
  expect([ann, bea, cal].map((m) => mayRemove(group('member'), 'cal', m))).toEqual([false, false, false])
})

test('administrators appoint; only the creator dismisses others', () => {
  expect([ann, bea, cal].map((m) => mayAppoint(group('admin'), m))).toEqual([false, false, true])
  expect([ann, bea, cal].map((m) => mayDismiss(group('admin'), 'ann', m))).toEqual([false, true, false])
  expect([ann, bea, cal].map((m) => mayDismiss(group('admin'), 'bea', m))).toEqual([false, true, false])
  expect([ann, bea, cal].map((m) => mayDismiss(group('member'), 'cal', m))).toEqual([false, false, false])
})
