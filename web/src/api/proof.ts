import { create } from 'zustand'

/** Whether the server refused a change of the administration because the sign-in is too old. */
export const useProof = create<{ needed: boolean }>()(() => ({ needed: false }))
