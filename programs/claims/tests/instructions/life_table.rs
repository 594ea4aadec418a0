//! The life of a claim as a table: every state × every instruction that takes a claim, only what is listed succeeds, and it leads
//! where the table says. All else is refused by the code that the table names, and changes nothing.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};

use anchor_lang::AccountDeserialize;
use claims::instructions::Decision;
use claims::waivers::WAIVE_EXCLUSION;
use galen_rules::provenance::RECOUPMENT_WAIT_SECONDS;
use galen_testkit::attack::idl::Idl;
use galen_testkit::fixtures::pharmacy::PharmacyFixture;
use galen_testkit::fixtures::provenance::{pack, recall_terms, ProvenanceFixture, GTIN};
use galen_testkit::fixtures::recoupment::RecoupmentFixture;

use crate::common::*;

/// Where a claim can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Absent,
    Draft,
    CompleteDraft,
    BoundToPack,
    Pended,
    PendedHistoryFull,
    AwaitingInformation,
    AwaitingAttachment,
    AwaitingConfirmation,
    ConfirmationLapsed,
    Disputed,
    AwaitingDraw,
    Drawn,
    AwaitingScreening,
    Screened,
    ScreenedReversed,
    Queued,
    Shared,
    PaidInPart,
    SetAside,
    Paid,
    PaidInterestOwed,
    NothingDue,
    Denied,
    DeniedByInsurer,
    DeniedUnderAppeal,
    DeniedUnderSecondAppeal,
    DeniedUnderMembersAppeal,
    DeniedUnderReview,
    DeniedAppealOverdue,
    DeniedAppealsExhausted,
    PaidUnderAppeal,
    Flagged,
    Reversed,
    ReversedCeded,
    ReversedUnderAppeal,
    Replaced,
    Dispensed,
    DispensedReversed,
    BondHasPaid,
    Archived,
    ArchivedAppealed,
}

/// What can be asked of claim 1; claim 2 is another claim of the member, claim 3 does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Submit,
    Open,
    Append,
    TellOfOthers,
    StateFacts,
    Cite,
    Adjudicate,
    CommitPack,
    ReleasePack,
    Dispense,
    Undo,
    CloseDraft,
    Approve,
    Deny,
    Confirm,
    Dispute,
    Draw,
    Screen,
    ReleaseEntry,
    RequestInformation,
    ProvideInformation,
    Escalate,
    Settle,
    SettleTogether,
    Cede,
    Recoup,
    CountRecoupment,
    Reverse,
    Reprocess,
    Link,
    Appeal,
    Uphold,
    Overturn,
    Lapse,
    Archive,
    CloseAppeal,
}

impl Step {
    /// The instruction's name.
    const fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit_claim",
            Self::Open => "open_claim",
            Self::Append => "append_claim_lines",
            Self::TellOfOthers => "add_other_payers",
            Self::StateFacts => "add_claim_facts",
            Self::Cite => "cite_predetermination",
            Self::Adjudicate => "adjudicate_claim",
            Self::CommitPack => "commit_pack",
            Self::ReleasePack => "release_pack",
            Self::Dispense => "dispense_claim",
            Self::Undo => "undo_claim",
            Self::CloseDraft => "close_draft_claim",
            Self::Approve | Self::Deny => "decide_claim",
            Self::Confirm => "confirm_claim",
            Self::Dispute => "dispute_claim",
            Self::Draw => "draw_claim",
            Self::Screen => "screen_claim",
            Self::ReleaseEntry => "release_entry",
            Self::RequestInformation => "request_information",
            Self::ProvideInformation => "provide_information",
            Self::Escalate => "escalate_claim",
            Self::Settle => "settle_claim",
            Self::SettleTogether => "settle_claims",
            Self::Cede => "cede_claims",
            Self::Recoup => "recoup_claim",
            Self::CountRecoupment => "count_recoupment",
            Self::Reverse => "reverse_claim",
            Self::Reprocess => "reprocess_claim",
            Self::Link => "link_replacement",
            Self::Appeal => "file_appeal",
            Self::Uphold => "uphold_appeal",
            Self::Overturn => "overturn_appeal",
            Self::Lapse => "lapse_appeal",
            Self::Archive => "archive_claim",
            Self::CloseAppeal => "close_appeal",
        }
    }
}

/// What is found at the claim's address afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Gone,
    Is(ClaimStatus),
    Archived,
}

use ClaimStatus as Status;
use End::{Gone, Is};
use State::*;

const STATES: [State; 42] = [
    Absent,
    Draft,
    CompleteDraft,
    BoundToPack,
    Pended,
    PendedHistoryFull,
    AwaitingInformation,
    AwaitingAttachment,
    AwaitingConfirmation,
    ConfirmationLapsed,
    Disputed,
    AwaitingDraw,
    Drawn,
    AwaitingScreening,
    Screened,
    ScreenedReversed,
    Queued,
    Shared,
    PaidInPart,
    SetAside,
    Paid,
    PaidInterestOwed,
    NothingDue,
    Denied,
    DeniedByInsurer,
    DeniedUnderAppeal,
    DeniedUnderSecondAppeal,
    DeniedUnderMembersAppeal,
    DeniedUnderReview,
    DeniedAppealOverdue,
    DeniedAppealsExhausted,
    PaidUnderAppeal,
    Flagged,
    Reversed,
    ReversedCeded,
    ReversedUnderAppeal,
    Replaced,
    Dispensed,
    DispensedReversed,
    BondHasPaid,
    State::Archived,
    ArchivedAppealed,
];

