// The validator, as the flows see it: send, read, fund, look at the clock and move it.
import {
    type Address,
    type Base64EncodedWireTransaction,
    type Commitment,
    type Instruction,
    type KeyPairSigner,
    type Signature,
    type TransactionSigner,
    addSignersToTransactionMessage,
    appendTransactionMessageInstructions,
    assertIsTransactionWithBlockhashLifetime,
    createSolanaRpc,
    createSolanaRpcSubscriptions,
    createTransactionMessage,
    fetchEncodedAccount,
    getBase64EncodedWireTransaction,
    getI64Decoder,
    getSignatureFromTransaction,
    getTransactionEncoder,
    lamports,
    pipe,
    sendAndConfirmTransactionFactory,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
} from '@solana/kit';
import { getSetComputeUnitLimitInstruction } from '@solana-program/compute-budget';
import { getTransferSolInstruction } from '@solana-program/system';

import { freshSigner } from './keys';

const CLOCK = 'SysvarC1ock11111111111111111111111111111111' as Address;
const COMMITMENT: Commitment = 'confirmed';
const LAMPORTS_PER_SOL = 1_000_000_000;

/** What the global setup tells the flows about the validator. */
export type Cluster = { readonly rpcUrl: string; readonly wsUrl: string; readonly canTravel: boolean };

export type SendOptions = {
    /** Keys that sign although no instruction names them as signers that it holds. */
    readonly signers?: readonly TransactionSigner[];
    /** Send the instructions alone, without the compute budget that makes each transaction different. */
    readonly plain?: boolean;
};

/** A confirmed transaction. */
export type Receipt = { readonly signature: Signature; readonly bytes: number };

export class Chain {
    readonly rpc;
    readonly canTravel: boolean;
    readonly #confirm;
    #sent = 0;

