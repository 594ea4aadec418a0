// Written by `npm run generate` from the IDL; changes made here are lost.
import type { Decoder } from '@solana/kit';

import {
    type CapsSet,
    getCapsSetDecoder,
    type CohortOpened,
    getCohortOpenedDecoder,
    type ConsentGiven,
    getConsentGivenDecoder,
    type ExpenseReimbursed,
    getExpenseReimbursedDecoder,
    type HeldStipendReleased,
    getHeldStipendReleasedDecoder,
    type HoldbackReleased,
    getHoldbackReleasedDecoder,
    type MilestoneAttested,
    getMilestoneAttestedDecoder,
    type MilestoneCountersigned,
    getMilestoneCountersignedDecoder,
    type ParticipantEnrolled,
    getParticipantEnrolledDecoder,
    type ParticipantLeft,
    getParticipantLeftDecoder,
    type ParticipantSettled,
    getParticipantSettledDecoder,
    type ParticipantsPaid,
    getParticipantsPaidDecoder,
    type PayeeChangeAnnounced,
    getPayeeChangeAnnouncedDecoder,
    type PayeeChangeCancelled,
    getPayeeChangeCancelledDecoder,
    type PayeeChanged,
    getPayeeChangedDecoder,
    type ProtocolApproved,
    getProtocolApprovedDecoder,
    type ProtocolPublished,
    getProtocolPublishedDecoder,
    type ScheduleSealed,
    getScheduleSealedDecoder,
    type SiteJoined,
    getSiteJoinedDecoder,
    type SiteOffered,
    getSiteOfferedDecoder,
    type SitePaid,
    getSitePaidDecoder,
    type SurplusWithdrawn,
    getSurplusWithdrawnDecoder,
    type TaxStandingChanged,
    getTaxStandingChangedDecoder,
    type TrialClosed,
    getTrialClosedDecoder,
    type TrialCreated,
    getTrialCreatedDecoder,
    type TrialFunded,
    getTrialFundedDecoder,
    type WithholdingRemitted,
    getWithholdingRemittedDecoder,
} from './types';

/** An event of the program `trials`, as decoded from its self-call. */
export type TrialsEvent =
    | { readonly name: 'CapsSet'; readonly data: CapsSet }
    | { readonly name: 'CohortOpened'; readonly data: CohortOpened }
    | { readonly name: 'ConsentGiven'; readonly data: ConsentGiven }
    | { readonly name: 'ExpenseReimbursed'; readonly data: ExpenseReimbursed }
    | { readonly name: 'HeldStipendReleased'; readonly data: HeldStipendReleased }
    | { readonly name: 'HoldbackReleased'; readonly data: HoldbackReleased }
    | { readonly name: 'MilestoneAttested'; readonly data: MilestoneAttested }
    | { readonly name: 'MilestoneCountersigned'; readonly data: MilestoneCountersigned }
    | { readonly name: 'ParticipantEnrolled'; readonly data: ParticipantEnrolled }
    | { readonly name: 'ParticipantLeft'; readonly data: ParticipantLeft }
    | { readonly name: 'ParticipantSettled'; readonly data: ParticipantSettled }
    | { readonly name: 'ParticipantsPaid'; readonly data: ParticipantsPaid }
    | { readonly name: 'PayeeChangeAnnounced'; readonly data: PayeeChangeAnnounced }
    | { readonly name: 'PayeeChangeCancelled'; readonly data: PayeeChangeCancelled }
    | { readonly name: 'PayeeChanged'; readonly data: PayeeChanged }
    | { readonly name: 'ProtocolApproved'; readonly data: ProtocolApproved }
    | { readonly name: 'ProtocolPublished'; readonly data: ProtocolPublished }
    | { readonly name: 'ScheduleSealed'; readonly data: ScheduleSealed }
    | { readonly name: 'SiteJoined'; readonly data: SiteJoined }
    | { readonly name: 'SiteOffered'; readonly data: SiteOffered }
    | { readonly name: 'SitePaid'; readonly data: SitePaid }
    | { readonly name: 'SurplusWithdrawn'; readonly data: SurplusWithdrawn }
    | { readonly name: 'TaxStandingChanged'; readonly data: TaxStandingChanged }
    | { readonly name: 'TrialClosed'; readonly data: TrialClosed }
    | { readonly name: 'TrialCreated'; readonly data: TrialCreated }
    | { readonly name: 'TrialFunded'; readonly data: TrialFunded }
    | { readonly name: 'WithholdingRemitted'; readonly data: WithholdingRemitted };

