import type { ReactNode } from 'react'
import { withBase } from '@/app/base'

/** A page for somebody who is not signed in yet. */
export function EntryPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto bg-sunken p-4">
      <div className="my-auto flex w-full max-w-sm flex-col gap-4 rounded-2xl border border-line bg-raised p-6 shadow-sm sm:p-8">
        <img src={withBase('/icon.svg')} alt="" className="mx-auto size-14" />
        <h1 dir="auto" className="text-center text-xl font-semibold text-balance">
          {title}
        </h1>
        {children}
      </div>
    </main>
  )
}
