import { Megaphone, Pencil } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cn } from '@/lib/cn'
import { Tokens } from '@/message/MessageText'
import { calledWords } from '@/message/text'
import type { Group } from '@/state/model'
import { Button } from '@/ui/Button'
import { IconButton } from '@/ui/IconButton'
import { AnnouncementDialog } from './AnnouncementDialog'
import { useMemberNames } from './queries'

/** From so many characters on the text is folded. */
const long = 240

/** What the administrators have put up for everybody. */
export function Announcement({ group, editable }: { group: Group; editable: boolean }) {
  const { t } = useTranslation('group')
  const [editing, setEditing] = useState(false)
  const [unfolded, setUnfolded] = useState(false)
  const text = group.announcement
  const folds = text.length > long || text.split('\n').length > 6
  const names = useMemberNames(group.id, useMemo(() => calledWords(text), [text]))
  const longestFirst = [...new Set(names)].sort((a, b) => b.length - a.length)
  if (!text && !editable) return null
  return (
    <section aria-label={t('announcement')} className="rounded-lg bg-sunken p-3">
      <div className="flex items-center gap-2">
        <Megaphone aria-hidden className="size-4 text-muted" />
        <h3 className="flex-1 text-sm font-medium">{t('announcement')}</h3>
        {editable && text && <IconButton icon={Pencil} size="small" label={t('editAnnouncement')} onClick={() => setEditing(true)} />}
      </div>
      {text ? (
        <>
          <p dir="auto" className={cn('wrap-message mt-1 text-sm', folds && !unfolded && 'line-clamp-6')}>
            <Tokens text={text} names={longestFirst} />
          </p>
          {folds && (
            <Button kind="link" size="small" className="mt-1" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
              {t(unfolded ? 'less' : 'more')}
            </Button>
          )}
        </>
      ) : (
        <Button kind="link" size="small" className="mt-1" onClick={() => setEditing(true)}>
          {t('writeAnnouncement')}
        </Button>
      )}
      {editing && <AnnouncementDialog group={group} onClose={() => setEditing(false)} />}
    </section>
  )
}
