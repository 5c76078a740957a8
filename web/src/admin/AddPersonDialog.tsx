import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createPerson, type AdminPerson } from '@/api/admin'
import { useOnce } from '@/lib/useOnce'
import { FormDialog } from './FormDialog'
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
  const submit = async (): Promise<string | undefined> => {
    if (!fields.name.trim()) return t('nameMissing')
    const { role, ...texts } = fields
    const given = Object.fromEntries(Object.entries(texts).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : [])))
    const wanted = { ...given, name: fields.name.trim(), role: role || ('member' as const) }
    const person = await once(wanted, (key) => createPerson(wanted, key))
    await client.invalidateQueries({ queryKey: ['admin'] })
    onAdded(person)
    return undefined
  }
  const close = (): void => {
    setFields(emptyFields)
    onOpenChange(false)
  }
  return (
    <FormDialog open={open} onClose={close} title={t('people.add')} description={t('people.addHint')} action={t('people.add')} onSubmit={submit}>
      <PersonFields fields={fields} onChange={setFields} />
    </FormDialog>
  )
}
