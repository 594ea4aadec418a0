// Written by `npm run generate` from the IDL; changes made here are lost.
import type { Decoder } from '@solana/kit';

import {
    type AgreementAccepted,
    getAgreementAcceptedDecoder,
    type AgreementOffered,
    getAgreementOfferedDecoder,
    type AgreementStatusChanged,
    getAgreementStatusChangedDecoder,
    type AgreementTermsChanged,
    getAgreementTermsChangedDecoder,
    type AppealClosed,
    getAppealClosedDecoder,
    type AppealFiled,
    getAppealFiledDecoder,
    type AttachmentsAdded,
    getAttachmentsAddedDecoder,
    type AuthorizationEnded,
    getAuthorizationEndedDecoder,
    type AuthorizationGranted,
    getAuthorizationGrantedDecoder,
    type ClaimAdjudicated,
    getClaimAdjudicatedDecoder,
    type ClaimArchived,
    getClaimArchivedDecoder,
    type ClaimDecided,
    getClaimDecidedDecoder,
    type ClaimDisputed,
    getClaimDisputedDecoder,
    type ClaimDrawn,
    getClaimDrawnDecoder,
    type ClaimEscalated,
    getClaimEscalatedDecoder,
    type ClaimOpened,
    getClaimOpenedDecoder,
    type ClaimPaid,
    getClaimPaidDecoder,
    type ClaimRecouped,
    getClaimRecoupedDecoder,
    type ClaimReplaced,
    getClaimReplacedDecoder,
    type ClaimReprocessed,
    getClaimReprocessedDecoder,
    type ClaimReversed,
    getClaimReversedDecoder,
    type ClaimsCeded,
    getClaimsCededDecoder,
    type ClaimScreened,
    getClaimScreenedDecoder,
    type ClaimsSettled,
    getClaimsSettledDecoder,
    type ClockResumed,
    getClockResumedDecoder,
    type ClockStopped,
    getClockStoppedDecoder,
    type CoverageEnded,
    getCoverageEndedDecoder,
    type DraftClaimClosed,
    getDraftClaimClosedDecoder,
    type DrawsCommitted,
    getDrawsCommittedDecoder,
    type DrawsRevealed,
    getDrawsRevealedDecoder,
    type EntryReleased,
    getEntryReleasedDecoder,
    type FamilyCreated,
    getFamilyCreatedDecoder,
    type FamilyJoined,
    getFamilyJoinedDecoder,
    type HistoryGrown,
    getHistoryGrownDecoder,
    type InformationProvided,
    getInformationProvidedDecoder,
    type InformationRequested,
    getInformationRequestedDecoder,
    type LayerFunded,
    getLayerFundedDecoder,
    type LayerWithdrawalAnnounced,
    getLayerWithdrawalAnnouncedDecoder,
    type LayerWithdrawalCancelled,
    getLayerWithdrawalCancelledDecoder,
    type LayerWithdrawn,
    getLayerWithdrawnDecoder,
    type MemberAuthorityChanged,
    getMemberAuthorityChangedDecoder,
    type MemberEnrolled,
    getMemberEnrolledDecoder,
    type MemberFactsSet,
    getMemberFactsSetDecoder,
    type OtherCoverageSet,
    getOtherCoverageSetDecoder,
    type OutflowLimitChanged,
    getOutflowLimitChangedDecoder,
    type PackCommitted,
    getPackCommittedDecoder,
    type PackPutBack,
    getPackPutBackDecoder,
    type PackReleased,
    getPackReleasedDecoder,
    type PayoutCancelled,
    getPayoutCancelledDecoder,
    type PayoutProposed,
    getPayoutProposedDecoder,
    type PlanCreated,
    getPlanCreatedDecoder,
    type PlanDetailsClosed,
    getPlanDetailsClosedDecoder,
    type PlanDetailsOpened,
    getPlanDetailsOpenedDecoder,
    type PlanDetailsSealed,
    getPlanDetailsSealedDecoder,
    type PlanVersionPublished,
    getPlanVersionPublishedDecoder,
    type PoolCreated,
    getPoolCreatedDecoder,
    type PoolFunded,
    getPoolFundedDecoder,
    type Predetermined,
    getPredeterminedDecoder,
    type PriceHeld,
    getPriceHeldDecoder,
    type ScheduleClosed,
    getScheduleClosedDecoder,
    type ScheduleOpened,
    getScheduleOpenedDecoder,
    type ScheduleSealed,
    getScheduleSealedDecoder,
    type TicketFloorRaised,
    getTicketFloorRaisedDecoder,
    type TicketKeyChanged,
    getTicketKeyChangedDecoder,
    type TreatyAccepted,
    getTreatyAcceptedDecoder,
    type TreatyOffered,
    getTreatyOfferedDecoder,
    type WithdrawalAnnounced,
    getWithdrawalAnnouncedDecoder,
    type WithdrawalCancelled,
    getWithdrawalCancelledDecoder,
    type Withdrawn,
    getWithdrawnDecoder,
} from './types';

