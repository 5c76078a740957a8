import { describe, expect, it } from 'vitest'
import type { Notification } from '@/state/model'
import { readBySeeing } from './unseen'

const notification = (id: number, change: Partial<Notification> = {}): Notification => ({
  id: String(id), at: id, text: '', name: '', type: 'x', url: '', entityId: '', unread: true, weak: false, ...change,
})
const read = notification(1, { unread: false })
const items = [notification(5), notification(4, { weak: true }), notification(3), notification(2), read]
const seeing = (...ids: number[]) => readBySeeing(items, new Set(ids.map(String)), true)

// Opening an inbox marked everything in it as read, also what was below the edge of the screen.
describe('notifications on the screen', () => {
  it('are read when every older one is read', () => {
    expect(seeing()).toBeNull()
    expect(seeing(5, 4)).toBeNull()
    expect(seeing(5, 4, 2)).toEqual({ upTo: '2', read: 1, left: 2 })
    expect(seeing(4, 3, 2)).toEqual({ upTo: '4', read: 2, left: 1 })
    expect(seeing(5, 4, 3, 2)).toEqual({ upTo: '5', read: 3, left: 0 })
  })

  it('are not read as long as an older unread one may not be loaded', () => {
    const page = items.slice(0, -1)
    const seen = new Set(page.map((n) => n.id))
    expect(readBySeeing(page, seen, false)).toBeNull()
    expect(readBySeeing(page, seen, true)).toEqual({ upTo: '5', read: 3, left: 0 })
    expect(readBySeeing(items, seen, false)).toEqual({ upTo: '5', read: 3, left: 0 })
  })

  it('change nothing where nothing is unread', () => {
    expect(readBySeeing([read], new Set(['1']), true)).toBeNull()
    expect(readBySeeing([], new Set(), true)).toBeNull()
  })
})
