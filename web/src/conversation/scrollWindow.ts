import { inFront } from '@/lib/inFront'
import { contains, endOf, layoutOf, nearEnd, paddingBottom, placeAt, scrollTo, sliceAt, type Layout, type Place, type Slice } from './layout'
import { estimate, type Row } from './rows'

// So many pixels of lines are drawn above and below the screen, and drawn anew when fewer than that are left.
const drawn = 500
const needed = 200

/**
 * Keeps a place of a long list on the screen. Only lines near the screen are drawn; the others are room above and below
 * them. Their heights are estimated until they have been drawn. Because the list is scrolled anew after every
 * measurement, a wrong estimate moves the scroll bar and never what is read.
 */
export class ScrollWindow {
  /** What is kept in its place until the reader scrolls. */
  place: Place = { at: 'end' }
  layout: Layout = { rows: [], offsets: [0], height: 0 }
  /** How far the list was scrolled when it was last looked at. */
  top = 0
  readonly #scroller: HTMLElement
  readonly #container: HTMLElement
  readonly #draw: (slice: Slice) => void
  readonly #heights = new Map<string, number>()
  #width = 0
  #rows: readonly Row[] = []
  #hasNewer = false
  #slice: Slice = { from: 0, to: 0 }

  /** `draw` is called when other lines have to be drawn than those that `show` was called with. */
  constructor(scroller: HTMLElement, container: HTMLElement, draw: (slice: Slice) => void) {
    this.#scroller = scroller
    this.#container = container
    this.#draw = draw
  }

  /** Called when the lines of the slice are in the page. */
  show(rows: readonly Row[], slice: Slice, hasNewer: boolean): void {
    this.#adopt()
    this.#rows = rows
    this.#slice = slice
    this.#hasNewer = hasNewer
    this.settle()
  }

  /** Called when the size of the window, or of a line, may have changed. */
  settle(): void {
    const scroller = this.#scroller
    const before = { layout: this.layout, top: this.top }
    this.#adopt()
    this.#measure()
    const { layout } = this
    if (this.place.at === 'new' && cameAtEnd(before, layout) && inFront()) this.place = { at: 'end' }

    const { from, to } = this.#slice
    const { offsets } = layout
    this.#container.style.paddingTop = `${offsets[from]!}px`
    this.#container.style.paddingBottom = `${offsets.at(-1)! - offsets[to]! + paddingBottom}px`
    const wanted = scrollTo(this.place, layout) ?? scroller.scrollTop
    if (Math.abs(scroller.scrollTop - wanted) > 0.5) scroller.scrollTop = wanted
    this.top = scroller.scrollTop
    this.#drawAround(wanted)
  }

  /** Called when the list has been scrolled. false: not by the reader. */
  scrolled(): boolean {
    const moved = this.#adopt()
    if (moved) this.#drawAround(this.top)
    return moved
  }

  /** Keeps another place from now on. */
  goTo(place: Place): void {
    this.place = place
    // Earlier scrolling no longer counts.
    this.top = this.#scroller.scrollTop
  }

  /** Takes the place to which the reader has scrolled. */
  #adopt(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller
    if (Math.abs(scrollTop - this.top) <= 1) return false
    // If lines were removed or the window became larger, the browser itself scrolls back to the end.
    const byBrowser = scrollTop < this.top && scrollTop >= scrollHeight - clientHeight - 1 && scrollTop < endOf(this.layout) - 1
    if (byBrowser) return false
    this.top = scrollTop
    this.place = placeAt(this.layout, scrollTop, this.#hasNewer)
    return true
  }

  #measure(): void {
    if (this.#width !== this.#scroller.clientWidth) {
      this.#width = this.#scroller.clientWidth
      this.#heights.clear()
    }
    for (const line of this.#container.children) {
      const row = this.#rows[Number((line as HTMLElement).dataset.index)]
      if (row) this.#heights.set(row.key, line.getBoundingClientRect().height)
    }
    this.layout = layoutOf(this.#rows, (row) => this.#heights.get(row.key) ?? estimate(row, this.#width), this.#scroller.clientHeight)
  }

  #drawAround(top: number): void {
    if (!contains(this.#slice, sliceAt(this.layout, top, needed))) this.#draw(sliceAt(this.layout, top, drawn))
  }
}

/** Whether lines have come behind the last one while that was on the screen. */
function cameAtEnd(before: { layout: Layout; top: number }, now: Layout): boolean {
  const last = before.layout.rows.at(-1)?.key
  return last !== undefined && last !== now.rows.at(-1)?.key && endOf(before.layout) - before.top <= nearEnd
}