/** An event of the program `claims`, as decoded from its self-call. */
export type ClaimsEvent =
    | { readonly name: 'AgreementAccepted'; readonly data: AgreementAccepted }
    | { readonly name: 'AgreementOffered'; readonly data: AgreementOffered }
    | { readonly name: 'AgreementStatusChanged'; readonly data: AgreementStatusChanged }
    | { readonly name: 'AgreementTermsChanged'; readonly data: AgreementTermsChanged }
    | { readonly name: 'AppealClosed'; readonly data: AppealClosed }
    | { readonly name: 'AppealFiled'; readonly data: AppealFiled }
    | { readonly name: 'AttachmentsAdded'; readonly data: AttachmentsAdded }
    | { readonly name: 'AuthorizationEnded'; readonly data: AuthorizationEnded }
    | { readonly name: 'AuthorizationGranted'; readonly data: AuthorizationGranted }
    | { readonly name: 'ClaimAdjudicated'; readonly data: ClaimAdjudicated }
    | { readonly name: 'ClaimArchived'; readonly data: ClaimArchived }
    | { readonly name: 'ClaimDecided'; readonly data: ClaimDecided }
    | { readonly name: 'ClaimDisputed'; readonly data: ClaimDisputed }
    | { readonly name: 'ClaimDrawn'; readonly data: ClaimDrawn }
    | { readonly name: 'ClaimEscalated'; readonly data: ClaimEscalated }
    | { readonly name: 'ClaimOpened'; readonly data: ClaimOpened }
    | { readonly name: 'ClaimPaid'; readonly data: ClaimPaid }
    | { readonly name: 'ClaimRecouped'; readonly data: ClaimRecouped }
    | { readonly name: 'ClaimReplaced'; readonly data: ClaimReplaced }
    | { readonly name: 'ClaimReprocessed'; readonly data: ClaimReprocessed }
    | { readonly name: 'ClaimReversed'; readonly data: ClaimReversed }
    | { readonly name: 'ClaimsCeded'; readonly data: ClaimsCeded }
    | { readonly name: 'ClaimScreened'; readonly data: ClaimScreened }
    | { readonly name: 'ClaimsSettled'; readonly data: ClaimsSettled }
    | { readonly name: 'ClockResumed'; readonly data: ClockResumed }
    | { readonly name: 'ClockStopped'; readonly data: ClockStopped }
    | { readonly name: 'CoverageEnded'; readonly data: CoverageEnded }
    | { readonly name: 'DraftClaimClosed'; readonly data: DraftClaimClosed }
    | { readonly name: 'DrawsCommitted'; readonly data: DrawsCommitted }
    | { readonly name: 'DrawsRevealed'; readonly data: DrawsRevealed }
    | { readonly name: 'EntryReleased'; readonly data: EntryReleased }
    | { readonly name: 'FamilyCreated'; readonly data: FamilyCreated }
    | { readonly name: 'FamilyJoined'; readonly data: FamilyJoined }
    | { readonly name: 'HistoryGrown'; readonly data: HistoryGrown }
    | { readonly name: 'InformationProvided'; readonly data: InformationProvided }
    | { readonly name: 'InformationRequested'; readonly data: InformationRequested }
    | { readonly name: 'LayerFunded'; readonly data: LayerFunded }
    | { readonly name: 'LayerWithdrawalAnnounced'; readonly data: LayerWithdrawalAnnounced }
    | { readonly name: 'LayerWithdrawalCancelled'; readonly data: LayerWithdrawalCancelled }
    | { readonly name: 'LayerWithdrawn'; readonly data: LayerWithdrawn }
    | { readonly name: 'MemberAuthorityChanged'; readonly data: MemberAuthorityChanged }
    | { readonly name: 'MemberEnrolled'; readonly data: MemberEnrolled }
    | { readonly name: 'MemberFactsSet'; readonly data: MemberFactsSet }
    | { readonly name: 'OtherCoverageSet'; readonly data: OtherCoverageSet }
    | { readonly name: 'OutflowLimitChanged'; readonly data: OutflowLimitChanged }
    | { readonly name: 'PackCommitted'; readonly data: PackCommitted }
    | { readonly name: 'PackPutBack'; readonly data: PackPutBack }
    | { readonly name: 'PackReleased'; readonly data: PackReleased }
    | { readonly name: 'PayoutCancelled'; readonly data: PayoutCancelled }
    | { readonly name: 'PayoutProposed'; readonly data: PayoutProposed }
    | { readonly name: 'PlanCreated'; readonly data: PlanCreated }
    | { readonly name: 'PlanDetailsClosed'; readonly data: PlanDetailsClosed }
    | { readonly name: 'PlanDetailsOpened'; readonly data: PlanDetailsOpened }
    | { readonly name: 'PlanDetailsSealed'; readonly data: PlanDetailsSealed }
    | { readonly name: 'PlanVersionPublished'; readonly data: PlanVersionPublished }
    | { readonly name: 'PoolCreated'; readonly data: PoolCreated }
    | { readonly name: 'PoolFunded'; readonly data: PoolFunded }
    | { readonly name: 'Predetermined'; readonly data: Predetermined }
    | { readonly name: 'PriceHeld'; readonly data: PriceHeld }
    | { readonly name: 'ScheduleClosed'; readonly data: ScheduleClosed }
    | { readonly name: 'ScheduleOpened'; readonly data: ScheduleOpened }
    | { readonly name: 'ScheduleSealed'; readonly data: ScheduleSealed }
    | { readonly name: 'TicketFloorRaised'; readonly data: TicketFloorRaised }
    | { readonly name: 'TicketKeyChanged'; readonly data: TicketKeyChanged }
    | { readonly name: 'TreatyAccepted'; readonly data: TreatyAccepted }
    | { readonly name: 'TreatyOffered'; readonly data: TreatyOffered }
    | { readonly name: 'WithdrawalAnnounced'; readonly data: WithdrawalAnnounced }
    | { readonly name: 'WithdrawalCancelled'; readonly data: WithdrawalCancelled }
    | { readonly name: 'Withdrawn'; readonly data: Withdrawn };

