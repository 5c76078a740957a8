// Asks whether the people on the screen are online, and tells whether this client is used.
import { onWatched, watched } from '@/app/watched'
import type { State } from '@/state/store'
import { afterStatuses, endOfStatuses, putAvailability, withoutAvailability } from '@/state/availability'
import type { Context } from './context'

/** As many accounts as one request can name, with the own one. */
const mostWatched = 200
/** While one scrolls, others come on the screen all the time, milliseconds. */
const settle = 500
/** The steps of the last time are asked for again after this, milliseconds. */
const renewal = 10 * 60_000
/** Without use for so long one is away, milliseconds. */
const awayAfter = 5 * 60_000

export class Availabilities {
  readonly #context: Context
  #timer: ReturnType<typeof setTimeout> | undefined
  #endTimer: ReturnType<typeof setTimeout> | undefined
  #asked: string | null = null
  #asking = false
  #again = false
  #used = Date.now()
  #away = false

  constructor(context: Context) {
    this.#context = context
    const { signal } = context
    signal.addEventListener('abort', onWatched(() => this.#soon()))
    const use = (): void => this.#use()
    for (const event of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'focus'] as const) addEventListener(event, use, { signal, passive: true, capture: true })
    const look = setInterval(() => this.#setAway(Date.now() - this.#used >= awayAfter), 15_000)
    const renew = setInterval(() => document.visibilityState === 'visible' && this.renew(), renewal)
    signal.addEventListener('abort', () => {
      clearTimeout(this.#timer)
      clearTimeout(this.#endTimer)
      clearInterval(look)
      clearInterval(renew)
    })
  }

  /** A new connection knows nothing of what the last one watched. */
  connected(): void {
    this.#asked = null
    if (this.#away) void this.#context.request('set away', { isAway: true }).catch(() => undefined)
    void this.#ask()
  }

  lost(): void {
    this.#asked = null
    this.#context.update(withoutAvailability)
  }

  /** What is told may be otherwise for another reason than that it was pushed. */
  renew(): void {
    this.#asked = null
    this.#soon()
  }

  pushed(): void {
    // The answer that is on its way may be older.
    if (this.#asking) this.#again = true
  }

  changed(state: State, before: State): void {
    if (state.stale.people !== before.stale.people || (before.me?.activity !== undefined && state.me?.activity !== before.me.activity)) this.renew()
    if (state.availability === before.availability) return
    clearTimeout(this.#endTimer)
    const left = endOfStatuses(state) - Date.now()
    // A timer cannot wait longer than 24 days.
    if (left !== Infinity) this.#endTimer = setTimeout(() => this.#context.update((s) => afterStatuses(s, Date.now())), Math.min(Math.max(0, left), 86_400_000))
  }

  #soon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), settle)
  }

  async #ask(): Promise<void> {
    const { me, connected, request, update } = this.#context
    if (this.#asking) {
      this.#again = true
      return
    }
    this.#asking = true
    try {
      do {
        this.#again = false
        if (!connected()) return
        const ids = [me, ...watched().filter((id) => id !== me).slice(1 - mostWatched)]
        const key = ids.toSorted().join(' ')
        if (key === this.#asked) return
        const list = await request('watch availability', { ids })
        this.#asked = this.#again ? null : key
        update((s) => putAvailability(s, list, Date.now(), true))
      } while (this.#again)
    } catch {
      // With the next connection it begins anew.
    } finally {
      this.#asking = false
    }
  }

  #use(): void {
    this.#used = Date.now()
    if (this.#away) this.#setAway(false)
  }

  #setAway(isAway: boolean): void {
    if (isAway === this.#away) return
    this.#away = isAway
    if (this.#context.connected()) void this.#context.request('set away', { isAway }).catch(() => undefined)
  }
}