const STEPS: [Step; 36] = [
    Step::Submit,
    Step::Open,
    Step::Append,
    Step::TellOfOthers,
    Step::StateFacts,
    Step::Cite,
    Step::Adjudicate,
    Step::CommitPack,
    Step::ReleasePack,
    Step::Dispense,
    Step::Undo,
    Step::CloseDraft,
    Step::Approve,
    Step::Deny,
    Step::Confirm,
    Step::Dispute,
    Step::Draw,
    Step::Screen,
    Step::ReleaseEntry,
    Step::RequestInformation,
    Step::ProvideInformation,
    Step::Escalate,
    Step::Settle,
    Step::SettleTogether,
    Step::Cede,
    Step::Recoup,
    Step::CountRecoupment,
    Step::Reverse,
    Step::Reprocess,
    Step::Link,
    Step::Appeal,
    Step::Uphold,
    Step::Overturn,
    Step::Lapse,
    Step::Archive,
    Step::CloseAppeal,
];

/// The transitions that there are. All others must be refused.
fn transitions(state: State) -> &'static [(Step, End)] {
    match state {
        Absent => &[
            (Step::Submit, Is(Status::Paid)),
            (Step::Open, Is(Status::Draft)),
        ],
        Draft => &[(Step::Append, Is(Status::Draft)), (Step::CloseDraft, Gone)],
        CompleteDraft => &[
            (Step::TellOfOthers, Is(Status::Draft)),
            (Step::StateFacts, Is(Status::Draft)),
            (Step::Cite, Is(Status::Draft)),
            (Step::Adjudicate, Is(Status::Paid)),
            (Step::CommitPack, Is(Status::AwaitsDispense)),
            (Step::CloseDraft, Gone),
        ],
        BoundToPack => &[
            (Step::ReleasePack, Is(Status::Draft)),
            (Step::Dispense, Is(Status::Paid)),
        ],
        Pended | ConfirmationLapsed | Disputed | Drawn => &[
            (Step::StateFacts, Is(Status::Pended)),
            (Step::Approve, Is(Status::Paid)),
            (Step::Deny, Is(Status::Denied)),
            (Step::RequestInformation, Is(Status::Pended)),
            (Step::Escalate, Is(Status::Pended)),
        ],
        // What is decided anew needs room too; the member's history can be grown.
        PendedHistoryFull => &[
            (Step::StateFacts, Is(Status::Pended)),
            (Step::Deny, Is(Status::Denied)),
            (Step::RequestInformation, Is(Status::Pended)),
            (Step::Escalate, Is(Status::Pended)),
        ],
        AwaitingScreening => &[
            (Step::Screen, Is(Status::Paid)),
            (Step::Approve, Is(Status::Paid)),
            (Step::Deny, Is(Status::Denied)),
            (Step::RequestInformation, Is(Status::Pended)),
            (Step::Escalate, Is(Status::Pended)),
        ],
        AwaitingInformation => &[
            (Step::StateFacts, Is(Status::Pended)),
            (Step::Approve, Is(Status::Paid)),
            (Step::Deny, Is(Status::Denied)),
            (Step::ProvideInformation, Is(Status::Pended)),
        ],
        // What it lacks can be added, and nothing is paid by that.
        AwaitingAttachment => &[
            (Step::StateFacts, Is(Status::Pended)),
            (Step::Approve, Is(Status::Denied)),
            (Step::Deny, Is(Status::Denied)),
            (Step::ProvideInformation, Is(Status::Pended)),
        ],
        AwaitingConfirmation => &[
            (Step::Confirm, Is(Status::Paid)),
            (Step::Dispute, Is(Status::Pended)),
            (Step::Escalate, Is(Status::Pended)),
        ],
        AwaitingDraw => &[
            (Step::Draw, Is(Status::Pended)),
            (Step::Escalate, Is(Status::Pended)),
        ],
        Queued => &[
            (Step::Settle, Is(Status::Paid)),
            (Step::SettleTogether, Is(Status::Paid)),
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Payable)),
            (Step::Cede, Is(Status::Payable)),
        ],
        Shared => &[
            (Step::Settle, Is(Status::Payable)),
            (Step::SettleTogether, Is(Status::Payable)),
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Payable)),
            (Step::Cede, Is(Status::Payable)),
        ],
        PaidInPart => &[
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Payable)),
            (Step::Cede, Is(Status::Payable)),
        ],
        SetAside => &[
            (Step::Settle, Is(Status::Paid)),
            (Step::SettleTogether, Is(Status::Paid)),
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Payable)),
            (Step::Cede, Is(Status::Payable)),
        ],
        Paid | Screened => &[
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Paid)),
            (Step::Archive, End::Archived),
            (Step::Cede, Is(Status::Paid)),
            (Step::Recoup, Is(Status::Paid)),
        ],
        ScreenedReversed => &[
            (Step::Link, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Reversed)),
            (Step::Archive, End::Archived),
            (Step::ReleaseEntry, Is(Status::Reversed)),
        ],
        PaidInterestOwed => &[
            (Step::Settle, Is(Status::Paid)),
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Paid)),
            (Step::Cede, Is(Status::Paid)),
            (Step::Recoup, Is(Status::Paid)),
        ],
        NothingDue => &[
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::NothingDue)),
            (Step::Archive, End::Archived),
        ],
        Denied | DeniedByInsurer => &[
            (Step::Appeal, Is(Status::Denied)),
            (Step::Archive, End::Archived),
        ],
        DeniedUnderAppeal
        | DeniedUnderSecondAppeal
        | DeniedUnderMembersAppeal
        | DeniedUnderReview => &[
            (Step::Uphold, Is(Status::Denied)),
            (Step::Overturn, Is(Status::Reversed)),
            (Step::Lapse, Is(Status::Denied)),
        ],
        // Who was too late may still give in, and nothing else.
        DeniedAppealOverdue => &[
            (Step::Overturn, Is(Status::Reversed)),
            (Step::Lapse, Is(Status::Denied)),
        ],
        DeniedAppealsExhausted => &[(Step::Archive, End::Archived)],
        PaidUnderAppeal => &[
            (Step::Uphold, Is(Status::Paid)),
            (Step::Lapse, Is(Status::Paid)),
            (Step::Cede, Is(Status::Paid)),
        ],
        Flagged => &[
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Reprocess, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Paid)),
            (Step::Cede, Is(Status::Paid)),
            (Step::Recoup, Is(Status::Paid)),
        ],
        Reversed => &[
            (Step::Link, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Reversed)),
            (Step::Archive, End::Archived),
        ],
        ReversedCeded => &[
            (Step::Link, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Reversed)),
            (Step::Cede, Is(Status::Reversed)),
        ],
        ReversedUnderAppeal => &[
            (Step::Uphold, Is(Status::Reversed)),
            (Step::Overturn, Is(Status::Reversed)),
            (Step::Lapse, Is(Status::Reversed)),
        ],
        Replaced => &[(Step::Archive, End::Archived)],
        Dispensed => &[
            (Step::Undo, Is(Status::Reversed)),
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Paid)),
            (Step::Archive, End::Archived),
            (Step::Cede, Is(Status::Paid)),
            (Step::Recoup, Is(Status::Paid)),
        ],
        DispensedReversed => &[
            (Step::Undo, Is(Status::Reversed)),
            (Step::Link, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Reversed)),
            (Step::Archive, End::Archived),
        ],
        BondHasPaid => &[
            (Step::CountRecoupment, Is(Status::Paid)),
            (Step::Reverse, Is(Status::Reversed)),
            (Step::Appeal, Is(Status::Paid)),
            (Step::Archive, End::Archived),
            (Step::Cede, Is(Status::Paid)),
        ],
        State::Archived => &[(Step::Recoup, End::Archived)],
        ArchivedAppealed => &[
            (Step::Recoup, End::Archived),
            (Step::CloseAppeal, End::Archived),
        ],
    }
}

