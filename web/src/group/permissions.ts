import type { Group, GroupMember } from '@/state/model'

/** What the server would let me do in a group, so that nothing else is offered. */
interface Permissions {
  /** Name, picture, announcement, who may invite, speaking ban, making a group of a discussion. */
  change: boolean
  invite: boolean
  dissolve: boolean
}

export function permissions(group: Group, me: string): Permissions {
  const admin = group.role === 'admin'
  return { change: admin, invite: admin || group.membersInvite, dissolve: group.creator === me }
}

export const mayRemove = (group: Group, me: string, member: GroupMember): boolean =>
  group.role === 'admin' && !member.isCreator && member.person.id !== me

export const mayAppoint = (group: Group, member: GroupMember): boolean => group.role === 'admin' && member.role !== 'admin'

/** The creator dismisses everybody else, an administrator only themself; the creator stays one. */
export const mayDismiss = (group: Group, me: string, member: GroupMember): boolean =>
  member.role === 'admin' && !member.isCreator && (group.creator === me || member.person.id === me)
