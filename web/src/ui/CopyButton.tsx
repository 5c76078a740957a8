import { Copy } from 'lucide-react'
import { Button } from './Button'
import { toast, toastError } from './toast'

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label, copied }: { text: string; label: string; copied: string }) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      toast(copied, 'success')
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <Button onClick={() => void copy()}>
      <Copy aria-hidden className="size-4" /> {label}
    </Button>
  )
}