    private constructor(
        readonly cluster: Cluster,
        readonly payer: KeyPairSigner,
    ) {
        this.rpc = createSolanaRpc(cluster.rpcUrl);
        this.canTravel = cluster.canTravel;
        this.#confirm = sendAndConfirmTransactionFactory({
            rpc: this.rpc,
            rpcSubscriptions: createSolanaRpcSubscriptions(cluster.wsUrl),
        });
    }

    /** The validator at `cluster`, with a fresh fee payer that holds enough for a file of flows. */
    static async connect(cluster: Cluster): Promise<Chain> {
        const chain = new Chain(cluster, await freshSigner());
        await chain.airdrop(chain.payer.address, 2_000);
        return chain;
    }

    /** The same validator, with another fee payer. */
    paidBy(payer: KeyPairSigner): Chain {
        return new Chain(this.cluster, payer);
    }

    /** Gives `to` newly made lamports, and waits until they can be spent. */
    async airdrop(to: Address, sol: number): Promise<void> {
        const wanted = BigInt(sol * LAMPORTS_PER_SOL);
        await this.rpc.requestAirdrop(to, lamports(wanted), { commitment: COMMITMENT }).send();
        await until(`the airdrop to ${to}`, async () => (await this.balance(to)) >= wanted);
    }

    /** Gives each of `accounts` lamports of the payer's, in one transaction. */
    async fund(accounts: readonly Address[], sol: number): Promise<void> {
        const amount = lamports(BigInt(Math.round(sol * LAMPORTS_PER_SOL)));
        await this.send(
            accounts.map((destination) => getTransferSolInstruction({ source: this.payer, destination, amount })),
        );
    }

    /** Sends `instructions` in one transaction that the payer pays for, and waits until it is confirmed. */
    async send(instructions: readonly Instruction[], options: SendOptions = {}): Promise<Receipt> {
        // Two transactions of the same instructions within one block would be one and the same; a budget that counts up
        // tells them apart.
        this.#sent += 1;
        const budget =
            options.plain === true ? [] : [getSetComputeUnitLimitInstruction({ units: 400_000 + this.#sent })];
        const { value: blockhash } = await this.rpc.getLatestBlockhash({ commitment: COMMITMENT }).send();
        const message = pipe(
            createTransactionMessage({ version: 'legacy' }),
            (one) => setTransactionMessageFeePayerSigner(this.payer, one),
            (one) => setTransactionMessageLifetimeUsingBlockhash(blockhash, one),
            (one) => appendTransactionMessageInstructions([...budget, ...instructions], one),
            (one) => addSignersToTransactionMessage([...(options.signers ?? [])], one),
        );
        const transaction = await signTransactionMessageWithSigners(message);
        assertIsTransactionWithBlockhashLifetime(transaction);
        try {
            await this.#confirm(transaction, { commitment: COMMITMENT });
        } catch (error) {
            throw new SendError([...budget, ...instructions], error);
        }
        return {
            signature: getSignatureFromTransaction(transaction),
            bytes: getTransactionEncoder().encode(transaction).length,
        };
    }

    /** Size on the wire, in bytes, of a transaction of `instructions` alone; nothing is sent. */
    async sizeOf(instructions: readonly Instruction[]): Promise<number> {
        return Buffer.from(await this.#signed(instructions), 'base64').length;
    }

    /** What a program returns to `instructions`; nothing is sent. */
    async returned(instructions: readonly Instruction[]): Promise<Uint8Array> {
        const transaction = await this.#signed(instructions);
        const { value } = await this.rpc
            .simulateTransaction(transaction, { encoding: 'base64', commitment: COMMITMENT })
            .send();
        if (value.returnData === null) throw new Error(`nothing was returned:\n${(value.logs ?? []).join('\n')}`);
        return new Uint8Array(Buffer.from(value.returnData.data[0], 'base64'));
    }

    /** A signed transaction of `instructions` alone. */
    async #signed(instructions: readonly Instruction[]): Promise<Base64EncodedWireTransaction> {
        const { value: blockhash } = await this.rpc.getLatestBlockhash({ commitment: COMMITMENT }).send();
        const message = pipe(
            createTransactionMessage({ version: 'legacy' }),
            (one) => setTransactionMessageFeePayerSigner(this.payer, one),
            (one) => setTransactionMessageLifetimeUsingBlockhash(blockhash, one),
            (one) => appendTransactionMessageInstructions(instructions, one),
        );
        return getBase64EncodedWireTransaction(await signTransactionMessageWithSigners(message));
    }

    async balance(account: Address): Promise<bigint> {
        return (await this.rpc.getBalance(account, { commitment: COMMITMENT }).send()).value;
    }

    /** The bytes of `account`, or none where it does not exist. */
    async data(account: Address): Promise<Uint8Array | undefined> {
        const encoded = await fetchEncodedAccount(this.rpc, account, { commitment: COMMITMENT });
        return encoded.exists ? new Uint8Array(encoded.data) : undefined;
    }

    /** The chain's own time, in Unix seconds: what programs see as now. */
    async now(): Promise<bigint> {
        const clock = await this.data(CLOCK);
        if (clock === undefined) throw new Error('the validator has no clock account');
        return getI64Decoder().decode(clock, 32);
    }

    /** The chain's own date, in days since 1970-01-01. */
    async today(): Promise<number> {
        return Number((await this.now()) / 86_400n);
    }

    /** Moves the chain's clock forward by `seconds`. Only where `canTravel`. */
    async travel(seconds: number): Promise<void> {
        const target = (await this.now()) + BigInt(seconds);
        await rpcCall(this.cluster.rpcUrl, 'surfnet_timeTravel', [{ absoluteTimestamp: Number(target) * 1000 }]);
        await until('the clock to arrive', async () => (await this.now()) >= target);
    }
}

/** A transaction that was not accepted, with the instructions that it held. */
export class SendError extends Error {
    override readonly name = 'SendError';

    constructor(
        readonly instructions: readonly Instruction[],
        override readonly cause: unknown,
    ) {
        super(describe(cause));
    }
}

/** One JSON-RPC call outside @solana/kit's own methods. */
export async function rpcCall<T>(url: string, method: string, params: unknown): Promise<T> {
    const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const answer = (await response.json()) as { result?: T; error?: { code: number; message: string } };
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message} (${answer.error.code})`);
    return answer.result as T;
}

/** Waits until `condition` holds, looking ten times a second for `seconds`. */
export async function until(what: string, condition: () => Promise<boolean>, seconds = 30): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!(await condition())) {
        if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

/** The messages of `error` and its causes, and the log lines that came with it. */
function describe(error: unknown): string {
    const lines: string[] = [];
    for (let one = error; one instanceof Error; one = one.cause) {
        lines.push(one.message);
        const { logs } = ((one as { context?: { logs?: unknown } }).context ?? {}) as { logs?: unknown };
        if (Array.isArray(logs)) lines.push(...logs.map(String));
    }
    return lines.join('\n');
}
