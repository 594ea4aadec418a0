// What stands on the ledger in place of names: keyed identifiers of procedure codes, and commitments.
import { type Address, getAddressEncoder, getI32Encoder, getU64Encoder } from '@solana/kit';

const TICKET_DOMAIN = new TextEncoder().encode('galen eligibility ticket');

/**
 * What stands for a procedure code or a category name: the first eight bytes of HMAC-SHA256(`key`, `kind` ‖ 0 ‖ `code`),
 * as the command line makes it.
 */
export async function codeIdentifier(
    key: Uint8Array,
    kind: 'procedure' | 'category',
    code: string,
): Promise<Uint8Array> {
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), hmac, false, ['sign']);
    const message = new TextEncoder().encode(`${kind}\0${code}`);
    return new Uint8Array(await crypto.subtle.sign(hmac, imported, message)).slice(0, 8);
}

/** An eligibility ticket: the insurer's word that a member is eligible with a provider from day `from` to day `to`. */
export type Ticket = { readonly from: number; readonly to: number; readonly nonce: bigint };

/** The 32 bytes that the eligibility desk signs for `ticket`. */
export async function ticketMessage(
    ticket: Ticket,
    pool: Address,
    member: Address,
    provider: Address,
): Promise<Uint8Array> {
    const key = (address: Address) => getAddressEncoder().encode(address);
    const day = (value: number) => getI32Encoder().encode(value);
    const parts = [
        TICKET_DOMAIN,
        key(pool),
        key(member),
        key(provider),
        day(ticket.from),
        day(ticket.to),
        getU64Encoder().encode(ticket.nonce),
    ];
    return sha256(parts.flatMap((part) => [...part]));
}

/** SHA-256 of `bytes`. */
export async function sha256(bytes: Iterable<number>): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));
}
