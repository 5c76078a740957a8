import { useState, type ReactNode, type SubmitEvent } from 'react'
import { ApiError } from '@/api/http'
import { refusal } from '@/lib/refusal'
import { Button } from '@/ui/Button'
import { TextField } from '@/ui/TextField'

export interface FormField<F extends string> {
  name: F
  label: string
  type?: 'text' | 'email' | 'password'
  autoComplete: string
  hint?: string
  /** Returns a text if the value cannot be sent. */
  check: (value: string) => string | false
}

interface Props<F extends string> {
  fields: FormField<F>[]
  initial?: Partial<Record<F, string>>
  submit: string
  onSubmit: (values: Record<F, string>) => Promise<void>
  /** The field that an error is about, with the text; otherwise the fields that the server names are used. */
  problemOf?: (error: unknown) => Partial<Record<F, string>> | undefined
  /** Above the fields, between them and the button, and below the button. */
  before?: ReactNode
  after?: ReactNode
  below?: ReactNode
}

/** The form with which somebody makes an account: of the first person, and of a person with an invitation. */
export function NewAccountForm<F extends string>({ fields, initial, submit, onSubmit, problemOf, before, after, below }: Props<F>) {
  const [values, setValues] = useState(() => Object.fromEntries(fields.map(({ name }) => [name, initial?.[name] ?? ''])) as Record<F, string>)
  const [problems, setProblems] = useState<Partial<Record<F, string>>>({})
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)

  const send = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault()
    setProblem('')
    const found = fields.flatMap(({ name, check }) => {
      const text = check(values[name])
      return text ? [[name, text] as const] : []
    })
    setProblems(Object.fromEntries(found) as typeof problems)
    if (found.length > 0) return
    setBusy(true)
    try {
      await onSubmit(values)
    } catch (error) {
      const about = problemOf?.(error) ?? named(error)
      setProblems(about)
      if (Object.keys(about).length === 0) setProblem(refusal(error))
      setBusy(false)
    }
  }
  /** The fields that the server has refused. */
  const named = (error: unknown): typeof problems => {
    if (!(error instanceof ApiError)) return {}
    const refused = fields.filter(({ name }) => name in error.fields)
    return Object.fromEntries(refused.map(({ name }) => [name, refusal(error)])) as typeof problems
  }
  return (
    <form noValidate onSubmit={(e) => void send(e)} className="flex flex-col gap-4">
      {before}
      {fields.map(({ name, label, type = 'text', autoComplete, hint }) => (
        <TextField
          key={name}
          label={label}
          type={type}
          name={name}
          autoComplete={autoComplete}
          value={values[name]}
          onValueChange={(value) => setValues((v) => ({ ...v, [name]: value }))}
          {...(problems[name] && { error: problems[name] })}
          {...(hint && { hint })}
        />
      ))}
      {after}
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
      <Button type="submit" kind="primary" size="large" busy={busy}>
        {submit}
      </Button>
      {below}
    </form>
  )
}
