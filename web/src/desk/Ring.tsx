import { duration } from '../lib/format';

/** A ring that empties while time runs out, with the time in it. */
export function Ring({ left, whole, size = 52 }: { left: number; whole: number; size?: number }) {
  const r = size / 2 - 3;
  const round = 2 * Math.PI * r;
  const share = whole > 0 ? Math.min(1, left / whole) : 0;
  const soon = left <= 10;
  return (
    <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} role="timer" aria-label={duration(left)}>
      <circle cx={size / 2} cy={size / 2} r={r} fill="none" stroke="var(--line)" strokeWidth="4" />
      <circle
        cx={size / 2}
        cy={size / 2}
        r={r}
        fill="none"
        stroke={soon ? 'var(--warn)' : 'var(--accent)'}
        strokeWidth="4"
        strokeLinecap="round"
        strokeDasharray={round}
        strokeDashoffset={round * (1 - share)}
        transform={`rotate(-90 ${size / 2} ${size / 2})`}
        style={{ transition: 'stroke-dashoffset 1s linear' }}
      />
      <text
        x="50%"
        y="50%"
        dominantBaseline="central"
        textAnchor="middle"
        fontSize="14"
        fontWeight="600"
        fill="var(--ink)"
        data-testid="wrap-up-left"
      >
        {duration(Math.ceil(left))}
      </text>
    </svg>
  );
}
