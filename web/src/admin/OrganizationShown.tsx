import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeOrganization, getOrganizations, type AdminOrganizations } from '@/api/admin'
import { Card } from '@/ui/Card'
import { Switch } from '@/ui/Switch'
import { toastError } from '@/ui/toast'

const key = ['admin', 'organizations']

const fields = { reading: 'hidesReading', activity: 'hidesActivity' } as const

/** For each organization, whether others are told what its members have read, or do at this moment. */
export function OrganizationShown({ what }: { what: keyof typeof fields }) {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: key, queryFn: ({ signal }) => getOrganizations(signal), staleTime: 0 })
  const [waiting, setWaiting] = useState<string | null>(null)
  const field = fields[what]
  const set = async (id: string, hides: boolean): Promise<void> => {
    setWaiting(id)
    try {
      const changed = await changeOrganization(id, { [field]: hides })
      client.setQueryData<AdminOrganizations>(key, (now) => now && { items: now.items.map((o) => (o.id === id ? changed : o)) })
    } catch (error) {
      toastError(error)
    } finally {
      setWaiting(null)
    }
  }
  if (!data?.items.length) return null
  return (
    <Card title={t(`${what}.title`)} hint={t(`${what}.hint`)} className="divide-y divide-line py-2 sm:py-2">
      {data.items.map((o) => (
        <Switch key={o.id} label={o.name} checked={!o[field]} disabled={waiting === o.id} onCheckedChange={(shown) => void set(o.id, !shown)} />
      ))}
    </Card>
  )
}
