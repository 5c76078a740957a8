import { useCallback, useEffect, useRef, useState } from 'react'
import type { ServerConfig } from '@/api/config'
import type { ChatKey } from '@/state/model'
import { type Attachment, attachmentOf, release } from './attachment'
import { lastRequest, useControl } from './control'

/** The files that go with the next message. */
export function useAttachments(chat: ChatKey, limits: ServerConfig['limits'] | undefined) {
  const [list, setList] = useState<Attachment[]>([])
  const latest = useRef(list)
  useEffect(() => {
    latest.current = list
  })

  const add = useCallback((files: File[]) => setList((before) => [...before, ...files.map((file) => attachmentOf(file, limits))]), [limits])
  const remove = useCallback((attachment: Attachment) => {
    release([attachment])
    setList((before) => before.filter((other) => other.id !== attachment.id))
  }, [])
  /** Gives the list away, with the duty to release it. */
  const take = () => {
    setList([])
    return list
  }

  const dropped = useControl((s) => s.files)
  const done = useRef(lastRequest())
  useEffect(() => {
    if (!dropped || dropped.chat !== chat || dropped.at <= done.current) return
    done.current = dropped.at
    add(dropped.files)
  }, [chat, dropped, add])

  useEffect(() => () => release(latest.current), [])
  return { list, add, remove, take, tooLarge: list.some((attachment) => attachment.over !== undefined) }
}
