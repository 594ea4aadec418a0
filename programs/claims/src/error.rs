//! Why the claims program refuses. Anchor adds 6000 to each number; numbers are never reused.

use anchor_lang::prelude::*;
use galen_chain::signature::SignatureRefusal;
use galen_chain::token_account::PayeeRefusal;

/// The claims program's errors, a hundred for each entity.
#[error_code]
pub enum ClaimsError {
    /// An invariant of an account does not hold: a fault of the program.
    #[msg("An account would break its invariant; please report this with the transaction")]
    InvariantBroken = 0,
    /// A sum leaves the range of its type.
    #[msg("An amount is too large to be counted")]
    AmountOverflow = 1,
    /// A date lies outside the calendar that the program knows.
    #[msg("A date lies outside the years 1 to 9999")]
    DateInvalid = 3,

    /// `valid_until` has passed.
    #[msg("The administrative action has expired; sign it again with a later valid_until")]
    AdminExpired = 100,
    /// The sequence number has moved on.
    #[msg(
        "Another administrative action came first; read the sequence number again and sign again"
    )]
    AdminSequenceStale = 101,
    /// The sequence number is at its maximum.
    #[msg("The sequence number cannot grow any further")]
    AdminSequenceExhausted = 102,
    /// The record belongs to another organisation.
    #[msg("The operator record belongs to another organization")]
    OperatorOfOtherOrganization = 110,
    /// The record belongs to another key.
    #[msg("The operator record belongs to another key")]
    OperatorKeyMismatch = 111,
    /// The key has been revoked.
    #[msg("The operator has been revoked; sign with another operator's key")]
    OperatorRevoked = 112,
    /// The key has expired.
    #[msg("The operator has expired; the organization's authority can extend it")]
    OperatorExpired = 113,
    /// The key lacks the permission.
    #[msg("The operator lacks the permission that this needs")]
    PermissionMissing = 114,
    /// The organisation may not act.
    #[msg("The organization is not active; governance must activate it first")]
    OrganizationNotActive = 120,
    /// The organisation is not an insurer.
    #[msg("The organization is not an insurer")]
    NotAnInsurer = 121,
    /// The organisation neither treats patients nor dispenses.
    #[msg("The organization is neither a provider nor a pharmacy")]
    NotAProvider = 122,
    /// The organisation is not the pool's insurer.
    #[msg("The pool belongs to another insurer")]
    PoolOfOtherInsurer = 123,
    /// The signer is not the provider's authority.
    #[msg("Only the authority of the provider's organization may do this")]
    NotProviderAuthority = 124,
    /// Nothing new is awarded during a pause.
    #[msg("New awards are paused; the pause ends by itself, try again then")]
    AwardsPaused = 130,

    /// The mint has too few or too many decimals.
    #[msg("The mint must have from 2 to 9 decimals")]
    MintDecimalsInvalid = 200,
    /// The mint is of neither token program.
    #[msg("The mint belongs to neither SPL Token nor Token-2022, or is not initialized")]
    MintInvalid = 201,
    /// The mint's token program is not the one given.
    #[msg("The token program is not the one that owns the mint")]
    WrongTokenProgram = 202,
    /// An extension lets somebody tax transfers.
    #[msg("The mint can tax transfers (transfer fee); use another mint")]
    MintCanTax = 203,
    /// An extension lets somebody take tokens.
    #[msg("The mint's issuer can take tokens (permanent delegate); use another mint")]
    MintCanTake = 204,
    /// An extension lets somebody freeze or pause.
    #[msg("The mint freezes by default or can be paused; use another mint")]
    MintCanFreeze = 205,
    /// An extension runs another program at each transfer, or moves amounts out of sight.
    #[msg("The mint redirects or hides transfers (hook, confidential transfer); use another mint")]
    MintCanRedirect = 206,
    /// Another extension that is not on the list of harmless ones.
    #[msg("The mint has an extension that a pool does not accept; the log names it")]
    MintExtensionRefused = 207,
    /// An extension that this program does not know.
    #[msg("The mint has an extension that this program does not know")]
    MintExtensionUnknown = 208,
    /// The mint is not the pool's.
    #[msg("The mint is not the pool's")]
    WrongMint = 209,
    /// The vault is not the pool's.
    #[msg("The vault is not the pool's")]
    WrongVault = 210,
    /// Nothing to fund.
    #[msg("Fund at least one cent, in whole cents")]
    FundingInvalid = 211,
    /// The vault received something else than was sent.
    #[msg("The vault did not receive the amount that was sent")]
    FundingMismatch = 212,
    /// Nothing to withdraw.
    #[msg("Announce at least one cent, in whole cents")]
    WithdrawalInvalid = 213,
    /// One withdrawal at a time.
    #[msg("A withdrawal is already announced; make it or cancel it first")]
    WithdrawalAlreadyAnnounced = 214,
    /// Nothing was announced.
    #[msg("No withdrawal is announced; announce it 14 days before")]
    NoWithdrawalAnnounced = 215,
    /// The notice is still running.
    #[msg("The withdrawal's notice of 14 days is still running")]
    WithdrawalNotDue = 216,
    /// The announcement is too old.
    #[msg("The withdrawal was announced too long ago; cancel it and announce it again")]
    WithdrawalLapsed = 217,
    /// Claims come first.
    #[msg("Awarded claims wait for money; nothing is withdrawn before they have it")]
    WithdrawalWhileUnfunded = 218,
    /// A pause is running.
    #[msg("Withdrawals are paused; the pause ends by itself, try again then")]
    WithdrawalsPaused = 219,
    /// The money goes where was announced.
    #[msg("The destination is not the token account that was announced")]
    WrongDestination = 220,

    /// The plan belongs to another pool.
    #[msg("The plan belongs to another pool")]
    PlanOfOtherPool = 300,
    /// The plan version belongs to another pool.
    #[msg("The plan version belongs to another pool")]
    PlanVersionOfOtherPool = 301,
    /// The plan version belongs to another plan.
    #[msg("The plan version belongs to another plan")]
    PlanVersionOfOtherPlan = 302,
    /// The plan version does not apply on the service date.
    #[msg("The plan version is not the one in force on the service date")]
    PlanVersionNotInForce = 303,
    /// The version would not begin after the last one.
    #[msg("A plan version must take effect after the one before it")]
    EffectiveDateNotLater = 305,
    /// The version before is missing or not the last one.
    #[msg("Give the plan's latest version, or none for the first one")]
    PreviousVersionMismatch = 306,
    /// The terms contradict themselves or leave their range.
    #[msg("The plan's terms are invalid: rates up to 10000, ascending tiers, categories in use only once")]
    TermsInvalid = 307,
    /// The clocks contradict themselves or leave their range.
    #[msg("The plan's clocks are invalid: a rate up to 100 %, at most two levels of appeal with days to file and to decide, no archive before a claim is too old to file")]
    ClocksInvalid = 308,
    /// The checks contradict themselves or leave their range.
    #[msg("The plan's checks are invalid: days to confirm where members are asked and days to reveal where claims are drawn, and only there, together fewer than the insurer has to decide; a reviewer with days to ask and to decide; a blinding service with days to keep entries")]
    ChecksInvalid = 309,

    /// The schedule belongs to another pool.
    #[msg("The benefit schedule belongs to another pool")]
    ScheduleOfOtherPool = 400,
    /// The schedule is not the plan version's.
    #[msg("The benefit schedule is not the one of the plan version")]
    ScheduleMismatch = 401,
    /// The account's size does not fit a whole number of entries up to the most.
    #[msg(
        "The account must have room for 1 to 10000 entries of 32 bytes after the header, exactly"
    )]
    ScheduleSizeInvalid = 402,
    /// The schedule can no longer change.
    #[msg("The benefit schedule is sealed; upload a new one")]
    ScheduleSealed = 403,
    /// The schedule can still change.
    #[msg("The benefit schedule is not sealed; seal it first")]
    ScheduleNotSealed = 404,
    /// The chunk has been uploaded.
    #[msg("This chunk is already in the schedule; continue at its count")]
    ScheduleChunkAlreadyUploaded = 405,
    /// A chunk before this one is missing.
    #[msg("A chunk before this one is missing; continue at the schedule's count")]
    ScheduleChunkOutOfOrder = 406,
    /// The entries are not strictly ascending.
    #[msg("The entries must be strictly ascending by code key")]
    ScheduleNotSorted = 407,
    /// The schedule has no room for the chunk.
    #[msg("The schedule has no room for these entries")]
    ScheduleFull = 408,
    /// The chunk is empty.
    #[msg("Give at least one entry")]
    ScheduleChunkEmpty = 409,
    /// An entry contradicts itself or leaves its range.
    #[msg("An entry is invalid: known flags, a rate up to 10000, a category up to 8, at most 3653 days between two services, an id other than zero")]
    BenefitInvalid = 410,
    /// What is to be sealed is not what was uploaded.
    #[msg("The schedule's content is not what was to be sealed; compare count and digest")]
    ScheduleDigestMismatch = 411,
    /// The signer has not opened the schedule.
    #[msg("Only the operator who opened the schedule may append to it")]
    NotScheduleOpener = 412,

    /// The member belongs to another pool.
    #[msg("The member belongs to another pool")]
    MemberOfOtherPool = 500,
    /// The coverage ends before it begins.
    #[msg("Coverage must not end before it begins")]
    CoverageInvalid = 501,
    /// The floor would fall.
    #[msg("The ticket floor only rises")]
    TicketFloorNotHigher = 502,
    /// The history belongs to another member.
    #[msg("The history belongs to another member")]
    HistoryOfOtherMember = 503,
    /// The history has no room.
    #[msg("The member's history is full; grow it (grow_history) and try again")]
    HistoryFull = 504,
    /// The commitment is empty.
    #[msg("The commitment is all zeros; commit to the member with a random salt")]
    CommitmentEmpty = 505,
    /// The family belongs to another pool.
    #[msg("The family belongs to another pool")]
    FamilyOfOtherPool = 506,
    /// The family has another plan.
    #[msg("The family has coverage of another plan")]
    FamilyOfOtherPlan = 507,
    /// One family.
    #[msg("The member already belongs to a family")]
    FamilyJoined = 508,
    /// Too late to join.
    #[msg("Claims of the member have been adjudicated; what it has used up would be missing in the family")]
    MemberHasClaims = 509,
    /// The family's account is not there.
    #[msg("The member belongs to a family; give the family's account after the instruction's own, writable")]
    FamilyMissing = 510,
    /// The authorisation contradicts itself.
    #[msg("An authorization has a number and units from 1, and does not end before it begins")]
    AuthorizationInvalid = 511,
    /// The authorisation is another member's.
    #[msg("The authorization is another member's")]
    AuthorizationOfOtherMember = 512,
    /// The authorisation that a line used is not there.
    #[msg("A line of the claim has used an authorization up; give its account after the instruction's own, writable")]
    AuthorizationMissing = 513,
    /// The authorisation has been given twice.
    #[msg("The authorization has fewer units left than the lines use; give each account once")]
    AuthorizationExhausted = 514,
    /// The opening figures contradict each other.
    #[msg("What was used up before must not be more of the deductible than of the out-of-pocket maximum, more in the year than ever, nor above 10,000,000,000.00")]
    OpeningInvalid = 515,

    /// The agreement is with another provider.
    #[msg("The agreement is with another provider")]
    AgreementOfOtherProvider = 600,
    /// The agreement is another pool's.
    #[msg("The agreement belongs to another pool")]
    AgreementOfOtherPool = 601,
    /// The agreement was never accepted, or is not in force now.
    #[msg("The agreement is not active; the provider accepts an offer, the insurer lifts a suspension")]
    AgreementNotActive = 602,
    /// The agreement's status cannot change like this.
    #[msg("The agreement's status cannot change in this way")]
    AgreementTransitionInvalid = 603,
    /// The payout account cannot serve.
    #[msg("The payout account must be an initialized token account of the pool's mint")]
    PayoutInvalid = 604,
    /// The payout account is the vault.
    #[msg("The payout account must not be a pool's vault")]
    PayoutIsVault = 605,
    /// No change of payout account is on its way.
    #[msg("No change of payout account is waiting")]
    NoPayoutProposed = 606,
    /// A change of payout account is on its way.
    #[msg("A change of payout account is already waiting; cancel it first")]
    PayoutAlreadyProposed = 607,
    /// The signer may not cancel.
    #[msg(
        "Only the provider's authority, or the key that set the present payout account, may cancel"
    )]
    NotPayoutAuthority = 608,

    /// No lines.
    #[msg("A claim needs at least one line")]
    NoLines = 700,
    /// Too many lines.
    #[msg("A claim has at most 16 lines; split it")]
    TooManyLines = 701,
    /// A line without units.
    #[msg("A line has no units; state 1 or more (a charge may be 0)")]
    LineInvalid = 702,
    /// The lines' dates lie in two benefit periods.
    #[msg("The lines lie in two benefit periods; split the claim at the turn of the year")]
    ClaimSpansPeriods = 703,
    /// The claim is another pool's.
    #[msg("The claim belongs to another pool")]
    ClaimOfOtherPool = 704,
    /// The claim is another provider's.
    #[msg("The claim belongs to another provider")]
    ClaimOfOtherProvider = 705,
    /// The claim is another member's.
    #[msg("The claim belongs to another member")]
    ClaimOfOtherMember = 706,
    /// The claim was adjudicated under another plan version.
    #[msg("The claim was submitted under another plan version")]
    ClaimOfOtherPlanVersion = 707,
    /// The claim is no longer open.
    #[msg("The claim is no longer a draft")]
    ClaimNotDraft = 708,
    /// The claim does not wait for a decision.
    #[msg("The claim does not wait for a decision")]
    ClaimNotPended = 709,
    /// The claim does not wait for money.
    #[msg("The claim does not wait for money")]
    ClaimNotPayable = 710,
    /// The lines have been appended.
    #[msg("These lines are already in the claim; continue at its number of lines")]
    LinesAlreadyAppended = 711,
    /// Lines before these are missing.
    #[msg("Lines before these are missing; continue at the claim's number of lines")]
    LinesOutOfOrder = 712,
    /// The draft lacks lines.
    #[msg("The claim does not have all of its lines yet")]
    ClaimIncomplete = 713,
    /// The claim's total is not the one signed for.
    #[msg("The claim's lines do not add up to the total that was signed for")]
    ChargeMismatch = 714,
    /// The signer has not opened the claim.
    #[msg("Only the operator who opened the claim may close it, for its rent")]
    NotClaimOpener = 715,
    /// The reason does not exist.
    #[msg("A denial needs a group and a reason code other than 0, and other than 59, which only reduces")]
    DenialReasonInvalid = 716,
    /// A line does not balance.
    #[msg(
        "A line's charge is not what is paid and adjusted; please report this with the transaction"
    )]
    LineUnbalanced = 717,
    /// The document's commitment is empty.
    #[msg("The document's commitment is all zeros; commit to the document with a random salt")]
    DocumentEmpty = 718,
    /// The accumulators of the claim's benefit period are no longer kept.
    #[msg("Four later benefit periods are kept of the member or its family, and the claim's no longer: deny it and settle it outside the ledger")]
    PeriodClosed = 719,
    /// The claim cannot be taken back.
    #[msg("Only a claim that was adjudicated, and not reversed since, can be reversed")]
    ClaimNotReversible = 720,
    /// The reversal has no reason.
    #[msg("A reversal needs a reason from 1 to 65534")]
    ReversalReasonInvalid = 721,
    /// Nothing that the claim saw has been taken back.
    #[msg("The claim is not flagged for reprocessing: nothing it was adjudicated by has been reversed since")]
    ClaimNotFlagged = 722,
    /// One question at a time.
    #[msg("Information is already awaited for this claim")]
    InformationAlreadyAwaited = 723,
    /// Nothing was asked.
    #[msg("No information is awaited for this claim")]
    InformationNotAwaited = 724,
    /// It has been escalated.
    #[msg("The claim has already been escalated")]
    AlreadyEscalated = 725,
    /// The insurer still has time.
    #[msg("The insurer's time to decide is not over, or the plan sets none; try again later")]
    DecisionNotOverdue = 726,
    /// The two do not fit together.
    #[msg("Only a later claim for the same member stands in the place of one that was reversed, and each in one place")]
    ClaimNotReplaceable = 727,
    /// Something can still happen to it.
    #[msg("The claim still waits for somebody; only what is paid, denied, reversed or owes nothing is archived")]
    ClaimNotFinal = 728,
    /// It is kept for longer.
    #[msg("The claim is kept until the plan's archive clock and its time to appeal are over")]
    ArchiveTooEarly = 729,
    /// It is to be adjudicated anew.
    #[msg("The claim is flagged for reprocessing; have it reprocessed first")]
    ClaimStillFlagged = 730,
    /// What another payer decided contradicts itself or the line.
    #[msg("Another payer pays at most what it allows, allows at most what the provider may collect, and that is at most the charge of a line of the claim")]
    OtherPayerInvalid = 731,
    /// The lines are not ascending.
    #[msg("State what another payer decided once for a line, ascending by line")]
    OtherPayersOutOfOrder = 732,
    /// There is nothing to add.
    #[msg("State what another payer decided about at least one line")]
    OtherPayersEmpty = 733,
    /// Nothing is committed to, or for too long.
    #[msg("Commit to a pack, not to zeros, for 1 second to 7 days from now")]
    PackCommitmentInvalid = 734,
    /// The claim is paid by the dispense of its pack only.
    #[msg("The claim waits for a pack; it is paid when that is dispensed for it and in no other way, or released and then a draft again")]
    ClaimAwaitsDispense = 735,
    /// The claim is bound to no pack.
    #[msg("The claim does not wait for a pack; have the member commit to one first")]
    DispenseNotAwaited = 736,
    /// The member agreed to another pack.
    #[msg("The member agreed to another pack: batch, place and salt do not give the commitment")]
    PackMismatch = 737,
    /// The member's consent is over.
    #[msg("The time for which the member agreed to the pack is over; release the pack, and have the member agree again")]
    PackCommitmentLapsed = 738,
    /// The member's consent is not over.
    #[msg("Until its time is over, only who paid for the commitment can release the pack")]
    PackCommitmentInForce = 739,
    /// The commitment is another claim's.
    #[msg("The commitment belongs to another claim")]
    PackOfOtherClaim = 740,
    /// The rent is somebody else's.
    #[msg("The rent of the commitment goes to who paid it")]
    NotPackPayer = 741,
    /// The commitment is still needed.
    #[msg("The pack has been dispensed for the claim; the commitment is kept until the claim is archived")]
    PackStillNeeded = 742,
    /// The claim would wait for the insurer.
    #[msg("The claim cannot be paid at once: it would wait, the log says for what; nothing was dispensed")]
    DispenseWouldPend = 743,
    /// The claim would be denied.
    #[msg("Every line of the claim would be denied; nothing was dispensed")]
    DispenseWouldDeny = 744,
    /// Another claim stands in its place.
    #[msg("Name the claim that stands in this one's place, if there is one; a claim that was replaced twice cannot be undone")]
    ClaimWasReplaced = 745,
    /// Zeros name no claim.
    #[msg("The claim's identifier is all zeros, which stands for no claim; draw one at random")]
    ClaimIdEmpty = 746,

    /// Neither the member's signature nor a ticket.
    #[msg("The claim needs the member's signature or an eligibility ticket of the insurer")]
    MemberConsentMissing = 800,
    /// The signature is another key's.
    #[msg("The signer is not the member's key, or the member has none; use an eligibility ticket")]
    NotMemberAuthority = 801,
    /// The pool issues no tickets.
    #[msg("The pool has no eligibility desk; the member must sign")]
    TicketsNotIssued = 802,
    /// The ticket does not cover the service date.
    #[msg("The eligibility ticket does not cover all service dates of the claim")]
    TicketOutOfPeriod = 803,
    /// The ticket has been revoked.
    #[msg("The eligibility ticket has been revoked; ask the insurer for a new one")]
    TicketRevoked = 804,
    /// The instructions sysvar is missing.
    #[msg("A ticket needs the instructions sysvar among the accounts")]
    InstructionsSysvarMissing = 805,
    /// The instruction before is not the verification of the ticket.
    #[msg("The instruction just before must verify the ticket's one Ed25519 signature, in canonical form")]
    TicketSignatureMissing = 806,
    /// Another key has signed.
    #[msg("The ticket is not signed by the pool's eligibility desk")]
    TicketSignerMismatch = 807,
    /// Something else was signed.
    #[msg("The ticket's signature is over another pool, member, provider, period or nonce")]
    TicketMessageMismatch = 808,
    /// The member is not asked.
    #[msg("The claim does not wait for the member's confirmation")]
    ConfirmationNotAwaited = 809,
    /// It is the member's turn.
    #[msg("The claim waits for the member, who confirms or disputes it until the day in the claim; then the insurer decides")]
    ConfirmationAwaited = 810,
    /// The member was too late.
    #[msg("The time to confirm or dispute the claim is over; the insurer decides now")]
    ConfirmationLate = 811,

    /// The payout account is not the agreement's.
    #[msg("The payout account is not the one in force under the agreement")]
    WrongPayout = 900,
    /// The payout account has been closed.
    #[msg("The payout account has been closed; the provider must propose another")]
    PayoutClosed = 901,
    /// The payout account refuses transfers without a memo.
    #[msg("The payout account refuses transfers without a memo; its owner must switch that off, or the provider propose another")]
    PayoutAsksForMemo = 912,
    /// The payout account is frozen.
    #[msg("The payout account is frozen; the provider must have it thawed or propose another")]
    PayoutFrozen = 902,
    /// The pool lacks the money.
    #[msg("The pool does not hold enough money for this claim yet; it can be paid once the pool is funded")]
    PoolUnderfunded = 903,
    /// Young awards wait during a pause.
    #[msg("During a pause only awards older than 24 hours are paid; try again later")]
    AwardTooYoung = 905,
    /// The pool's limit of a day is reached.
    #[msg("The pool pays no more claims today: its outflow limit is reached; try again tomorrow")]
    OutflowLimitReached = 907,
    /// The vault paid something else.
    #[msg("The vault's balance did not fall by the amount paid; please report this with the transaction")]
    PaymentMismatch = 906,
    /// Interest waits for money.
    #[msg("Interest on this claim has not been paid yet; settle the claim first")]
    InterestOwed = 908,
    /// None of the claims can be paid.
    #[msg(
        "None of these claims can be paid now: they do not wait for money, or the pool lacks it"
    )]
    NothingToSettle = 909,
    /// The event has a bit for each of 64.
    #[msg("At most 64 claims are settled together; give fewer")]
    TooManyClaims = 913,

    /// Nobody has lost anything by it.
    #[msg("There is nothing to appeal: the claim is not decided, was paid in full, or has been replaced")]
    NothingToAppeal = 1000,
    /// One level at a time.
    #[msg("An appeal is open; it must be decided or lapse first")]
    AppealStillOpen = 1001,
    /// There is no further level.
    #[msg(
        "All levels of appeal are exhausted, and the plan names no reviewer outside the insurer"
    )]
    AppealsExhausted = 1002,
    /// CARC 138.
    #[msg("The time to appeal is over")]
    AppealLate = 1003,
    /// It has been closed.
    #[msg("The appeal is not open any more")]
    AppealNotOpen = 1004,
    /// Too late to uphold.
    #[msg("The time to decide the appeal is over: it can still be overturned, or lapses")]
    AppealOverdue = 1005,
    /// The insurer still has time.
    #[msg("The time to decide the appeal is not over yet; it lapses after that")]
    AppealNotOverdue = 1006,
    /// No reasons.
    #[msg("The commitment to the reasons is all zeros; commit to them with a random salt")]
    RationaleEmpty = 1007,
    /// The same key has decided before.
    #[msg("This key has decided about the claim before; somebody else must decide the appeal")]
    DeciderDecidedBefore = 1008,
    /// The appeal is about another claim.
    #[msg("The appeal is about another claim")]
    AppealOfOtherClaim = 1009,
    /// Neither the member nor the provider.
    #[msg("Only the member's own key or an operator of the claim's provider may appeal")]
    NotAppellant = 1010,
    /// The rent is somebody else's.
    #[msg("The appeal's rent goes to who paid it")]
    NotAppealPayer = 1011,
    /// A waiver that does not exist.
    #[msg("A waiver is unknown; the bits are those of the IDL's constants")]
    WaiversInvalid = 1012,

    /// The days are over, revealed, or not the chain's.
    #[msg("The days of a chain of draws begin after today, and each is revealed once, in order, in the chain's year")]
    DrawDaysInvalid = 1100,
    /// Claims of the day can still come in.
    #[msg("The day is not over: a draw is revealed when no more claims can come in under it")]
    DrawTooEarly = 1101,
    /// The link is not of this chain or day.
    #[msg("The link does not lead back to the one revealed before; give that of the day, of this chain")]
    LinkMismatch = 1102,
    /// The claim does not wait for it.
    #[msg("The claim does not wait for a draw")]
    DrawNotAwaited = 1103,
    /// The insurer still has time to reveal it.
    #[msg("The draw of the claim's day is not revealed yet; it is, or the claim counts as not drawn, after the day in the claim")]
    DrawNotRevealed = 1104,
    /// It is the draw's turn.
    #[msg("The claim waits for the draw: have it drawn (draw_claim), or wait until the day in the claim is over")]
    DrawAwaited = 1105,

    /// The answer was given to another provider.
    #[msg("The predetermination was given to another provider")]
    PredeterminationOfOtherProvider = 1200,
    /// The answer is another pool's.
    #[msg("The predetermination belongs to another pool")]
    PredeterminationOfOtherPool = 1201,
    /// The insurer has not signed.
    #[msg("The insurer holds no price for this predetermination; ask it to sign (hold_price)")]
    PriceNotHeld = 1202,
    /// The price cannot be held like this.
    #[msg("A price is held from today on, for longer than before, and for at most 366 days after the answer")]
    HoldInvalid = 1203,
    /// Something else was done than was asked about.
    #[msg("The claim has codes, modifiers or units that the predetermination does not")]
    CodesNotWithin = 1204,
    /// The care was given at another time.
    #[msg("A service lies before the answer or after the day until which the price is held")]
    ServiceOutsideHold = 1205,
    /// One claim.
    #[msg("Another claim has cited this predetermination; ask again")]
    AlreadyCited = 1206,
    /// The rent is somebody else's.
    #[msg("Only the operator who asked may close the predetermination, for its rent")]
    NotPredeterminationOpener = 1207,

    /// Somebody else decides.
    #[msg("This is a review outside the insurer; the organization that the plan names decides it")]
    ReviewerMismatch = 1300,
    /// The reviewer is on a side.
    #[msg(
        "A reviewer is neither an insurer nor a provider; the plan names one that cannot decide"
    )]
    ReviewerIsParty = 1301,
    /// Nothing comes after it.
    #[msg("The reviewer outside the insurer has decided; that is final")]
    ReviewFinal = 1302,

    /// The terms contradict themselves, or their sum cannot be counted.
    #[msg("The treaty is invalid: at most 366 days, a number below 65535, some cover, no more for one claim than for all, sums that can be counted")]
    TreatyInvalid = 1400,
    /// The treaty covers another pool.
    #[msg("The treaty covers another pool")]
    TreatyOfOtherPool = 1401,
    /// The treaty is with another reinsurer.
    #[msg("The treaty is with another reinsurer")]
    TreatyOfOtherReinsurer = 1402,
    /// The treaty has been accepted before.
    #[msg("The treaty is not an offer any more")]
    TreatyNotOffered = 1403,
    /// The treaty has not been accepted.
    #[msg("The treaty is not in force; the reinsurer accepts it first")]
    TreatyNotInForce = 1404,
    /// Another treaty covers some of these days, or later ones.
    #[msg("The pool's awards are reinsured until a later day; a treaty begins after the one before it ends")]
    TreatiesOverlap = 1405,
    /// The vault is not the layer's.
    #[msg("The vault is not that of the treaty's layer, or the treaty is not in force")]
    WrongLayerVault = 1406,
    /// No claim to count, and nothing to move.
    #[msg("None of these claims is to be counted under the treaty, and layer and pool owe each other nothing that could be moved")]
    NothingToCede = 1407,
    /// The money may still be needed.
    #[msg("The layer must keep what the pool can still draw; less than announced is beyond that")]
    LayerExposed = 1408,
    /// Nobody reinsures itself.
    #[msg("The reinsurer must be another organization than the insurer")]
    ReinsurerIsInsurer = 1409,
    /// The claim was taken back and is still counted.
    #[msg(
        "The claim is still counted under a reinsurance treaty; cede it again, which takes it out"
    )]
    ClaimStillCeded = 1410,

    /// The claim is not to be screened.
    #[msg("The claim does not wait to be held against the registry of duplicates")]
    ScreeningNotAwaited = 1500,
    /// A marker is missing, or one too many.
    #[msg("Give one marker for each day on which the claim has services, ascending by day")]
    MarkersMismatch = 1501,
    /// An entry's account is not there.
    #[msg("Give the entry of each marker first after the instruction's own accounts, writable, in the order of the markers")]
    EntryMissing = 1502,
    /// The account is another.
    #[msg("An account is not the entry of its marker under the plan's blinding service and the claim's provider")]
    EntryMismatch = 1503,
    /// The claim is not in it.
    #[msg("The claim does not stand in this entry of the registry of duplicates")]
    EntryNotHeld = 1504,
    /// The claim still stands.
    #[msg(
        "The claim stands; only one that was denied or reversed leaves the registry of duplicates"
    )]
    ClaimStillStands = 1505,
    /// The entry's time is not over.
    #[msg("The entry is kept until the day in it is over; claims that were denied or reversed can be released from it")]
    EntryStillKept = 1506,
    /// The rent is somebody else's.
    #[msg("The entry's rent goes to who paid it")]
    NotEntryPayer = 1507,
    /// Too few or too many days for which entries are kept.
    #[msg("Keep entries of the registry of duplicates for as many days as claims can be filed in, and for at most 1096")]
    EntryDaysInvalid = 1508,
    /// What an appeal awards stands in the claim's place, also in the registry.
    #[msg("The claim may yet be awarded: an appeal is open or still in time; release it once that is over")]
    EntryAwaitsAppeal = 1509,

    /// The claim is not paid.
    #[msg("Only what a claim has paid is recouped; what was reversed is owed by the provider")]
    ClaimNotPaid = 1600,
    /// The dispense names another claim.
    #[msg("The dispense is not that of a pack for this claim")]
    DispenseOfOtherClaim = 1601,
    /// The provenance program's record is another.
    #[msg("The recoupment is another claim's")]
    RecoupmentOfOtherClaim = 1602,
    /// Nothing has arrived since.
    #[msg("The bond has paid nothing that is not counted; have it pay with pay_recoupment of the provenance program")]
    NothingArrived = 1603,
    /// The claim is for more than the pack.
    #[msg("A bond pays back a claim of one line, the pack; file other services as a claim of their own")]
    ClaimOfSeveralLines = 1604,
    /// The account is not at the address of these seeds.
    #[msg("Name the claim by its pool, its provider and the identifier under which it was filed")]
    ClaimNotAtAddress = 1605,
    /// No claim of the list was replaced by the one before it.
    #[msg("Name the claims that it stands in the place of, the latest first, and their accounts in the same order")]
    NotItsOriginal = 1606,
    /// The claim's recoupment is counted off, and its record does not follow the claim.
    #[msg("A bond has paid back some of the claim, which its treaty counts less: give the claim's recoupment after it")]
    RecoupmentMissing = 1607,
    /// Details that are sealed do not change.
    #[msg(
        "The plan version's details are sealed and do not change; open those of a later version"
    )]
    DetailsSealed = 1700,
    /// The details can still change.
    #[msg("The plan version's details are not sealed yet")]
    DetailsNotSealed = 1701,
    /// An entry is out of range.
    #[msg("An entry of the details is out of the range of its kind, or of no kind that this program knows")]
    DetailInvalid = 1702,
    /// The entries do not ascend.
    #[msg("The entries of the details must ascend strictly by subject, kind, object and rank")]
    DetailsNotSorted = 1703,
    /// No entries.
    #[msg("There are no entries to append")]
    DetailsChunkEmpty = 1704,
    /// The entries are there already.
    #[msg("These entries of the details are there already; continue behind them")]
    DetailsChunkAlreadyUploaded = 1705,
    /// Entries are missing before these.
    #[msg("Entries of the details are missing before these; append them in order")]
    DetailsChunkOutOfOrder = 1706,
    /// Too many entries.
    #[msg("A plan version's details have at most 32768 entries")]
    DetailsFull = 1707,
    /// Other entries than the signer thinks.
    #[msg(
        "The details hold other entries than are to be sealed; give them up and upload them anew"
    )]
    DetailsDigestMismatch = 1708,
    /// Somebody else opened them.
    #[msg("Only the operator who opened the details appends to them, and gets their rent back")]
    NotDetailsOpener = 1709,
    /// A version stands on them.
    #[msg("A version stands on these details, which stay; where it was published without them, give its account")]
    DetailsPublished = 1710,
    /// The details are not there.
    #[msg("The plan version has details; give their account last, after all others")]
    DetailsMissing = 1711,
    /// The details are another version's.
    #[msg("The details are those of another plan or version")]
    DetailsOfOtherVersion = 1712,
    /// The details hold something that was never uploaded.
    #[msg("The plan version's details cannot be read; please report this with the transaction")]
    DetailsInvalid = 1713,
    /// No facts.
    #[msg("There are no facts to add")]
    FactsEmpty = 1714,
    /// Too many facts.
    #[msg("A claim states at most 96 facts beyond its lines, and of a member 36 are stated; leave out what the plan does not ask for")]
    TooManyFacts = 1715,
    /// The facts do not ascend.
    #[msg("Facts must ascend: of a claim by line, kind and key, of a member by kind, key and first day")]
    FactsOutOfOrder = 1716,
    /// A fact says what its kind cannot say.
    #[msg("A fact names something or a day where its kind has none, or none where it needs one, is about a line that is not there, or is stated twice")]
    FactInvalid = 1717,
    /// What is stated of the member is not there.
    #[msg("More is stated of the member; give the account of it after all others but the plan version's details")]
    MemberFactsMissing = 1718,
    /// The facts are another member's.
    #[msg("What is stated there is stated of another member")]
    FactsOfOtherMember = 1719,
    /// Another draft than was signed for.
    #[msg("The draft is not the one that was signed for; read it again, and sign again if it is right")]
    DraftDiffers = 1740,
    /// Another answer than was signed for.
    #[msg("The answer is not the one that was signed for; read it again, and sign again if it is right")]
    AnswerDiffers = 1741,
    /// The claim that it replaces is counted still, or is not there to be looked at.
    #[msg("The claim stands in the place of another; give that right before it, and before that the one in whose place that stands, writable, so that each is taken out first")]
    OriginalStillCeded = 1742,
    /// The claim in whose place it stands is not there to be looked at, or may still be counted under a treaty.
    #[msg("The claim was taken back and stands in the place of another: give that last; what a treaty counts of it comes off first, and where it stands in another's place too, it is archived first")]
    OriginalNotCleared = 1743,
    /// Another page is not needed yet.
    #[msg("The history has room for half a page of lines; it grows when there is less")]
    HistoryHasRoom = 1720,
    /// The history has all the pages that it can have.
    #[msg("The history has 2,048 entries, which is the most there is; deny what pends, or reverse claims that stand no longer")]
    HistoryAtLargest = 1721,
    /// The filing limit is longer than what the history keeps allows.
    #[msg("A plan allows at most 1,096 days between a service and its claim: lines further back are not kept to be compared")]
    FilingLimitTooLong = 1722,
    /// A version after the first would apply to care that was given already.
    #[msg("A plan's second version and those after it apply to services from tomorrow on at the earliest: care is paid for by the terms of its day; give a later date")]
    EffectiveDatePast = 1723,
    /// A medicine without its pack.
    #[msg("The plan pays this medicine only with a pack of it: bind the claim to the pack, and have both dispensed and paid at once")]
    PackRequired = 1750,
    /// A medicine among other lines, or several packs of it.
    #[msg("A medicine that is paid with its pack stands alone on its claim, as one unit: one pack, one claim")]
    PackLineNotAlone = 1751,
    /// The pack is of another medicine than the line, or nothing shows of which.
    #[msg("The pack is not of the medicine on the claim's line, or what opens the line's code is missing")]
    ProductMismatch = 1752,
    /// Categories in other places than in the version before, over another span, or fewer of them.
    #[msg("A plan's later versions keep the categories of the earlier ones, in their places and over their spans: what members have used is counted by both. New ones come after them")]
    CategoriesMoved = 1753,
    /// A claim with a pack for another day than that of the dispense.
    #[msg("A claim that is paid by dispensing a pack is for the day of the dispense: its services are neither of more than a day before the member agreed to the pack nor of a day to come")]
    ServiceDateNotOfDispense = 1754,
    /// An authorisation that is to end before today.
    #[msg("An authorization ends today at the earliest: what was done under it until now stays covered")]
    AuthorizationEndsTooEarly = 1755,
    /// More changes of an agreement than are kept.
    #[msg("What the agreement was on the days that can still be claimed would be lost: it has changed as often as is kept. Change it later, or back")]
    AgreementChangedTooOften = 1756,
    /// Lines on both sides of a change of the network.
    #[msg("The claim has services of before and of after the provider joined or left the network; file one claim for each")]
    ClaimSpansNetworkChange = 1757,
    /// A service of a day on which the agreement was not in force.
    #[msg("The agreement was not in force on the day of a service: it is until the day on which it is suspended or ended, and again from that on which it is resumed or accepted anew")]
    ServiceOutsideAgreement = 1758,
    /// An approval in part that leaves out no line.
    #[msg("An approval in part names the lines that are not approved; approve the claim where there is none")]
    FindingsEmpty = 1760,
    /// One line in both lists.
    #[msg("One thing is found of a line: that it was not necessary, or that the documents do not support it")]
    FindingsOverlap = 1761,
    /// A line that the claim does not have.
    #[msg("Something is found of a line that the claim does not have")]
    FindingOutsideClaim = 1762,
    /// Something is found of every line.
    #[msg("Something is found of every line: deny the claim")]
    FindingsOfAllLines = 1763,
    /// An appeal has waived what reviewers find of this claim.
    #[msg("An appeal has waived what a reviewer finds of this claim: what was won stays won")]
    FindingsWaived = 1764,
    /// An appeal that is overturned, and nothing comes of it.
    #[msg("Nothing would be better than before: no more is paid, the patient owes no less, and no denied line is let through. Waive the gates that deny them, or uphold the decision")]
    NothingMended = 1765,
    /// An appeal that is to lapse during a pause of awards.
    #[msg("Awards are paused, so that no appeal can be overturned: none lapses until the pause is over")]
    LapseWhilePaused = 1766,
    /// An attachment for a claim that is to be held against the registry of duplicates.
    #[msg("The claim is to be held against the registry of duplicates first; add the attachment after that")]
    ScreeningAwaited = 1767,
    /// Something else than an attachment for a claim that waits.
    #[msg("A claim that waits takes attachments, and nothing else")]
    FactNotAttachment = 1768,
    /// A decision on a claim that states something else than what was looked at.
    #[msg("The claim states something that the decision does not know of: an attachment has come. Look at it again")]
    FactsChanged = 1769,
}

