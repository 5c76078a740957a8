// Characters that turn the direction of writing, controls, and line breaks.
const turning = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu

/**
 * A name or title as it is shown: on one line and in the direction of its letters. With a direction override
 * `invoice\u202Efdp.exe` would look like a PDF, and text behind it would be turned as well.
 */
export const plain = (name: string): string => name.replace(turning, '')

/** The name under which a file is uploaded and sent. The server refuses control characters in it, and a file without a name. */
export const fileName = (name: string): string => plain(name).trim() || 'file'
