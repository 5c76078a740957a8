import { useVirtualizer } from '@tanstack/react-virtual'
import { Search, UserPlus } from 'lucide-react'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '@/lib/refusal'
import type { GroupMember } from '@/state/model'
import { useStore } from '@/state/store'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { IconButton } from '@/ui/IconButton'
import { TextField } from '@/ui/TextField'
import { removeMember } from '@/api/group'
import { AddMembersDialog } from './AddMembersDialog'
import { MemberRow } from './MemberRow'
import { permissions } from './permissions'
import { useGroup, useMembers, useMembersChanged } from './queries'

const height = 56

/** All members, administrators first, of a group of any size. */
export function MemberList({ id }: { id: string }) {
  const { t } = useTranslation('group')
  const me = useStore((s) => s.me?.id ?? '')
  const { group } = useGroup(id)
  const [text, setText] = useState('')
  const members = useMembers(id, useDeferredValue(text.trim()))
  const changed = useMembersChanged(id)
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<GroupMember | null>(null)

  const scroller = useRef<HTMLDivElement>(null)
  const rows = members.data?.pages.flatMap((p) => p.items) ?? []
  const virtualizer = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 8 })
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = members
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 20) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last, rows.length])

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-2 p-3">
        <TextField
          type="search"
          label={t('searchMembers')}
          hideLabel
          placeholder={t('searchMembers')}
          icon={<Search aria-hidden className="size-4" />}
          value={text}
          onValueChange={setText}
          className="flex-1"
        />
        {group && permissions(group, me).invite && <IconButton icon={UserPlus} label={t('addMembers')} onClick={() => setAdding(true)} />}
      </div>
      {members.isError && (
        <p role="alert" className="px-4 text-danger">
          {refusal(members.error)}
        </p>
      )}
      {members.isSuccess && rows.length === 0 && <p className="p-6 text-center text-muted">{t('noMemberFound')}</p>}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <ul aria-label={t('views.members')} className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const member = rows[item.index]!
            return (
              <li key={member.person.id} className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
                <MemberRow group={group} member={member} me={me} onRemove={setRemoving} />
              </li>
            )
          })}
        </ul>
      </div>
      {group && <AddMembersDialog group={group} open={adding} onOpenChange={setAdding} />}
      <ConfirmDialog
        open={!!removing}
        onOpenChange={(open) => !open && setRemoving(null)}
        title={t('removeAsk', { name: removing?.person.name })}
        text={t('removeText')}
        confirm={t('remove')}
        danger
        onConfirm={async () => {
          if (!removing) return
          await removeMember(id, removing.person.id)
          await changed()
        }}
      />
    </div>
  )
}
