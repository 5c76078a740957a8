import { lazy, Suspense } from 'react'
import type { DialogProps } from './DialogWindow'
import { useOnceTrue } from './useOnceTrue'

const DialogWindow = lazy(() => import('./DialogWindow'))

/** A window over the page. Esc and a click outside close it, and the focus goes back. On a phone it takes the whole width, at the bottom. */
export function Dialog(props: DialogProps) {
  const wanted = useOnceTrue(props.open)
  return (
    wanted && (
      <Suspense>
        <DialogWindow {...props} />
      </Suspense>
    )
  )
}
