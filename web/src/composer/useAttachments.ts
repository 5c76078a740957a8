import { useCallback, useEffect, useRef } from 'react'
import { create } from 'zustand'
import type { ServerConfig } from '@/api/config'
import type { ChatKey } from '@/state/model'
import { useStore } from '@/state/store'
import { type Attachment, attachmentOf, release } from './attachment'
import { lastRequest, useControl } from './control'

// By chat, so that they are still there when one comes back to it. They end with the page, which asks before.
const useTrays = create<Record<ChatKey, Attachment[]>>()(() => ({}))
const none: Attachment[] = []

addEventListener('beforeunload', (event) => {
  if (Object.values(useTrays.getState()).some((list) => list.length > 0)) event.preventDefault()
})

// Another account begins with none.
useStore.subscribe((state, before) => {
  if (state.me?.id !== before.me?.id) useTrays.setState({}, true)
})

const change = (chat: ChatKey, how: (list: Attachment[]) => Attachment[]): void => useTrays.setState((trays) => ({ [chat]: how(trays[chat] ?? none) }))

/** The files that go with the next message. */
export function useAttachments(chat: ChatKey, limits: ServerConfig['limits'] | undefined) {
  const list = useTrays((trays) => trays[chat] ?? none)
  const add = useCallback((files: File[]) => change(chat, (before) => [...before, ...files.map((file) => attachmentOf(file, limits))]), [chat, limits])
  const remove = (attachment: Attachment) => {
    release([attachment])
    change(chat, (before) => before.filter((other) => other.id !== attachment.id))
  }
  /** Gives the list away, with the duty to release it. */
  const take = () => {
    change(chat, () => [])
    return list
  }

  const dropped = useControl((s) => s.files)
  const done = useRef(lastRequest())
  useEffect(() => {
    if (!dropped || dropped.chat !== chat || dropped.at <= done.current) return
    done.current = dropped.at
    add(dropped.files)
  }, [chat, dropped, add])

  return { list, add, remove, take, tooLarge: list.some((attachment) => attachment.over !== undefined) }
}