/** Decoders of the events by discriminator, in lower-case hexadecimal. */
export const claimsEvents: ReadonlyMap<
    string,
    { readonly name: ClaimsEvent['name']; readonly decoder: Decoder<ClaimsEvent['data']> }
> = new Map<
    string,
    { readonly name: ClaimsEvent['name']; readonly decoder: Decoder<ClaimsEvent['data']> }
>([
    ['b30d4367abe02305', { name: 'AgreementAccepted', decoder: getAgreementAcceptedDecoder() }],
    ['11ac31a481d88150', { name: 'AgreementOffered', decoder: getAgreementOfferedDecoder() }],
    ['3a9ee02f1bb5d33b', { name: 'AgreementStatusChanged', decoder: getAgreementStatusChangedDecoder() }],
    ['44fb4ea9b23d2517', { name: 'AgreementTermsChanged', decoder: getAgreementTermsChangedDecoder() }],
    ['649a4afdb22b62f2', { name: 'AppealClosed', decoder: getAppealClosedDecoder() }],
    ['57ab2070fe282c82', { name: 'AppealFiled', decoder: getAppealFiledDecoder() }],
    ['d5ea929bd75dc51b', { name: 'AttachmentsAdded', decoder: getAttachmentsAddedDecoder() }],
    ['98a8fdb6fcb24cac', { name: 'AuthorizationEnded', decoder: getAuthorizationEndedDecoder() }],
    ['f5ff08657aaf03b4', { name: 'AuthorizationGranted', decoder: getAuthorizationGrantedDecoder() }],
    ['20a29c35b3e10cc9', { name: 'ClaimAdjudicated', decoder: getClaimAdjudicatedDecoder() }],
    ['a4680d6846835bca', { name: 'ClaimArchived', decoder: getClaimArchivedDecoder() }],
    ['235f743a74d1978a', { name: 'ClaimDecided', decoder: getClaimDecidedDecoder() }],
    ['6df52f98fe72f8d7', { name: 'ClaimDisputed', decoder: getClaimDisputedDecoder() }],
    ['01370e038c914834', { name: 'ClaimDrawn', decoder: getClaimDrawnDecoder() }],
    ['7956b33e0ae8d5f4', { name: 'ClaimEscalated', decoder: getClaimEscalatedDecoder() }],
    ['95d11604939c8098', { name: 'ClaimOpened', decoder: getClaimOpenedDecoder() }],
    ['d49b58768063842a', { name: 'ClaimPaid', decoder: getClaimPaidDecoder() }],
    ['84836a1a0381497f', { name: 'ClaimRecouped', decoder: getClaimRecoupedDecoder() }],
    ['75a23bc990e712db', { name: 'ClaimReplaced', decoder: getClaimReplacedDecoder() }],
    ['98f0f17bac738292', { name: 'ClaimReprocessed', decoder: getClaimReprocessedDecoder() }],
    ['e9bedd9a00267252', { name: 'ClaimReversed', decoder: getClaimReversedDecoder() }],
    ['beba805e320ce38c', { name: 'ClaimsCeded', decoder: getClaimsCededDecoder() }],
    ['68abcdb78ae01607', { name: 'ClaimScreened', decoder: getClaimScreenedDecoder() }],
    ['bb71c2d6d24d9fe9', { name: 'ClaimsSettled', decoder: getClaimsSettledDecoder() }],
    ['ca4552be12b0a916', { name: 'ClockResumed', decoder: getClockResumedDecoder() }],
    ['b823c366b8ce79a7', { name: 'ClockStopped', decoder: getClockStoppedDecoder() }],
    ['3c1c7efb7143e6b6', { name: 'CoverageEnded', decoder: getCoverageEndedDecoder() }],
    ['17c19e7763513048', { name: 'DraftClaimClosed', decoder: getDraftClaimClosedDecoder() }],
    ['9d89010bf02043ec', { name: 'DrawsCommitted', decoder: getDrawsCommittedDecoder() }],
    ['f48151d3dd04620a', { name: 'DrawsRevealed', decoder: getDrawsRevealedDecoder() }],
    ['7ac1ee6320a73575', { name: 'EntryReleased', decoder: getEntryReleasedDecoder() }],
    ['663abd32992518ad', { name: 'FamilyCreated', decoder: getFamilyCreatedDecoder() }],
    ['a781c27b648faf4c', { name: 'FamilyJoined', decoder: getFamilyJoinedDecoder() }],
    ['fbc5aca1ce9e8bd1', { name: 'HistoryGrown', decoder: getHistoryGrownDecoder() }],
    ['899b9eff63db4193', { name: 'InformationProvided', decoder: getInformationProvidedDecoder() }],
    ['f572582f572c0398', { name: 'InformationRequested', decoder: getInformationRequestedDecoder() }],
    ['392ad054a2e23beb', { name: 'LayerFunded', decoder: getLayerFundedDecoder() }],
    ['e675cb0c0b98e8e2', { name: 'LayerWithdrawalAnnounced', decoder: getLayerWithdrawalAnnouncedDecoder() }],
    ['cf03bcc35f0905fd', { name: 'LayerWithdrawalCancelled', decoder: getLayerWithdrawalCancelledDecoder() }],
    ['75e22afc74b50185', { name: 'LayerWithdrawn', decoder: getLayerWithdrawnDecoder() }],
    ['cb1308b8b1c940e1', { name: 'MemberAuthorityChanged', decoder: getMemberAuthorityChangedDecoder() }],
    ['2711678a10531a3c', { name: 'MemberEnrolled', decoder: getMemberEnrolledDecoder() }],
    ['36ba59184b18cc3c', { name: 'MemberFactsSet', decoder: getMemberFactsSetDecoder() }],
    ['40963632102f932c', { name: 'OtherCoverageSet', decoder: getOtherCoverageSetDecoder() }],
    ['b2d4c4f1f606fd44', { name: 'OutflowLimitChanged', decoder: getOutflowLimitChangedDecoder() }],
    ['027569cac95b4bac', { name: 'PackCommitted', decoder: getPackCommittedDecoder() }],
    ['5922413b12b78cf6', { name: 'PackPutBack', decoder: getPackPutBackDecoder() }],
    ['156921f259e4a6c8', { name: 'PackReleased', decoder: getPackReleasedDecoder() }],
    ['4ebed9424917acb6', { name: 'PayoutCancelled', decoder: getPayoutCancelledDecoder() }],
    ['2e55219398e68553', { name: 'PayoutProposed', decoder: getPayoutProposedDecoder() }],
    ['d70b8779d0779595', { name: 'PlanCreated', decoder: getPlanCreatedDecoder() }],
    ['143d50140af9c888', { name: 'PlanDetailsClosed', decoder: getPlanDetailsClosedDecoder() }],
    ['b213ba03ffd68928', { name: 'PlanDetailsOpened', decoder: getPlanDetailsOpenedDecoder() }],
    ['a64d12d8a802c8e8', { name: 'PlanDetailsSealed', decoder: getPlanDetailsSealedDecoder() }],
    ['8aa810a97df5bf4d', { name: 'PlanVersionPublished', decoder: getPlanVersionPublishedDecoder() }],
    ['ca2c295868dc9d52', { name: 'PoolCreated', decoder: getPoolCreatedDecoder() }],
    ['a4ddf244a44018d6', { name: 'PoolFunded', decoder: getPoolFundedDecoder() }],
    ['45c582ea26d0f7e6', { name: 'Predetermined', decoder: getPredeterminedDecoder() }],
    ['aaa8f8bbecaf495b', { name: 'PriceHeld', decoder: getPriceHeldDecoder() }],
    ['a9e6d87e5bbe7407', { name: 'ScheduleClosed', decoder: getScheduleClosedDecoder() }],
    ['339cb29564e60133', { name: 'ScheduleOpened', decoder: getScheduleOpenedDecoder() }],
    ['ae93a404dd9f1271', { name: 'ScheduleSealed', decoder: getScheduleSealedDecoder() }],
    ['3f3bbf98384601c2', { name: 'TicketFloorRaised', decoder: getTicketFloorRaisedDecoder() }],
    ['8a51f200cb073f85', { name: 'TicketKeyChanged', decoder: getTicketKeyChangedDecoder() }],
    ['7cabd5f2e361896c', { name: 'TreatyAccepted', decoder: getTreatyAcceptedDecoder() }],
    ['fb09d05c7ab8731c', { name: 'TreatyOffered', decoder: getTreatyOfferedDecoder() }],
    ['5549a87849bc8d5c', { name: 'WithdrawalAnnounced', decoder: getWithdrawalAnnouncedDecoder() }],
    ['77afcf50baede509', { name: 'WithdrawalCancelled', decoder: getWithdrawalCancelledDecoder() }],
    ['1459dfc6c27cdb0d', { name: 'Withdrawn', decoder: getWithdrawnDecoder() }],
]);
