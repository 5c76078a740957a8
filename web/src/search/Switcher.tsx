import { Search } from 'lucide-react'
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { pathOf } from '@/app/paths'
import { ChatAvatar } from '@/chatlist/ChatAvatar'
import { cn } from '@/lib/cn'
import { isComposing } from '@/lib/composing'
import { actions } from '@/state/store'
import { Badge } from '@/ui/Badge'
import { Dialog } from '@/ui/Dialog'
import { useTargets } from './useTargets'

/** Goes anywhere with a few letters: a chat, a person, a group, or the search through everything. */
export default function Switcher({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('search')
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('goTo')} className="sm:top-[12vh] sm:max-h-[70dvh] sm:w-[34rem]">
      <Choice onDone={() => onOpenChange(false)} />
    </Dialog>
  )
}

function Choice({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('search')
  const [, navigate] = useLocation()
  const list = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const { targets } = useTargets(text, { most: 8 })
  const sought = text.trim()
  const count = targets.length + (sought ? 1 : 0)
  const chosen = Math.min(at, count - 1)

  const go = (index: number): void => {
    const target = targets[index]
    if (target) {
      actions().ensureChat(target.key, target.chat.name, target.chat.avatar)
      navigate(pathOf(target.key))
    } else if (sought) navigate(`/search?q=${encodeURIComponent(sought)}`)
    else return
    onDone()
  }
  const keys = (e: KeyboardEvent): void => {
    if (isComposing(e) || count === 0) return
    const to = { ArrowDown: (chosen + 1) % count, ArrowUp: (chosen - 1 + count) % count, PageUp: 0, PageDown: count - 1 }[e.key]
    if (to !== undefined) {
      e.preventDefault()
      setAt(to)
      document.getElementById(`${list}-${to}`)?.scrollIntoView({ block: 'nearest' })
    } else if (e.key === 'Enter') {
      e.preventDefault()
      go(chosen)
    }
  }

  return (
    <div className="flex min-h-0 flex-col gap-2 pb-3">
      <input
        role="combobox"
        aria-expanded={count > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={count > 0 ? `${list}-${chosen}` : undefined}
        aria-label={t('goTo')}
        placeholder={t('goToPlaceholder')}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the window is opened to type
        autoFocus
        maxLength={200}
        value={text}
        onChange={(e) => {
          setText(e.target.value)
          setAt(0)
        }}
        onKeyDown={keys}
        className="sticky top-0 z-10 h-10 w-full shrink-0 rounded-lg border border-field bg-ground px-3 placeholder:text-muted"
      />
      <div id={list} role="listbox" aria-label={t('goTo')}>
        {targets.map((target, i) => (
          <Option key={target.key} id={`${list}-${i}`} chosen={i === chosen} onChoose={() => go(i)} onPoint={() => setAt(i)}>
            <ChatAvatar chat={target.chat} size="small" />
            <span dir="auto" className="min-w-0 flex-1 truncate">
              {target.title}
              {target.about && <bdi className="ml-2 text-sm text-muted">{target.about}</bdi>}
            </span>
            <Badge count={target.unread} />
          </Option>
        ))}
        {sought && (
          <Option id={`${list}-${targets.length}`} chosen={chosen === targets.length} onChoose={() => go(targets.length)} onPoint={() => setAt(targets.length)}>
            <span className="flex size-8 shrink-0 items-center justify-center text-muted">
              <Search aria-hidden className="size-5" />
            </span>
            <span className="truncate">{t('searchFor', { text: sought })}</span>
          </Option>
        )}
      </div>
    </div>
  )
}

interface OptionProps {
  id: string
  chosen: boolean
  onChoose: () => void
  onPoint: () => void
  children: ReactNode
}

function Option({ id, chosen, onChoose, onPoint, children }: OptionProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are those of the field that controls the list
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      onClick={onChoose}
      onPointerMove={onPoint}
      className={cn('flex cursor-pointer items-center gap-3 rounded-lg px-2 py-2', chosen && 'bg-selected')}
    >
      {children}
    </div>
  )
}
