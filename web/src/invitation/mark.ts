/** Returns the last characters of the id of an invitation. They tell it from others in the list and in the audit log. */
export const markOf = (id: string): string => id.slice(-6)
