//! Why the provenance program refuses. Anchor adds 6000 to each number; numbers are never reused.

use anchor_lang::prelude::*;
use galen_chain::signature::SignatureRefusal;
use galen_chain::token_account::PayeeRefusal;
use galen_rules::provenance::NotRecoupable;

/// The provenance program's errors, a hundred for each entity.
#[error_code]
pub enum ProvenanceError {
    /// An invariant of an account does not hold: a fault of the program.
    #[msg("An account would break its invariant; please report this with the transaction")]
    InvariantBroken = 0,
    /// A date lies outside the calendar that the program knows.
    #[msg("A date lies outside the years 1 to 9999")]
    DateInvalid = 1,

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
    /// The organisation does not make medicines.
    #[msg("The organization is not a manufacturer")]
    NotAManufacturer = 121,
    /// The organisation does not give medicines to patients.
    #[msg("The organization is neither a pharmacy nor a provider")]
    NotAPharmacy = 122,
    /// The organisation is neither the manufacturer nor a regulator.
    #[msg("Only the batch's manufacturer or a regulator may do this")]
    NotARegulator = 123,
    /// The organisation is not the product's manufacturer.
    #[msg("The product belongs to another manufacturer")]
    ProductOfOther = 124,
    /// The organisation is not the batch's manufacturer.
    #[msg("The batch belongs to another manufacturer")]
    BatchOfOther = 125,
    /// The key does not govern, and names no record of the owner's staff.
    #[msg("Only the product's owner, by its staff's record, or governance may do this")]
    NotGovernance = 126,

    /// The credential comes from another issuer.
    #[msg("The credential is not from the issuer that the batch trusts")]
    CredentialOfOtherIssuer = 130,
    /// The credential is about another organisation.
    #[msg("The credential is about another organization")]
    CredentialOfOtherSubject = 131,
    /// The credential is of another kind.
    #[msg("The credential makes nobody a trading partner of this batch")]
    CredentialOfOtherKind = 132,
    /// The credential is not valid yet.
    #[msg("The trading partner's credential is not valid yet")]
    CredentialNotYetValid = 133,
    /// The credential has expired.
    #[msg("The trading partner's credential has expired; its issuer can renew it")]
    CredentialExpired = 134,
    /// The credential has been revoked.
    #[msg("The trading partner's credential has been revoked")]
    CredentialRevoked = 135,

    /// Not a GTIN.
    #[msg("A GTIN has 14 digits, the last one a check digit; look at the digits again")]
    GtinInvalid = 200,
    /// The product belongs to the recipient already.
    #[msg("The product belongs to this manufacturer already")]
    ProductIsTheirs = 201,

    /// Not a lot number.
    #[msg("A lot has 1 to 20 characters of GS1 set 82, padded with zeros at the end")]
    LotInvalid = 300,
    /// The batch has expired already.
    #[msg("The expiry must be later than today")]
    ExpiryInPast = 301,
    /// The tree would be too high.
    #[msg("Packs in a case, cases in a pallet, pallets: the exponents add up to at most 40")]
    LayoutInvalid = 302,
    /// More packs than places, or none.
    #[msg("The quantity must be from 1 to the places of the tree")]
    QuantityInvalid = 303,
    /// The tree has no packs.
    #[msg("The root is empty: no pack could be proved")]
    RootEmpty = 304,
    /// The page would be too small or too large.
    #[msg("A page covers a subtree of height 3 to 16, and at most the whole tree")]
    PageHeightInvalid = 305,
    /// Unknown bits.
    #[msg("The policy has bits that this program does not know")]
    PolicyInvalid = 306,
    /// No such storage profile.
    #[msg("Storage is 0 (any), 1 (room) or 2 (cold)")]
    StorageInvalid = 307,
    /// Two roles under one kind.
    #[msg("Trading partners and reverse distributors need credentials of different kinds")]
    CredentialKindsInvalid = 308,
    /// The record must be kept longer.
    #[msg("Records are kept six years, and a year after the expiry; close it later")]
    StillRetained = 309,
    /// The account is of another batch.
    #[msg("The account belongs to another batch")]
    RecordOfOtherBatch = 310,
    /// The batch still has pages.
    #[msg("Close the batch's pages first")]
    PagesAreOpen = 311,

