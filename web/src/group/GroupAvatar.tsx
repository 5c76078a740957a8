import { Avatar, type Size } from '@/ui/Avatar'
import { useFaces } from './faces'

interface Props {
  id: string
  name: string
  src: string
  size?: Size
}

/** The picture of a group, or the faces of its first members. */
export function GroupAvatar({ id, name, src, size }: Props) {
  return src ? <Avatar name={name} src={src} seed={id} size={size} group /> : <Composed id={id} name={name} size={size} />
}

function Composed({ id, name, size }: Omit<Props, 'src'>) {
  return <Avatar name={name} src="" seed={id} size={size} group faces={useFaces(id)} />
}
