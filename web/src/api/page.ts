/** A stretch of a list of the client API. */
export interface Page<T> {
  items: T[]
  /** What to ask the following stretch with; missing at the end. */
  next?: string
}
