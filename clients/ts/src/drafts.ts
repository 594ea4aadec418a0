// What is signed for with a claim in parts, and with an answer before care: the digests that adjudicate_claim, commit_pack and
// hold_price ask for. Made from what the signer has seen, not from what a server says is on the ledger.
import {
    type Address,
    type ReadonlyUint8Array,
    getAddressEncoder,
    getI32Encoder,
    getU16Encoder,
    getU64Encoder,
} from '@solana/kit';

import { sha256 } from './codes';
import {
    type ClaimFactLike,
    type ClaimLineArgsLike,
    type OtherPayerLike,
    getClaimFactEncoder,
    getOtherPayerEncoder,
} from './generated/claims';

const NOBODY = new Uint8Array(32);
/** Bytes of an answer's account before the day until which its price is held, and up to its sums. */
const ANSWERED = 226;
const TOTALS = 246;

/** A claim in parts, as it is about to be adjudicated or bound to a pack. */
export type Draft = {
    readonly pool: Address;
    readonly provider: Address;
    readonly claimId: ReadonlyUint8Array;
    /** The commitment to the document. */
    readonly document: ReadonlyUint8Array;
    /** The claim's service date, from which the lines count. */
    readonly serviceDate: number;
    readonly lines: readonly ClaimLineArgsLike[];
    /** What other payers have decided, ascending by line. */
    readonly otherPayers?: readonly OtherPayerLike[];
    /** What it states beyond its lines, in the order in which it was added. */
    readonly facts?: readonly ClaimFactLike[];
    /** Whom a held price that it cites is for, the plan version by which it was answered, and whether it is one from within the network. */
    readonly cites?: { readonly member: Address; readonly planVersion: Address; readonly inNetwork: boolean };
};

/** The digest of what `draft` states, for the arguments of adjudicate_claim and commit_pack. */
export async function draftDigest(draft: Draft): Promise<Uint8Array> {
    const { cites, otherPayers = [], facts = [] } = draft;
    const key = (address: Address | undefined) =>
        address === undefined ? NOBODY : getAddressEncoder().encode(address);
    const lines = draft.lines.flatMap(({ codeKey, modifiers, charge, units, day }) => [
        codeKey,
        modifiers,
        getI32Encoder().encode(draft.serviceDate + day),
        getU64Encoder().encode(charge),
        getU16Encoder().encode(units),
    ]);
    const others = otherPayers.map((other) => getOtherPayerEncoder().encode(other));
    const stated = facts.map((fact) => getClaimFactEncoder().encode(fact));
    const parts: ReadonlyUint8Array[] = [
        key(draft.pool),
        key(draft.provider),
        key(cites?.member),
        key(cites?.planVersion),
        draft.claimId,
        draft.document,
        Uint8Array.of(draft.lines.length + (cites?.inNetwork ? 128 : 0)),
        ...lines,
        ...(others.length > 0 ? [Uint8Array.of(others.length), ...others] : []),
        ...(stated.length > 0 ? [Uint8Array.of(0, stated.length), ...stated] : []),
    ];
    return sha256(parts.flatMap((part) => [...part]));
}

/** The digest of the answer in the account `data`, for the arguments of hold_price: all of it but what comes after it. */
export async function answerDigest(data: ReadonlyUint8Array): Promise<Uint8Array> {
    return sha256([...data.slice(0, ANSWERED), ...data.slice(TOTALS)]);
}
