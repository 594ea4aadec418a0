// Written by `npm run generate` from the IDL; changes made here are lost.
import type { Decoder } from '@solana/kit';

import {
    type BeneficiaryNamed,
    getBeneficiaryNamedDecoder,
    type BondForfeited,
    getBondForfeitedDecoder,
    type CapsSet,
    getCapsSetDecoder,
    type ClaimMoved,
    getClaimMovedDecoder,
    type CohortOpened,
    getCohortOpenedDecoder,
    type ConsentGiven,
    getConsentGivenDecoder,
    type DataAnchored,
    getDataAnchoredDecoder,
    type DataLocked,
    getDataLockedDecoder,
    type DeviceRegistered,
    getDeviceRegisteredDecoder,
    type ExpenseReimbursed,
    getExpenseReimbursedDecoder,
    type HeldStipendReleased,
    getHeldStipendReleasedDecoder,
    type HoldbackReleased,
    getHoldbackReleasedDecoder,
    type KeyChangeAnnounced,
    getKeyChangeAnnouncedDecoder,
    type KeyChangeCancelled,
    getKeyChangeCancelledDecoder,
    type KeyChanged,
    getKeyChangedDecoder,
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
    type PayoutChangeAnnounced,
    getPayoutChangeAnnouncedDecoder,
    type PayoutChangeCancelled,
    getPayoutChangeCancelledDecoder,
    type PayoutChanged,
    getPayoutChangedDecoder,
    type PlanCommitted,
    getPlanCommittedDecoder,
    type ProtocolApproved,
    getProtocolApprovedDecoder,
    type ProtocolPublished,
    getProtocolPublishedDecoder,
    type RecordsClosed,
    getRecordsClosedDecoder,
    type ResultsCommitted,
    getResultsCommittedDecoder,
    type ScheduleSealed,
    getScheduleSealedDecoder,
    type SiteJoined,
    getSiteJoinedDecoder,
    type SiteMilestoneMoved,
    getSiteMilestoneMovedDecoder,
    type SiteMilestonesLapsed,
    getSiteMilestonesLapsedDecoder,
    type SiteMilestonesOffered,
    getSiteMilestonesOfferedDecoder,
    type SiteOffered,
    getSiteOfferedDecoder,
    type SitePaid,
    getSitePaidDecoder,
    type SurplusWithdrawn,
    getSurplusWithdrawnDecoder,
    type TaxStandingChanged,
    getTaxStandingChangedDecoder,
    type TaxTermsSet,
    getTaxTermsSetDecoder,
    type TrialClosed,
    getTrialClosedDecoder,
    type TrialCreated,
    getTrialCreatedDecoder,
    type TrialFunded,
    getTrialFundedDecoder,
    type VisitClaimed,
    getVisitClaimedDecoder,
    type WithholdingRemitted,
    getWithholdingRemittedDecoder,
} from './types';

