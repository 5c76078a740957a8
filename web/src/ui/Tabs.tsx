import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

interface Tab {
  id: string
  label: ReactNode
  content: ReactNode
}

/** Panels of which one is shown. */
export function Tabs({ label, tabs, value, onValueChange, className }: { label: string; tabs: Tab[]; value: string; onValueChange: (id: string) => void; className?: string }) {
  return (
    <Base.Root value={value} onValueChange={(v) => onValueChange(String(v))} className={className}>
      {/* The line is a shadow inside the list: what stands over its edge would give it a second scrollbar. */}
      <Base.List aria-label={label} className="flex shrink-0 gap-0.5 overflow-x-auto overflow-y-hidden px-2 [scrollbar-width:none] shadow-[inset_0_-1px_0_var(--color-line)]">
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.id}
            value={tab.id}
            className="shrink-0 border-b-2 border-transparent px-2 py-2 whitespace-nowrap text-muted hover:text-text data-active:border-accent data-active:font-medium data-active:text-text"
          >
            {tab.label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.id} value={tab.id} className="min-h-0 flex-1">
          {tab.content}
        </Base.Panel>
      ))}
    </Base.Root>
  )
}
