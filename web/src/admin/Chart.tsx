import { useEffect, useRef, useSyncExternalStore } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { usePreferences } from '@/app/preferences'

const height = 160

/** Least distance of the labels of two days, in pixels: the longest one, such as 12月30日, with a gap. */
const dayWidth = 76

const dark = matchMedia('(prefers-color-scheme: dark)')
const useDark = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      dark.addEventListener('change', changed)
      return () => dark.removeEventListener('change', changed)
    },
    () => dark.matches,
  )

interface Props {
  /** Description of the chart for screen readers. */
  label: string
  language: string
  /** Beginnings of days, in Unix milliseconds. */
  days: readonly number[]
  values: readonly number[]
}

/** A chart with one bar for each day. */
export default function Chart(props: Props) {
  const theme = usePreferences((p) => p.theme)
  const isDark = useDark()
  // A canvas has no CSS colours, so a change of the theme draws a new one.
  return <Bars key={`${theme} ${isDark}`} {...props} />
}

function Bars({ label, language, days, values }: Props) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const bar = getComputedStyle(element).color
    const words = getComputedStyle(element.parentElement ?? element).color
    const date = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' })
    const number = new Intl.NumberFormat(language, { notation: 'compact' })
    const axis = { stroke: words, grid: { show: false }, ticks: { show: false } }
    const most = Math.max(0, ...values)
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, _min, max) => [0, Math.max(max, 4)] } },
        axes: [
          { ...axis, space: dayWidth, values: (_, ticks) => ticks.map((s) => date.format(s * 1000)) },
          // Nothing is above the largest value, so the axis of an empty chart has only 0.
          { ...axis, values: (_, ticks) => ticks.map((n) => (Number.isInteger(n) && n <= most ? number.format(n) : '')) },
        ],
        series: [{}, { fill: bar, stroke: bar, paths: UPlot.paths.bars!({ size: [0.7, 40] }), points: { show: false } }],
      },
      [days.map((at) => at / 1000), [...values]],
      element,
    )
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [days, values, language])
  return (
    <div className="text-muted">
      <div ref={box} role="img" aria-label={label} className="w-full overflow-hidden text-accent" style={{ height }} />
    </div>
  )
}
