//! What a step may be refused by. By name, so that an error is expected by its code elsewhere too, and is allowed here before or
//! after it is one.

use crate::common::*;

/// The name of what a transaction was refused by: the program's error, or the runtime's.
pub fn name_of(outcome: &Outcome) -> String {
    let named = outcome.logs.iter().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        rest.split_once('.').map(|(name, _)| name.to_owned())
    });
    named.unwrap_or_else(|| format!("{:?}", outcome.error))
}

pub fn may_be(refusal: &str) -> bool {
    REFUSALS.contains(&refusal)
}

/// Sorted. Who adds a refusal to the program adds it here, where a step of the walk can meet it.
const REFUSALS: [&str; 86] = [
    "AccountNotInitialized",
    "AgreementChangedTooOften",
    "AgreementNotActive",
    "AgreementTransitionInvalid",
    "AlreadyCited",
    "AlreadyEscalated",
    "AlreadyPaused",
    "AppealLate",
    "AppealNotOpen",
    "AppealNotOverdue",
    "AppealOverdue",
    "AppealStillOpen",
    "AppealsExhausted",
    "AuthorizationEndsTooEarly",
    "AuthorizationExhausted",
    "AuthorizationInvalid",
    "AuthorizationMissing",
    "AwardTooYoung",
    "AwardsPaused",
    "ClaimNotFinal",
    "ClaimNotFlagged",
    "ClaimNotPayable",
    "ClaimNotPended",
    "ClaimNotReplaceable",
    "ClaimNotReversible",
    "ClaimSpansNetworkChange",
    "ClaimSpansPeriods",
    "ClaimStillCeded",
    "ClaimStillFlagged",
    "ClaimStillStands",
    "ConfirmationAwaited",
    "ConfirmationLate",
    "ConfirmationNotAwaited",
    "ConstraintDuplicateMutableAccount",
    "ConstraintSeeds",
    "DeciderDecidedBefore",
    "DecisionNotOverdue",
    "DrawAwaited",
    "DrawDaysInvalid",
    "DrawNotAwaited",
    "DrawNotRevealed",
    "EntryAwaitsAppeal",
    "EntryNotHeld",
    "EntryStillKept",
    "FindingsEmpty",
    "FindingsOfAllLines",
    "FindingsOverlap",
    "FindingsWaived",
    "HistoryFull",
    "HoldInvalid",
    "InformationAlreadyAwaited",
    "InformationNotAwaited",
    "InterestOwed",
    "LapseWhilePaused",
    "LayerExposed",
    "MarkersMismatch",
    "NoPayoutProposed",
    "NoWithdrawalAnnounced",
    "NotPaused",
    "NothingMended",
    "NothingToAppeal",
    "NothingToCede",
    "NothingToSettle",
    "OriginalNotCleared",
    "OriginalStillCeded",
    "OutflowLimitReached",
    "PauseCoolingDown",
    "PauseDurationInvalid",
    "PayoutAlreadyProposed",
    "PayoutFrozen",
    "PlanVersionNotInForce",
    "PoolOfOtherInsurer",
    "PoolUnderfunded",
    "PriceNotHeld",
    "ReviewFinal",
    "ReviewerMismatch",
    "ScreeningNotAwaited",
    "ServiceOutsideAgreement",
    "ServiceOutsideHold",
    "TicketOutOfPeriod",
    "WithdrawalAlreadyAnnounced",
    "WithdrawalLapsed",
    "WithdrawalNotDue",
    "WithdrawalWhileUnfunded",
    "WithdrawalsPaused",
    "WrongPayout",
];