/// The pack that is recalled, and was dispensed as if claim 1 had signed for it.
const RECALLED: u64 = 1;
/// The pack that is kept for claim 1 where it is bound to one.
const KEPT: u64 = 2;
/// Cents in the bond that covers the packs.
const BOND: u64 = 1_000;

/// The code by which a step is refused that is no transition.
fn refusal(state: State, step: Step) -> u32 {
    match step {
        Step::Submit => match state {
            State::Archived | ArchivedAppealed => ClaimsError::OperatorExpired.into(),
            _ => ADDRESS_IN_USE,
        },
        Step::Open => ADDRESS_IN_USE,
        Step::Append => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            CompleteDraft => ClaimsError::LinesAlreadyAppended.into(),
            BoundToPack => ClaimsError::ClaimAwaitsDispense.into(),
            _ => ClaimsError::ClaimNotDraft.into(),
        },
        Step::TellOfOthers => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            Draft => ClaimsError::OtherPayerInvalid.into(),
            BoundToPack => ClaimsError::ClaimAwaitsDispense.into(),
            _ => ClaimsError::ClaimNotDraft.into(),
        },
        Step::StateFacts => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            Draft => ClaimsError::FactInvalid.into(),
            BoundToPack => ClaimsError::ClaimAwaitsDispense.into(),
            AwaitingConfirmation => ClaimsError::ConfirmationAwaited.into(),
            AwaitingDraw => ClaimsError::DrawAwaited.into(),
            AwaitingScreening => ClaimsError::ScreeningAwaited.into(),
            _ => ClaimsError::ClaimNotDraft.into(),
        },
        Step::Cite => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            Draft => ClaimsError::ClaimIncomplete.into(),
            BoundToPack => ClaimsError::ClaimAwaitsDispense.into(),
            _ => ClaimsError::ClaimNotDraft.into(),
        },
        Step::Adjudicate => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            Draft => ClaimsError::ClaimIncomplete.into(),
            BoundToPack => ClaimsError::ClaimAwaitsDispense.into(),
            _ => ClaimsError::ClaimNotDraft.into(),
        },
        Step::CommitPack => match state {
            BoundToPack | Dispensed | DispensedReversed => ADDRESS_IN_USE,
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            Draft => ClaimsError::ClaimIncomplete.into(),
            _ => ClaimsError::ClaimNotDraft.into(),
        },
        Step::ReleasePack => match state {
            Dispensed | DispensedReversed => ClaimsError::PackStillNeeded.into(),
            _ => ErrorCode::AccountNotInitialized.into(),
        },
        Step::Dispense => match state {
            Dispensed | DispensedReversed => ClaimsError::DispenseNotAwaited.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            _ => ErrorCode::AccountNotInitialized.into(),
        },
        Step::Undo => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            _ => ErrorCode::AccountNotInitialized.into(),
        },
        Step::CloseDraft => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            BoundToPack => ClaimsError::ClaimAwaitsDispense.into(),
            _ => ClaimsError::ClaimNotDraft.into(),
        },
        Step::Approve => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            AwaitingConfirmation => ClaimsError::ConfirmationAwaited.into(),
            AwaitingDraw => ClaimsError::DrawAwaited.into(),
            PendedHistoryFull => ClaimsError::HistoryFull.into(),
            _ => ClaimsError::ClaimNotPended.into(),
        },
        Step::Deny => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            AwaitingConfirmation => ClaimsError::ConfirmationAwaited.into(),
            AwaitingDraw => ClaimsError::DrawAwaited.into(),
            _ => ClaimsError::ClaimNotPended.into(),
        },
        Step::Confirm => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            ConfirmationLapsed => ClaimsError::ConfirmationLate.into(),
            _ => ClaimsError::ConfirmationNotAwaited.into(),
        },
        Step::Dispute => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            ConfirmationLapsed => ClaimsError::ConfirmationLate.into(),
            _ => ClaimsError::ConfirmationNotAwaited.into(),
        },
        Step::Draw => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            _ => ClaimsError::DrawNotAwaited.into(),
        },
        Step::Screen => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            _ => ClaimsError::ScreeningNotAwaited.into(),
        },
        Step::ReleaseEntry => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Screened => ClaimsError::ClaimStillStands.into(),
            _ => ErrorCode::AccountNotInitialized.into(),
        },
        Step::RequestInformation => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            AwaitingInformation | AwaitingAttachment => {
                ClaimsError::InformationAlreadyAwaited.into()
            }
            AwaitingConfirmation => ClaimsError::ConfirmationAwaited.into(),
            AwaitingDraw => ClaimsError::DrawAwaited.into(),
            _ => ClaimsError::ClaimNotPended.into(),
        },
        Step::ProvideInformation => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            _ => ClaimsError::InformationNotAwaited.into(),
        },
        Step::Escalate => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherPlanVersion.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            AwaitingInformation | AwaitingAttachment => ClaimsError::DecisionNotOverdue.into(),
            _ => ClaimsError::ClaimNotPended.into(),
        },
        Step::Settle => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            PaidInPart => ClaimsError::PoolUnderfunded.into(),
            _ => ClaimsError::ClaimNotPayable.into(),
        },
        Step::SettleTogether => match state {
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountOwnedByWrongProgram.into(),
            _ => ClaimsError::NothingToSettle.into(),
        },
        Step::Cede => match state {
            Absent => ErrorCode::AccountOwnedByWrongProgram.into(),
            _ => ClaimsError::NothingToCede.into(),
        },
        Step::Recoup => match state {
            Absent => ErrorCode::AccountOwnedByWrongProgram.into(),
            PaidUnderAppeal => ClaimsError::AppealStillOpen.into(),
            BondHasPaid => ADDRESS_IN_USE,
            _ => ClaimsError::ClaimNotPaid.into(),
        },
        Step::CountRecoupment => ErrorCode::AccountNotInitialized.into(),
        Step::Reverse => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            PaidUnderAppeal => ClaimsError::AppealStillOpen.into(),
            _ => ClaimsError::ClaimNotReversible.into(),
        },
        Step::Reprocess => match state {
            Screened
            | Queued
            | Shared
            | PaidInPart
            | SetAside
            | Paid
            | PaidInterestOwed
            | NothingDue
            | Denied
            | DeniedUnderAppeal
            | DeniedUnderSecondAppeal
            | DeniedUnderMembersAppeal
            | DeniedUnderReview
            | DeniedAppealOverdue
            | DeniedAppealsExhausted
            | PaidUnderAppeal
            | Dispensed
            | BondHasPaid => ClaimsError::ClaimNotFlagged.into(),
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            _ => ClaimsError::ClaimNotReversible.into(),
        },
        Step::Link => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            PaidUnderAppeal | ReversedUnderAppeal => ClaimsError::AppealStillOpen.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            _ => ClaimsError::ClaimNotReplaceable.into(),
        },
        Step::Appeal => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherMember.into(),
            DeniedUnderAppeal
            | DeniedUnderSecondAppeal
            | DeniedUnderMembersAppeal
            | DeniedUnderReview
            | DeniedAppealOverdue
            | PaidUnderAppeal
            | ReversedUnderAppeal => ClaimsError::AppealStillOpen.into(),
            DeniedAppealsExhausted => ClaimsError::AppealsExhausted.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountNotInitialized.into(),
            _ => ClaimsError::NothingToAppeal.into(),
        },
        Step::Uphold => match state {
            DeniedAppealOverdue => ClaimsError::AppealOverdue.into(),
            DeniedAppealsExhausted => ClaimsError::AppealNotOpen.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            _ => ErrorCode::AccountNotInitialized.into(),
        },
        Step::Overturn => match state {
            DeniedAppealsExhausted => ClaimsError::AppealNotOpen.into(),
            PaidUnderAppeal => ClaimsError::NothingMended.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            _ => ErrorCode::AccountNotInitialized.into(),
        },
        Step::Lapse => match state {
            DeniedAppealsExhausted => ClaimsError::AppealNotOpen.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            _ => ErrorCode::AccountNotInitialized.into(),
        },
        Step::Archive => match state {
            Draft | CompleteDraft | BoundToPack => ClaimsError::ClaimOfOtherPlanVersion.into(),
            DeniedUnderAppeal
            | DeniedUnderSecondAppeal
            | DeniedUnderMembersAppeal
            | DeniedUnderReview
            | DeniedAppealOverdue
            | PaidUnderAppeal
            | ReversedUnderAppeal => ClaimsError::AppealStillOpen.into(),
            State::Archived | ArchivedAppealed => ErrorCode::AccountDiscriminatorMismatch.into(),
            Absent => ErrorCode::AccountOwnedByWrongProgram.into(),
            PaidInterestOwed => ClaimsError::InterestOwed.into(),
            Flagged => ClaimsError::ClaimStillFlagged.into(),
            ReversedCeded => ClaimsError::ClaimStillCeded.into(),
            _ => ClaimsError::ClaimNotFinal.into(),
        },
        Step::CloseAppeal => match state {
            Absent | State::Archived => ErrorCode::AccountNotInitialized.into(),
            _ => ErrorCode::AccountDiscriminatorMismatch.into(),
        },
    }
}

