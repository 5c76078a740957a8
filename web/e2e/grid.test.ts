import { describe, expect, test } from 'vitest'
import type { Person, Seat } from './seat'
import { world } from './world'

const w = world()

/** Everything about how a page stands on the grid that is wrong, and the measures that all pages must share. */
const measured = (seat: Seat) =>
  seat.page.evaluate(() => {
    /* oxlint-disable unicorn/consistent-function-scoping -- the page knows nothing from outside */
    const main = document.querySelector('main')!
    const column = main.querySelector<HTMLElement>('[data-column]')!
    const pane = column.parentElement!
    const wrong: string[] = []
    const say = (e: Element, text: string): void => void wrong.push(`<${e.tagName.toLowerCase()}> ${((e as HTMLElement).innerText ?? '').split('\n')[0]?.slice(0, 40)}: ${text}`)
    const px = (value: string): number => parseFloat(value) || 0
    const drawn = (e: Element): boolean => getComputedStyle(e).backgroundColor !== 'rgba(0, 0, 0, 0)'
    const visible = (e: Element): boolean => e.getClientRects().length > 0 && !e.closest('[hidden], input[aria-hidden]')

    const own = getComputedStyle(column)
    const box = column.getBoundingClientRect()
    const left = box.left + px(own.paddingLeft)
    const right = box.right - px(own.paddingRight)
    const frame = { left: pane.getBoundingClientRect().left, right: pane.getBoundingClientRect().left + pane.clientWidth }
    if (Math.abs(left - frame.left - (frame.right - right)) > 1) say(column, `stands ${left - frame.left} from the left and ${frame.right - right} from the right`)

    /** Where what one sees in it begins and ends: its words, pictures, areas and controls. What is cut off is not seen. */
    const edges = (part: Element): { left: number; right: number } => {
      const seen: { left: number; right: number }[] = []
      const add = (e: Element, ...rects: DOMRect[]): void => {
        let [from, to] = [-Infinity, Infinity]
        for (let around: Element | null = e; around && around !== part; around = around.parentElement) {
          if (getComputedStyle(around).overflowX === 'visible' || getComputedStyle(around).display === 'inline') continue
          const { left: l, right: r } = around.getBoundingClientRect()
          ;[from, to] = [Math.max(from, l), Math.min(to, r)]
        }
        for (const r of rects) if (r.width > 1 && r.height > 1) seen.push({ left: Math.max(r.left, from), right: Math.min(r.right, to) })
      }
      const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT)
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        if (!node.textContent?.trim()) continue
        const range = document.createRange()
        range.selectNodeContents(node)
        add(node.parentElement!, ...range.getClientRects())
      }
      for (const e of part.querySelectorAll('*')) if (visible(e) && (drawn(e) || e.matches('svg, img, input, button'))) add(e, e.getBoundingClientRect())
      return { left: Math.min(...seen.map((r) => r.left)), right: Math.max(...seen.map((r) => r.right)) }
    }

    const inset = innerWidth >= 640 ? 21 : 17 // with the border
    const parts = [...column.children].filter(visible)
    parts.forEach((part, i) => {
      const at = part.getBoundingClientRect()
      if (at.left !== left || at.right !== right) say(part, `from ${at.left} to ${at.right}, and the column from ${left} to ${right}`)
      const above = parts[i - 1]?.getBoundingClientRect()
      if (above && Math.abs(at.top - above.bottom - 16) > 0.1) say(part, `${at.top - above.bottom} below the part above it`)
      if (!(part as HTMLElement).innerText.trim()) return
      const card = drawn(part)
      const bare = !card && part.querySelector('button') !== null // a row of buttons, whose own edges stand on the column's
      const seen = edges(part)
      const want = left + (bare ? 0 : inset)
      // A letter may begin a little beside its box.
      if (Math.abs(seen.left - want) > 1) say(part, `begins at ${seen.left}, not at ${want}`)
      // A space at the end of a line hangs over.
      if (seen.right > right - (bare ? 0 : inset) + 6) say(part, `ends at ${seen.right}, after ${right - (bare ? 0 : inset)}`)
      // The elements of rows are aligned with each other.
      for (const row of part.querySelectorAll(':scope > li, label:has([role=switch]), dl > div')) {
        const within = row.closest('section') ?? part
        const start = within === part || !part.contains(within) ? want : within.getBoundingClientRect().left
        if (Math.abs(edges(row).left - start) > 1) say(row, `begins at ${edges(row).left}, not at ${start}`)
      }
    })

    // Distances are multiples of four, but within a line of text.
    for (const e of column.querySelectorAll('*')) {
      const style = getComputedStyle(e)
      if (!visible(e) || /^inline|^contents/.test(style.display) || e.closest('button, kbd, [role=switch], svg, span, input')) continue
      for (const what of ['marginTop', 'marginBottom', 'paddingTop', 'paddingBottom', 'paddingLeft', 'paddingRight', 'rowGap', 'columnGap'] as const) {
        const value = px(style[what])
        if (value % 4 !== 0) say(e, `${what} of ${value}`)
      }
    }

    // Nothing sticks out, and nothing is cut but what ends with an ellipsis.
    if (document.documentElement.scrollWidth > innerWidth) say(document.documentElement, 'scrolls to the side')
    for (const e of main.querySelectorAll<HTMLElement>('*')) {
      const style = getComputedStyle(e)
      if (!visible(e) || style.display === 'inline' || e.closest('svg, [hidden]') || style.position === 'absolute') continue
      if (e.getBoundingClientRect().right > innerWidth + 0.5) say(e, `ends at ${e.getBoundingClientRect().right}`)
      if (e.scrollWidth > e.clientWidth + 1 && style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis') say(e, `is ${e.scrollWidth} wide in ${e.clientWidth}`)
    }
    const header = main.querySelector('[data-column]')!.closest('section, article, main')!.querySelector('header')!
    return { wrong, width: right - left, room: frame.right - frame.left, header: header.getBoundingClientRect().height }
  })

