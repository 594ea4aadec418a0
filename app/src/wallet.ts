// Wallets that the browser has, by the Wallet Standard.
import { type Address, address } from '@solana/kit';
import type { SolanaSignTransactionFeature } from '@solana/wallet-standard-features';
import { getWallets } from '@wallet-standard/app';
import { useSyncExternalStore } from 'react';

import type { Sign } from './ledger/dispense';

type Standard = ReturnType<ReturnType<typeof getWallets>['get']>[number];
type Connect = { readonly connect: () => Promise<{ readonly accounts: Standard['accounts'] }> };

/** A wallet that can sign Solana transactions. */
export type Wallet = { readonly name: string; readonly connect: () => Promise<Pharmacist | undefined> };

/** Whoever a wallet has connected: the staff key that signs. */
export type Pharmacist = { readonly wallet: string; readonly key: Address; readonly sign: Sign };

const listeners = new Set<() => void>();
let wallets: readonly Wallet[] = [];

function refresh(): void {
    wallets = getWallets()
        .get()
        .filter((wallet) => 'standard:connect' in wallet.features && 'solana:signTransaction' in wallet.features)
        .map((wallet) => ({ name: wallet.name, connect: () => connect(wallet) }));
    for (const listener of listeners) listener();
}

async function connect(wallet: Standard): Promise<Pharmacist | undefined> {
    const { accounts } = await (wallet.features['standard:connect'] as Connect).connect();
    const account = accounts.find((one) => one.features.includes('solana:signTransaction')) ?? accounts[0];
    if (!account) return undefined;
    const feature = (wallet.features as unknown as SolanaSignTransactionFeature)['solana:signTransaction'];
    return {
        wallet: wallet.name,
        key: address(account.address),
        sign: async (transaction) => {
            const [signed] = await feature.signTransaction({ account, transaction });
            if (!signed) throw new Error('the wallet gave no transaction back');
            return new Uint8Array(signed.signedTransaction);
        },
    };
}

function subscribe(listener: () => void): () => void {
    if (listeners.size === 0) {
        getWallets().on('register', refresh);
        getWallets().on('unregister', refresh);
    }
    listeners.add(listener);
    refresh();
    return () => listeners.delete(listener);
}

/** The wallets, as they come and go. */
export function useWallets(): readonly Wallet[] {
    return useSyncExternalStore(subscribe, () => wallets);
}
