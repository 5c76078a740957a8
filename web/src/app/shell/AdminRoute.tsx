import { useQuery } from '@tanstack/react-query'
import { lazy } from 'react'
import { getMe } from '@/api/me'
import { loadTexts } from '@/i18n'
import { useStore } from '@/state/store'
import { NotFound } from './NotFound'

const AdminPage = lazy(() => loadTexts('admin').then(() => import('@/admin/AdminPage')))

/** The administration, of which nothing is loaded for anybody who may not administer. */
export function AdminRoute({ section, id }: { section: string | undefined; id: string | undefined }) {
  const known = useStore((s) => s.me?.role)
  // The store may not have the role yet.
  const asked = useQuery({ queryKey: ['me', 'role'], queryFn: ({ signal }) => getMe(signal), enabled: !known })
  const role = known ?? asked.data?.role
  if (role === 'owner' || role === 'administrator') return <AdminPage section={section} id={id} />
  return asked.isPending && !known ? <main className="h-full flex-1" /> : <NotFound />
}
