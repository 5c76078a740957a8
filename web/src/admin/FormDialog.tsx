import { useState, type ReactNode, type SubmitEvent } from 'react'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'

interface Props {
  open: boolean
  onClose: () => void
  title: string
  description: string
  /** The button that sends the form. */
  action: string
  /** Returns why the form cannot be sent, or undefined once the server has done it. The server's refusals are thrown. */
  onSubmit: () => Promise<string | undefined>
  children: ReactNode
}

/** A dialog with a form. It keeps what was typed until the server has taken it. */
export function FormDialog({ open, onClose, title, description, action, onSubmit, children }: Props) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const close = (): void => {
    setProblem('')
    onClose()
  }
  const submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    setBusy(true)
    setProblem('')
    try {
      const wrong = await onSubmit()
      if (wrong === undefined) close()
      else setProblem(wrong)
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onOpenChange={(next) => !next && close()} title={title} description={description}>
      <form noValidate onSubmit={(e) => void submit(e)} className="flex flex-col gap-4 pb-4">
        {children}
        {problem && (
          <p role="alert" className="text-sm text-danger">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" busy={busy} className="self-end">
          {action}
        </Button>
      </form>
    </Dialog>
  )
}
