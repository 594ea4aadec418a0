//! Why the trials program refuses. Anchor adds 6000 to each number; numbers are never reused.

use anchor_lang::prelude::*;
use galen_chain::signature::SignatureRefusal;

/// The trials program's errors, a hundred for each entity.
#[error_code]
pub enum TrialsError {
    /// An invariant of an account does not hold: a fault of the program.
    #[msg("An account would break its invariant; please report this with the transaction")]
    InvariantBroken = 0,
    /// A sum leaves the range of its type.
    #[msg("An amount is too large to be counted")]
    AmountOverflow = 1,
    /// The default key was given where a real one is needed.
    #[msg("The default key cannot sign and is refused; give the key of an existing keypair")]
    KeyInvalid = 2,
    /// A date lies outside the calendar that the program knows.
    #[msg("A date lies outside the years 1 to 9999")]
    DateInvalid = 3,
    /// A rate is above the whole.
    #[msg("A rate in basis points is at most 10000")]
    RateInvalid = 4,

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
    /// The organisation is not a sponsor.
    #[msg("The organization is not a sponsor")]
    NotASponsor = 121,
    /// The organisation is not an ethics board.
    #[msg("The organization is not an ethics board")]
    NotAnEthicsBoard = 122,
    /// The organisation cannot conduct a trial.
    #[msg("The organization is neither a site nor a provider")]
    NotASite = 123,
    /// The organisation is not the trial's sponsor.
    #[msg("The trial belongs to another sponsor")]
    TrialOfOtherSponsor = 124,
    /// The organisation is not the trial's ethics board.
    #[msg("The trial is overseen by another ethics board")]
    TrialOfOtherBoard = 125,
    /// The signer is not the authority of the site's organisation.
    #[msg("Only the authority of the site's organization may accept")]
    NotSiteAuthority = 126,
    /// The organisation is neither the trial's sponsor nor its board.
    #[msg("Only the trial's sponsor or its ethics board may do this")]
    NotSponsorOrBoard = 127,
    /// The signer is not the participant's key.
    #[msg("Sign with the key that consented for this participant")]
    NotTheParticipantsKey = 128,
    /// A site's operator must sign, with record and organisation.
    #[msg("This needs a site's operator with its record and organization")]
    OperatorMissing = 129,

    /// Nothing new is promised during a pause.
    #[msg("New enrolments and withdrawals are paused; the pause ends by itself, and payments of what is earned go on")]
    Paused = 130,

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
    #[msg("The mint has an extension that a trial does not accept; the log names it")]
    MintExtensionRefused = 207,
    /// An extension that this program does not know.
    #[msg("The mint has an extension that this program does not know")]
    MintExtensionUnknown = 208,
    /// The mint is not the trial's.
    #[msg("The mint is not the trial's")]
    WrongMint = 209,
    /// The vault is not the trial's.
    #[msg("The vault is not the trial's")]
    WrongVault = 210,
    /// Nothing to fund.
    #[msg("Fund at least one cent, in whole cents")]
    FundingInvalid = 211,
    /// The vault received something else than was sent.
    #[msg("The vault did not receive the amount that was sent")]
    FundingMismatch = 212,

    /// The time for attesting is out of range.
    #[msg("Visits can be attested from 7 to 365 days after; choose a number in between")]
    AttestDaysInvalid = 300,
    /// The trial has ended.
    #[msg("The trial has ended; only what was earned before goes on")]
    TrialEnded = 301,
    /// The trial has not ended long enough ago.
    #[msg("This is possible 90 days after the end of the trial")]
    TrialRunning = 302,
    /// The ethics board has set no caps.
    #[msg("The ethics board must set its caps first")]
    CapsMissing = 303,
    /// There is not enough money for what would be promised.
    #[msg("The escrow cannot cover this participant's remaining schedule; fund the trial first")]
    EscrowShort = 304,
    /// More than is free.
    #[msg("Only what is neither reserved nor payable can be taken back")]
    MoreThanFree = 305,
    /// More than is withheld.
    #[msg("Not as much is withheld for the tax authority")]
    MoreThanWithheld = 306,
    /// Nothing.
    #[msg("Give an amount of at least one cent")]
    AmountZero = 307,
    /// A reason that is another's to give.
    #[msg("The sponsor ends a trial as complete or by decision, the ethics board for safety")]
    EndReasonNotTheirs = 308,