/** An event of the program `trials`, as decoded from its self-call. */
export type TrialsEvent =
    | { readonly name: 'BeneficiaryNamed'; readonly data: BeneficiaryNamed }
    | { readonly name: 'BondForfeited'; readonly data: BondForfeited }
    | { readonly name: 'CapsSet'; readonly data: CapsSet }
    | { readonly name: 'ClaimMoved'; readonly data: ClaimMoved }
    | { readonly name: 'CohortOpened'; readonly data: CohortOpened }
    | { readonly name: 'ConsentGiven'; readonly data: ConsentGiven }
    | { readonly name: 'DataAnchored'; readonly data: DataAnchored }
    | { readonly name: 'DataLocked'; readonly data: DataLocked }
    | { readonly name: 'DeviceRegistered'; readonly data: DeviceRegistered }
    | { readonly name: 'ExpenseReimbursed'; readonly data: ExpenseReimbursed }
    | { readonly name: 'HeldStipendReleased'; readonly data: HeldStipendReleased }
    | { readonly name: 'HoldbackReleased'; readonly data: HoldbackReleased }
    | { readonly name: 'KeyChangeAnnounced'; readonly data: KeyChangeAnnounced }
    | { readonly name: 'KeyChangeCancelled'; readonly data: KeyChangeCancelled }
    | { readonly name: 'KeyChanged'; readonly data: KeyChanged }
    | { readonly name: 'MilestoneAttested'; readonly data: MilestoneAttested }
    | { readonly name: 'MilestoneCountersigned'; readonly data: MilestoneCountersigned }
    | { readonly name: 'ParticipantEnrolled'; readonly data: ParticipantEnrolled }
    | { readonly name: 'ParticipantLeft'; readonly data: ParticipantLeft }
    | { readonly name: 'ParticipantSettled'; readonly data: ParticipantSettled }
    | { readonly name: 'ParticipantsPaid'; readonly data: ParticipantsPaid }
    | { readonly name: 'PayeeChangeAnnounced'; readonly data: PayeeChangeAnnounced }
    | { readonly name: 'PayeeChangeCancelled'; readonly data: PayeeChangeCancelled }
    | { readonly name: 'PayeeChanged'; readonly data: PayeeChanged }
    | { readonly name: 'PayoutChangeAnnounced'; readonly data: PayoutChangeAnnounced }
    | { readonly name: 'PayoutChangeCancelled'; readonly data: PayoutChangeCancelled }
    | { readonly name: 'PayoutChanged'; readonly data: PayoutChanged }
    | { readonly name: 'PlanCommitted'; readonly data: PlanCommitted }
    | { readonly name: 'ProtocolApproved'; readonly data: ProtocolApproved }
    | { readonly name: 'ProtocolPublished'; readonly data: ProtocolPublished }
    | { readonly name: 'RecordsClosed'; readonly data: RecordsClosed }
    | { readonly name: 'ResultsCommitted'; readonly data: ResultsCommitted }
    | { readonly name: 'ScheduleSealed'; readonly data: ScheduleSealed }
    | { readonly name: 'SiteJoined'; readonly data: SiteJoined }
    | { readonly name: 'SiteMilestoneMoved'; readonly data: SiteMilestoneMoved }
    | { readonly name: 'SiteMilestonesLapsed'; readonly data: SiteMilestonesLapsed }
    | { readonly name: 'SiteMilestonesOffered'; readonly data: SiteMilestonesOffered }
    | { readonly name: 'SiteOffered'; readonly data: SiteOffered }
    | { readonly name: 'SitePaid'; readonly data: SitePaid }
    | { readonly name: 'SurplusWithdrawn'; readonly data: SurplusWithdrawn }
    | { readonly name: 'TaxStandingChanged'; readonly data: TaxStandingChanged }
    | { readonly name: 'TaxTermsSet'; readonly data: TaxTermsSet }
    | { readonly name: 'TrialClosed'; readonly data: TrialClosed }
    | { readonly name: 'TrialCreated'; readonly data: TrialCreated }
    | { readonly name: 'TrialFunded'; readonly data: TrialFunded }
    | { readonly name: 'VisitClaimed'; readonly data: VisitClaimed }
    | { readonly name: 'WithholdingRemitted'; readonly data: WithholdingRemitted };

/** Decoders of the events by discriminator, in lower-case hexadecimal. */
export const trialsEvents: ReadonlyMap<
    string,
    { readonly name: TrialsEvent['name']; readonly decoder: Decoder<TrialsEvent['data']> }
> = new Map<
    string,
    { readonly name: TrialsEvent['name']; readonly decoder: Decoder<TrialsEvent['data']> }
