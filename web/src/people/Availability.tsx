import { useWatched } from '@/app/watched'
import { loadTexts } from '@/i18n'
import { markOf } from '@/state/availability'
import { useStore } from '@/state/store'
import { onDemand } from '@/ui/onDemand'

// Without them nobody misses anything.
const Dot = onDemand<{ open: boolean; id: string }>(() => loadTexts('availability').then(() => import('./AvailabilityDot')), () => undefined)
const Line = onDemand<{ open: boolean; id: string }>(() => loadTexts('availability').then(() => import('./AvailabilityLine')), () => undefined)

/** Whether a person is online, at the corner of the picture; the parent is positioned. */
export function AvailabilityDot({ id }: { id: string }) {
  useWatched(id)
  return <Dot open={useStore((s) => markOf(s.availability[id]) !== null)} id={id} />
}

/** Whether a person is online, or was last, and what the person says. */
export function AvailabilityLine({ id }: { id: string }) {
  useWatched(id)
  return <Line open={useStore((s) => s.availability[id] !== undefined)} id={id} />
}
