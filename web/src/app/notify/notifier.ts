// Tells of what arrives: by a desktop notification and a sound, once for each browser, and by a toast in the tab in front.
import { withEmotions } from '@/message/emotions'
import { withoutMarks } from '@/message/marks'
import { onIncoming, type Incoming } from '@/app/incoming'
import { usePreferences } from '@/app/preferences'
import { pathOf, shownChat } from '@/app/paths'
import { inFront } from '@/lib/inFront'
import type { ChatKey, MessageKind } from '@/state/model'
import { useStore } from '@/state/store'
import { toast } from '@/ui/toast'
import { listenToWorker, showDesktop } from './desktop'
import { bell } from './rules'
import { ring } from './sound'
import { Tabs } from './tabs'

interface NotifierTexts {
  /** Stands for what was written where previews are not wanted. */
  hidden(): string
  /** Stands for a message without words. */
  kind(kind: MessageKind): string
  shaken(name: string): string
  /** `chat` is the name of the group. */
  mentioned(name: string, chat: string): string
  /** The button of a toast that leads to the chat. */
  open(): string
}

/** Starts to ring for the account; returns the way to stop. `open` shows a path of the client in this tab. */
export function startNotifier(account: string, texts: NotifierTexts, open: (path: string) => void): () => void {
  const tabs = new Tabs(account)
  const shown = new Map<ChatKey, () => void>()

  const look = (): void => tabs.looksAt(inFront() ? shownChat() : null)
  // The last three are those of the router: what is open may change without the window noticing.
  const events = ['focus', 'blur', 'pagehide', 'popstate', 'pushState', 'replaceState'] as const
  for (const e of events) addEventListener(e, look)
  document.addEventListener('visibilitychange', look)
  const unsubscribe = useStore.subscribe((state, before) => {
    if (state.chats === before.chats) return
    for (const [chat, close] of shown) {
      const now = state.chats[chat]
      if (now && (now.unread > 0 || now.shakenAt)) continue
      close() // read here or elsewhere: nothing is left to tell
      shown.delete(chat)
    }
  })

  const stop = onIncoming((incoming: Incoming) => {
    look()
    const chat = useStore.getState().chats[incoming.chat]
    const preferences = usePreferences.getState()
    const doNotDisturb = useStore.getState().availability[account]?.status?.quiet ?? false
    const rings = bell(incoming, { preferences, muted: chat?.muted ?? false, lookedAt: tabs.anyLooksAt(incoming.chat), doNotDisturb, now: new Date() })
    const path = pathOf(incoming.chat, incoming.mention && incoming.id ? incoming.id : undefined)
    const told = rings.inPage && inFront()
    if (told) {
      const name = incoming.from.name || (chat?.name ?? '')
      toast(incoming.shake ? texts.shaken(name) : texts.mentioned(name, chat?.name ?? ''), 'info', { label: texts.open(), onClick: () => open(path) })
    }
    if (!tabs.leads) return
    if (rings.sound) ring()
    if (!rings.desktop || told) return
    const group = chat && chat.ref.type !== 1 && chat.name !== incoming.from.name
    const close = showDesktop({
      tag: `${account} ${incoming.chat}`,
      title: group ? `${incoming.from.name} · ${chat.name}` : incoming.from.name || (chat?.name ?? ''),
      body: incoming.shake ? texts.shaken(incoming.from.name) : preferences.preview ? bodyOf(incoming, texts) : texts.hidden(),
      icon: incoming.from.avatar,
      path,
      open,
    })
    if (close) shown.set(incoming.chat, close)
  })

  const unlisten = listenToWorker(open)
  look()
  return () => {
    stop()
    unlisten()
    unsubscribe()
    for (const e of events) removeEventListener(e, look)
    document.removeEventListener('visibilitychange', look)
    for (const close of shown.values()) close()
    tabs.close()
  }
}

const bodyOf = ({ text, kind }: Incoming, texts: NotifierTexts): string => withEmotions(withoutMarks(text)) || (kind ? texts.kind(kind) : '')
