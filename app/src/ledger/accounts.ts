// Accounts of the ledger, several in one look, so that what is read belongs together.
import {
    type Address,
    type ReadonlyUint8Array,
    type Rpc,
    type RpcTransport,
    type SolanaRpcApi,
    createDefaultRpcTransport,
    createSolanaRpcFromTransport,
    getBase64Encoder,
    getI64Decoder,
} from '@solana/kit';

import { provenance } from '../../../clients/ts/src';

export type LedgerRpc = Rpc<SolanaRpcApi>;

const CLOCK = 'SysvarC1ock11111111111111111111111111111111' as Address;
/** Longest time for one answer of a node, in seconds. */
export const PATIENCE = 10;
/** Where the clock has its Unix second. */
const CLOCK_SECOND = 32;
const SYSTEM = '11111111111111111111111111111111' as Address;

/** The ledger does not answer, or answers with something that is too old, or that this page cannot read. */
export class LedgerError extends Error {
    override readonly name = 'LedgerError';

    constructor(
        readonly kind: 'unreachable' | 'behind' | 'wrong_account',
        detail: string,
    ) {
        super(detail);
    }
}

/** A node that is asked and says nothing for `PATIENCE` is one that does not answer: nobody waits for it at a counter. */
export function connect(url: string): LedgerRpc {
    const transport = createDefaultRpcTransport({ url });
    const patient = ({ payload, signal }: Parameters<RpcTransport>[0]) => {
        const end = AbortSignal.timeout(PATIENCE * 1_000);
        return transport({ payload, signal: signal ? AbortSignal.any([signal, end]) : end });
    };
    return createSolanaRpcFromTransport(patient as RpcTransport);
}

/** The bytes of each account of a program, none where nothing is recorded, and the ledger's Unix second. */
export async function read(
    rpc: LedgerRpc,
    addresses: readonly Address[],
    program: Address = provenance.PROVENANCE_PROGRAM_ADDRESS,
): Promise<{ readonly data: readonly (ReadonlyUint8Array | undefined)[]; readonly now: bigint }> {
    const { value } = await asked(
        rpc.getMultipleAccounts([...addresses, CLOCK], { commitment: 'confirmed', encoding: 'base64' }).send(),
    );
    const bytes = value.map((account) => account && getBase64Encoder().encode(account.data[0]));
    const clock = bytes.at(-1);
    if (!clock) throw new LedgerError('wrong_account', 'the clock is missing');
    const data = addresses.map((address, place) => {
        const [account, content] = [value[place], bytes[place]];
        // Whoever sends lamports to an address before it is used makes an account there, with nothing in it.
        if (!account || !content || (account.owner === SYSTEM && content.length === 0)) return undefined;
        if (account.owner !== program)
            throw new LedgerError('wrong_account', `${address} is not an account of the program ${program}`);
        return content;
    });
    return { data, now: getI64Decoder().decode(clock, CLOCK_SECOND) };
}

/** What a node answers; that it does not is told as such. */
export async function asked<T>(answer: Promise<T>): Promise<T> {
    try {
        return await answer;
    } catch (error) {
        throw new LedgerError('unreachable', told(error));
    }
}

function told(error: unknown): string {
    if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer within ${PATIENCE} s`;
    return error instanceof Error ? error.message : String(error);
}
