// How the medicine was kept: readings from a file, held against the limits, drawn and said.
import { useEffect, useMemo, useState } from 'react';

import type { Watch } from '../ledger/pack';
import { type Assessed, type Fault, type Profile, RuleError, type Rules } from '../rules';
import { degrees, moment } from '../words';
import { useWords } from '../words/context';

/** As the batch has it: 0 no limits, 1 room, 2 cold. */
const PROFILES: readonly (Profile | undefined)[] = [undefined, 'room', 'cold'];

/** By the monitor's number; from 2 on, why it is set aside, in the order of the rulebook. */
const VERDICTS = ['labelled', 'allowed_excursion'] as const;
const REASONS = [
    'no_readings',
    'too_cold',
    'too_warm',
    'spikes_too_long',
    'excursion_too_long',
    'gaps_too_long',
    'mean_too_high',
    'not_computable',
    'readings_missing',
] as const;

type Props = { readonly rules: Rules; readonly storage: number; readonly watches: readonly Watch[] };

export function Temperature({ rules, storage, watches }: Props) {
    const { language, words } = useWords();
    const told = words.temperature;
    const set = PROFILES[storage];
    const [profile, setProfile] = useState<Profile>(set ?? 'cold');
    const [csv, setCsv] = useState<string>();
    useEffect(() => setProfile(set ?? 'cold'), [set]);
    const result = useMemo(() => (csv === undefined ? undefined : assess(rules, csv, profile)), [rules, csv, profile]);
    return (
        <section aria-labelledby="temperature" className="card">
            <h2 id="temperature">{told.title}</h2>
            {watches.map((watch) => (
                <Reported key={watch.level} watch={watch} />
            ))}
            <label htmlFor="profile">{told.profile}</label>
            <select
                id="profile"
                value={profile}
                disabled={set !== undefined}
                onChange={(event) => setProfile(event.target.value as Profile)}
                aria-describedby="profile-note"
            >
                <option value="cold">{told.cold}</option>
                <option value="room">{told.room}</option>
            </select>
            <p id="profile-note" className="hint">
                {set === undefined ? told.any : told.set}
            </p>
            <label htmlFor="readings">{told.file}</label>
            <input
                id="readings"
                type="file"
                accept=".csv,text/csv"
                onChange={(event) => void event.target.files?.[0]?.text().then(setCsv)}
            />
            {result && 'fault' in result && (
                <p role="alert" className="failure" data-readings={result.fault.code}>
                    {words.fault(result.fault.code, result.fault.message)}{' '}
                    {result.fault.at && words.at(result.fault.at)}
                </p>
            )}
            {result && 'verdict' in result && (
                <div data-readings={result.verdict}>
                    <p role="status">
                        <strong>{told.verdicts[result.verdict]}</strong>{' '}
                        {result.reason !== null && `${told.reasons[result.reason] ?? result.reason}.`}
                    </p>
                    <Plot assessed={result} />
                    <dl>
                        <div>
                            <dt>{told.labelled}</dt>
                            <dd>{result.limits.labelled.map((one) => degrees(language, one)).join(' – ')}</dd>
                        </div>
                        <div>
                            <dt>{told.mean}</dt>
                            <dd>{result.highest_mean !== null && degrees(language, result.highest_mean)}</dd>
                        </div>
                        <div>
                            <dt>{told.extremes}</dt>
                            <dd>
                                {result.least !== null && degrees(language, result.least)} –{' '}
                                {result.greatest !== null && degrees(language, result.greatest)}
                            </dd>
                        </div>
                        <div>
                            <dt>{told.outside}</dt>
                            <dd>{told.minutes(result.excursion_minutes)}</dd>
                        </div>
                    </dl>
                </div>
            )}
        </section>
    );
}

