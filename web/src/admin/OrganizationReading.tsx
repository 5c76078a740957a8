import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeOrganization, getOrganizations, type AdminOrganizations } from '@/api/admin'
import { Card } from '@/ui/Card'
import { Switch } from '@/ui/Switch'
import { toastError } from '@/ui/toast'

const key = ['admin', 'organizations']

/** For each organization, whether others are told what its members have read. */
export function OrganizationReading() {
  const { t } = useTranslation('admin')
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: key, queryFn: ({ signal }) => getOrganizations(signal), staleTime: 0 })
  const [waiting, setWaiting] = useState<string | null>(null)
  const set = async (id: string, hidesReading: boolean): Promise<void> => {
    setWaiting(id)
    try {
      const changed = await changeOrganization(id, { hidesReading })
      client.setQueryData<AdminOrganizations>(key, (now) => now && { items: now.items.map((o) => (o.id === id ? changed : o)) })
    } catch (error) {
      toastError(error)
    } finally {
      setWaiting(null)
    }
  }
  if (!data?.items.length) return null
  return (
    <Card title={t('reading.title')} hint={t('reading.hint')} className="divide-y divide-line py-2 sm:py-2">
      {data.items.map(({ id, name, hidesReading }) => (
        <Switch key={id} label={name} checked={!hidesReading} disabled={waiting === id} onCheckedChange={(shown) => void set(id, !shown)} />
      ))}
    </Card>
  )
}
