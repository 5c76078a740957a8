import { AlertDialog as Base } from '@base-ui/react/alert-dialog'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '@/lib/refusal'
import { Button } from './Button'
import { previousFocus } from './focus'

export interface ConfirmDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  text: string
  confirm: string
  danger?: boolean
  /** Closes when it is done; what it rejects with is shown, and the dialog stays. */
  onConfirm: () => void | Promise<unknown>
}

/** What is seen of a ConfirmDialog; loaded when the first one opens. */
export default function ConfirmWindow({ open, onOpenChange, title, text, confirm, danger, onConfirm }: ConfirmDialogProps) {
  const { t } = useTranslation('ui')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const run = async () => {
    setBusy(true)
    setError('')
    try {
      await onConfirm()
      onOpenChange(false)
    } catch (e) {
      setError(refusal(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        setError('')
        onOpenChange(next)
      }}
    >
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-50 bg-black/50" />
        <Base.Popup finalFocus={() => previousFocus()} className="fixed top-1/2 left-1/2 z-50 w-[min(24rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-2xl bg-raised p-5 shadow-xl">
          <Base.Title className="text-lg font-semibold">{title}</Base.Title>
          <Base.Description className="mt-2 text-muted">{text}</Base.Description>
          {error && (
            <p role="alert" className="mt-2 text-danger">
              {error}
            </p>
          )}
          <footer className="mt-5 flex justify-end gap-2">
            <Base.Close render={<Button>{t('cancel')}</Button>} />
            <Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void run()}>
              {confirm}
            </Button>
          </footer>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