/** What the ledger has of a device's reports. Their signatures were checked, and their sums made, when they were recorded. */
function Reported({ watch: { level, monitor } }: { readonly watch: Watch }) {
    const { language, words } = useWords();
    const told = words.temperature;
    const verdict = VERDICTS[monitor.verdict] ?? 'quarantine';
    const reason = REASONS[monitor.verdict - VERDICTS.length];
    const isKnown = monitor.known > 0n;
    return (
        <div data-reported={verdict}>
            <p>
                <strong>{told.reported(words.levels[level] ?? '')}</strong> {told.verdicts[verdict]}{' '}
                {reason !== undefined && `${told.reasons[reason]}.`}
            </p>
            <dl>
                <div>
                    <dt>{told.extremes}</dt>
                    <dd>
                        {isKnown
                            ? `${degrees(language, monitor.least)} – ${degrees(language, monitor.greatest)}`
                            : told.nothing}
                    </dd>
                </div>
                {isKnown && (
                    <div>
                        <dt>{told.mean}</dt>
                        <dd>{degrees(language, monitor.mean)}</dd>
                    </div>
                )}
                <div>
                    <dt>{told.outside}</dt>
                    <dd>{told.minutes(minutes(monitor.outside))}</dd>
                </div>
                <div>
                    <dt>{told.missing}</dt>
                    <dd>{told.minutes(minutes(monitor.gaps))}</dd>
                </div>
                <div>
                    <dt>{told.until}</dt>
                    <dd>{moment(language, monitor.coveredUntil)}</dd>
                </div>
            </dl>
        </div>
    );
}

/** Minutes of a number of seconds, a started one counted, as the program counts them. */
const minutes = (seconds: bigint) => Number((seconds + 59n) / 60n);

function assess(rules: Rules, csv: string, profile: Profile): Assessed | { readonly fault: Fault } {
    try {
        return rules.assess(csv, profile);
    } catch (error) {
        if (error instanceof RuleError) return { fault: error.fault };
        throw error;
    }
}

/** The drawing, in its own units. */
const WIDTH = 480;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 470;
const TOP = 12;
const BOTTOM = 206;
/** Degrees above and below what must be in sight, in thousandths. */
const ROOM = 1_000;

function Plot({ assessed }: { readonly assessed: Assessed }) {
    const { language, words } = useWords();
    const told = words.temperature;
    const { limits, readings } = assessed;
    const total = readings.reduce((sum, one) => sum + one.seconds, 0);
    const seen = [...limits.labelled, ...limits.excursion, ...readings.map((one) => one.millicelsius)];
    const [least, greatest] = [Math.min(...seen) - ROOM, Math.max(...seen) + ROOM];
    const y = (temperature: number) => BOTTOM - ((temperature - least) / (greatest - least)) * (BOTTOM - TOP);
    const x = (seconds: number) => LEFT + (seconds / total) * (RIGHT - LEFT);
    const points: string[] = [];
    let passed = 0;
    for (const { seconds, millicelsius } of readings) {
        points.push(`${x(passed)},${y(millicelsius)}`);
        passed += seconds;
        points.push(`${x(passed)},${y(millicelsius)}`);
    }
    const hours = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(total / 3_600);
    const [low, high] = limits.labelled;
    const extremes = [assessed.least ?? 0, assessed.greatest ?? 0].map((one) => degrees(language, one));
    return (
        <svg
            className="plot"
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            role="img"
            aria-label={told.plot(extremes[0] ?? '', extremes[1] ?? '', hours)}
        >
            <rect className="labelled" x={LEFT} width={RIGHT - LEFT} y={y(high)} height={y(low) - y(high)} />
            {limits.excursion.map((limit) => (
                <line key={limit} className="limit" x1={LEFT} x2={RIGHT} y1={y(limit)} y2={y(limit)} />
            ))}
            <line className="axis" x1={LEFT} x2={LEFT} y1={TOP} y2={BOTTOM} />
            <line className="axis" x1={LEFT} x2={RIGHT} y1={BOTTOM} y2={BOTTOM} />
            {[...new Set([...limits.labelled, ...limits.excursion])].map((limit) => (
                <text key={limit} x={LEFT - 6} y={y(limit) + 4} textAnchor="end">
                    {limit / 1_000} °C
                </text>
            ))}
            <polyline className="line" points={points.join(' ')} />
            <text x={LEFT} y={BOTTOM + 18}>
                0
            </text>
            <text x={RIGHT} y={BOTTOM + 18} textAnchor="end">
                {hours} {told.hours}
            </text>
        </svg>
    );
}