struct Scene {
    world: World,
    fixture: ClaimsFixture,
    packs: ProvenanceFixture,
    bond: RecoupmentFixture,
    treaty: TreatyFixture,
    /// How many appeals have been filed against claim 1.
    appeals: u8,
    /// Who hears the last one, or the one to come.
    reviewer: OperatorFixture,
    /// Where that is.
    hears: Pubkey,
}

/// Two units of code 1 on the service date.
fn asked() -> ClaimLineArgs {
    ClaimLineArgs {
        units: 2,
        ..line(1, 20_000)
    }
}

/// What another payer has decided about it.
fn told() -> OtherPayer {
    OtherPayer {
        line: 0,
        allowed: 18_000,
        paid: 5_000,
        obligated: 20_000,
    }
}

/// What its plan asks for, where a claim waits for that.
fn demand() -> DetailEntry {
    let remark = galen_rules::Remark::new("N40").unwrap();
    DetailEntry::new(code(1), DetailKind::LineAttachment, [8; 8]).remarked(remark)
}

/// What it states beyond its lines.
fn stated() -> ClaimFact {
    ClaimFact {
        line: 0,
        kind: ClaimFactKind::Attachment,
        key: [8; 8],
        day: 0,
    }
}

impl Scene {
    fn new(agreement: AgreementTerms) -> Self {
        static EMPTY: LazyLock<Mutex<World>> = LazyLock::new(|| {
            let programs = [Program::Registry, Program::Claims, Program::Provenance];
            Mutex::new(World::new(&programs))
        });
        let mut world = EMPTY.lock().unwrap().clone();
        let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
        entries[2].flags = 0;
        let fixture = ClaimsFixture::with(&mut world, terms(), entries, agreement);
        let PharmacyFixture {
            claims: fixture,
            packs,
        } = PharmacyFixture::around(&mut world, fixture, "", GTIN);
        let bond =
            RecoupmentFixture::covering(&mut world, fixture.clone(), packs.clone(), "", BOND);
        let proof = packs.tree.proof(RECALLED, packs.terms.page_height);
        let claim = Some(fixture.claim(1));
        let dispense = packs.dispense_with(&packs.pharmacy, proof, false, claim);
        world.send_unsigned(&[dispense]).assert_ok();
        // As if it were of three days ago, so that what was paid is recouped today: the table is of one day.
        let now = world.now();
        world.set_time(now - RECOUPMENT_WAIT_SECONDS);
        let recall = packs.recall(pack(RECALLED), &packs.regulator, recall_terms());
        world.send_unsigned(&[recall]).assert_ok();
        world.set_time(now);
        let reviewer = reviewer(&mut world, &fixture, "reviewer");
        let hears = fixture.insurer.address;
        let treaty = TreatyFixture::in_force(&mut world, &fixture, cover(), 50_000);
        Self {
            world,
            fixture,
            packs,
            bond,
            treaty,
            appeals: 0,
            reviewer,
            hears,
        }
    }

