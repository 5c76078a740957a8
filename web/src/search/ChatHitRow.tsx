import { Link } from 'wouter'
import { pathOf } from '@/app/paths'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { chatKey, type ChatType } from '@/state/model'
import { actions } from '@/state/store'

interface Props {
  type: ChatType
  id: string
  name: string
  avatar: string
  about?: string
}

/** A person or group that was found; a click opens the chat, even if there has been none so far. */
export function ChatHitRow({ type, id, name, avatar, about }: Props) {
  const key = chatKey(type, id)
  return (
    <Link
      href={pathOf(key)}
      onClick={() => actions().ensureChat(key, name, avatar)}
      className="flex items-center gap-3 rounded-lg px-3 py-2.5 -outline-offset-2 hover:bg-hover"
    >
      <ChatAvatar chat={{ ref: { type, id }, name, avatar }} />
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate">{name}</span>
        {about && <span className="block truncate text-sm text-muted">{about}</span>}
      </span>
    </Link>
  )
}
