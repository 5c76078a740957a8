// Members who stand for groups without a picture. Groups that are drawn at the same moment are asked for together.
import { useEffect } from 'react'
import { create } from 'zustand'
import { listFaces } from '@/api/group'
import { remember } from '@/state/group'
import { useStore } from '@/state/store'
import type { Face } from '@/wire/api.gen'

interface Known {
  /** How often the members had changed when this was asked for. */
  changes: number
  faces: readonly Face[]
}

const mostAtOnce = 100
const useKnown = create<Record<string, Known | undefined>>()(() => ({}))
/** The groups to be asked for next. */
const wanted = new Map<string, number>()
/** Those that the server has been asked for, and has not told. */
const asking = new Map<string, number>()

// Only members may know who is in a group, so the faces must not be shown to another account.
useStore.subscribe((now, before) => {
  if (now.me?.id === before.me?.id) return
  useKnown.setState({}, true)
  wanted.clear()
  asking.clear()
})

function want(group: string, changes: number): void {
  if (asking.get(group) === changes) return
  if (wanted.size === 0) setTimeout(() => void ask())
  wanted.set(group, changes)
}

async function ask(): Promise<void> {
  const all = [...wanted]
  const account = useStore.getState().me?.id
  // A group that is drawn while this waits for the server is asked for after it.
  wanted.clear()
  for (const [group, changes] of all) asking.set(group, changes)
  for (let i = 0; i < all.length; i += mostAtOnce) {
    const some = all.slice(i, i + mostAtOnce)
    try {
      const { items } = await listFaces(some.map(([group]) => group))
      if (useStore.getState().me?.id !== account) return
      const found = new Map(items.map(({ group, faces }) => [group, faces]))
      useKnown.setState(Object.fromEntries(some.map(([group, changes]) => [group, { changes, faces: found.get(group) ?? [] }])))
      useStore.setState((s) => [...found].reduce((state, [group, faces]) => remember(state, group, { faces }), s))
    } catch {
      // The initials stay; what is drawn next asks again, and so does the next connection.
    }
    if (useStore.getState().me?.id === account) for (const [group, changes] of some) if (asking.get(group) === changes) asking.delete(group)
  }
}

const nobody: readonly Face[] = []

/** The faces of the group, from the last visit until the server has answered; none for a group that the user has left. */
export function useFaces(group: string): readonly Face[] {
  const changes = useStore((s) => s.stale.members[group] ?? 0)
  const known = useKnown((s) => s[group])
  const remembered = useStore((s) => s.remembered[group]?.faces)
  const online = useStore((s) => s.connection === 'online')
  const asked = known?.changes === changes
  useEffect(() => {
    if (!asked) want(group, changes)
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- asks again when there is a connection again
  }, [group, changes, asked, online])
  return known?.faces ?? remembered ?? nobody
}
