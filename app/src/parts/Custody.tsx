// Who has the pack, whose it is, and what has become of it.
import type { Address } from '@solana/kit';

import type { Custody as Recorded } from '../ledger/pack';
import { moment } from '../words';
import { useWords } from '../words/context';
import { short } from './Who';

type Props = { readonly custody: Recorded | undefined; readonly pharmacy: Address | undefined };

export function Custody({ custody, pharmacy }: Props) {
    const { language, words } = useWords();
    const told = words.custody;
    const named = (who: Address) => <span title={who}>{who === pharmacy ? told.you(short(who)) : short(who)}</span>;
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
                        <dd>{words.statuses[custody.status]}</dd>
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
