// What the code says.
import type { Code } from '../rules';
import { day } from '../words';
import { useWords } from '../words/context';

export function Facts({ code }: { readonly code: Code }) {
    const { language, words } = useWords();
    const { facts } = words;
    const expiry = code.expiry && day(language, code.expiry.date);
    const rows = [
        [facts.gtin, code.gtin],
        [facts.serial, code.serial],
        [facts.lot, code.lot],
        [facts.expiry, expiry && code.expiry?.is_month ? facts.monthOnly(expiry) : expiry],
    ] as const;
    return (
        <section aria-labelledby="facts" className="card">
            <h2 id="facts">{facts.title}</h2>
            <dl>
                {rows.map(([name, value]) => (
                    <div key={name}>
                        <dt>{name}</dt>
                        <dd>{value ?? facts.absent}</dd>
                    </div>
                ))}
            </dl>
        </section>
    );
}