>([
    ['f2eaa44277d68bfa', { name: 'BeneficiaryNamed', decoder: getBeneficiaryNamedDecoder() }],
    ['8d2e66ea1f1081a9', { name: 'BondForfeited', decoder: getBondForfeitedDecoder() }],
    ['a3a571246d4c7a1d', { name: 'CapsSet', decoder: getCapsSetDecoder() }],
    ['4e1a5e2ccc7fc862', { name: 'ClaimMoved', decoder: getClaimMovedDecoder() }],
    ['8db18e165d698fab', { name: 'CohortOpened', decoder: getCohortOpenedDecoder() }],
    ['fb9fd34314aac220', { name: 'ConsentGiven', decoder: getConsentGivenDecoder() }],
    ['f3ed33a7b13138bd', { name: 'DataAnchored', decoder: getDataAnchoredDecoder() }],
    ['27cf7cc37b6bf054', { name: 'DataLocked', decoder: getDataLockedDecoder() }],
    ['dd5a0299486247b5', { name: 'DeviceRegistered', decoder: getDeviceRegisteredDecoder() }],
    ['cf545229b523caf7', { name: 'ExpenseReimbursed', decoder: getExpenseReimbursedDecoder() }],
    ['ce7b7ba97b2d6709', { name: 'HeldStipendReleased', decoder: getHeldStipendReleasedDecoder() }],
    ['fcf29f8a249645f1', { name: 'HoldbackReleased', decoder: getHoldbackReleasedDecoder() }],
    ['c039cecb44ffdcf6', { name: 'KeyChangeAnnounced', decoder: getKeyChangeAnnouncedDecoder() }],
    ['f6a437f9bc0da867', { name: 'KeyChangeCancelled', decoder: getKeyChangeCancelledDecoder() }],
    ['5120851b0db37389', { name: 'KeyChanged', decoder: getKeyChangedDecoder() }],
    ['45ef5d7b4c649d65', { name: 'MilestoneAttested', decoder: getMilestoneAttestedDecoder() }],
    ['88fd0984ae67acd5', { name: 'MilestoneCountersigned', decoder: getMilestoneCountersignedDecoder() }],
    ['83f82cb84b305a46', { name: 'ParticipantEnrolled', decoder: getParticipantEnrolledDecoder() }],
    ['ec83088aa4b53992', { name: 'ParticipantLeft', decoder: getParticipantLeftDecoder() }],
    ['14001a2f01d49f68', { name: 'ParticipantSettled', decoder: getParticipantSettledDecoder() }],
    ['d2fc0e5eea125be6', { name: 'ParticipantsPaid', decoder: getParticipantsPaidDecoder() }],
    ['dd8d204c6b841ba5', { name: 'PayeeChangeAnnounced', decoder: getPayeeChangeAnnouncedDecoder() }],
    ['e69fb0f83930cfd3', { name: 'PayeeChangeCancelled', decoder: getPayeeChangeCancelledDecoder() }],
    ['e2efda04e3db83a6', { name: 'PayeeChanged', decoder: getPayeeChangedDecoder() }],
    ['ca80c38f2d368a41', { name: 'PayoutChangeAnnounced', decoder: getPayoutChangeAnnouncedDecoder() }],
    ['945bafda7cdf7b88', { name: 'PayoutChangeCancelled', decoder: getPayoutChangeCancelledDecoder() }],
    ['ae983072193fe627', { name: 'PayoutChanged', decoder: getPayoutChangedDecoder() }],
    ['53eee7f007f7ceb9', { name: 'PlanCommitted', decoder: getPlanCommittedDecoder() }],
    ['dd6d7d3244a2fb36', { name: 'ProtocolApproved', decoder: getProtocolApprovedDecoder() }],
    ['342297a984365e91', { name: 'ProtocolPublished', decoder: getProtocolPublishedDecoder() }],
    ['5fbec4a1c13ebf8e', { name: 'RecordsClosed', decoder: getRecordsClosedDecoder() }],
    ['6553c7835ffbd0ea', { name: 'ResultsCommitted', decoder: getResultsCommittedDecoder() }],
    ['ae93a404dd9f1271', { name: 'ScheduleSealed', decoder: getScheduleSealedDecoder() }],
    ['11003b19bd0d72e5', { name: 'SiteJoined', decoder: getSiteJoinedDecoder() }],
    ['8daf9afc51dd8957', { name: 'SiteMilestoneMoved', decoder: getSiteMilestoneMovedDecoder() }],
    ['f1291fa36099c523', { name: 'SiteMilestonesLapsed', decoder: getSiteMilestonesLapsedDecoder() }],
    ['c26747d5c56525b5', { name: 'SiteMilestonesOffered', decoder: getSiteMilestonesOfferedDecoder() }],
    ['1d0113fcc7270a2d', { name: 'SiteOffered', decoder: getSiteOfferedDecoder() }],
    ['18b17edfca0134db', { name: 'SitePaid', decoder: getSitePaidDecoder() }],
    ['1d063d5e4f3cacf5', { name: 'SurplusWithdrawn', decoder: getSurplusWithdrawnDecoder() }],
    ['009a46f7c188de3e', { name: 'TaxStandingChanged', decoder: getTaxStandingChangedDecoder() }],
    ['bf3e949781eab8bd', { name: 'TaxTermsSet', decoder: getTaxTermsSetDecoder() }],
    ['eeb15d894d79061a', { name: 'TrialClosed', decoder: getTrialClosedDecoder() }],
    ['8cb1dc13167d79e2', { name: 'TrialCreated', decoder: getTrialCreatedDecoder() }],
    ['a317b7a97f94d6d9', { name: 'TrialFunded', decoder: getTrialFundedDecoder() }],
    ['d29661a910cdfc37', { name: 'VisitClaimed', decoder: getVisitClaimedDecoder() }],
    ['ef534eee4533b9b2', { name: 'WithholdingRemitted', decoder: getWithholdingRemittedDecoder() }],
]);
