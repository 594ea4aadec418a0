// The participants that follow a cohort's header in its account: a page of fixed places.
import type { ReadonlyUint8Array } from '@solana/kit';

import { type Participant, getCohortDecoder, getParticipantDecoder } from './generated/trials';

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

/** Bytes of a participant's place. */
export const PARTICIPANT_SIZE = 296;
/** Bytes of a cohort's header, its discriminator included. */
export const COHORT_HEADER_SIZE = 136;

/** The participants of a cohort, from all the bytes of its account, in the order of their indexes. */
export function decodeParticipants(data: ReadonlyUint8Array): Participant[] {
    const { count } = getCohortDecoder().decode(data);
    const decoder = getParticipantDecoder();
    return Array.from({ length: count }, (_, index) =>
        decoder.decode(data, COHORT_HEADER_SIZE + index * PARTICIPANT_SIZE),
    );
}
