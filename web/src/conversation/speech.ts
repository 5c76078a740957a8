import type { Chat, Group } from '@/state/model'

/** Whether the reader may write: yes, not now (`banned`), or no longer (`ended`). */
export type Speech = 'free' | 'banned' | 'ended'

export function speechOf(chat: Chat | undefined, group: Group | undefined): Speech {
  if (chat && !chat.active) return 'ended'
  if (group?.banned && group.role !== 'admin') return 'banned'
  return 'free'
}
