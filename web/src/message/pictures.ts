// The room for pictures in a conversation, known before they are loaded.

/** How many pictures of an album stand side by side. */
export const albumColumns = (count: number): number => (count === 2 || count === 4 ? 2 : 3)

/** The room for a picture that is shown by itself. */
export function pictureSize(width?: number, height?: number): { width: number; height: number } {
  const most = { width: 320, height: 280 }
  const least = 72
  if (!width || !height) return { width: 240, height: 180 }
  const scale = Math.min(1, most.width / width, most.height / height)
  return { width: Math.max(least, Math.round(width * scale)), height: Math.max(least, Math.round(height * scale)) }
}
