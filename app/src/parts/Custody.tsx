// Who has the pack, whose it is, and what has become of it.
import type { Address } from '@solana/kit';

import type { Custody as Recorded } from '../ledger/pack';
import type { Said, Status } from '../rules';
import { moment } from '../words';
import { useWords } from '../words/context';
import { short } from './Who';

type Props = {
    readonly custody: Recorded | undefined;
    /** The answer: what it says of the status goes before the record. */
    readonly said: Said;
    readonly pharmacy: Address | undefined;
};

/** The status that the answer goes by, where that is not for the record of custody to say: a bit of the page, a doubt about what the pack
 * was packed in. */
export function decided(said: Said): Status | undefined {
    switch (said.answer) {
        case 'not_sellable':
            return said.status;
        case 'dispensed':
            return 'dispensed';
        case 'opened':
            return 'partially_dispensed';
        default:
            return undefined;
    }
}

export function Custody({ custody, said, pharmacy }: Props) {
    const { language, words } = useWords();
    const told = words.custody;
    const named = (who: Address) => <span title={who}>{who === pharmacy ? told.you(short(who)) : short(who)}</span>;
    const status = (own: Recorded) => {
        const answered = decided(said) ?? own.status;
        const recorded = words.statuses[own.status];
        if (answered === own.status) return recorded;
        return told.otherwise(words.statuses[answered], words.levels[own.level] ?? '', recorded);
    };
    return (
        <section aria-labelledby="custody" className="card">
            <h2 id="custody">{told.title}</h2>
            {custody === undefined ? (
                <p>{told.none}</p>
            ) : (
                <dl>
                    <div>
                        <dt>{told.custodian}</dt>
                        <dd>{named(custody.custodian)}</dd>
                    </div>
                    <div>
                        <dt>{told.owner}</dt>
                        <dd>{named(custody.owner)}</dd>
                    </div>
                    <div>
                        <dt>{told.status}</dt>
                        <dd>{status(custody)}</dd>
                    </div>
                    <div>
                        <dt>{told.since}</dt>
                        <dd>{moment(language, custody.since)}</dd>
                    </div>
                    <div>
                        <dt>{told.with}</dt>
                        <dd>{words.levels[custody.level]}</dd>
                    </div>
                </dl>
            )}
        </section>
    );
}