/** Decoders of the events by discriminator, in lower-case hexadecimal. */
export const trialsEvents: ReadonlyMap<
    string,
    { readonly name: TrialsEvent['name']; readonly decoder: Decoder<TrialsEvent['data']> }
> = new Map<
    string,
    { readonly name: TrialsEvent['name']; readonly decoder: Decoder<TrialsEvent['data']> }
>([
    ['a3a571246d4c7a1d', { name: 'CapsSet', decoder: getCapsSetDecoder() }],
    ['8db18e165d698fab', { name: 'CohortOpened', decoder: getCohortOpenedDecoder() }],
    ['fb9fd34314aac220', { name: 'ConsentGiven', decoder: getConsentGivenDecoder() }],
    ['cf545229b523caf7', { name: 'ExpenseReimbursed', decoder: getExpenseReimbursedDecoder() }],
    ['ce7b7ba97b2d6709', { name: 'HeldStipendReleased', decoder: getHeldStipendReleasedDecoder() }],
    ['fcf29f8a249645f1', { name: 'HoldbackReleased', decoder: getHoldbackReleasedDecoder() }],
    ['45ef5d7b4c649d65', { name: 'MilestoneAttested', decoder: getMilestoneAttestedDecoder() }],
    ['88fd0984ae67acd5', { name: 'MilestoneCountersigned', decoder: getMilestoneCountersignedDecoder() }],
    ['83f82cb84b305a46', { name: 'ParticipantEnrolled', decoder: getParticipantEnrolledDecoder() }],
    ['ec83088aa4b53992', { name: 'ParticipantLeft', decoder: getParticipantLeftDecoder() }],
    ['14001a2f01d49f68', { name: 'ParticipantSettled', decoder: getParticipantSettledDecoder() }],
    ['d2fc0e5eea125be6', { name: 'ParticipantsPaid', decoder: getParticipantsPaidDecoder() }],
    ['dd8d204c6b841ba5', { name: 'PayeeChangeAnnounced', decoder: getPayeeChangeAnnouncedDecoder() }],
    ['e69fb0f83930cfd3', { name: 'PayeeChangeCancelled', decoder: getPayeeChangeCancelledDecoder() }],
    ['e2efda04e3db83a6', { name: 'PayeeChanged', decoder: getPayeeChangedDecoder() }],
    ['dd6d7d3244a2fb36', { name: 'ProtocolApproved', decoder: getProtocolApprovedDecoder() }],
    ['342297a984365e91', { name: 'ProtocolPublished', decoder: getProtocolPublishedDecoder() }],
    ['ae93a404dd9f1271', { name: 'ScheduleSealed', decoder: getScheduleSealedDecoder() }],
    ['11003b19bd0d72e5', { name: 'SiteJoined', decoder: getSiteJoinedDecoder() }],
    ['1d0113fcc7270a2d', { name: 'SiteOffered', decoder: getSiteOfferedDecoder() }],
    ['18b17edfca0134db', { name: 'SitePaid', decoder: getSitePaidDecoder() }],
    ['1d063d5e4f3cacf5', { name: 'SurplusWithdrawn', decoder: getSurplusWithdrawnDecoder() }],
    ['009a46f7c188de3e', { name: 'TaxStandingChanged', decoder: getTaxStandingChangedDecoder() }],
    ['eeb15d894d79061a', { name: 'TrialClosed', decoder: getTrialClosedDecoder() }],
    ['8cb1dc13167d79e2', { name: 'TrialCreated', decoder: getTrialCreatedDecoder() }],
    ['a317b7a97f94d6d9', { name: 'TrialFunded', decoder: getTrialFundedDecoder() }],
    ['ef534eee4533b9b2', { name: 'WithholdingRemitted', decoder: getWithholdingRemittedDecoder() }],
]);
