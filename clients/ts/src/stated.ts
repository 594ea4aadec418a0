// What a claim states beyond its lines. It stands in the account behind what the generated decoder reads, and only where there is
// any: other payers' decisions by their number, which is not zero; then a zero, the number of facts, and the facts.
import type { Decoder, ReadonlyUint8Array } from '@solana/kit';

import {
    type ClaimFact,
    type OtherPayer,
    getClaimDecoder,
    getClaimFactDecoder,
    getOtherPayerDecoder,
} from './generated/claims';

/** Other payers' decisions, ascending by line, and facts, as they stand in a claim's account. */
export type Stated = { readonly otherPayers: OtherPayer[]; readonly facts: ClaimFact[] };

/** What the claim in this account states beyond its lines. The number of its facts is what `decide_claim` asks for. */
export function readStated(account: ReadonlyUint8Array): Stated {
    const [, end] = getClaimDecoder().read(account, 0);
    let at = end;
    const list = <T>(decoder: Decoder<T>): T[] => {
        const count = account[at] ?? 0;
        at += 1;
        return Array.from({ length: count }, () => {
            const [entry, next] = decoder.read(account, at);
            at = next;
            return entry;
        });
    };
    const otherPayers = account[at] ? list(getOtherPayerDecoder()) : [];
    if (account[at] !== 0) return { otherPayers, facts: [] };
    at += 1;
    return { otherPayers, facts: list(getClaimFactDecoder()) };
}