    /// Files the next appeal against claim 1.
    fn appeal(&mut self, by_member: bool) {
        self.appeals += 1;
        let (fixture, level) = (&self.fixture, self.appeals);
        let appeal = if by_member {
            fixture.appeal_as_member(1, level)
        } else {
            fixture.appeal_as_provider(1, level)
        };
        self.send(appeal);
    }

    /// Has the last appeal be without success. Who decided that hears no other.
    fn uphold(&mut self) {
        let uphold = self.instruction(Step::Uphold).0;
        self.send(uphold);
        let next = format!("reviewer {}", self.appeals + 1);
        self.reviewer = reviewer(&mut self.world, &self.fixture, &next);
    }

    /// A plan without appeals to the insurer, of which a board hears what it denies.
    fn reviewed_by_board(&mut self) {
        let registry = self.fixture.registry;
        let board = registry.organization(&mut self.world, "board", OrganizationKind::Regulator);
        let judge = board.operator(&mut self.world, "judge", &[Permission::DecideClaim]);
        let clocks = PlanClocks {
            appeal_levels: 0,
            ..clocks()
        };
        let checks = PlanChecks {
            reviewer: board.address,
            review_days: 120,
            review_decision_days: 45,
            ..PlanChecks::default()
        };
        self.fixture = self
            .fixture
            .checked_by(&mut self.world, terms(), clocks, checks);
        (self.reviewer, self.hears) = (judge, board.address);
    }