    /// The number is not that of a published version, or not the next one.
    #[msg("The protocol version's number does not fit; they count from 1 without gaps")]
    ProtocolNumberInvalid = 400,
    /// All versions are used up.
    #[msg("A trial has at most 16 versions of its protocol")]
    TooManyVersions = 401,
    /// The version is approved already.
    #[msg("This protocol version has been approved already")]
    ProtocolApproved = 402,
    /// A later version is approved.
    #[msg(
        "A later protocol version has been approved; publish this one anew under the next number"
    )]
    ProtocolOutOfOrder = 403,
    /// The date lies in the past or not after the version before.
    #[msg("A protocol version comes into force today or later, and after the one before")]
    ProtocolDateInvalid = 404,
    /// No version is in force.
    #[msg("No approved protocol version is in force yet")]
    NoProtocolInForce = 405,
    /// The version belongs to another trial.
    #[msg("The protocol version belongs to another trial")]
    ProtocolOfOtherTrial = 406,

    /// The number is not the next one.
    #[msg("Schedules count from 1 without gaps")]
    ScheduleNumberInvalid = 500,
    /// The schedule belongs to another trial.
    #[msg("The schedule belongs to another trial")]
    ScheduleOfOtherTrial = 501,
    /// The signer did not open the schedule.
    #[msg("Only who opened the schedule may append to it")]
    NotScheduleOpener = 502,
    /// The schedule can no longer change.
    #[msg("The schedule is sealed; open a new one")]
    ScheduleSealed = 503,
    /// The schedule can still change.
    #[msg("The schedule is not sealed yet")]
    ScheduleNotSealed = 504,
    /// Nothing to append.
    #[msg("Append at least one milestone")]
    ScheduleChunkEmpty = 505,
    /// These milestones are there already.
    #[msg("These milestones have been uploaded already; go on with the next ones")]
    ScheduleChunkAlreadyUploaded = 506,
    /// Milestones before these are missing.
    #[msg("Upload the earlier milestones first")]
    ScheduleChunkOutOfOrder = 507,
    /// Too many milestones.
    #[msg("A schedule has at most 64 milestones")]
    ScheduleFull = 508,
    /// No milestones.
    #[msg("A schedule needs at least one milestone")]
    ScheduleEmpty = 509,
    /// What would be sealed is not what the signer means.
    #[msg("The schedule on the ledger is not the one to be sealed; compare count and digest")]
    ScheduleDigestMismatch = 510,
    /// A milestone has an unknown kind or flag.
    #[msg("A milestone has a kind or a flag that does not exist")]
    MilestoneInvalid = 511,
    /// The schedule has no such milestone.
    #[msg("The schedule has no milestone of this number")]
    MilestoneUnknown = 512,
    /// A window closes before it opens.
    #[msg("A milestone's window closes before it opens")]
    WindowInvalid = 513,
    /// A screening visit counts towards the bonus.
    #[msg("Screening visits cannot count towards the completion bonus")]
    ScreeningCounts = 514,
    /// A bonus towards which nothing counts.
    #[msg("There is a bonus, but no milestone counts towards it")]
    BonusUncounted = 515,
    /// A cap of the ethics board.
    #[msg("A visit pays more than the ethics board allows")]
    CapPerVisit = 516,
    /// A cap of the ethics board.
    #[msg("The schedule pays a participant more than the ethics board allows")]
    CapPerParticipant = 517,
    /// A cap of the ethics board.
    #[msg("Thirty days pay more than the ethics board allows")]
    CapPerMonth = 518,
    /// A cap of the ethics board.
    #[msg("The bonus is a larger share than the ethics board allows")]
    CapBonus = 519,
    /// The schedule is not the participant's.
    #[msg("The schedule is not the one that applies to this participant")]
    WrongSchedule = 520,
    /// A successor without some of the milestones.
    #[msg("A later schedule must keep all milestones of the earlier one")]
    ScheduleShorter = 521,
    /// A successor that changes a milestone's kind.
    #[msg("A later schedule cannot change what a milestone is or whether it counts")]
    ScheduleChanged = 522,
    /// A successor that pays less.
    #[msg("A later schedule cannot pay less than the earlier one")]
    SchedulePaysLess = 523,
    /// A schedule that the sponsor has not made a successor of the participant's.
    #[msg("The schedule does not succeed the participant's; consent under the present one, or under one opened as its successor")]
    ScheduleNotSuccessor = 524,

    /// The site belongs to another trial.
    #[msg("The site belongs to another trial")]
    SiteOfOtherTrial = 600,
    /// The site is another organisation's.
    #[msg("The site belongs to another organization")]
    SiteOfOtherOrganization = 601,
    /// The site has accepted already.
    #[msg("The site has accepted already")]
    SiteAccepted = 602,
    /// The site has not accepted.
    #[msg("The site must accept the trial first")]
    SiteNotAccepted = 603,
    /// Too much held back.
    #[msg("At most 10% of a site's fees can be held back")]
    HoldbackInvalid = 604,
    /// Too many participants whose key the site holds.
    #[msg("The site already holds the keys of as many participants as the ethics board allows")]
    SiteHeldQuota = 605,
    /// Nothing is held back.
    #[msg("Nothing is held back from this site")]
    NothingHeld = 606,
    /// Nothing is due.
    #[msg("Nothing is due")]
    NothingDue = 607,

    /// The account does not fit a whole number of participants.
    #[msg("The account must have room for 1 to 4096 participants exactly")]
    CohortSizeInvalid = 700,
    /// The cohort belongs to another site.
    #[msg("The cohort belongs to another site")]
    CohortOfOtherSite = 701,
    /// The cohort belongs to another trial.
    #[msg("The cohort belongs to another trial")]
    CohortOfOtherTrial = 702,
    /// No room.
    #[msg("The cohort is full; open another one")]
    CohortFull = 703,
    /// No participant of this index.
    #[msg("The cohort has no participant of this index")]
    ParticipantUnknown = 704,
    /// The person takes part already, somewhere at this sponsor.
    #[msg("This person already takes part in a trial of this sponsor")]
    AlreadyInATrial = 705,
    /// The person is not the participant.
    #[msg("The person's account does not belong to this participant")]
    WrongPerson = 706,
    /// Not the version in force.
    #[msg("Consent must be to the protocol version in force")]
    ConsentVersionInvalid = 707,
    /// Consented to already.
    #[msg("This version or a later one has been consented to already")]
    ConsentNotNewer = 708,
    /// Consent must be renewed first.
    #[msg("An amendment was in force to which the participant had not consented")]
    ConsentDue = 709,
    /// The participant is not in screening.
    #[msg("Only who has consented and is not enrolled can be enrolled")]
    NotScreening = 710,
    /// The participant has left.
    #[msg("The participant has left the trial")]
    NotPresent = 711,
    /// That end does not follow from where the participant stands.
    #[msg("A participant cannot leave in this way from where they stand")]
    CannotLeaveLikeThis = 712,
    /// Follow-up is the participant's to agree to.
    #[msg("Only a participant who withdraws can agree to follow-up")]
    FollowUpNotTheirs = 713,
    /// The participation has not ended.
    #[msg("The participation has not ended, nor has the trial")]
    NotEnded = 714,
    /// Visits can still be attested.
    #[msg("Visits can still be attested; settle when that time is over")]
    SettlementTooEarly = 715,
    /// Settled.
    #[msg("The participation has been settled already")]
    AlreadySettled = 716,
    /// The key is the site's own operator's.
    #[msg("The site's operator cannot consent for a participant; where the site holds the key, say so")]
    KeyOfTheSite = 717,
    /// Only the opener closes an unused page while the trial runs.
    #[msg("While the trial runs, a cohort that nobody has joined is closed by who opened it; sign with that key")]
    CohortOpenerMissing = 718,

    /// A visit on a later day.
    #[msg("The visit lies in the future")]
    VisitInFuture = 800,
    /// Too long ago.
    #[msg("The visit was too long ago to be attested")]
    VisitTooLate = 801,
    /// Before consent.
    #[msg("The visit lies before the participant's consent")]
    VisitBeforeConsent = 802,
    /// After the participant's end.
    #[msg("The visit lies after the participant's last day")]
    VisitAfterEnd = 803,
    /// After the trial's end.
    #[msg("The visit lies after the last day of the trial")]
    VisitAfterTrial = 804,
    /// Screening after enrolment, or the reverse.
    #[msg("Screening visits come before enrolment, the others after it")]
    VisitWrongPhase = 805,
    /// Outside the window.
    #[msg("The visit lies outside the milestone's window")]
    VisitOutsideWindow = 806,
    /// Attested already.
    #[msg("The milestone has been attested already")]
    AlreadyAttested = 807,
    /// Not attested.
    #[msg("The milestone has not been attested")]
    NotAttested = 808,
    /// Earned already.
    #[msg("The milestone is earned already and cannot be undone")]
    AlreadyEarned = 809,
    /// A countersignature is missing.
    #[msg("Countersign or reject what was attested first")]
    CountersignaturePending = 810,
    /// A site-held key needs an independent countersignature.
    #[msg(
        "The site holds this participant's key: the sponsor or the ethics board must countersign"
    )]
    CountersignerMissing = 811,
    /// Not somebody who may countersign.
    #[msg("The participant, the sponsor's monitor or the ethics board countersigns; only the latter two may reject")]
    NotACountersigner = 812,
    /// More than is set aside for expenses.
    #[msg("The expenses exceed what the schedule reimburses to one participant")]
    ExpensesExceeded = 813,

    /// The payee cannot be paid.
    #[msg("The payee must be a token account of the trial's mint that can take money now")]
    PayeeInvalid = 900,
    /// The payee is the trial's own.
    #[msg("The trial's vault cannot be a payee")]
    PayeeIsVault = 901,
    /// 72 hours are not over.
    #[msg("A change of payee takes effect 72 hours after it was announced")]
    PayeeChangeTooEarly = 902,
    /// Not who paid the rent.
    #[msg("The rent goes back to who paid it")]
    WrongPayer = 903,
    /// Not the account named.
    #[msg("The token account is not the one that the site has named")]
    WrongPayout = 904,
    /// The vault lost something else than was paid.
    #[msg("The vault's balance did not fall by the amount paid; please report this with the transaction")]
    PaymentMismatch = 905,
    /// As many indexes as accounts.
    #[msg("Give one token account for each participant to be paid")]
    PayeesMismatch = 906,
    /// Zeros stand for no form.
    #[msg("Give the commitment to the tax form")]
    FormInvalid = 907,
    /// The announced change is of another participant.
    #[msg("The announced change belongs to another participant")]
    ChangeOfOtherParticipant = 908,
    /// Neither a form nor a choice.
    #[msg("Held until there is a tax form, or the participant chooses payment net of withholding")]
    StillHeld = 909,
    /// The threshold would fall or the rate rise.
    #[msg("Nobody who takes part may be worse off: a tax threshold can only rise, and a rate of withholding only fall")]
    TaxTermsWorse = 910,

    /// The claim is another participant's.
    #[msg("The claim belongs to another participant")]
    ClaimOfOtherParticipant = 1000,
    /// The day of the visit is missing, or given although the site has attested it.
    #[msg("Give the day of the visit; where the site has attested it, give none")]
    ClaimDayInvalid = 1001,
    /// The claim is decided.
    #[msg("The claim has been decided; a refusal by the site can only be overruled by the ethics board")]
    ClaimDecided = 1002,
    /// The site still has time.
    #[msg("The claim is with the site, whose time to answer is not over")]
    ClaimWithTheSite = 1003,
    /// The arbiter still has time.
    #[msg("The claim is with the arbiter of the ethics board, whose time is not over")]
    ClaimWithTheArbiter = 1004,
    /// A claim is undecided.
    #[msg(
        "Decide the participant's claims first; anybody can pass them on when their time is over"
    )]
    ClaimPending = 1005,
    /// The claim cannot be closed yet.
    #[msg("A claim stays until its milestone is earned or the participation is settled")]
    ClaimStays = 1006,

    /// The delay is not over.
    #[msg(
        "A change of key takes effect 72 hours after it was announced, of a lost key after 14 days"
    )]
    KeyChangeTooEarly = 1100,
    /// The site cannot be handed a key.
    #[msg("A key is handed over to the participant or a guardian, never to the site")]
    KeyHolderInvalid = 1101,
    /// The new key is the proposer's.
    #[msg("Whoever announces a change cannot be the new key")]
    KeyOfTheProposer = 1102,
    /// The new key is the present one.
    #[msg("The key is the present one already")]
    KeyUnchanged = 1103,
    /// The participant has died.
    #[msg("The participant has died; the sponsor or the ethics board names the estate's payee")]
    ParticipantDied = 1104,
    /// A guardian cannot cancel what the board has announced.
    #[msg("The ethics board has announced this change over the guardian's head; only the board can cancel it")]
    GuardianOverruled = 1105,

    /// No milestones, too many, or one that pays nothing.
    #[msg("Offer 1 to 16 milestones, each of at least one cent")]
    SiteMilestonesInvalid = 1200,
    /// The plan is another site's.
    #[msg("The plan belongs to another site")]
    PlanOfOtherSite = 1201,
    /// No milestone of this number.
    #[msg("The site's plan has no milestone of this number")]
    SiteMilestoneUnknown = 1202,
    /// Earned or lapsed.
    #[msg("The milestone is earned already, or has lapsed")]
    SiteMilestoneOver = 1203,
    /// The ledger counts it.
    #[msg("The ledger counts who is enrolled; this milestone is not declared")]
    SiteMilestoneCounted = 1204,
    /// Declared already.
    #[msg("The site has declared this milestone already")]
    SiteMilestoneDeclared = 1205,
    /// Not declared.
    #[msg("The site has not declared this milestone")]
    SiteMilestoneUndeclared = 1206,
    /// The sponsor still has time.
    #[msg("The sponsor has 30 days to answer what a site has declared")]
    SiteMilestonePending = 1207,
    /// Too few are enrolled.
    #[msg("Too few participants are enrolled at the site")]
    SiteMilestoneTooFew = 1208,
    /// 72 hours are not over.
    #[msg("A change of the token account takes effect 72 hours after it was announced")]
    PayoutChangeTooEarly = 1209,
    /// The change is another site's.
    #[msg("The announced change belongs to another site")]
    ChangeOfOtherSite = 1210,
    /// The signer is neither the site's authority nor who is paid now.
    #[msg("Only the authority of the site's organization or the owner of its present token account may cancel")]
    NotPayoutOwner = 1211,

    /// The log is another trial's.
    #[msg("The data log belongs to another trial")]
    LogOfOtherTrial = 1300,
    // 1301 was PlanTooLate: a trial without a plan takes no participant, so that a plan cannot come too late.
    /// Zeros stand for nothing.
    #[msg("Give the SHA-256 of the document")]
    DigestMissing = 1302,
    /// The last day for results has passed.
    #[msg("The last day for results must lie in the future")]
    ResultsDateInvalid = 1303,
    /// The data are locked.
    #[msg("The data are locked; nothing can be appended")]
    DataLocked = 1304,
    /// The data are not locked.
    #[msg("Lock the data first")]
    DataNotLocked = 1305,
    /// Nothing to lock.
    #[msg("No data have been anchored")]
    DataEmpty = 1306,
    /// The trial runs.
    #[msg("The trial has not ended; its data are still coming in")]
    DataStillComing = 1307,
    /// The batch is there already.
    #[msg("This batch has been anchored already; go on with the next one")]
    BatchAlreadyAnchored = 1308,
    /// Batches before this one are missing.
    #[msg("Anchor the earlier batches first")]
    BatchOutOfOrder = 1309,
    /// No leaves, too many, or no root.
    #[msg("A batch has 1 to 16777216 leaves, and a root")]
    BatchInvalid = 1310,
    /// No room.
    #[msg("The log is full")]
    DataLogFull = 1311,
    /// The root is not the one that the signer means.
    #[msg("The log on the ledger is not the one to be locked; compare its root")]
    LogRootMismatch = 1312,
    /// Results are there.
    #[msg("Results have been committed to already")]
    ResultsCommitted = 1313,
    /// Results are not late.
    #[msg("Results are not overdue")]
    ResultsNotDue = 1314,
    /// The bond is gone.
    #[msg("The bond has been forfeited and paid out")]
    BondPaid = 1315,
    /// The bond is free.
    #[msg("Results came in time; the bond was returned")]
    BondReturned = 1316,
    /// Not the account that the board has named.
    #[msg("The token account is not the one that the ethics board has named")]
    WrongBeneficiary = 1317,
    /// The bond is forfeited already, and nobody is named to take it.
    #[msg("The bond is forfeited already; give the token account that the ethics board has named")]
    BeneficiaryMissing = 1318,
    /// No analysis plan.
    #[msg("The sponsor commits to an analysis plan before the first participant")]
    PlanMissing = 1319,

    /// Terms without windows or doses, or with too many windows.
    #[msg("Give windows of at least one day, 1 to 64 of them, and at least one dose each")]
    AdherenceInvalid = 1400,
    /// There is nothing that doses could gate.
    #[msg("Doses gate a bonus only, and this schedule has none")]
    AdherenceWithoutBonus = 1401,
    /// A successor that asks for more.
    #[msg("A later schedule cannot ask for more doses than the earlier one")]
    AdherenceWorse = 1402,
    /// The schedule asks for no doses.
    #[msg("The schedule that applies to this participant asks for no doses")]
    AdherenceNotAsked = 1403,
    /// The record is of another cohort.
    #[msg("The record of doses belongs to another cohort")]
    AdherenceOfOtherCohort = 1404,
    /// The device is the present one.
    #[msg("The participant has this device already")]
    DeviceUnchanged = 1405,
    /// No signature in the instruction before.
    #[msg("Put the device's signature into the instruction just before, in canonical form")]
    DoseSignatureMissing = 1406,
    /// Somebody else has signed.
    #[msg("The dose was not signed by the participant's device")]
    DoseSignerMismatch = 1407,
    /// Something else was signed.
    #[msg("The device has signed another dose")]
    DoseMessageMismatch = 1408,
    /// The dose is not newer than the last.
    #[msg("The dose is not newer than the last one recorded")]
    DoseReplayed = 1409,
    /// The dose lies in the future, outside the windows or after the end.
    #[msg("The dose lies in the future, outside the windows, or after the participant's last day")]
    DoseOutOfTime = 1410,
    /// The participant is not enrolled.
    #[msg("The participant has not been enrolled")]
    NotEnrolled = 1411,

    /// Records must be kept.
    #[msg("Records are kept for 25 years after the end of the trial")]
    Retained = 1500,
    /// Somebody is still owed money, or can still be.
    #[msg("Somebody is not settled or not paid; nothing that is owed is closed")]
    MoneyOwed = 1501,
}

impl From<SignatureRefusal> for TrialsError {
    fn from(refusal: SignatureRefusal) -> Self {
        match refusal {
            SignatureRefusal::Missing => Self::DoseSignatureMissing,
            SignatureRefusal::OtherKey => Self::DoseSignerMismatch,
            SignatureRefusal::OtherMessage => Self::DoseMessageMismatch,
        }
    }
}

registry::staff_refusals!(TrialsError);
galen_chain::mint_refusals!(TrialsError);
