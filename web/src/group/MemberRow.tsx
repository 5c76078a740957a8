import { Ellipsis, MessageCircle, Shield, ShieldOff, User, UserMinus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { setAdmin } from '@/api/group'
import { cn } from '@/lib/cn'
import { useOpenChat } from '@/people/useOpenChat'
import type { Group, GroupMember } from '@/state/model'
import { Avatar } from '@/ui/Avatar'
import { ContextMenu } from '@/ui/ContextMenu'
import { Menu, type MenuEntries } from '@/ui/Menu'
import { IconButton } from '@/ui/IconButton'
import { toastError } from '@/ui/toast'
import { mayAppoint, mayDismiss, mayRemove } from './permissions'
import { useMembersChanged } from './queries'

interface Props {
  group: Group | undefined
  member: GroupMember
  me: string
  onRemove: (member: GroupMember) => void
}

/** A member with their role, and what I may do about them, in a menu and at a right click. */
export function MemberRow({ group, member, me, onRemove }: Props) {
  const { t } = useTranslation('group')
  const { person } = member
  const [, go] = useLocation()
  const open = useOpenChat()
  const changed = useMembersChanged(group?.id ?? '')
  const profile = `/people/${encodeURIComponent(person.id)}`
  const set = (admin: boolean) => group && void setAdmin(group.id, person.id, admin).then(changed, toastError)

  const entries = (): MenuEntries => {
    const own: MenuEntries = [
      group && mayAppoint(group, member) && { icon: Shield, label: t('makeAdmin'), onSelect: () => set(true) },
      group && mayDismiss(group, me, member) && { icon: ShieldOff, label: t('dismissAdmin'), onSelect: () => set(false) },
      group && mayRemove(group, me, member) && { icon: UserMinus, label: t('remove'), danger: true, onSelect: () => onRemove(member) },
    ]
    return [
      { icon: User, label: t('profile'), onSelect: () => go(profile) },
      person.id !== me && person.isContact && { icon: MessageCircle, label: t('message'), onSelect: () => open(1, person) },
      ...(own.some(Boolean) ? [null, ...own] : []),
    ]
  }
  const role = member.isCreator ? t('creator') : member.role === 'admin' ? t('admin') : null
  return (
    <ContextMenu entries={entries}>
      <div className="group mx-2 flex h-full items-center gap-2 rounded-lg pr-1 hover:bg-hover">
        <Link href={profile} className="flex h-full min-w-0 flex-1 items-center gap-3 rounded-lg px-2">
          <Avatar name={person.name} src={person.avatar} seed={person.id} />
          <span className="min-w-0 flex-1">
            <span dir="auto" className="block truncate">
              {person.name}
              {person.id === me && <span className="text-muted"> ({t('you')})</span>}
            </span>
            {person.email && <span className="block truncate text-xs text-muted">{person.email}</span>}
          </span>
          {role && (
            <span className={cn('shrink-0 rounded px-1.5 py-0.5 text-xs', member.isCreator ? 'bg-selected text-accent' : 'bg-hover text-muted')}>{role}</span>
          )}
        </Link>
        <Menu trigger={<IconButton icon={Ellipsis} size="small" label={t('actionsFor', { name: person.name })} tooltip={false} />} entries={entries()} />
      </div>
    </ContextMenu>
  )
}