    /// Not the address that belongs to the place.
    #[msg("The account is not at the address of its batch, kind and place")]
    WrongAddress = 400,
    /// There is one at the place already.
    #[msg("There is a record at this place already")]
    AlreadyThere = 401,
    /// Not who paid the rent.
    #[msg("The rent goes back to who paid it; name that account")]
    WrongPayer = 402,
    /// The tree has no such place.
    #[msg("The batch's tree has no such place")]
    PlaceUnknown = 403,
    /// A level of the path was left out.
    #[msg("Name the record of every level above the place, absent ones too")]
    RecordMissing = 404,
    /// An account of a level below the place.
    #[msg("Leave out the records of levels that are not above the place")]
    RecordNotNeeded = 405,
    /// Not the record of the place.
    #[msg("An account of the path is not the record of its place")]
    WrongRecord = 406,
    /// Not the page of the pack.
    #[msg("The page is another batch's or covers other packs")]
    WrongPage = 407,
    /// The proof does not lead to the root.
    #[msg("The proof does not show that this is in the batch: check GTIN, serial number, salt and index")]
    ProofInvalid = 408,
    /// Not a serial number.
    #[msg("A serial number has 1 to 20 characters of GS1 set 82")]
    SerialInvalid = 409,

    /// Nothing follows on its status.
    #[msg("Its status is final; the log names it")]
    StatusFinal = 500,
    /// The action does not follow on its status.
    #[msg("This does not follow on its status; the log names it")]
    StatusOutOfOrder = 501,
    /// Somebody else has it.
    #[msg("Another organization has it in custody")]
    NotCustodian = 502,
    /// Somebody else set it aside.
    #[msg("Only who set it aside, or a regulator, may release it")]
    NotYoursToRelease = 503,
    /// Its status forbids to sell it.
    #[msg("It may not be sold: the log names its status")]
    NotSellable = 504,
    /// Not in the pharmacy's custody.
    #[msg("The pack is not recorded in this pharmacy's custody; accept its shipment first")]
    NotInCustody = 505,
    /// It has expired.
    #[msg("The batch has expired")]
    Expired = 506,
    /// It is recalled.
    #[msg("It is recalled: it goes back to who recalled it, to a reverse distributor or into destruction")]
    Recalled = 507,

    /// It has been dispensed before.
    #[msg("It has been dispensed before; the log says by whom and when")]
    AlreadyDispensed = 600,
    /// It has not been dispensed.
    #[msg("It has not been dispensed")]
    NotDispensed = 601,
    /// Some of its packs have been dispensed.
    #[msg("Packs of it have been dispensed already; dispense the others one by one")]
    PartlyDispensed = 602,
    /// It is kept for another claim.
    #[msg("The pack is reserved for a claim until the reservation ends")]
    ReservedForOther = 603,
    /// The reservation would be too long or too short.
    #[msg("A pack is reserved for a claim from 1 second to 7 days")]
    ReservationInvalid = 604,
    /// The reservation is in force.
    #[msg("The reservation is in force; it ends by itself")]
    StillReserved = 605,
    /// There is no reservation.
    #[msg("The pack is not reserved")]
    NotReserved = 606,
    /// It may still be undone.
    #[msg("The dispense may still be undone; its record closes after ten days")]
    StillUndoable = 607,
    /// It has been handed out before.
    #[msg("It has left the pharmacy already")]
    AlreadyHandedOut = 608,
    /// Another pharmacy dispensed it.
    #[msg("Only the pharmacy that dispensed it can undo that")]
    UndoOtherPremises = 609,
    /// More than ten days ago.
    #[msg("A dispense can be undone for ten days")]
    UndoTooLate = 610,
    /// It has expired since.
    #[msg("It has expired: a dispense of it is not undone")]
    UndoExpired = 611,
    /// It is recalled.
    #[msg("It is recalled: a dispense of it is not undone")]
    UndoRecalled = 612,
    /// It is stolen, set aside or the like.
    #[msg("Its status does not let a dispense be undone")]
    UndoNotFit = 613,
    /// It has been with the public.
    #[msg("It has been handed out: what has been with the public is never sold again")]
    UndoHandedOut = 614,
    /// The linked claim must be reversed with it.
    #[msg("The dispense belongs to a claim; reverse the claim, which undoes it")]
    ClaimSignatureMissing = 615,
    /// A fill of nothing.
    #[msg("A fill takes at least one unit")]
    FillEmpty = 616,
    /// A fill of more than there is.
    #[msg("There are fewer units left in the pack; the log says how many")]
    FillTooMuch = 617,
    /// The pack has no base units.
    #[msg("The batch's packs are dispensed whole")]
    NotDivisible = 618,
    /// Some of it has been filled.
    #[msg("The pack has been opened; fill the rest of it")]
    PartlyFilled = 619,

