// The cluster that a migration works on: which one it is, what lies there, and how transactions get there.
import {
    type Address,
    type Commitment,
    type Instruction,
    type KeyPairSigner,
    type Signature,
    appendTransactionMessageInstructions,
    assertIsTransactionWithBlockhashLifetime,
    createSolanaRpc,
    createSolanaRpcSubscriptions,
    createTransactionMessage,
    fetchEncodedAccount,
    getI64Decoder,
    getSignatureFromTransaction,
    pipe,
    sendAndConfirmTransactionFactory,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
} from '@solana/kit';
import { getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';

import { type registry, refusalOf } from '../clients/ts/src';
import { type Config, MigrationError } from './config';

const CLOCK = 'SysvarC1ock11111111111111111111111111111111' as Address;
const COMMITMENT: Commitment = 'confirmed';
/** How long an administrative signature stays good, in seconds. */
const ADMIN_SECONDS = 120n;

/** Clusters that anyone can read, by genesis hash. */
const PUBLIC_CLUSTERS = new Map([
    ['5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d', 'mainnet-beta'],
    ['4uhcVJyU9pJkvQyUS88uRDiswHScVTUAuXkjsKGGcLzT', 'testnet'],
    ['EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG', 'devnet'],
]);

export class Cluster {
    readonly rpc;
    readonly #confirm;
    readonly #microLamports: bigint;
    readonly payer: KeyPairSigner;

    constructor({ rpc, ws }: Config['cluster'], payer: KeyPairSigner, microLamports: bigint) {
        this.rpc = createSolanaRpc(rpc);
        this.#confirm = sendAndConfirmTransactionFactory({
            rpc: this.rpc,
            rpcSubscriptions: createSolanaRpcSubscriptions(ws ?? websocketOf(rpc)),
        });
        this.#microLamports = microLamports;
        this.payer = payer;
    }

    /** Makes sure that this is the cluster that is meant, and that claims may be configured there. */
    async check(config: Config, publicLedgerAccepted: boolean): Promise<void> {
        const genesis = await this.rpc
            .getGenesisHash()
            .send()
            .catch((error: Error) => {
                throw new MigrationError(
                    'cluster_unreachable',
                    `${config.cluster.rpc} does not answer: ${error.message}`,
                );
            });
        const wanted = config.cluster.genesisHash;
        if (wanted !== undefined && wanted !== genesis) {
            throw new MigrationError(
                'wrong_cluster',
                `this cluster's genesis hash is ${genesis}, and the configuration is for ${wanted}`,
                'cluster.genesisHash',
            );
        }
        const name = PUBLIC_CLUSTERS.get(genesis);
        const forPeople =
            config.pools.length + config.plans.length + config.agreements.length + config.trials.length > 0;
        if (name !== undefined && forPeople && !publicLedgerAccepted) {
            throw new MigrationError(
                'public_ledger',
                `${name} can be read by anyone: amounts, dates and parties of claims and trials tell strangers about people's health. ` +
                    'Run them on a permissioned cluster; docs/privacy.md explains. To go on all the same: --public-ledger-accepted',
            );
        }
    }

    /** Sends `instructions` in one transaction and waits until it is confirmed. */
    async send(instructions: readonly Instruction[]): Promise<Signature> {
        const priced =
            this.#microLamports === 0n
                ? instructions
                : [getSetComputeUnitPriceInstruction({ microLamports: this.#microLamports }), ...instructions];
        const { value: blockhash } = await this.rpc.getLatestBlockhash({ commitment: COMMITMENT }).send();
        const message = pipe(
            createTransactionMessage({ version: 'legacy' }),
            (one) => setTransactionMessageFeePayerSigner(this.payer, one),
            (one) => setTransactionMessageLifetimeUsingBlockhash(blockhash, one),
            (one) => appendTransactionMessageInstructions(priced, one),
        );
        const transaction = await signTransactionMessageWithSigners(message);
        assertIsTransactionWithBlockhashLifetime(transaction);
        try {
            await this.#confirm(transaction, { commitment: COMMITMENT });
        } catch (error) {
            const refusal = refusalOf(error, priced);
            if (refusal === undefined)
                throw new MigrationError(
                    'transaction_lost',
                    `a transaction was not confirmed (${(error as Error).message}); run the migration again`,
                );
            throw new MigrationError(refusal.name, refusal.message ?? refusal.logs.join('\n'));
        }
        return getSignatureFromTransaction(transaction);
    }

    /** The bytes of `account`, or none where it does not exist. */
    async data(account: Address): Promise<Uint8Array | undefined> {
        const encoded = await fetchEncodedAccount(this.rpc, account, { commitment: COMMITMENT });
        return encoded.exists ? new Uint8Array(encoded.data) : undefined;
    }

    async rent(bytes: number): Promise<bigint> {
        return this.rpc.getMinimumBalanceForRentExemption(BigInt(bytes)).send();
    }

    /** Admin arguments for an authority account whose sequence number is `sequence`. */
    async admin(sequence: bigint): Promise<registry.AdminArgs> {
        return { validUntil: (await this.now()) + ADMIN_SECONDS, expectedSequence: sequence };
    }

    /** The cluster's own date, in days since 1970-01-01. */
    async today(): Promise<number> {
        return Number((await this.now()) / 86_400n);
    }

    private async now(): Promise<bigint> {
        const clock = await this.data(CLOCK);
        if (clock === undefined) throw new MigrationError('cluster_unreachable', 'the cluster has no clock account');
        return getI64Decoder().decode(clock, 32);
    }
}

/** By convention the WebSocket of a node listens one port above its JSON-RPC. */
function websocketOf(rpc: string): string {
    const url = new URL(rpc);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    if (url.port !== '') url.port = String(Number(url.port) + 1);
    return url.toString();
}
