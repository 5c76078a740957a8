import { createElement } from 'react'
import type { FileInfo } from '@/state/model'
import { iconOf } from './file'

/** The picture for the kind of file. */
export function FileIcon({ file, className }: { file: Pick<FileInfo, 'name' | 'type'>; className?: string }) {
  return createElement(iconOf(file), { 'aria-hidden': true, className })
}