async function shown(seat: Seat, path: string): Promise<void> {
  await seat.go(path)
  await seat.page.locator('main [data-column]').filter({ hasText: /\S/ }).waitFor()
  await seat.page.waitForLoadState('networkidle')
}

async function busy(): Promise<{ ann: Person; bob: Person }> {
  const [ann, bob, dan] = await w.people('Ann Adler', 'Bob Berg', 'Dan Dorn')
  await w.group('A group with a name that is much longer than the line in which it stands', ann, bob, dan)
  for (const [type, name, text, url] of [
    ['taskmessage', 'Demo tasks', 'A task is due', ''],
    ['1', 'A sender with a name that is much longer than there is room for in one line of a phone', `Read ${'and read '.repeat(30)}`, 'https://demo.example/'],
    ['calendarmessage', '', `AWordThatHasNoPlaceToBreakIt${'AndGoesOn'.repeat(12)}`, ''],
  ] as const)
    await w.server.host('POST', '/v1/notifications', { accounts: [ann.id], category: 'task', type, name, text, url })
  return { ann, bob }
}

// Inbox, profile and settings each had margins of their own.
describe.each([
  ['en-US', 1440],
  ['en-US', 1024],
  ['en-US', 360],
  ['zh-CN', 360],
] as const)('in %s at %d px', (locale, width) => {
  test('inbox, profile and settings stand on one grid', async () => {
    const { ann, bob } = await busy()
    const a = await w.seat(ann, { viewport: { width, height: 800 }, locale, reducedMotion: 'reduce' })
    const found: string[] = []
    const widths = new Set<string>()
    const headers = new Set<number>()
    for (const path of ['/inbox/task', `/people/${bob.id}`, ...['profile', 'notifications', 'appearance', 'sessions', 'keyboard', 'about'].map((s) => `/settings/${s}`)]) {
      await shown(a, path)
      const page = await measured(a)
      found.push(...page.wrong.map((text) => `${path} ${text}`))
      // As wide as there is room for, and never wider than a line can be read.
      const side = width >= 640 ? 24 : 16
      if (page.width !== Math.min(768, page.room) - 2 * side) widths.add(`${path}: ${page.width} of ${page.room}`)
      headers.add(page.header)
    }
    expect(found).toEqual([])
    expect([...widths]).toEqual([])
    expect([...headers]).toEqual([56])
  })
})

test('the list of settings stands in line with its title', async () => {
  const [ann] = await w.people('Ann Adler')
  for (const width of [1440, 1024, 360]) {
    const a = await w.seat(ann, { viewport: { width, height: 800 } })
    await a.go('/settings')
    const list = a.page.getByRole('main').getByRole('region', { name: 'Settings' })
    await list.getByRole('link').first().waitFor()
    const [title, icons, rows] = await list.evaluate((section) => {
      const range = document.createRange()
      range.selectNodeContents(section.querySelector('h1')!)
      return [range.getBoundingClientRect().left, [...section.querySelectorAll('a > svg:first-child')].map((e) => e.getBoundingClientRect().left), [...section.querySelectorAll('a')].map((e) => e.getBoundingClientRect().height)] as const
    })
    expect(new Set(icons), `at ${width}`).toEqual(new Set([Math.round(title)]))
    expect(new Set(rows), `at ${width}`).toEqual(new Set([44]))
  }
})
