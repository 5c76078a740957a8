import { Bell, BookOpen, Calendar, ClipboardList, FolderSync, ListChecks, Newspaper, Table, UserRoundCheck, type LucideIcon } from 'lucide-react'
import { GroupAvatar } from '@/group/GroupAvatar'
import { fileTransfer, isInbox, type Chat } from '@/state/model'
import { Avatar, type Size } from '@/ui/Avatar'

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
export function ChatAvatar({ chat, size }: { chat: Pick<Chat, 'ref' | 'name' | 'avatar'>; size?: Size }) {
  const { type, id } = chat.ref
  if (type === 2) return <GroupAvatar id={id} name={chat.name} src={chat.avatar} size={size} />
  const icon = isInbox(type) ? (inboxIcons[id] ?? Bell) : type === 1 && id === fileTransfer ? FolderSync : undefined
  return <Avatar name={chat.name} src={icon ? '' : chat.avatar} seed={id} icon={icon} size={size} />
}
