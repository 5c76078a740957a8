import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { listStaff, type AdminPerson } from '@/api/admin'
import { isComposing } from '@/lib/composing'
import { refusal } from '@/lib/refusal'
import { useDebounced } from '@/lib/useDebounced'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { ChooserField } from '@/ui/ChooserField'
import { ChooserOption } from '@/ui/ChooserOption'
import { Dialog } from '@/ui/Dialog'
import { usePick } from '@/ui/usePick'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: string
  /** Label of the button that calls `onChosen`. The dialog shows its error. */
  action: string
  /** Id of a person who cannot be chosen. */
  except?: string
  /** Inactive people can be chosen as well. */
  inactive?: boolean
  onChosen: (person: AdminPerson) => void | Promise<unknown>
}

const shown = 20

/** A dialog to choose one of all people on the server. */
export function PersonChooser({ open, onOpenChange, title, description, action, except, inactive, onChosen }: Props) {
  const { t } = useTranslation('admin')
  const [person, setPerson] = useState<AdminPerson | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const change = (next: boolean): void => {
    setPerson(null)
    setProblem('')
    onOpenChange(next)
  }
  const act = async (): Promise<void> => {
    if (!person) return
    setBusy(true)
    setProblem('')
    try {
      await onChosen(person)
      change(false)
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      {...(description !== undefined && { description })}
      footer={
        <Button kind="primary" disabled={!person} busy={busy} onClick={() => void act()}>
          {action}
        </Button>
      }
    >
      <Finder label={t('choosePerson')} chosen={person} except={except} inactive={inactive ?? false} onPick={setPerson} />
      {problem && (
        <p role="alert" className="pt-2 text-sm text-danger">
          {problem}
        </p>
      )}
    </Dialog>
  )
}

interface FinderProps {
  label: string
  chosen: AdminPerson | null
  except: string | undefined
  inactive: boolean
  onPick: (person: AdminPerson | null) => void
}

function Finder({ label, chosen, except, inactive, onPick }: FinderProps) {
  const { t } = useTranslation('admin')
  const list = useId()
  const [text, setText] = useState('')
  const [active, setActive] = useState(-1)
  const query = useDebounced(text.trim(), 150)
  const found = useQuery({
    queryKey: ['admin', 'chooser', query, inactive],
    queryFn: ({ signal }) => listStaff({ query: query || undefined, ...(!inactive && { active: 'true' as const }) }, undefined, signal, shown),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
  const people = (found.data?.items ?? []).filter((p) => p.accountId !== except)
  const settled = query === text.trim() && found.isSuccess && !found.isPlaceholderData
  const take = (person: AdminPerson): void => {
    onPick(person)
    setText('')
    setActive(-1)
  }
  const { enter, typed } = usePick(settled, () => {
    const person = people[active] ?? (query ? people[0] : undefined)
    if (person) take(person)
  })
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const next = active + (event.key === 'ArrowDown' ? 1 : -1)
      if (!people[next]) return
      setActive(next)
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter') {
      event.preventDefault()
      enter()
    } else if (event.key === 'Backspace' && text === '') {
      onPick(null)
    }
  }
  const none = found.isSuccess && people.length === 0
  return (
    <div className="flex flex-col gap-2">
      <ChooserField
        label={label}
        placeholder={t('people.searchHint')}
        chosen={chosen ? [{ key: chosen.accountId, name: chosen.name, about: chosen.email }] : []}
        onUnpick={() => onPick(null)}
        list={list}
        active={people[active] ? `${list}-${active}` : undefined}
        expanded={!none}
        value={text}
        onValueChange={(value) => {
          setText(value)
          setActive(-1)
          typed()
        }}
        onKeyDown={onKeyDown}
      />
      <div tabIndex={-1} className="h-64 min-h-0 overflow-y-auto rounded-lg border border-line">
        {found.isError && (
          <p role="alert" className="p-3 text-danger">
            {refusal(found.error)}
          </p>
        )}
        {none && <p className="p-6 text-center text-muted">{t('people.nobodyFound')}</p>}
        {people.length > 0 && (
          <div id={list} role="listbox" aria-label={label}>
            {people.map((p, i) => (
              <ChooserOption
                key={p.accountId}
                id={`${list}-${i}`}
                name={p.name}
                about={[p.email, p.department].filter(Boolean).join(' · ')}
                picture={<Avatar name={p.name} src={p.avatar} seed={p.accountId} size="small" />}
                active={i === active}
                fixed={false}
                onToggle={() => take(p)}
              />
            ))}
          </div>
        )}
      </div>
    </div>
  )
}
