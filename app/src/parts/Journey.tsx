// The way of the pack so far, as the ledger's events tell it.
import { useEffect, useState } from 'react';

import type { LedgerRpc } from '../ledger/accounts';
import { type Journey as Told, type Step, journeyOf } from '../ledger/journey';
import type { Pack } from '../ledger/pack';
import { type RecallClass, STATUSES } from '../rules';
import { type Words, moment } from '../words';
import { useWords } from '../words/context';
import { short } from './Who';

const CLASSES: readonly RecallClass[] = ['unset', 'one', 'two', 'three', 'unset'];

type State =
    { readonly kind: 'loading' } | { readonly kind: 'failed' } | { readonly kind: 'read'; readonly told: Told };

export function Journey({ rpc, pack }: { readonly rpc: LedgerRpc; readonly pack: Pack }) {
    const { language, words } = useWords();
    const [state, setState] = useState<State>({ kind: 'loading' });
    useEffect(() => {
        let isWanted = true;
        journeyOf(rpc, pack).then(
            (told) => isWanted && setState({ kind: 'read', told }),
            () => isWanted && setState({ kind: 'failed' }),
        );
        return () => {
            isWanted = false;
        };
    }, [rpc, pack]);
    return (
        <section aria-labelledby="journey" className="card" data-journey={state.kind}>
            <h2 id="journey">{words.journey.title}</h2>
            {state.kind === 'loading' && <p>{words.journey.loading}</p>}
            {state.kind === 'failed' && <p>{words.journey.failed}</p>}
            {state.kind === 'read' && (
                <ol className="timeline">
                    {state.told.steps.map((step, place) => (
                        <li key={place} data-step={step.kind}>
                            <span className="when">
                                {step.at === undefined ? words.journey.unknownTime : moment(language, step.at)}
                            </span>
                            {say(step, words)}
                        </li>
                    ))}
                </ol>
            )}
            {state.kind === 'read' && state.told.isCut && <p>{words.journey.cut}</p>}
        </section>
    );
}

function say(step: Step, words: Words): string {
    const { journey } = words;
    const level = words.levels[step.level] ?? '';
    switch (step.kind) {
        case 'registered':
            return journey.registered(short(step.by));
        case 'offered':
        case 'accepted':
        case 'ended':
            return journey[step.kind](level, short(step.from), short(step.to));
        case 'status': {
            const status = STATUSES[step.status];
            return journey.status(level, status ? words.statuses[status] : '', short(step.by));
        }
        case 'recalled':
            return journey.recalled(level, CLASSES[step.class] ?? 'unset', short(step.by));
        case 'unreadable':
            return journey.unreadable(level);
        case 'filled':
            return journey.filled(step.units, short(step.by));
        default:
            return journey[step.kind](level, short(step.by));
    }
}
