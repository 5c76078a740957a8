import { useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { createPerson, type AdminPerson } from '@/api/admin'
import { refusal } from '@/lib/refusal'
import { useOnce } from '@/lib/useOnce'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { PersonFields, emptyFields, type Fields } from './PersonFields'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  onAdded: (person: AdminPerson) => void
}

/** Adds one person. */
export function AddPersonDialog({ open, onOpenChange, onAdded }: Props) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const once = useOnce()
  const [fields, setFields] = useState<Fields>(emptyFields)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const change = (next: boolean): void => {
    if (next) return
    setFields(emptyFields)
    setProblem('')
    onOpenChange(false)
  }
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    if (!fields.name.trim()) return setProblem(t('nameMissing'))
    setBusy(true)
    setProblem('')
    try {
      const { role, ...texts } = fields
      const given = Object.fromEntries(Object.entries(texts).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : [])))
      const wanted = { ...given, name: fields.name.trim(), role: role || ('member' as const) }
      const person = await once(wanted, (key) => createPerson(wanted, key))
      await client.invalidateQueries({ queryKey: ['admin'] })
      change(false)
      onAdded(person)
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onOpenChange={change} title={t('people.add')} description={t('people.addHint')}>
      <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4 pb-4">
        <PersonFields fields={fields} onChange={setFields} />
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" busy={busy} className="self-end">
          {t('people.add')}
        </Button>
      </form>
    </Dialog>
  )
}
