// Language, pharmacy, ledger, leaf files. They stay in this browser.
import { isAddress } from '@solana/kit';
import { useState } from 'react';

import { RuleError, type Rules } from '../rules';
import { type Settings as Kept, isUrl, keepLeaves } from '../store';
import { LANGUAGES, type Language } from '../words';
import { useWords } from '../words/context';

type Props = {
    readonly settings: Kept;
    readonly rules: Rules;
    readonly onChange: (settings: Kept) => void;
};

export function Settings({ settings, rules, onChange }: Props) {
    const { words } = useWords();
    const told = words.settings;
    const [pharmacy, setPharmacy] = useState<string>(settings.pharmacy ?? '');
    const [ledger, setLedger] = useState(settings.rpcUrl);
    const [notes, setNotes] = useState<readonly { readonly says: string; readonly isBad: boolean }[]>([]);
    const isPharmacyWrong = pharmacy !== '' && !isAddress(pharmacy);
    const isLedgerWrong = !isUrl(ledger);

    const keep = async (files: FileList | null) => {
        const kept = [];
        for (const file of files ?? []) {
            try {
                const bytes = new Uint8Array(await file.arrayBuffer());
                const opened = rules.openLeaves(bytes);
                // A browser that keeps nothing (a private window) still has it until the page is closed.
                await keepLeaves(opened.root, bytes).catch(() => undefined);
                kept.push({ says: told.leavesKept(opened.count, opened.gtin), isBad: false });
            } catch (error) {
                if (!(error instanceof RuleError)) throw error;
                kept.push({ says: `${file.name}: ${words.fault(error.fault.code, error.fault.message)}`, isBad: true });
            }
        }
        setNotes(kept);
    };
    return (
        <section aria-labelledby="settings" className="card">
            <h2 id="settings">{told.title}</h2>
            <label htmlFor="language">{told.language}</label>
            <select
                id="language"
                value={settings.language}
                onChange={(event) => onChange({ ...settings, language: event.target.value as Language })}
            >
                {Object.entries(LANGUAGES).map(([language, { name }]) => (
                    <option key={language} value={language} lang={language}>
                        {name}
                    </option>
                ))}
            </select>
            <label htmlFor="pharmacy">{told.pharmacy}</label>
            <input
                id="pharmacy"
                value={pharmacy}
                onChange={(event) => {
                    const text = event.target.value.trim();
                    setPharmacy(text);
                    if (text === '' || isAddress(text))
                        onChange({ ...settings, pharmacy: isAddress(text) ? text : undefined });
                }}
                aria-invalid={isPharmacyWrong}
                aria-describedby="pharmacy-note"
                autoComplete="off"
                spellCheck={false}
            />
            <p id="pharmacy-note" role="status" className="failure">
                {isPharmacyWrong ? told.pharmacyWrong : ''}
            </p>
            <label htmlFor="ledger">{told.ledger}</label>
            <input
                id="ledger"
                value={ledger}
                onChange={(event) => {
                    const text = event.target.value.trim();
                    setLedger(text);
                    if (isUrl(text)) onChange({ ...settings, rpcUrl: text });
                }}
                aria-invalid={isLedgerWrong}
                aria-describedby="ledger-note"
                autoComplete="off"
                spellCheck={false}
            />
            <p id="ledger-note" role="status" className="failure">
                {isLedgerWrong ? told.ledgerWrong : ''}
            </p>
            <label htmlFor="leaves">{told.leaves}</label>
            <input id="leaves" type="file" multiple onChange={(event) => void keep(event.target.files)} />
            <div role="status">
                {notes.map(({ says, isBad }) => (
                    <p key={says} className={isBad ? 'failure' : undefined} data-leaves={isBad ? 'refused' : 'kept'}>
                        {says}
                    </p>
                ))}
            </div>
        </section>
    );
}
