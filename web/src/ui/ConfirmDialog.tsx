import { lazy, Suspense } from 'react'
import type { ConfirmDialogProps } from './ConfirmWindow'
import { useOnceTrue } from './useOnceTrue'

const ConfirmWindow = lazy(() => import('./ConfirmWindow'))

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const wanted = useOnceTrue(props.open)
  return (
    wanted && (
      <Suspense>
        <ConfirmWindow {...props} />
      </Suspense>
    )
  )
}
