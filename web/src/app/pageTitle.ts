// The title of the tab, and the number of unread messages on its icon.
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { chatTitle } from '@/chatlist/useChatTitle'
import { chatRef } from '@/state/model'
import { useStore } from '@/state/store'
import { withBase } from './base'
import { chatOfPath } from './paths'
import { totalUnread } from './totals'

const product = 'parley'
const icon = withBase('/icon.svg')

/** Names the tab after the unread messages and what it shows: `(3) Demo Two – parley`. */
export function usePageTitle(): void {
  const unread = useStore(totalUnread)
  const shown = useShownName()
  useEffect(() => {
    document.title = titleOf(unread, shown)
  }, [unread, shown])
  useEffect(() => void drawIcon(unread), [unread])
  useEffect(
    () => () => {
      document.title = product
      void drawIcon(0)
    },
    [],
  )
}

export function titleOf(unread: number, shown: string): string {
  const count = unread > 0 ? `(${unread > 999 ? '999+' : unread}) ` : ''
  return count + (shown ? `${shown} – ${product}` : product)
}

/** The chat or the page that the address names; "" for the list alone. */
function useShownName(): string {
  const { t } = useTranslation(['shell', 'inbox'])
  const [path] = useLocation()
  const chat = chatOfPath(path)
  const name = useStore((s) => (chat === null ? '' : (s.chats[chat]?.name ?? '')))
  if (chat !== null) return chatTitle({ ref: chatRef(chat), name }, t)
  const page = (['people', 'search', 'settings'] as const).find((p) => path === `/${p}` || path.startsWith(`/${p}/`))
  return page ? t(page) : ''
}

let plain: Promise<HTMLImageElement> | null = null
let drawn = 0

async function drawIcon(unread: number): Promise<void> {
  const turn = ++drawn
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  if (!link) return
  if (unread === 0) {
    use(link, icon, 'image/svg+xml')
    return
  }
  try {
    plain ??= load(icon)
    const counting = withCount(await plain, unread)
    if (turn === drawn) use(link, counting, 'image/png')
  } catch {
    plain = null // offline before the icon was ever loaded: the next change tries again
  }
}

function use(link: HTMLLinkElement, href: string, type: string): void {
  link.type = type
  link.href = href
}

async function load(address: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = address
  await image.decode()
  return image
}

function withCount(image: HTMLImageElement, unread: number): string {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 64
  const draw = canvas.getContext('2d')
  if (!draw) return icon
  draw.drawImage(image, 0, 0, 64, 64)
  const text = unread > 99 ? '99+' : String(unread)
  const width = 24 + text.length * 12
  draw.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--color-badge') || 'red'
  draw.beginPath()
  draw.roundRect(64 - width, 28, width, 36, 18)
  draw.fill()
  draw.fillStyle = 'white'
  draw.font = 'bold 28px system-ui, sans-serif'
  draw.textAlign = 'center'
  draw.textBaseline = 'middle'
  draw.fillText(text, 64 - width / 2, 47)
  return canvas.toDataURL('image/png')
}