    /// The instruction of who hears an appeal.
    fn heard(&self, mut instruction: Instruction) -> Instruction {
        for meta in &mut instruction.accounts {
            if meta.pubkey == self.fixture.insurer.address {
                meta.pubkey = self.hears;
            }
        }
        instruction
    }

    /// The provider as a pharmacy, under the plan of the claim.
    fn pharmacy(&self) -> PharmacyFixture {
        PharmacyFixture {
            claims: self.fixture.clone(),
            packs: self.packs.clone(),
        }
    }

    fn send(&mut self, instruction: Instruction) {
        self.world.send_unsigned(&[instruction]).assert_ok();
    }

    fn withdraw_all_but(&mut self, cents: u64) {
        let announce = self
            .fixture
            .announce_withdrawal(&self.world, FUNDED - cents);
        self.send(announce);
        self.world
            .advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
        self.send(self.fixture.withdraw());
    }

    /// A world in which claim 1 is in `state`, and the pool has money for everything.
    fn at(state: State) -> Self {
        let limited = AgreementTerms {
            limit_per_claim: 1,
            ..unlimited()
        };
        let mut scene = Self::new(match state {
            Pended | AwaitingInformation | DeniedByInsurer => limited,
            SetAside => netted(),
            _ => unlimited(),
        });
        if matches!(state, AwaitingConfirmation | ConfirmationLapsed | Disputed) {
            scene.fixture = scene
                .fixture
                .checked(&mut scene.world, terms(), confirmed());
        }
        if matches!(state, AwaitingDraw | Drawn) {
            let all = sampled(10_000);
            scene.fixture = scene.fixture.checked(&mut scene.world, terms(), all);
            scene.send(scene.fixture.commit_draws(1, TODAY + 1));
            scene.world.advance(DAY);
        }
        if matches!(state, AwaitingScreening | Screened | ScreenedReversed) {
            scene.fixture = scene.fixture.checked(&mut scene.world, terms(), sharing());
        }
        if state == DeniedUnderReview {
            scene.reviewed_by_board();
        }
        let mut fixture = scene.fixture.clone();
        // A price that is held for what claim 1 will be about.
        scene.send(fixture.predetermine(1, TODAY, &[asked()]));
        let hold = fixture.hold_price(&scene.world, 1, TODAY + 300);
        scene.send(hold);
        if state == AwaitingAttachment {
            let checks = PlanChecks::default();
            fixture = fixture.checked_with_details(&mut scene.world, terms(), checks, &[demand()]);
            scene.fixture = fixture.clone();
        }
        match state {
            Absent => {}
            AwaitingConfirmation | ConfirmationLapsed | Disputed => {
                let steps = fixture.submit_vouched(1, &[asked()]);
                scene.world.send_unsigned(&steps).assert_ok();
            }
            AwaitingAttachment => {
                let submit = fixture.submit_claim(1, &[asked()]);
                scene.send(scene.with_details(submit));
            }
            Draft | CompleteDraft => {
                scene.send(fixture.open_claim_on(1, TODAY, 1));
                if state != Draft {
                    scene.send(fixture.append_lines(1, 0, &[asked()]));
                }
            }
            BoundToPack | Dispensed | DispensedReversed => {
                let pharmacy = scene.pharmacy();
                pharmacy.commit_to(&mut scene.world, 1, KEPT, &[asked()]);
            }
            NothingDue => scene.send(fixture.submit_claim(1, &[line(1, 5_000)])),
            Denied
            | DeniedUnderAppeal
            | DeniedUnderSecondAppeal
            | DeniedUnderMembersAppeal
            | DeniedUnderReview
            | DeniedAppealOverdue
            | DeniedAppealsExhausted => scene.send(fixture.submit_claim(1, &[line(2, 5_000)])),
            PendedHistoryFull => {
                let sixteen: Vec<_> = (3..19).map(|code| line(code, 100)).collect();
                for n in 10..18 {
                    let mut args = fixture.submit_args(n, &sixteen);
                    args.service_date = SERVICE_DATE - 30 + i32::from(n);
                    let accounts = fixture.submit_accounts(n);
                    scene.send(claims_instruction(accounts, data::SubmitClaim { args }));
                }
                scene.send(fixture.submit_claim(1, &[asked()]));
            }
            Queued => {
                scene.withdraw_all_but(7_999);
                scene.send(fixture.submit_claim(1, &[asked()]));
                scene.send(fixture.fund_pool(FUNDED));
            }
            Shared | PaidInPart => {
                scene.withdraw_all_but(7_999);
                scene.send(fixture.submit_claim(1, &[asked()]));
                if state == PaidInPart {
                    scene.send(fixture.settle(1));
                }
            }
            PaidInterestOwed => {
                let together = fixture.set_agreement_terms(&scene.world, netted());
                scene.send(together);
                scene.send(fixture.submit_claim(1, &[asked()]));
                scene.withdraw_all_but(8_000);
                scene.world.advance(30 * DAY);
                scene.send(fixture.settle(1));
                scene.send(fixture.fund_pool(FUNDED));
            }
            Flagged => {
                let earlier = ClaimLineArgs {
                    day: 1,
                    ..line(3, 4_000)
                };
                scene.send(fixture.submit_claim(2, &[earlier]));
                scene.send(fixture.submit_claim(1, &[asked()]));
                scene.send(fixture.reverse(2, 7));
            }
            _ => scene.send(fixture.submit_claim(1, &[asked()])),
        }
        match state {
            Screened | ScreenedReversed => scene.send(fixture.screen(1, &[1])),
            Dispensed | DispensedReversed => scene.send(scene.pharmacy().dispense(1, KEPT)),
            BondHasPaid => {
                let bond = scene.bond.clone();
                for step in [bond.recoup(1), bond.bond.deposit(50_000), bond.pay_rest(1)] {
                    scene.send(step);
                }
            }
            AwaitingInformation => scene.send(fixture.request_information(1)),
            Disputed => scene.send(fixture.dispute(1)),
            AwaitingDraw | Drawn => {
                scene.world.advance(DAY);
                scene.send(fixture.reveal_draws(1, TODAY + 1));
                if state == Drawn {
                    scene.send(fixture.draw(1));
                }
            }
            ConfirmationLapsed => scene
                .world
                .advance((i64::from(CONFIRMATION_DAYS) + 1) * DAY),
            DeniedByInsurer => scene.send(scene.decide(false)),
            Reversed | ReversedUnderAppeal | Replaced => scene.send(fixture.reverse(1, 7)),
            ReversedCeded => {
                scene.send(scene.treaty.cede(&[1]));
                scene.send(fixture.reverse(1, 7));
            }
            ArchivedAppealed => {
                scene.appeal(false);
                scene.uphold();
            }
            _ => {}
        }
        match state {
            ScreenedReversed | DispensedReversed => scene.send(fixture.reverse(1, 7)),
            State::Archived | ArchivedAppealed => {
                scene.world.advance(1_100 * DAY);
                scene.send(fixture.archive(1));
            }
            _ => {}
        }
        match state {
            DeniedUnderAppeal | DeniedUnderReview | PaidUnderAppeal | ReversedUnderAppeal => {
                scene.appeal(false);
            }
            DeniedUnderMembersAppeal => scene.appeal(true),
            DeniedAppealOverdue => {
                scene.appeal(false);
                scene.world.advance(61 * DAY);
            }
            DeniedUnderSecondAppeal => {
                scene.appeal(false);
                scene.uphold();
                scene.appeal(false);
            }
            DeniedAppealsExhausted => {
                for _ in 0..clocks().appeal_levels {
                    scene.appeal(false);
                    scene.uphold();
                }
            }
            _ => {}
        }
        if !matches!(state, Flagged | State::Archived | ArchivedAppealed) {
            // Another claim of the member, of another day, that could stand in the place of this one.
            let other = ClaimLineArgs { day: 1, ..asked() };
            if state == AwaitingAttachment {
                // Of a code of which nothing is asked.
                let other = ClaimLineArgs {
                    code_key: code(3),
                    ..other
                };
                let submit = fixture.submit_claim(2, &[other]);
                scene.send(scene.with_details(submit));
            } else {
                scene.send(fixture.submit_claim(2, &[other]));
            }
        }
        if state == Replaced {
            scene.send(fixture.link_replacement(1, 2));
        }
        scene
    }

