declare module 'virtual:emoji/*' {
  const lines: string
  export default lines
}
