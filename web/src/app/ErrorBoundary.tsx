import { Unplug } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import i18n from 'i18next'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'

/**
 * Keeps a fault in one pane from taking the page with it; also what a pane's code says that cannot be loaded,
 * because there is no connection or the server has a newer version. Give it another key to try again.
 */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true }
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    const t = i18n.getFixedT(null, 'shell')
    return (
      <div role="alert" className="h-full flex-1">
        <EmptyState icon={Unplug} title={t('brokenTitle')} text={t('brokenText')} action={<Button onClick={() => location.reload()}>{t('reload')}</Button>} />
      </div>
    )
  }
}
