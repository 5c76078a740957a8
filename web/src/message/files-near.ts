import { filesNear } from '@/api/history'
import { messageFrom } from '@/state/from-wire'
import type { ChatKey, Message } from '@/state/model'
import { useStore } from '@/state/store'

/** Messages with files near a message, oldest first. Withdrawn ones have no file any more. */
export async function messagesWithFiles(chat: ChatKey, id: string, where: 'around' | 'before' | 'after', num: number, signal?: AbortSignal): Promise<Message[]> {
  const me = useStore.getState().me?.id ?? ''
  const rows = await filesNear(chat, id, where, { num, signal })
  return rows.map((row) => messageFrom(row, me)).filter((message) => message.file && !message.withdrawn)
}