    /// Too long or too short to accept.
    #[msg("An offer can be accepted for 1 second to 90 days")]
    OfferTimeInvalid = 700,
    /// To oneself.
    #[msg("Sender and recipient are the same organization")]
    HandOverToSelf = 701,
    /// Neither sender nor recipient.
    #[msg("Only the sender and the recipient may end an offer before its time is over")]
    NotParty = 702,
    /// Not the recipient.
    #[msg("The shipment is offered to another organization")]
    NotRecipient = 703,
    /// The time is over.
    #[msg("The offer has lapsed; anybody can make it void, and the sender can offer again")]
    OfferLapsed = 704,
    /// Recalled goods go elsewhere.
    #[msg("Recalled goods go back to who recalled them, or to a reverse distributor")]
    RecalledMustReturn = 706,
    /// Too many children are refused.
    #[msg("At most 8 children are refused at once; reject the shipment, or refuse cases rather than packs")]
    TooManyRefused = 707,
    /// Not within what was shipped.
    #[msg("What is refused must lie within what was shipped, at its address, not detached before")]
    NotAChild = 708,
    /// Does not own it.
    #[msg("Only the owner can sell it")]
    NotOwner = 709,
    /// A reverse distributor sends to somebody who would sell it.
    #[msg("What was taken back goes to its manufacturer, who recalled it, another reverse distributor or into destruction")]
    TakenBackMustReturn = 710,

    /// Another organisation's recall.
    #[msg("The recall is another organization's; only its issuer may change or lift it")]
    RecallOfOther = 800,
    /// There is no recall.
    #[msg("There is no such recall in force here")]
    NotRecalled = 801,
    /// Too long or too short to respond.
    #[msg("A recall is to be acknowledged within 1 second to 90 days")]
    ResponseTimeInvalid = 802,
    /// More packs than there can be.
    #[msg("What is recalled has fewer packs than that; count them again")]
    MorePacksThanRecalled = 803,
    /// What is said would lessen a recall in force, or hide it.
    #[msg("The recall in force here says more than that; lift it first")]
    RecallInForce = 804,
    /// More regulators than there is room for.
    #[msg("As many regulators recall this as there is room for: 32")]
    TooManyRecalls = 805,

    /// There are no limits to keep to.
    #[msg("The batch has no storage profile; there are no limits to watch over")]
    StorageUnlimited = 900,
    /// No key, or the present one.
    #[msg("Name the key of a device other than the present one")]
    DeviceInvalid = 901,
    /// No signature in the instruction before.
    #[msg("Put the device's signature into the instruction just before, in canonical form")]
    ReadingsSignatureMissing = 902,
    /// Somebody else has signed.
    #[msg("The readings were not signed by the registered device")]
    ReadingsSignerMismatch = 903,
    /// Something else was signed.
    #[msg("The device has signed another report, or for another place or registration")]
    ReadingsMessageMismatch = 904,
    /// The report is not newer than the last.
    #[msg("The report is not newer than the last one recorded")]
    ReadingsReplayed = 905,
    /// The report does not follow on the last.
    #[msg("The report names another one as the one before it")]
    ReadingsOutOfChain = 906,
    /// Too many readings or none, or one of them too long or of no length.
    #[msg("A report has 1 to 24 readings, each of 1 second to 4 hours")]
    ReadingsInvalid = 907,
    /// The readings lie in the future.
    #[msg("The readings end later than now; check the device's clock")]
    ReadingsInFuture = 908,
    /// The device has reported lately.
    #[msg("Silence counts once the device has not reported for more than a day")]
    NotSilent = 909,
    /// Nothing to assess.
    #[msg("There is no excursion to assess")]
    NoExcursion = 910,
    /// No device watches.
    #[msg("The watch over it has ended; register a device to begin it anew")]
    NotWatched = 911,

    /// No limits of scans.
    #[msg("Scans are judged by 100 to 2,000 km/h and 1 to 10 reports; both 0 = not at all")]
    ScanPolicyInvalid = 1000,
    /// The manufacturer has set no limits.
    #[msg("Scans of this batch are not judged; its manufacturer has set no limits")]
    ScansNotJudged = 1001,
    /// Not on the globe.
    #[msg("A place is a square of one degree: latitude -90 to 89, longitude -180 to 179")]
    CellInvalid = 1002,
    /// The record may still tell something.
    #[msg("Scans are kept for 30 days, suspicious ones as long as the batch's records")]
    ScanKept = 1003,
    /// The pack is not kept for the claim any more.
    #[msg("The reservation has lapsed; reserve the pack again")]
    ReservationLapsed = 1004,
    /// The account that signs is at no claim's address.
    #[msg("Name the claim by its pool, provider, identifier and bump under the program that the bond names")]
    ClaimNotDerived = 1005,
    /// The pack was dispensed for nobody, or for another claim.
    #[msg("The record of the dispense names another claim, or none")]
    DispensedForOther = 1006,
    /// A bond pays for packs that were dispensed as a whole.
    #[msg("A bond covers the batch: dispense whole packs for claims, or take units out of them for none")]
    FillForClaimCovered = 1007,

