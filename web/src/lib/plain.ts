// Characters that turn the direction of writing, controls, and line breaks.
const turning = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu

/**
 * A name or title as it is shown: on one line and in the direction of its letters. With a direction override
 * `invoice\u202Efdp.exe` would look like a PDF, and text behind it would be turned as well.
 */
export const plain = (name: string): string => name.replace(turning, '')
