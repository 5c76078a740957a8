import { Bell, BookOpen, Calendar, ClipboardList, FolderSync, ListChecks, Newspaper, Table, UserRoundCheck, type LucideIcon } from 'lucide-react'
import { cn } from '@/lib/cn'
import { fileTransfer, isInbox, type Chat } from '@/state/model'
import { Avatar } from '@/ui/Avatar'

const inboxIcons: Readonly<Record<string, LucideIcon>> = {
  system: Bell,
  post: Newspaper,
  calendar: Calendar,
  task: ListChecks,
  knowledge: BookOpen,
  hr: UserRoundCheck,
  worksheet: Table,
  workflow: ClipboardList,
}

/** The picture of a chat of any type. */
export function ChatAvatar({ chat, size = 'normal' }: { chat: Pick<Chat, 'ref' | 'name' | 'avatar'>; size?: 'small' | 'normal' }) {
  const { type, id } = chat.ref
  const icon = isInbox(type) ? (inboxIcons[id] ?? Bell) : type === 1 && id === fileTransfer ? FolderSync : null
  if (!icon) return <Avatar name={chat.name} src={chat.avatar} seed={id} group={type === 2} size={size} />
  return <IconAvatar icon={icon} size={size} />
}

function IconAvatar({ icon: Icon, size }: { icon: LucideIcon; size: 'small' | 'normal' }) {
  return (
    <span
      aria-hidden
      className={cn('inline-flex shrink-0 items-center justify-center rounded-lg bg-accent-solid text-on-accent', size === 'small' ? 'size-8' : 'size-10')}
    >
      <Icon className="size-1/2" />
    </span>
  )
}
