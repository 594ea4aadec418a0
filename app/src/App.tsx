// The pharmacy's page: a code goes in, the answer comes first, and below it what it rests on.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { LedgerError, connect } from './ledger/accounts';
import { type Finding, lookUp } from './ledger/pack';
import { Answer } from './parts/Answer';
import { Custody } from './parts/Custody';
import { Dispense, type Dispensed, Earlier } from './parts/Dispense';
import { Facts } from './parts/Facts';
import { Journey } from './parts/Journey';
import { Scan } from './parts/Scan';
import { Settings } from './parts/Settings';
import { Temperature } from './parts/Temperature';
import { type Code, type Fault, RuleError, type Rules } from './rules';
import { loadRules } from './rules/browser';
import { Shelf } from './shelf';
import { type Settings as Kept, loadSettings, saveSettings } from './store';
import type { Pharmacist } from './wallet';
import { LANGUAGES } from './words';
import { InWords } from './words/context';

/** What came of a code. */
export type Outcome =
    | Finding
    | { readonly kind: 'refused_code'; readonly fault: Fault }
    | { readonly kind: 'ledger'; readonly fault: LedgerError['kind']; readonly detail: string };

type Checked = { readonly text: string; readonly code: Code | undefined; readonly outcome: Outcome };
/** With the number of the check: what belongs to another one is built anew, and takes the focus anew. And with what came of dispensing the
 * pack here, where that is why it was asked about again. */
type Numbered = Checked & { readonly round: number; readonly dispensed: Dispensed | undefined };

/** Answers that leave the last word to the ledger: everything else is a no. */
const MAY_DISPENSE: readonly string[] = ['sellable', 'no_readings', 'cannot_tell'];

export function App() {
    const [settings, setSettings] = useState(loadSettings);
    const [rules, setRules] = useState<Rules>();
    const [isBroken, setBroken] = useState(false);
    const [isBusy, setBusy] = useState(false);
    const [checked, setChecked] = useState<Numbered>();
    const [earlier, setEarlier] = useState<{ readonly serial: string; readonly how: Dispensed }>();
    // Whoever signs does so for one pack after the other.
    const [pharmacist, setPharmacist] = useState<Pharmacist>();
    const round = useRef(0);
    // Whether another code is being typed than the one that was asked for last.
    const isTyping = useRef(false);
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
        async (text: string, dispensed?: Dispensed) => {
            if (!rules || !shelf) return;
            round.current += 1;
            const own = round.current;
            isTyping.current = false;
            setBusy(true);
            // What was said is of another pack, or of another moment: nobody is to read it over the code of this one.
            setChecked(undefined);
            setEarlier(undefined);
            const result = await checkCode(text, rules, shelf, rpc, settings);
            // A later scan has overtaken this one.
            if (own !== round.current) return;
            setChecked({ ...result, round: own, dispensed });
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
                {rules && <Scan isBusy={isBusy} isTyping={isTyping} onCode={check} />}
                {earlier && <Earlier serial={earlier.serial} how={earlier.how} />}
                <div aria-busy={isBusy} data-asking={isBusy}>
                    {checked && (
                        <Answer
                            key={`answer ${checked.round}`}
                            outcome={checked.outcome}
                            pharmacy={settings.pharmacy}
                            dispensed={checked.dispensed}
                            takesFocus={!isTyping.current}
                            onAgain={() => check(checked.text)}
                        />
                    )}
                    {checked && pack && mayDispense && (
                        <Dispense
                            key={`dispense ${checked.round}`}
                            rpc={rpc}
                            pack={pack}
                            pharmacy={settings.pharmacy}
                            pharmacist={pharmacist}
                            onConnect={setPharmacist}
                            isUncertain={outcome.said.answer === 'cannot_tell'}
                            onEnd={async (how) => {
                                // Refused or not, what was said of the pack may be true no more. But where another was scanned
                                // meanwhile, that one is in hand: of this one it is told what came of it.
                                if (checked.round === round.current) await check(checked.text, how);
                                else setEarlier({ serial: pack.serial, how });
                            }}
                        />
                    )}
                    {checked?.code && <Facts code={checked.code} />}
                    {outcome?.kind === 'answered' && (
                        <Custody custody={outcome.pack.custody} said={outcome.said} pharmacy={settings.pharmacy} />
                    )}
                    {pack && <Journey key={`journey ${checked?.round}`} rpc={rpc} pack={pack} />}
                    {pack && rules && <Temperature rules={rules} storage={pack.batch.storage} watches={pack.watches} />}
                </div>
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
