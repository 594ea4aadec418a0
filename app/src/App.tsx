// The pharmacy's page: a code goes in, the answer comes first, and below it what it rests on.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { LedgerError, connect } from './ledger/accounts';
import { type Finding, lookUp } from './ledger/pack';
import { Answer } from './parts/Answer';
import { Custody } from './parts/Custody';
import { Dispense, type Dispensed } from './parts/Dispense';
import { Facts } from './parts/Facts';
import { Journey } from './parts/Journey';
import { Scan } from './parts/Scan';
import { Settings } from './parts/Settings';
import { Temperature } from './parts/Temperature';
import { type Code, type Fault, RuleError, type Rules } from './rules';
import { loadRules } from './rules/browser';
import { Shelf } from './shelf';
import { type Settings as Kept, loadSettings, saveSettings } from './store';
import { LANGUAGES } from './words';
import { InWords } from './words/context';

/** What came of a code. */
export type Outcome =
    | Finding
    | { readonly kind: 'refused_code'; readonly fault: Fault }
    | { readonly kind: 'ledger'; readonly fault: LedgerError['kind']; readonly detail: string };

type Checked = { readonly text: string; readonly code: Code | undefined; readonly outcome: Outcome };
/** With the number of the check: what belongs to another one is built anew, and takes the focus anew. */
type Numbered = Checked & { readonly round: number };

/** Answers that leave the last word to the ledger: everything else is a no. */
const MAY_DISPENSE: readonly string[] = ['sellable', 'no_readings', 'cannot_tell'];

export function App() {
    const [settings, setSettings] = useState(loadSettings);
    const [rules, setRules] = useState<Rules>();
    const [isBroken, setBroken] = useState(false);
    const [isBusy, setBusy] = useState(false);
    const [checked, setChecked] = useState<Numbered>();
    const [dispensed, setDispensed] = useState<Dispensed>();
    const round = useRef(0);
    const words = LANGUAGES[settings.language];
    const shelf = useMemo(() => rules && new Shelf(rules), [rules]);
    const rpc = useMemo(() => connect(settings.rpcUrl), [settings.rpcUrl]);

    useEffect(() => {
        document.documentElement.lang = settings.language;
        document.title = words.title;
    }, [settings.language, words]);
    useEffect(() => {
        loadRules().then(setRules, () => setBroken(true));
    }, []);

    const change = useCallback((next: Kept) => {
        setSettings(next);
        saveSettings(next);
    }, []);

    const check = useCallback(
        async (text: string) => {
            if (!rules || !shelf) return;
            round.current += 1;
            const own = round.current;
            setBusy(true);
            setDispensed(undefined);
            const result = await checkCode(text, rules, shelf, rpc, settings);
            // A later scan has overtaken this one.
            if (own !== round.current) return;
            setChecked({ ...result, round: own });
            setBusy(false);
        },
        [rules, shelf, rpc, settings],
    );

    const outcome = checked?.outcome;
    const pack = outcome?.kind === 'answered' ? outcome.pack : undefined;
    const mayDispense = outcome?.kind === 'answered' && MAY_DISPENSE.includes(outcome.said.answer);
    return (
        <InWords value={{ language: settings.language, words }}>
            <header>
                <h1>{words.title}</h1>
            </header>
            <main>
                {isBroken && <p role="alert">{words.notReady}</p>}
                {!rules && !isBroken && <p role="status">{words.loading}</p>}
                {rules && <Scan isBusy={isBusy} onCode={check} />}
                {checked && (
                    <Answer
                        key={`answer ${checked.round}`}
                        outcome={checked.outcome}
                        pharmacy={settings.pharmacy}
                        isBusy={isBusy}
                        dispensed={dispensed}
                        onAgain={() => check(checked.text)}
                    />
                )}
                {pack && mayDispense && (
                    <Dispense
                        rpc={rpc}
                        pack={pack}
                        pharmacy={settings.pharmacy}
                        isUncertain={outcome.said.answer === 'cannot_tell'}
                        onEnd={async (how) => {
                            // Refused or not, what was said of the pack may be true no more.
                            if (checked) await check(checked.text);
                            setDispensed(how);
                        }}
                    />
                )}
                {checked?.code && <Facts code={checked.code} />}
                {outcome?.kind === 'answered' && (
                    <Custody custody={outcome.pack.custody} said={outcome.said} pharmacy={settings.pharmacy} />
                )}
                {pack && <Journey key={`journey ${checked?.round}`} rpc={rpc} pack={pack} />}
                {pack && rules && <Temperature rules={rules} storage={pack.batch.storage} watches={pack.watches} />}
                {rules && <Settings settings={settings} rules={rules} onChange={change} />}
            </main>
        </InWords>
    );
}

async function checkCode(
    text: string,
    rules: Rules,
    shelf: Shelf,
    rpc: ReturnType<typeof connect>,
    { pharmacy }: Kept,
): Promise<Checked> {
    let code: Code | undefined;
    try {
        code = rules.parse(text, new Date().getFullYear());
        const outcome = await lookUp(rpc, rules, code, pharmacy, (gtin) => shelf.openAll(gtin));
        return { text, code, outcome };
    } catch (error) {
        if (error instanceof RuleError) return { text, code, outcome: { kind: 'refused_code', fault: error.fault } };
        const [fault, detail] =
            error instanceof LedgerError ? [error.kind, error.message] : (['wrong_account', String(error)] as const);
        return { text, code, outcome: { kind: 'ledger', fault, detail } };
    }
}