impl From<SignatureRefusal> for ClaimsError {
    fn from(refusal: SignatureRefusal) -> Self {
        match refusal {
            SignatureRefusal::Missing => Self::TicketSignatureMissing,
            SignatureRefusal::OtherKey => Self::TicketSignerMismatch,
            SignatureRefusal::OtherMessage => Self::TicketMessageMismatch,
        }
    }
}

impl From<PayeeRefusal> for ClaimsError {
    fn from(refusal: PayeeRefusal) -> Self {
        match refusal {
            PayeeRefusal::Closed => Self::PayoutClosed,
            PayeeRefusal::Other => Self::PayoutInvalid,
            PayeeRefusal::Frozen => Self::PayoutFrozen,
            PayeeRefusal::AsksForMemo => Self::PayoutAsksForMemo,
        }
    }
}

registry::staff_refusals!(ClaimsError);
galen_chain::mint_refusals!(ClaimsError);

#[cfg(test)]
mod tests {
    use super::*;
    use galen_chain::mint_policy::MintRefusal;

    /// Anchor reads a mint before this program looks at it, and refuses what is none; were it to let one pass, or an extension
    /// that nobody knows, these would be the codes.
    #[test]
    fn refusals_of_mints_have_codes_of_their_own() {
        for (refusal, code) in [
            (MintRefusal::Decimals, 6_200),
            (MintRefusal::Invalid, 6_201),
            (MintRefusal::CanTax, 6_203),
            (MintRefusal::CanTake, 6_204),
            (MintRefusal::CanFreeze, 6_205),
            (MintRefusal::CanRedirect, 6_206),
            (MintRefusal::ExtensionRefused, 6_207),
            (MintRefusal::ExtensionUnknown, 6_208),
        ] {
            assert_eq!(u32::from(ClaimsError::from(refusal)), code);
        }
    }
}
