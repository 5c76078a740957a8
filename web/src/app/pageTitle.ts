// The number of unread messages in the tab: before its title and on its icon.
import { useStore } from '@/state/store'
import { withBase } from './base'
import { totalUnread } from './totals'

const name = 'parley'
const icon = withBase('/icon.svg')

/** Keeps title and icon up to date; returns the way to stop, which takes the number away. */
export function startPageTitle(): () => void {
  let shown = 0
  const show = (unread: number): void => {
    if (unread === shown) return
    shown = unread
    document.title = unread > 0 ? `(${unread > 999 ? '999+' : unread}) ${name}` : name
    void drawIcon(unread)
  }
  show(totalUnread(useStore.getState()))
  const stop = useStore.subscribe((state, before) => {
    if (state !== before) show(totalUnread(state))
  })
  return () => {
    stop()
    show(0)
  }
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
