import { X } from 'lucide-react'
import { use, useDeferredValue, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { setPreferences } from '@/app/preferences'
import { RowContext } from '@/message/context'
import { loadFormatter, useFormatter } from '@/message/formatter'
import type { ChatKey } from '@/state/model'
import { IconButton } from '@/ui/IconButton'
import { standingIn } from './calls'
import { withoutBlankEnds } from './send'

const nobody: readonly string[] = []

/** The draft as others will see it, if there is formatting in it. */
export function FormatPreview({ chat, text }: { chat: ChatKey; text: string }) {
  const { t } = useTranslation('format')
  const shown = useDeferredValue(text)
  const known = use(RowContext)?.names ?? nobody
  const called = standingIn(chat, shown).map(({ name }) => name).join('\n')
  const names = useMemo(() => [...new Set([...called.split('\n'), ...known])].sort((a, b) => b.length - a.length), [called, known])
  const sent = withoutBlankEnds(shown)
  const formatter = useFormatter((s) => s.loaded)
  useEffect(() => void loadFormatter(), [])
  const formatted = useMemo(() => formatter?.parse(sent, { myName: '', names }), [formatter, sent, names])
  if (!formatter || !formatted) return null
  return (
    <div className="mb-1 flex items-start gap-2 rounded-lg bg-bubble-mine py-1 pr-1 pl-3">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached with the keyboard */}
      <div role="region" aria-label={t('preview')} tabIndex={0} className="max-h-[25dvh] min-w-0 flex-1 overflow-y-auto py-1">
        <formatter.Formatted text={sent} names={names} mine />
      </div>
      <IconButton icon={X} label={t('hidePreview')} size="small" onClick={() => setPreferences({ draftPreview: false })} />
    </div>
  )
}