    /// The batch is closed.
    #[msg("The batch is closed: its time is over; anybody can close what is still recorded of it")]
    BatchClosed = 1100,
    /// The batch is not closed.
    #[msg("The batch is not closed; close its records one by one, each by its own instruction")]
    BatchStillOpen = 1101,

    /// The signature has expired.
    #[msg("The administrative action has expired; sign it again with a later valid_until")]
    AdminExpired = 1110,
    /// Another action came first.
    #[msg(
        "Another administrative action came first; read the sequence number again and sign again"
    )]
    AdminSequenceStale = 1111,
    /// The sequence number is at its maximum.
    #[msg("The sequence number cannot grow any further")]
    AdminSequenceExhausted = 1112,

    /// The mint has too few or too many decimals.
    #[msg("The mint must have from 2 to 9 decimals")]
    MintDecimalsInvalid = 1120,
    /// The mint is of neither token program.
    #[msg("The mint belongs to neither SPL Token nor Token-2022, or is not initialized")]
    MintInvalid = 1121,
    /// An extension lets somebody tax transfers.
    #[msg("The mint can tax transfers (transfer fee); use another mint")]
    MintCanTax = 1122,
    /// An extension lets somebody take tokens.
    #[msg("The mint's issuer can take tokens (permanent delegate); use another mint")]
    MintCanTake = 1123,
    /// An extension lets somebody freeze or pause.
    #[msg("The mint freezes by default or can be paused; use another mint")]
    MintCanFreeze = 1124,
    /// An extension runs another program at each transfer, or moves amounts out of sight.
    #[msg("The mint redirects or hides transfers (hook, confidential transfer); use another mint")]
    MintCanRedirect = 1125,
    /// Another extension that is not on the list of harmless ones.
    #[msg("The mint has an extension that a bond does not accept; the log names it")]
    MintExtensionRefused = 1126,
    /// An extension that this program does not know.
    #[msg("The mint has an extension that this program does not know")]
    MintExtensionUnknown = 1127,
    /// Another vault than the bond's.
    #[msg("The vault is not the bond's")]
    WrongVault = 1128,
    /// Another mint than the bond's.
    #[msg("The mint is not the bond's")]
    WrongMint = 1129,
    /// Another token program than the bond's.
    #[msg("The token program is not the one that owns the bond's mint")]
    WrongTokenProgram = 1130,
    /// The token account is closed, or not of the bond's token program.
    #[msg("The token account to be paid is closed or not of the bond's token program")]
    PayeeClosed = 1131,
    /// The token account is of another mint.
    #[msg("The account to be paid is no token account of the bond's mint")]
    PayeeInvalid = 1132,
    /// The token account is frozen.
    #[msg("The token account to be paid is frozen; ask the mint's issuer")]
    PayeeFrozen = 1133,
    /// The token account refuses transfers without a memo.
    #[msg("The token account to be paid refuses transfers without a memo; its owner can switch that off")]
    PayeeAsksForMemo = 1134,
    /// The vault itself.
    #[msg("The bond's own vault cannot be paid")]
    PayeeIsVault = 1135,
    /// A deposit of nothing.
    #[msg("Deposit at least one cent")]
    DepositInvalid = 1136,
    /// Another amount arrived than was sent.
    #[msg("Another amount arrived than was sent; the mint takes a part")]
    DepositMismatch = 1137,
    /// Another amount left than was to.
    #[msg("Another amount left the vault than was to be paid")]
    PaymentMismatch = 1138,
    /// An amount leaves the range.
    #[msg("An amount is too large")]
    AmountOverflow = 1139,

    /// The bond is another manufacturer's.
    #[msg("The bond belongs to another manufacturer")]
    BondOfOther = 1140,
    /// No program with claims.
    #[msg("Name the program whose claims the bond pays back")]
    ClaimsProgramInvalid = 1141,
    /// A cover of nothing.
    #[msg("A pack is covered with at least one cent")]
    CoverInvalid = 1142,
    /// What was promised is not lowered.
    #[msg("A batch's cover can be raised only")]
    CoverLowered = 1143,
    /// Another bond covers the batch.
    #[msg("Another bond covers the batch")]
    CoveredByOtherBond = 1144,
    /// The bond that covers the batch was left out.
    #[msg("A bond covers the batch; name it, so that it counts the batch out")]
    BondMissing = 1145,
    /// There is less in the bond than it owes.
    #[msg("The bond has not paid all that it owes for this pack; close the record after that")]
    RecoupmentOwed = 1146,
    /// A withdrawal of nothing.
    #[msg("Withdraw at least one cent")]
    WithdrawalInvalid = 1147,
    /// One is announced already.
    #[msg("A withdrawal is announced already; cancel it first")]
    WithdrawalAlreadyAnnounced = 1148,
    /// The bond covers batches that are open.
    #[msg("The bond covers batches that are open; close them first, once their time is over")]
    BatchesAreCovered = 1149,
    /// None is announced.
    #[msg("No withdrawal is announced")]
    NoWithdrawalAnnounced = 1150,
    /// Too early.
    #[msg("A withdrawal is made from 14 days after its announcement on")]
    WithdrawalNotDue = 1151,
    /// Too late.
    #[msg("The announcement has lapsed after 30 days; cancel it and announce again")]
    WithdrawalLapsed = 1152,
    /// Withdrawals are paused.
    #[msg("Withdrawals are paused; the pause ends by itself, try again then")]
    WithdrawalsPaused = 1153,
    /// Not the account that was announced.
    #[msg("The withdrawal was announced to another token account")]
    WrongDestination = 1154,
    /// There is less than that.
    #[msg("The bond holds less than that beyond what it owes")]
    BondUnderfunded = 1155,

    /// No bond covers the batch, or another one.
    #[msg("The bond does not cover this batch")]
    NotCovered = 1160,
    /// The claim is of another program.
    #[msg("The bond pays back claims of another program")]
    ClaimOfOtherProgram = 1161,
    /// The recall is not grave enough.
    #[msg("What was paid for packs that are recalled in class III is not recouped")]
    RecallNotGrave = 1162,
    /// Nothing was paid.
    #[msg("Nothing was paid for the pack; there is nothing to recoup")]
    RecoupmentEmpty = 1163,
    /// Something was recouped for the pack before.
    #[msg("What was paid for the pack has been recouped before")]
    AlreadyRecouped = 1164,
    /// All is paid.
    #[msg("The bond has paid all that it owes for this pack")]
    NothingOwed = 1165,
    /// The bond is empty.
    #[msg("The bond holds nothing; what it owes waits for a deposit")]
    BondEmpty = 1166,
    /// Another account than the insurer named.
    #[msg("What is recouped goes to the token account that the claim has named")]
    WrongPayee = 1167,
    /// The batch of a dispense for a claim was left out.
    #[msg("The dispense is for a claim; name its batch, which may be covered by a bond")]
    BatchMissing = 1168,
    /// A recoupment takes money for good: a recall by mistake can be lifted before.
    #[msg("What was paid for recalled packs is recouped from 72 hours after the recall on")]
    RecoupmentTooEarly = 1169,
    /// A pack is to be kept for a claim, or a case dispensed as a whole, and nobody records who has it.
    #[msg("The batch does not record who has its packs, so nobody can tell that this is here: no claim is paid with a pack of it, and cases are dispensed pack by pack")]
    CustodyNotRecorded = 1190,
}