    /// The instruction with the details of the claim's plan version, where that has any.
    fn with_details(&self, mut instruction: Instruction) -> Instruction {
        let details = self.fixture.details_of(2);
        if self.world.raw(&details).is_some() {
            let account = solana_instruction::AccountMeta::new_readonly(details, false);
            instruction.accounts.push(account);
        }
        instruction
    }

    fn decide(&self, approve: bool) -> Instruction {
        let decision = if approve {
            Decision::Approve
        } else {
            Decision::Deny {
                group: AdjustmentGroup::Contractual,
                reason: 50,
            }
        };
        self.with_details(self.fixture.decide(1, decision))
    }

    /// The instruction of a step, and the days that pass before it.
    fn instruction(&self, step: Step) -> (Instruction, i64) {
        let fixture = &self.fixture;
        let level = self.appeals.max(1);
        match step {
            Step::Submit => (fixture.submit_claim(1, &[asked()]), 0),
            Step::Open => (fixture.open_claim(1, 1), 0),
            Step::Append => (fixture.append_lines(1, 0, &[asked()]), 0),
            Step::TellOfOthers => (fixture.add_other_payers(1, &[told()]), 0),
            Step::StateFacts => (fixture.add_facts(1, &[stated()]), 0),
            Step::Cite => (fixture.cite_predetermination(1, 1), 0),
            Step::Adjudicate => (fixture.adjudicate(&self.world, 1, 20_000), 0),
            Step::CommitPack => (fixture.commit_pack(&self.world, 1, [3; 32], 20_000), 0),
            Step::ReleasePack => (fixture.release_pack(1, true), 0),
            Step::Dispense => (self.pharmacy().dispense(1, KEPT), 0),
            Step::Undo => (self.pharmacy().undo(1, KEPT, None), 0),
            Step::CloseDraft => (fixture.close_draft(1), 0),
            Step::Approve => (self.decide(true), 0),
            Step::Deny => (self.decide(false), 0),
            Step::RequestInformation => (fixture.request_information(1), 0),
            Step::ProvideInformation => (fixture.provide_information(1), 0),
            Step::Escalate => (fixture.escalate(1), 31),
            Step::Confirm => (fixture.confirm(1), 0),
            Step::Dispute => (fixture.dispute(1), 0),
            Step::Draw => (fixture.draw(1), 0),
            Step::Screen => (fixture.screen(1, &[1]), 0),
            // Nobody can appeal any more.
            Step::ReleaseEntry => (fixture.release_entry(1, 1), 1_100),
            Step::Settle => (fixture.settle(1), 0),
            Step::SettleTogether => (fixture.settle_together(&[1]), 0),
            Step::Cede => (self.treaty.cede(&[1]), 0),
            Step::Recoup => (self.bond.recoup(1), 0),
            Step::CountRecoupment => (self.bond.count(1), 0),
            Step::Reverse => (fixture.reverse(1, 7), 0),
            Step::Reprocess => (fixture.reprocess(1, 3), 0),
            Step::Link => (fixture.link_replacement(1, 2), 0),
            Step::Appeal => (fixture.appeal_as_provider(1, self.appeals + 1), 0),
            Step::Uphold => (self.heard(fixture.uphold(1, level, &self.reviewer)), 0),
            Step::Overturn => {
                let waivers = WAIVE_EXCLUSION;
                let overturn = fixture.overturn(1, level, &self.reviewer, 3, waivers);
                (self.heard(overturn), 0)
            }
            Step::Lapse => (fixture.lapse(1, level), 61),
            Step::Archive => (fixture.archive(1), 1_100),
            Step::CloseAppeal => (fixture.close_appeal(1, level), 0),
        }
    }

