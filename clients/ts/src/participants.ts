// The participants that follow a cohort's header in its account: a page of fixed places, which the IDL does not describe.
import {
    type Address,
    type ReadonlyUint8Array,
    fixDecoderSize,
    getAddressDecoder,
    getArrayDecoder,
    getBytesDecoder,
    getI32Decoder,
    getStructDecoder,
    getU16Decoder,
    getU64Decoder,
    getU8Decoder,
} from '@solana/kit';

import { getCohortDecoder } from './generated/trials';

/** Where a participant stands; numbers as they are stored. */
export enum ParticipantStatus {
    Screening,
    Enrolled,
    Completed,
    ScreenFailed,
    Withdrawn,
    Discontinued,
    LostToFollowUp,
    Died,
}

/** One participant: docs/accounts/trials.md. Amounts are cents, days count from 1970-01-01. */
export type Participant = {
    readonly key: Address;
    readonly payee: Address;
    readonly payeeOwner: Address;
    readonly person: Address;
    /** Milestones by bit: attested, of these earned, of these paid; and those held for tax reasons. */
    readonly attested: bigint;
    readonly earned: bigint;
    readonly paidBits: bigint;
    readonly heldBits: bigint;
    readonly reserved: bigint;
    readonly due: bigint;
    readonly held: bigint;
    readonly withheld: bigint;
    readonly paid: bigint;
    readonly stipends: bigint;
    readonly expenses: bigint;
    /** Consents, oldest first; `consentCount` are in use. */
    readonly consents: readonly { readonly on: number; readonly version: number }[];
    readonly enrolledOn: number;
    readonly endedOn: number;
    readonly schedule: number;
    readonly capsVersion: number;
    readonly consentCount: number;
    readonly status: ParticipantStatus;
    readonly holder: number;
    readonly flags: number;
};

/** Bytes of a participant's place. */
export const PARTICIPANT_SIZE = 296;
/** Bytes of a cohort's header, its discriminator included. */
export const COHORT_HEADER_SIZE = 136;

const u64 = getU64Decoder();
const address = getAddressDecoder();
const consent = getStructDecoder([
    ['on', getI32Decoder()],
    ['version', getU16Decoder()],
    ['padding', fixDecoderSize(getBytesDecoder(), 2)],
]);
const participant = getStructDecoder([
    ['key', address],
    ['payee', address],
    ['payeeOwner', address],
    ['person', address],
    ['attested', u64],
    ['earned', u64],
    ['paidBits', u64],
    ['heldBits', u64],
    ['reserved', u64],
    ['due', u64],
    ['held', u64],
    ['withheld', u64],
    ['paid', u64],
    ['stipends', u64],
    ['expenses', u64],
    ['consents', getArrayDecoder(consent, { size: 4 })],
    ['enrolledOn', getI32Decoder()],
    ['endedOn', getI32Decoder()],
    ['schedule', getU16Decoder()],
    ['capsVersion', getU16Decoder()],
    ['consentCount', getU8Decoder()],
    ['status', getU8Decoder()],
    ['holder', getU8Decoder()],
    ['flags', getU8Decoder()],
]);

/** The participants of a cohort, from all the bytes of its account, in the order of their indexes. */
export function decodeParticipants(data: ReadonlyUint8Array): Participant[] {
    const { count } = getCohortDecoder().decode(data);
    return Array.from({ length: count }, (_, index) => {
        const { consents, ...rest } = participant.decode(data, COHORT_HEADER_SIZE + index * PARTICIPANT_SIZE);
        return { ...rest, consents: consents.map(({ on, version }) => ({ on, version })) };
    });
}