impl From<SignatureRefusal> for ProvenanceError {
    fn from(refusal: SignatureRefusal) -> Self {
        match refusal {
            SignatureRefusal::Missing => Self::ReadingsSignatureMissing,
            SignatureRefusal::OtherKey => Self::ReadingsSignerMismatch,
            SignatureRefusal::OtherMessage => Self::ReadingsMessageMismatch,
        }
    }
}

impl From<NotRecoupable> for ProvenanceError {
    fn from(refusal: NotRecoupable) -> Self {
        match refusal {
            NotRecoupable::NotRecalled => Self::NotRecalled,
            NotRecoupable::NotGrave => Self::RecallNotGrave,
            NotRecoupable::Before(_) => Self::RecoupmentTooEarly,
        }
    }
}

impl From<PayeeRefusal> for ProvenanceError {
    fn from(refusal: PayeeRefusal) -> Self {
        match refusal {
            PayeeRefusal::Closed => Self::PayeeClosed,
            PayeeRefusal::Other => Self::PayeeInvalid,
            PayeeRefusal::Frozen => Self::PayeeFrozen,
            PayeeRefusal::AsksForMemo => Self::PayeeAsksForMemo,
        }
    }
}

registry::staff_refusals!(ProvenanceError);
galen_chain::mint_refusals!(ProvenanceError);
