// Dispensing: the transaction, signed by the pharmacist's wallet.
import {
    type Address,
    type Instruction,
    type Signature,
    appendTransactionMessageInstruction,
    compileTransaction,
    createNoopSigner,
    createTransactionMessage,
    getBase64Decoder,
    getTransactionEncoder,
    pipe,
    setTransactionMessageFeePayer,
    setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';

import {
    Level,
    type Refusal,
    pageAddress,
    provenance,
    recordAddress,
    refusalOf,
    registry,
} from '../../../clients/ts/src';
import { type LedgerRpc, asked, read } from './accounts';
import { bytesOf, padded } from './bytes';
import type { Pack } from './pack';

/** Credentials of a pharmacy are numbered; so many are looked at. */
const CREDENTIALS = 8;
/** How often, and for how long together, the ledger is asked whether a transaction has arrived. */
const PAUSE_MS = 300;
const PATIENCE_MS = 60_000;

/** Signs the bytes of a transaction, and gives those of the signed one. */
export type Sign = (transaction: Uint8Array) => Promise<Uint8Array>;

/** A pack is not dispensed. */
export class DispenseError extends Error {
    override readonly name = 'DispenseError';

    constructor(
        readonly kind: 'no_credential' | 'refused' | 'not_signed' | 'not_confirmed',
        message: string,
        readonly refusal?: Refusal,
    ) {
        super(message);
    }
}

/** Has `operator`, one of the staff of `pharmacy`, dispense a pack, and waits until the ledger has it. */
export async function dispense(
    rpc: LedgerRpc,
    pack: Pack,
    pharmacy: Address,
    operator: Address,
    sign: Sign,
    isHandedOut: boolean,
): Promise<Signature> {
    const instruction = await instructionOf(rpc, pack, pharmacy, operator, isHandedOut);
    const { value: blockhash } = await asked(rpc.getLatestBlockhash({ commitment: 'confirmed' }).send());
    const message = pipe(
        createTransactionMessage({ version: 'legacy' }),
        (one) => setTransactionMessageFeePayer(operator, one),
        (one) => setTransactionMessageLifetimeUsingBlockhash(blockhash, one),
        (one) => appendTransactionMessageInstruction(instruction, one),
    );
    const unsigned = new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
    const signed = await sign(unsigned).catch((error: unknown) => {
        throw new DispenseError('not_signed', error instanceof Error ? error.message : String(error));
    });
    return send(rpc, signed, instruction);
}

async function instructionOf(
    rpc: LedgerRpc,
    { batch, batchAddress, path, proof, serial }: Pack,
    pharmacy: Address,
    operator: Address,
    isHandedOut: boolean,
): Promise<Instruction> {
    const index = BigInt(proof.index);
    const [packNode, caseNode, palletNode, batchNode] = await Promise.all(
        path.map((place) => recordAddress(batchAddress, 'node', place)),
    );
    if (!packNode || !caseNode || !palletNode || !batchNode) throw new Error('a pack has four levels');
    const [operatorRecord] = await registry.findOperatorPda({ organization: pharmacy, key: operator });
    return provenance.getDispensePackInstructionAsync({
        operator: createNoopSigner(operator),
        operatorRecord,
        pharmacy,
        credential: await credentialOf(rpc, batch, pharmacy),
        batch: batchAddress,
        page: await pageAddress(batchAddress, index >> BigInt(batch.pageHeight)),
        packNode,
        caseNode,
        palletNode,
        batchNode,
        dispense: await recordAddress(batchAddress, 'dispense', { level: Level.Pack, index }),
        proof: {
            index,
            salt: bytesOf(proof.salt),
            serial: padded(serial),
            siblings: proof.siblings.map(bytesOf),
        },
        isHandedOut,
    });
}

/** The first credential that makes the pharmacy a trading partner of the batch and is valid now; without one the first that there is, of which
 * the program says what is wrong with it. */
async function credentialOf(rpc: LedgerRpc, batch: provenance.Batch, pharmacy: Address): Promise<Address> {
    const addresses = await Promise.all(
        Array.from({ length: CREDENTIALS }, async (_, number) => {
            const seeds = { issuer: batch.credentialIssuer, subject: pharmacy, kind: batch.credentialKind, number };
            return (await registry.findCredentialPda(seeds))[0];
        }),
    );
    const { data, now } = await read(rpc, addresses, registry.REGISTRY_PROGRAM_ADDRESS);
    const known = data.flatMap((bytes, place) => {
        const address = addresses[place];
        return bytes && address ? [{ address, of: registry.getCredentialDecoder().decode(bytes) }] : [];
    });
    const isValid = ({ of }: (typeof known)[number]) =>
        of.revokedAt === 0n && of.validFrom <= now && now < of.validUntil;
    const found = (known.find(isValid) ?? known[0])?.address;
    if (!found) throw new DispenseError('no_credential', `no credential of ${batch.credentialIssuer} for ${pharmacy}`);
    return found;
}

async function send(rpc: LedgerRpc, signed: Uint8Array, instruction: Instruction): Promise<Signature> {
    const wire = getBase64Decoder().decode(signed) as Parameters<LedgerRpc['sendTransaction']>[0];
    let signature: Signature;
    try {
        signature = await rpc.sendTransaction(wire, { encoding: 'base64', preflightCommitment: 'confirmed' }).send();
    } catch (error) {
        const refusal = refusalOf(error, [instruction]);
        const message = error instanceof Error ? error.message : String(error);
        throw refusal
            ? new DispenseError('refused', refusal.message ?? refusal.name, refusal)
            : new DispenseError('not_confirmed', message);
    }
    const end = Date.now() + PATIENCE_MS;
    while (Date.now() < end) {
        const { value } = await asked(rpc.getSignatureStatuses([signature]).send());
        const status = value[0];
        if (status?.err)
            throw new DispenseError(
                'refused',
                JSON.stringify(status.err, (_, one) => (typeof one === 'bigint' ? Number(one) : one)),
            );
        if (status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized') return signature;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new DispenseError('not_confirmed', `the ledger has not confirmed ${signature}`);
}