    fn end(&self, world: &World) -> Option<End> {
        let Some(account) = world
            .raw(&self.fixture.claim(1))
            .filter(|account| account.lamports > 0)
        else {
            return Some(Gone);
        };
        let data = &mut account.data.as_slice();
        Claim::try_deserialize(data)
            .map(|claim| Is(claim.status))
            .or_else(|_| {
                ArchivedClaim::try_deserialize(&mut account.data.as_slice()).map(|_| End::Archived)
            })
            .ok()
    }
}

#[test]
fn every_state_and_every_instruction() {
    let (mut done, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for state in STATES {
        let scene = Scene::at(state);
        for step in STEPS {
            let wanted = transitions(state)
                .iter()
                .find(|(listed, _)| *listed == step)
                .map(|(_, end)| *end);
            let (instruction, days) = scene.instruction(step);
            let mut world = scene.world.clone();
            world.advance(days * DAY);
            let before = world.snapshot();
            let outcome = world.send_unsigned(&[instruction]);
            match (wanted, outcome.succeeded()) {
                (Some(end), true) if scene.end(&world) == Some(end) => {
                    done += 1;
                    // What the bond has paid is in the vault, and the pool has not counted it.
                    let is_uncounted = state == BondHasPaid && step != Step::CountRecoupment;
                    if end != End::Archived && !is_uncounted {
                        scene.treaty.assert_balances(&world);
                    }
                }
                (None, false)
                    if !outcome.crashed() && outcome.code() == Some(refusal(state, step)) =>
                {
                    refused += 1;
                    before.assert_same(&world.snapshot());
                }
                (wanted, _) => wrong.push(format!(
                    "{state:?} × {step:?}: wanted {wanted:?}, found {:?} {:?}: {outcome}",
                    scene.end(&world),
                    outcome.code()
                )),
            }
        }
    }
    println!("figure: the life of a claim as a table: {done} transitions, {refused} refusals");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(done + refused, STATES.len() * STEPS.len());
}

/// No instruction that takes a claim is left out: by the interface, where such an account is called so; and the three that find claims,
/// or a claim's record, among other accounts.
#[test]
fn the_table_has_every_instruction_that_takes_a_claim() {
    let others = ["settle_claims", "cede_claims", "count_recoupment"].map(str::to_owned);
    let mut wanted = BTreeSet::from(others);
    for instruction in Idl::read(Program::Claims).instructions {
        let mut accounts = instruction.accounts.iter();
        if accounts.any(|account| account.name == "claim") {
            wanted.insert(instruction.name);
        }
    }
    let table: BTreeSet<String> = STEPS.map(|step| step.name().to_owned()).into();
    assert_eq!(table, wanted);
}
