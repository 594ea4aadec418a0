// Dispensing the pack with a wallet.
import type { Address } from '@solana/kit';
import { useState } from 'react';

import type { LedgerRpc } from '../ledger/accounts';
import { DispenseError, dispense } from '../ledger/dispense';
import type { Pack } from '../ledger/pack';
import { type Pharmacist, type Wallet, useWallets } from '../wallet';
import type { Words } from '../words';
import { useWords } from '../words/context';
import { short } from './Who';

type Props = {
    readonly rpc: LedgerRpc;
    readonly pack: Pack;
    readonly pharmacy: Address | undefined;
    /** Who signs, once a wallet is connected. */
    readonly pharmacist: Pharmacist | undefined;
    readonly onConnect: (pharmacist: Pharmacist | undefined) => void;
    /** Whether the rulebook cannot tell if it is genuine. */
    readonly isUncertain: boolean;
    /** The ledger has dispensed the pack, or has refused to. */
    readonly onEnd: (how: Dispensed) => Promise<void>;
};

/** What went wrong, with the program's name of it where the program refused. */
export type Failure = { readonly name: string; readonly says: string };
/** What the ledger made of it. */
export type Dispensed = 'done' | Failure;

export function Dispense({ rpc, pack, pharmacy, pharmacist, onConnect, isUncertain, onEnd }: Props) {
    const { words } = useWords();
    const told = words.dispense;
    const wallets = useWallets();
    const [isHandedOut, setHandedOut] = useState(false);
    const [isBusy, setBusy] = useState(false);
    const [failure, setFailure] = useState<Failure>();

    const connect = async (wallet: Wallet) => {
        setFailure(undefined);
        const connected = await wallet.connect().catch(() => undefined);
        onConnect(connected);
        if (!connected) setFailure({ name: 'not_connected', says: told.notConnected });
    };
    const go = async () => {
        if (!pharmacist || !pharmacy) return;
        setBusy(true);
        setFailure(undefined);
        try {
            await dispense(rpc, pack, pharmacy, pharmacist.key, pharmacist.sign, isHandedOut);
            await onEnd('done');
        } catch (error) {
            const failed = failureOf(error, words);
            if (error instanceof DispenseError && error.kind === 'refused') await onEnd(failed);
            else setFailure(failed);
        } finally {
            setBusy(false);
        }
    };
    return (
        <section aria-labelledby="dispense" className="card">
            <h2 id="dispense">{told.title}</h2>
            {isUncertain && <p>{told.uncertain}</p>}
            {!pharmacy && <p>{words.settings.pharmacyMissing}</p>}
            {pharmacy && !pharmacist && wallets.length === 0 && <p>{told.noWallet}</p>}
            {pharmacy &&
                !pharmacist &&
                wallets.map((wallet) => (
                    <button type="button" key={wallet.name} onClick={() => connect(wallet)}>
                        {told.connect(wallet.name)}
                    </button>
                ))}
            {pharmacy && pharmacist && (
                <>
                    <p>{told.connected(pharmacist.wallet, short(pharmacist.key))}</p>
                    <label className="line">
                        <input
                            type="checkbox"
                            checked={isHandedOut}
                            onChange={(event) => setHandedOut(event.target.checked)}
                        />
                        {told.handOut}
                    </label>
                    <button type="button" className="main" disabled={isBusy} onClick={go}>
                        {told.button}
                    </button>
                </>
            )}
            <p role="status">{isBusy ? told.working : ''}</p>
            {failure && <NotDispensed failure={failure} />}
        </section>
    );
}

export function NotDispensed({ failure }: { readonly failure: Failure }) {
    const { words } = useWords();
    return (
        <p role="alert" className="failure" data-failure={failure.name}>
            <strong>{words.dispense.refused}:</strong> {failure.says}
        </p>
    );
}

/** What came of a pack that was in hand before this one: its dispense ended when another had been scanned. */
export function Earlier({ serial, how }: { readonly serial: string; readonly how: Dispensed }) {
    const { words } = useWords();
    return (
        <section className="card" data-earlier={serial}>
            <p role="alert">{words.dispense.earlier(serial)}</p>
            {how === 'done' ? <p>{words.dispense.done}</p> : <NotDispensed failure={how} />}
        </section>
    );
}

function failureOf(error: unknown, words: Words): Failure {
    if (!(error instanceof DispenseError)) return { name: 'unreachable', says: words.answer.unreachable.title };
    if (error.kind !== 'refused') return { name: error.kind, says: words.dispenseFaults[error.kind] };
    const name = error.refusal?.name ?? 'refused';
    return { name, says: words.refusal(name, error.refusal?.message) };
}
