//! Plans that ask for more than a plain claim: each gate by its reason code, and what may not be left out.

use galen_rules::date::Window;
use galen_rules::{Date, Remark};

use claims::constants::{MAX_ATTACHED, MAX_CLAIM_FACTS, MAX_MEMBER_FACTS};
use claims::events::AttachmentsAdded;
use claims::instructions::Decision;
use claims::waivers::{WAIVE_DEMANDS, WAIVE_EXCLUSION, WAIVE_UNITS};
use galen_testkit::precompile::{compute_limit, heap_frame};

use crate::common::*;

use ClaimFactKind as Fact;
use DetailKind as Kind;
use MemberFactKind as Stated;

const PLAN: [u8; 8] = DetailEntry::NONE;
const NAME: [u8; 8] = [0xaa; 8];
const OTHER: [u8; 8] = [0xbb; 8];

fn entry(code_number: u32, kind: Kind, object: [u8; 8]) -> DetailEntry {
    DetailEntry::new(code(code_number), kind, object)
}

fn flag(code_number: u32, kind: Kind) -> DetailEntry {
    entry(code_number, kind, DetailEntry::NONE)
}

fn of_plan(kind: Kind, object: [u8; 8]) -> DetailEntry {
    DetailEntry::new(PLAN, kind, object)
}

fn remark() -> Remark {
    Remark::new("N130").unwrap()
}

fn days(from: i32, to: i32) -> Window {
    Window {
        from: Date::from_days(from).unwrap(),
        to: Date::from_days(to).unwrap(),
    }
}

fn fact(line: u8, kind: Fact, key: [u8; 8]) -> ClaimFact {
    ClaimFact {
        line,
        kind,
        key,
        day: 0,
    }
}

fn of_claim(kind: Fact, key: [u8; 8]) -> ClaimFact {
    fact(ClaimFact::ALL_LINES, kind, key)
}

fn stated(kind: Stated, key: [u8; 8]) -> MemberFact {
    MemberFact {
        kind,
        key,
        from: YEAR_BEGINS,
        to: YEAR_ENDS,
    }
}

/// A line of which the plan owes something.
fn above_the_deductible(n: u32) -> ClaimLineArgs {
    ClaimLineArgs {
        units: 2,
        ..line(n, 20_000)
    }
}

/// A world whose plan has these details.
fn world_of(mut entries: Vec<DetailEntry>) -> (World, ClaimsFixture) {
    entries.sort_by_key(DetailEntry::order);
    let mut world = empty();
    let fixture = ClaimsFixture::bare(&mut world);
    fixture.set_up_with_details(&mut world, terms(), unlimited(), &entries);
    (world, fixture)
}

/// Opens claim `n` with these facts, adjudicates it, and answers with the reasons of its lines, 0 where they are not denied.
fn reasons(
    world: &mut World,
    fixture: &ClaimsFixture,
    n: u8,
    lines: &[ClaimLineArgs],
    facts: &[ClaimFact],
) -> Vec<u16> {
    fixture.draft_with_facts(world, n, lines, facts);
    let charge = lines.iter().map(|line| line.charge).sum();
    let adjudicate = fixture.detailed(world, fixture.adjudicate(world, n, charge));
    world.send_unsigned(&[adjudicate]).assert_ok();
    fixture.assert_money_adds_up(world);
    let claim = fixture.read_claim(world, n);
    assert!(claim
        .lines
        .iter()
        .all(|line| claim.status == ClaimStatus::Pended || line.balance() == Some(line.charge)));
    claim.lines.iter().map(|line| line.denial_reason).collect()
}

/// The reason of one line of code 1 under a plan with this demand, stating these facts of claim and member.
pub fn reason(demands: &[DetailEntry], member: &[MemberFact], facts: &[ClaimFact]) -> u16 {
    let (mut world, fixture) = world_of(demands.to_vec());
    if !member.is_empty() {
        let set = fixture.set_member_facts(member);
        world.send(&[set], &[&fixture.staff.key()]).assert_ok();
    }
    let found = reasons(&mut world, &fixture, 1, &[line(1, 10_000)], facts)[0];
    let claim = fixture.read_claim(&world, 1);
    if claim.pend_reason != PendReason::AttachmentMissing {
        return found;
    }
    // It waits for what it lacks, and is denied when the insurer waits no more.
    assert_eq!(found, 0);
    let approve = fixture.decide_seen(&world, 1, Decision::Approve);
    let approve = fixture.detailed(&world, approve);
    world.send(&[approve], &[&fixture.staff.key()]).assert_ok();
    fixture.assert_money_adds_up(&world);
    fixture.read_claim(&world, 1).lines[0].denial_reason
}

#[test]
fn each_demand_denies_by_its_reason_and_is_met() {
    let units = |most, indicator| DetailEntry {
        indicator,
        ..flag(1, Kind::UnitsPerDay).with(most)
    };
    let always = days(YEAR_BEGINS, YEAR_ENDS);
    let long_ago = days(0, YEAR_BEGINS - 1);
    let diagnosis = |object, window, covered: bool| DetailEntry {
        indicator: covered.into(),
        ..of_plan(Kind::Diagnosis, object).on(window)
    };
    let dependent = DetailEntry {
        more: OTHER,
        ..of_plan(Kind::Dependent, NAME)
    };
    let own = |kind, key| fact(0, kind, key);
    // Demands, what is stated of the member, what the claim states, the reason.
    let table: Vec<(Vec<DetailEntry>, Vec<MemberFact>, Vec<ClaimFact>, u16)> = vec![
        (vec![flag(2, Kind::Experimental)], vec![], vec![], 0),
        (vec![flag(1, Kind::Experimental)], vec![], vec![], 55),
        (
            vec![flag(1, Kind::Effective).on(long_ago)],
            vec![],
            vec![],
            181,
        ),
        (vec![flag(1, Kind::Effective).on(always)], vec![], vec![], 0),
        (vec![units(1, 1)], vec![], vec![], 0),
        (vec![units(0, 2)], vec![], vec![], 151),
        (vec![of_plan(Kind::Payer, NAME)], vec![], vec![], 0),
        (
            vec![of_plan(Kind::Payer, NAME)],
            vec![],
            vec![of_claim(Fact::Payer, NAME)],
            0,
        ),
        (
            vec![of_plan(Kind::Payer, NAME)],
            vec![],
            vec![of_claim(Fact::Payer, OTHER)],
            109,
        ),
        (vec![of_plan(Kind::Requirement, NAME)], vec![], vec![], 177),
        (
            vec![of_plan(Kind::Requirement, NAME)],
            vec![stated(Stated::Meets, NAME)],
            vec![],
            0,
        ),
        (
            vec![of_plan(Kind::Requirement, NAME)],
            vec![stated(Stated::Meets, OTHER)],
            vec![],
            177,
        ),
        (
            vec![of_plan(Kind::Information, NAME).remarked(remark())],
            vec![],
            vec![],
            16,
        ),
        (
            vec![of_plan(Kind::Information, NAME).remarked(remark())],
            vec![],
            vec![of_claim(Fact::Information, NAME)],
            0,
        ),
        (
            vec![entry(1, Kind::LineInformation, NAME).remarked(remark())],
            vec![],
            vec![],
            16,
        ),
        (
            vec![entry(1, Kind::LineInformation, NAME).remarked(remark())],
            vec![],
            vec![own(Fact::Information, NAME)],
            0,
        ),
        (
            vec![of_plan(Kind::Attachment, NAME).remarked(remark())],
            vec![],
            vec![of_claim(Fact::Information, NAME)],
            252,
        ),
        (
            vec![of_plan(Kind::Attachment, NAME).remarked(remark())],
            vec![],
            vec![of_claim(Fact::Attachment, NAME)],
            0,
        ),
        (
            vec![entry(1, Kind::LineAttachment, NAME).remarked(remark())],
            vec![],
            vec![own(Fact::Attachment, OTHER)],
            252,
        ),
        (
            vec![entry(1, Kind::LineAttachment, NAME).remarked(remark())],
            vec![],
            vec![own(Fact::Attachment, NAME)],
            0,
        ),
        (vec![entry(1, Kind::ProviderType, NAME)], vec![], vec![], 16),
        (
            vec![entry(1, Kind::ProviderType, NAME)],
            vec![],
            vec![of_claim(Fact::ProviderType, OTHER)],
            8,
        ),
        (
            vec![entry(1, Kind::ProviderType, NAME)],
            vec![],
            vec![of_claim(Fact::ProviderType, NAME)],
            0,
        ),
        (vec![entry(1, Kind::Place, NAME)], vec![], vec![], 16),
        (
            vec![entry(1, Kind::Place, NAME)],
            vec![],
            vec![own(Fact::Place, OTHER), of_claim(Fact::Place, NAME)],
            5,
        ),
        (
            vec![entry(1, Kind::Place, NAME)],
            vec![],
            vec![of_claim(Fact::Place, NAME)],
            0,
        ),
        (vec![diagnosis(NAME, always, true)], vec![], vec![], 16),
        (
            vec![diagnosis(NAME, always, true)],
            vec![],
            vec![own(Fact::Diagnosis, OTHER)],
            146,
        ),
        (
            vec![diagnosis(NAME, long_ago, true)],
            vec![],
            vec![own(Fact::Diagnosis, NAME)],
            146,
        ),
        (
            vec![diagnosis(NAME, always, false)],
            vec![],
            vec![own(Fact::Diagnosis, NAME)],
            167,
        ),
        (
            vec![diagnosis(NAME, always, true)],
            vec![],
            vec![of_claim(Fact::Diagnosis, NAME)],
            0,
        ),
        (
            vec![
                diagnosis(NAME, always, true),
                diagnosis(OTHER, always, false),
            ],
            vec![],
            vec![own(Fact::Diagnosis, NAME), own(Fact::Diagnosis, OTHER)],
            0,
        ),
        (
            vec![entry(1, Kind::DiagnosedFor, NAME)],
            vec![],
            vec![own(Fact::Diagnosis, OTHER)],
            11,
        ),
        (
            vec![entry(1, Kind::DiagnosedFor, NAME)],
            vec![],
            vec![own(Fact::Diagnosis, NAME)],
            0,
        ),
        (
            vec![of_plan(Kind::PreExisting, PLAN).with(366)],
            vec![stated(Stated::PreExisting, NAME)],
            vec![own(Fact::Diagnosis, NAME)],
            51,
        ),
        (
            vec![of_plan(Kind::PreExisting, PLAN).with(366)],
            vec![stated(Stated::PreExisting, NAME)],
            vec![own(Fact::Diagnosis, OTHER)],
            0,
        ),
        (
            vec![of_plan(Kind::PreExisting, PLAN).with(3)],
            vec![stated(Stated::PreExisting, NAME)],
            vec![own(Fact::Diagnosis, NAME)],
            0,
        ),
        (vec![entry(1, Kind::Age, NAME)], vec![], vec![], 16),
        (
            vec![entry(1, Kind::Age, NAME)],
            vec![stated(Stated::NotOfAge, NAME)],
            vec![],
            6,
        ),
        (
            vec![entry(1, Kind::Age, NAME)],
            vec![stated(Stated::OfAge, NAME)],
            vec![],
            0,
        ),
        (
            vec![entry(1, Kind::Age, NAME)],
            vec![stated(Stated::OfAge, OTHER)],
            vec![],
            16,
        ),
        (vec![entry(1, Kind::Sex, NAME)], vec![], vec![], 16),
        (
            vec![entry(1, Kind::Sex, NAME)],
            vec![stated(Stated::Sex, OTHER)],
            vec![],
            7,
        ),
        (
            vec![entry(1, Kind::Sex, NAME)],
            vec![stated(Stated::Sex, NAME)],
            vec![],
            0,
        ),
        (vec![dependent], vec![], vec![], 0),
        (
            vec![dependent],
            vec![stated(Stated::Relation, OTHER)],
            vec![],
            32,
        ),
        (
            vec![dependent],
            vec![stated(Stated::Relation, NAME)],
            vec![],
            16,
        ),
        (
            vec![dependent],
            vec![
                stated(Stated::Relation, NAME),
                stated(Stated::NotOfAge, OTHER),
            ],
            vec![],
            32,
        ),
        (
            vec![dependent],
            vec![stated(Stated::Relation, NAME), stated(Stated::OfAge, OTHER)],
            vec![],
            0,
        ),
        (
            vec![of_plan(Kind::Dependent, PLAN)],
            vec![stated(Stated::Relation, NAME)],
            vec![],
            32,
        ),
        (
            vec![flag(1, Kind::Modifier)],
            vec![],
            vec![own(Fact::Modifier, NAME)],
            4,
        ),
        (
            vec![flag(1, Kind::Modifier), entry(1, Kind::Modifier, NAME)],
            vec![],
            vec![own(Fact::Modifier, NAME)],
            0,
        ),
        (
            vec![entry(1, Kind::ModifierRequired, NAME)],
            vec![],
            vec![],
            4,
        ),
        (
            vec![entry(1, Kind::ModifierRequired, NAME)],
            vec![],
            vec![own(Fact::Modifier, NAME)],
            0,
        ),
        (vec![flag(1, Kind::Referral)], vec![], vec![], 243),
        (
            vec![flag(1, Kind::Referral)],
            vec![],
            vec![of_claim(Fact::Referral, PLAN)],
            0,
        ),
        (vec![flag(1, Kind::Readmission).with(30)], vec![], vec![], 0),
        (
            vec![flag(1, Kind::Readmission).with(30)],
            vec![MemberFact {
                from: SERVICE_DATE - 29,
                to: SERVICE_DATE - 29,
                ..stated(Stated::Discharge, PLAN)
            }],
            vec![],
            249,
        ),
        (
            vec![flag(1, Kind::Readmission).with(30)],
            vec![MemberFact {
                from: SERVICE_DATE - 30,
                to: SERVICE_DATE - 30,
                ..stated(Stated::Discharge, PLAN)
            }],
            vec![],
            0,
        ),
        (
            vec![flag(1, Kind::Readmission).with(30)],
            vec![MemberFact {
                from: SERVICE_DATE,
                to: SERVICE_DATE,
                ..stated(Stated::Discharge, NAME)
            }],
            vec![],
            0,
        ),
        // Without anything of the kind in the plan.
        (
            vec![flag(2, Kind::Experimental)],
            vec![stated(Stated::Lapse, PLAN)],
            vec![],
            200,
        ),
        (
            vec![flag(2, Kind::Experimental)],
            vec![MemberFact {
                from: SERVICE_DATE - 1,
                to: SERVICE_DATE - 1,
                ..stated(Stated::Died, PLAN)
            }],
            vec![],
            13,
        ),
        (
            vec![flag(2, Kind::Experimental)],
            vec![MemberFact {
                from: SERVICE_DATE + 1,
                ..stated(Stated::Lapse, PLAN)
            }],
            vec![ClaimFact {
                day: SERVICE_DATE + 2,
                ..own(Fact::Until, PLAN)
            }],
            239,
        ),
        (
            vec![of_plan(Kind::SpanningDenied, PLAN)],
            vec![MemberFact {
                from: SERVICE_DATE + 1,
                ..stated(Stated::Lapse, PLAN)
            }],
            vec![ClaimFact {
                day: SERVICE_DATE + 2,
                ..own(Fact::Until, PLAN)
            }],
            238,
        ),
    ];
    for (demands, member, facts, wanted) in table {
        let found = reason(&demands, &member, &facts);
        assert_eq!(found, wanted, "{demands:?} {member:?} {facts:?}");
    }
}

#[test]
fn an_exclusion_has_another_reason_with_a_remark() {
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].flags &= !BenefitEntry::COVERED;
    let demand = [flag(1, Kind::Excluded).remarked(remark())];
    for (demands, wanted) in [(&demand[..], 96), (&[flag(2, Kind::Experimental)], 204)] {
        let mut world = empty();
        let fixture = ClaimsFixture {
            entries: entries.clone(),
            ..ClaimsFixture::bare(&mut world)
        };
        fixture.set_up_with_details(&mut world, terms(), unlimited(), demands);
        let found = reasons(&mut world, &fixture, 1, &[line(1, 10_000)], &[]);
        assert_eq!(found, [wanted]);
    }
}

#[test]
fn late_filing_is_excused_by_a_ground_that_the_plan_takes() {
    let late = |demands: Vec<DetailEntry>, facts: &[ClaimFact]| {
        let mut entries = demands;
        entries.sort_by_key(DetailEntry::order);
        let mut world = empty();
        let fixture = ClaimsFixture::bare(&mut world);
        let short = PlanTerms {
            filing_limit_days: 2,
            ..terms()
        };
        fixture.set_up_with_details(&mut world, short, unlimited(), &entries);
        let reason = reasons(&mut world, &fixture, 1, &[line(1, 10_000)], facts)[0];
        // Nothing that is late goes by without somebody's look.
        let claim = fixture.read_claim(&world, 1);
        let wanted = match reason {
            0 => (ClaimStatus::Pended, PendReason::LateExcused),
            _ => (ClaimStatus::Denied, PendReason::None),
        };
        assert_eq!((claim.status, claim.pend_reason), wanted);
        reason
    };
    let notice = ClaimFact {
        day: TODAY - 1,
        ..of_claim(Fact::AdministrativeError, PLAN)
    };
    let grounds = |indicator| DetailEntry {
        indicator,
        ..of_plan(Kind::FilingGrounds, PLAN)
    };
    let other = || vec![flag(2, Kind::Experimental)];
    assert_eq!(late(other(), &[]), 29);
    assert_eq!(late(other(), &[notice]), 0);
    assert_eq!(late(vec![grounds(1)], &[notice]), 0);
    assert_eq!(late(vec![grounds(2)], &[notice]), 29);
    let tomorrow = ClaimFact {
        day: TODAY + 1,
        ..notice
    };
    assert_eq!(late(other(), &[tomorrow]), 29);
}

/// What is late and excused waits, and nothing of it is paid, until the insurer has looked at the ground; what gives one and is not
/// late does not wait.
#[test]
fn a_late_claim_is_not_paid_on_the_word_of_who_bills() {
    let notice = ClaimFact {
        day: TODAY - 1,
        ..of_claim(Fact::AdministrativeError, PLAN)
    };
    let submitted = |filing_limit_days| {
        let mut world = empty();
        let terms = PlanTerms {
            filing_limit_days,
            ..terms()
        };
        // It asks for nothing: a claim can give a ground under every plan.
        let entries = (0..100).map(benefit).collect();
        let fixture = ClaimsFixture::with(&mut world, terms, entries, unlimited());
        let two = ClaimLineArgs {
            units: 2,
            ..line(1, 20_000)
        };
        fixture.draft_with_facts(&mut world, 1, &[two], &[notice]);
        let adjudicate = fixture.adjudicate(&world, 1, 20_000);
        world.send_unsigned(&[adjudicate]).assert_ok();
        (world, fixture)
    };
    let age = u16::try_from(TODAY - SERVICE_DATE).unwrap();
    let (world, fixture) = submitted(age);
    let in_time = fixture.read_claim(&world, 1);
    assert_eq!(
        (in_time.status, in_time.totals.paid),
        (ClaimStatus::Paid, 8_000)
    );

    let (mut world, fixture) = submitted(age - 1);
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.pend_reason, claim.totals.paid),
        (ClaimStatus::Pended, PendReason::LateExcused, 0)
    );
    assert_eq!(fixture.read_pool(&world).paid, 0);
    let mut denied = world.clone();
    let staff = fixture.staff.key();
    world
        .send(
            &[fixture.decide_knowing(1, Decision::Approve, 1)],
            &[&staff],
        )
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.paid),
        (ClaimStatus::Paid, 8_000)
    );
    fixture.assert_money_adds_up(&world);
    let deny = Decision::Deny {
        group: AdjustmentGroup::Contractual,
        reason: 29,
    };
    denied
        .send(&[fixture.decide_knowing(1, deny, 1)], &[&staff])
        .assert_ok();
    assert_eq!(fixture.read_claim(&denied, 1).lines[0].denial_reason, 29);
}

/// Of the benefit of code 1 an attachment is asked.
fn attachment() -> DetailEntry {
    entry(1, Kind::LineAttachment, NAME).remarked(remark())
}

/// A line that lacks nothing but an attachment waits for it, and the claim with it: the provider adds it and the insurer's approval pays
/// what would have been paid with it; without it the line is denied, as the gate says.
#[test]
fn a_claim_waits_for_the_attachment_that_a_line_lacks() {
    let lines = [above_the_deductible(1), above_the_deductible(3)];
    let whole = [fact(0, Fact::Attachment, NAME)];
    let (mut at_once, same) = world_of(vec![attachment()]);
    assert_eq!(reasons(&mut at_once, &same, 1, &lines, &whole), [0, 0]);
    let wanted = same.read_claim(&at_once, 1);
    assert_eq!(wanted.status, ClaimStatus::Paid);

    let (mut world, fixture) = world_of(vec![attachment()]);
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[]), [0, 0]);
    let waits = fixture.read_claim(&world, 1);
    assert_eq!(
        (waits.status, waits.pend_reason, waits.totals.paid),
        (ClaimStatus::Pended, PendReason::AttachmentMissing, 0)
    );
    assert_eq!(fixture.read_pool(&world).paid, 0);
    // As every claim that waits it stands in the history with all that is not denied.
    assert_eq!(fixture.read_history(&world).count, 2);

    let (clerk, staff) = (fixture.clerk.key(), fixture.staff.key());
    let approve = fixture.detailed(&world, fixture.decide(1, Decision::Approve));
    let add = fixture.add_facts(1, &whole);
    let mut without = world.clone();
    without
        .send(std::slice::from_ref(&approve), &[&staff])
        .assert_ok();
    let decided = fixture.read_claim(&without, 1);
    let denied = decided.lines[0];
    assert_eq!(
        (denied.denial_reason, denied.denial_group, denied.paid),
        (252, AdjustmentGroup::Contractual, 0)
    );
    assert_eq!(decided.lines[1].denial_reason, 0);
    assert_eq!(decided.status, ClaimStatus::Paid);
    assert!(decided.totals.paid < wanted.totals.paid);
    assert_eq!(fixture.read_history(&without).count, 1);
    fixture.assert_money_adds_up(&without);
    // It comes too late: there are appeals for that.
    refused(
        &mut without,
        std::slice::from_ref(&add),
        &[&clerk],
        ClaimsError::ClaimNotDraft,
    );

    let size = world.raw(&fixture.claim(1)).unwrap().data.len();
    let event: AttachmentsAdded = world
        .send(std::slice::from_ref(&add), &[&clerk])
        .assert_ok()
        .event();
    assert_eq!((event.claim, event.pool), (fixture.claim(1), fixture.pool));
    assert_eq!(event.provider, fixture.provider.address);
    assert_eq!(event.facts, whole);
    let account = world.raw(&fixture.claim(1)).unwrap();
    assert_eq!(account.data.len(), size + 2 + 14);
    assert_eq!(account.lamports, world.rent(account.data.len()));
    let told = fixture.read_claim(&world, 1);
    assert_eq!(told.facts.entries(), whole);
    assert_eq!(
        (told.status, told.pend_reason),
        (ClaimStatus::Pended, PendReason::AttachmentMissing)
    );
    // Who decided before that knew of no attachment.
    refused(&mut world, &[approve], &[&staff], ClaimsError::FactsChanged);
    let approve = fixture.decide_seen(&world, 1, Decision::Approve);
    let approve = fixture.detailed(&world, approve);
    world.send(&[approve], &[&staff]).assert_ok();
    let paid = fixture.read_claim(&world, 1);
    assert_eq!(
        (paid.status, paid.pend_reason),
        (wanted.status, PendReason::None)
    );
    assert_eq!((paid.lines, paid.totals), (wanted.lines, wanted.totals));
    fixture.assert_money_adds_up(&world);
}

/// The insurer need not wait: it denies for whatever reason it gives, and what another gate would deny anyway waits for nothing.
#[test]
fn the_insurer_need_not_wait_for_an_attachment() {
    let (mut world, fixture) = world_of(vec![attachment(), flag(2, Kind::Experimental)]);
    assert_eq!(
        reasons(&mut world, &fixture, 1, &[line(1, 10_000)], &[]),
        [0]
    );
    let deny = Decision::Deny {
        group: AdjustmentGroup::Contractual,
        reason: 16,
    };
    let staff = fixture.staff.key();
    world
        .send(&[fixture.decide(1, deny)], &[&staff])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.lines[0].denial_reason),
        (ClaimStatus::Denied, 16)
    );
    fixture.assert_money_adds_up(&world);

    let (mut world, fixture) = world_of(vec![attachment(), flag(1, Kind::Experimental)]);
    assert_eq!(
        reasons(&mut world, &fixture, 1, &[line(1, 10_000)], &[]),
        [252]
    );
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.pend_reason),
        (ClaimStatus::Denied, PendReason::None)
    );
}

/// What another gate denies stays denied beside a line that waits; and what is noted of the day is noted of the line that waits.
#[test]
fn what_waits_for_an_attachment_counts_for_its_day() {
    let most = DetailEntry {
        indicator: 2,
        ..flag(3, Kind::UnitsPerDay).with(5)
    };
    let asked = entry(3, Kind::LineAttachment, NAME).remarked(remark());
    let (mut world, fixture) = world_of(vec![flag(1, Kind::Experimental), most, asked]);
    let three = ClaimLineArgs {
        units: 3,
        ..line(3, 30_000)
    };
    let lines = [line(1, 10_000), three];
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[]), [55, 0]);
    let history = fixture.read_history(&world);
    assert_eq!((history.count, history.entries[0].units), (1, 3));
    let again = ClaimLineArgs {
        modifiers: [1; 4],
        ..three
    };
    let whole = [fact(0, Fact::Attachment, NAME)];
    assert_eq!(reasons(&mut world, &fixture, 2, &[again], &whole), [151]);
}

#[test]
fn nothing_but_attachments_comes_later() {
    let (mut world, fixture) = world_of(vec![attachment()]);
    let lines = [above_the_deductible(1)];
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[]), [0]);
    let clerk = fixture.clerk.key();
    let own = fact(0, Fact::Attachment, NAME);
    for (facts, error) in [
        (vec![], ClaimsError::FactsEmpty),
        (
            vec![of_claim(Fact::Referral, PLAN)],
            ClaimsError::FactNotAttachment,
        ),
        (
            vec![fact(0, Fact::Information, NAME)],
            ClaimsError::FactNotAttachment,
        ),
        (
            vec![ClaimFact {
                day: 1,
                ..of_claim(Fact::Waived, PLAN)
            }],
            ClaimsError::FactNotAttachment,
        ),
        (
            vec![fact(1, Fact::Attachment, NAME)],
            ClaimsError::FactInvalid,
        ),
        (
            vec![of_claim(Fact::Attachment, NAME), own],
            ClaimsError::FactsOutOfOrder,
        ),
    ] {
        let add = fixture.add_facts(1, &facts);
        refused(&mut world, &[add], &[&clerk], error);
    }
    // Nobody else's claim.
    let other = ClaimsFixture::second(&mut world, fixture.registry, " 2", &MintTerms::default(), 0);
    other.set_up(&mut world, terms(), unlimited());
    let add = swapped(other.add_facts(1, &[own]), other.claim(1), fixture.claim(1));
    refused(
        &mut world,
        &[add],
        &[&other.clerk.key()],
        ClaimsError::ClaimOfOtherProvider,
    );
    let add = fixture.add_facts(1, &[own]);
    world
        .send(std::slice::from_ref(&add), &[&clerk])
        .assert_ok();
    // Once.
    refused(&mut world, &[add], &[&clerk], ClaimsError::FactsOutOfOrder);
}

/// Leaving an attachment out does not hide that the line is suspect; and what waits for such a look can be given its attachment, too.
#[test]
fn what_lacks_an_attachment_is_suspect_first() {
    let (mut world, fixture) = world_of(vec![attachment()]);
    let (first, second) = ([above_the_deductible(3)], [above_the_deductible(1)]);
    assert_eq!(reasons(&mut world, &fixture, 1, &first, &[]), [0]);
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    assert_eq!(reasons(&mut world, &fixture, 2, &second, &[]), [0]);
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.pend_reason, claim.course.awaiting_since),
        (PendReason::SuspectDuplicate, 0)
    );
    let add = fixture.add_facts(2, &[fact(0, Fact::Attachment, NAME)]);
    world.send_unsigned(&[add]).assert_ok();
    let approve = fixture.decide_seen(&world, 2, Decision::Approve);
    let approve = fixture.detailed(&world, approve);
    world.send_unsigned(&[approve]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}

/// Nor is it a way around the draw.
#[test]
fn what_lacks_an_attachment_is_drawn_first() {
    let (mut world, fixture) = ready();
    let checks = sampled(5_000);
    let fixture = fixture.checked_with_details(&mut world, terms(), checks, &[attachment()]);
    let details = solana_instruction::AccountMeta::new_readonly(fixture.details_of(2), false);
    let told = |mut instruction: Instruction| {
        instruction.accounts.push(details.clone());
        instruction
    };
    let submit = told(fixture.submit_claim(1, &[above_the_deductible(1)]));
    world.send_unsigned(&[submit]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.course.awaiting_since),
        (PendReason::Draw, 0)
    );
    let add = fixture.add_facts(1, &[fact(0, Fact::Attachment, NAME)]);
    refused(
        &mut world,
        &[add],
        &[&fixture.clerk.key()],
        ClaimsError::DrawAwaited,
    );
    // Nothing was committed for that day, so that nothing is revealed: it is not drawn.
    world.advance((i64::from(REVEAL_DAYS) + 1) * DAY);
    world.send_unsigned(&[told(fixture.draw(1))]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.course.awaiting_since),
        (
            PendReason::AttachmentMissing,
            TODAY + i32::from(REVEAL_DAYS) + 1
        )
    );
    fixture.assert_money_adds_up(&world);
}

/// While the provider has something to add, the insurer is not late; it is from when that has come, or the provider has answered.
#[test]
fn the_clocks_stand_while_an_attachment_is_awaited() {
    let lines = [above_the_deductible(1)];
    let (mut world, fixture) = world_of(vec![attachment()]);
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[]), [0]);
    let course = |world: &World| {
        let course = fixture.read_claim(world, 1).course;
        (course.awaiting_since, course.stopped_days)
    };
    assert_eq!(course(&world), (TODAY, 0));
    let ask = fixture.request_information(1);
    refused(
        &mut world,
        &[ask],
        &[&fixture.staff.key()],
        ClaimsError::InformationAlreadyAwaited,
    );
    world.advance(60 * DAY);
    let escalate = fixture.escalate(1);
    refused(
        &mut world,
        std::slice::from_ref(&escalate),
        &[],
        ClaimsError::DecisionNotOverdue,
    );
    let approve = |world: &mut World| {
        let approve = fixture.decide_seen(world, 1, Decision::Approve);
        let approve = fixture.detailed(world, approve);
        world.send_unsigned(&[approve]).assert_ok();
        fixture.assert_money_adds_up(world);
        fixture.read_claim(world, 1)
    };
    // The provider answers that there is none.
    let mut answered = world.clone();
    let answer = fixture.provide_information(1);
    answered.send_unsigned(&[answer]).assert_ok();
    assert_eq!(course(&answered), (0, 60));

    let add = fixture.add_facts(1, &[fact(0, Fact::Attachment, NAME)]);
    world.send_unsigned(&[add]).assert_ok();
    assert_eq!(course(&world), (0, 60));
    let mut in_time = world.clone();
    in_time.advance(30 * DAY);
    refused(
        &mut in_time,
        std::slice::from_ref(&escalate),
        &[],
        ClaimsError::DecisionNotOverdue,
    );
    assert_eq!(approve(&mut in_time).course.interest, 0);
    world.advance(31 * DAY);
    world.send_unsigned(&[escalate]).assert_ok();
    assert!(approve(&mut world).course.interest > 0);

    // What was asked for is answered by what was awaited, too.
    let (mut world, fixture) = world_of(vec![attachment()]);
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[]), [0]);
    let answer = fixture.provide_information(1);
    world.send_unsigned(&[answer]).assert_ok();
    let ask = fixture.request_information(1);
    world.send_unsigned(&[ask]).assert_ok();
    world.advance(DAY);
    let add = fixture.add_facts(1, &[fact(0, Fact::Attachment, NAME)]);
    world.send_unsigned(&[add]).assert_ok();
    let course = fixture.read_claim(&world, 1).course;
    assert_eq!((course.awaiting_since, course.stopped_days), (0, 1));
}

/// A line that lacks something is no way around the member: it is asked first, as it is about a claim that lacks nothing.
#[test]
fn the_member_is_asked_before_an_attachment_is_awaited() {
    let (mut world, fixture) = ready();
    let fixture = fixture.checked_with_details(&mut world, terms(), confirmed(), &[attachment()]);
    let told = |mut instruction: Instruction| {
        let details = fixture.details_of(2);
        let account = solana_instruction::AccountMeta::new_readonly(details, false);
        instruction.accounts.push(account);
        instruction
    };
    let mut steps = fixture.submit_vouched(1, &[above_the_deductible(1)]);
    let submit = told(steps.pop().unwrap());
    steps.push(submit);
    world.send(&steps, &[&fixture.clerk.key()]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.lines[0].denial_reason),
        (PendReason::Confirmation, 0)
    );
    let own = fact(0, Fact::Attachment, NAME);
    refused(
        &mut world,
        &[fixture.add_facts(1, &[own])],
        &[&fixture.clerk.key()],
        ClaimsError::ConfirmationAwaited,
    );
    let confirm = told(fixture.confirm(1));
    world.send(&[confirm], &[&fixture.member_key()]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.lines[0].denial_reason),
        (PendReason::AttachmentMissing, 0)
    );
    assert_eq!(fixture.read_history(&world).count, 1);
    fixture.assert_money_adds_up(&world);
}

/// Nor that it is late and excused on the word of who bills; the insurer can decide without what is lacking.
#[test]
fn what_lacks_an_attachment_is_late_first() {
    let notice = ClaimFact {
        day: TODAY - 1,
        ..of_claim(Fact::AdministrativeError, PLAN)
    };
    let mut world = empty();
    let fixture = ClaimsFixture::bare(&mut world);
    let short = PlanTerms {
        filing_limit_days: 2,
        ..terms()
    };
    fixture.set_up_with_details(&mut world, short, unlimited(), &[attachment()]);
    let lines = [above_the_deductible(1)];
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[notice]), [0]);
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.course.awaiting_since),
        (PendReason::LateExcused, 0)
    );
    let approve = fixture.decide_seen(&world, 1, Decision::Approve);
    let approve = fixture.detailed(&world, approve);
    world.send_unsigned(&[approve]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).lines[0].denial_reason, 252);
    fixture.assert_money_adds_up(&world);
}

/// What a claim is to use up since it waits must be brought again, whatever else its plan has it come with.
#[test]
fn an_authorisation_that_is_left_out_is_named_under_details_too() {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    entries[1].flags |= BenefitEntry::AUTHORIZATION;
    let fixture = ClaimsFixture {
        entries,
        ..ClaimsFixture::bare(&mut world)
    };
    fixture.set_up(&mut world, terms(), unlimited());
    let grant = fixture.grant_authorization(Grant {
        number: 1,
        provider: Pubkey::default(),
        code_key: code(1),
        from: SERVICE_DATE,
        to: SERVICE_DATE,
        units: 3,
    });
    world.send(&[grant], &[&fixture.staff.key()]).assert_ok();
    let demands = [flag(2, Kind::Experimental)];
    let fixture = fixture.checked_with_details(&mut world, terms(), confirmed(), &demands);
    let told = |mut instruction: Instruction| {
        let details = fixture.details_of(2);
        let account = solana_instruction::AccountMeta::new_readonly(details, false);
        instruction.accounts.push(account);
        instruction
    };
    let mut steps = fixture.submit_vouched(1, &[above_the_deductible(1)]);
    let submit = fixture.authorized(steps.pop().unwrap(), &[1]);
    steps.push(told(submit));
    world.send(&steps, &[&fixture.clerk.key()]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.pend_reason, claim.lines[0].authorization),
        (PendReason::Confirmation, 1)
    );
    let member = fixture.member_key();
    refused(
        &mut world,
        &[told(fixture.confirm(1))],
        &[&member],
        ClaimsError::AuthorizationMissing,
    );
    let confirm = told(fixture.authorized(fixture.confirm(1), &[1]));
    world.send(&[confirm], &[&member]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.lines[0].authorization),
        (ClaimStatus::Paid, 1)
    );
    // It is given back to where it came from.
    refused(
        &mut world,
        &[told(fixture.reverse(1, 7))],
        &[&fixture.staff.key()],
        ClaimsError::AuthorizationMissing,
    );
    fixture.assert_money_adds_up(&world);
}

/// Units of a day and pairs look at what the history noted of other claims.
#[test]
fn claims_of_a_day_know_of_each_other() {
    let always = days(YEAR_BEGINS, YEAR_ENDS);
    let pair = |indicator| DetailEntry {
        indicator,
        ..entry(2, Kind::Pair, code(1)).on(always).with(236)
    };
    let units = DetailEntry {
        indicator: 2,
        ..flag(3, Kind::UnitsPerDay).with(5)
    };
    let distinct = of_plan(Kind::Distinct, NAME);
    let demands = vec![units, pair(1), distinct];
    let three = ClaimLineArgs {
        units: 3,
        ..line(3, 30_000)
    };
    let again = ClaimLineArgs {
        modifiers: [1; 4],
        ..three
    };
    let (mut world, fixture) = world_of(demands);
    // Within a claim: the line that passes the limit is denied whole.
    let found = reasons(&mut world.clone(), &fixture, 1, &[three, again], &[]);
    assert_eq!(found, [0, 151]);
    // Over two claims; the second one is suspect too, and would wait if it were let through.
    assert_eq!(reasons(&mut world, &fixture, 1, &[three], &[]), [0]);
    let noted = fixture.read_history(&world).entries[0];
    assert_eq!((noted.units, noted.distinct), (3, 0));
    assert_eq!(reasons(&mut world, &fixture, 2, &[again], &[]), [151]);

    let both = [line(2, 10_000), line(1, 10_000)];
    assert_eq!(
        reasons(&mut world, &fixture, 3, &both, &[]),
        [236, 0],
        "the first code is decided first, whatever the turn"
    );
    let told = [fact(0, Fact::Modifier, NAME)];
    assert_eq!(reasons(&mut world, &fixture, 4, &[both[0]], &told), [0]);
    let other = ClaimLineArgs {
        modifiers: [2; 4],
        ..both[0]
    };
    assert_eq!(reasons(&mut world, &fixture, 5, &[other], &[]), [236]);
    // What was noted of the first one lifts the pair as well.
    let (mut world, fixture) = world_of(vec![pair(1), distinct]);
    let told = [fact(0, Fact::Modifier, NAME)];
    assert_eq!(reasons(&mut world, &fixture, 1, &[both[1]], &told), [0]);
    assert_eq!(fixture.read_history(&world).entries[0].distinct, 1);
    assert_eq!(reasons(&mut world, &fixture, 2, &[both[0]], &[]), [0]);
    let (mut world, fixture) = world_of(vec![pair(0), distinct]);
    assert_eq!(reasons(&mut world, &fixture, 1, &both, &told), [236, 0]);
}

#[test]
fn the_cheaper_of_two_procedures_is_reduced() {
    let mut entries: Vec<BenefitEntry> = (0..10).map(benefit).collect();
    (entries[1].allowed, entries[2].allowed) = (10_000, 20_000);
    let mut demands = vec![
        of_plan(Kind::MultipleRate, PLAN).with(5_000),
        flag(1, Kind::MultipleProcedure),
        flag(2, Kind::MultipleProcedure),
    ];
    demands.sort_by_key(DetailEntry::order);
    let mut world = empty();
    let fixture = ClaimsFixture {
        entries,
        ..ClaimsFixture::bare(&mut world)
    };
    let free = PlanTerms {
        deductible: Limits::default(),
        coinsurance_bps: 0,
        copay: 0,
        ..terms()
    };
    fixture.set_up_with_details(&mut world, free, unlimited(), &demands);
    let lines = [line(1, 10_000), line(2, 20_000)];
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[]), [59, 0]);
    let claim = fixture.read_claim(&world, 1);
    let reduced = claim.lines[0];
    assert_eq!(
        (reduced.allowed, reduced.over_fee, reduced.reduced()),
        (5_000, 0, 5_000)
    );
    assert!(!reduced.is_denied());
    let paid: Vec<u64> = claim.lines.iter().map(|line| line.paid).collect();
    assert_eq!((paid, claim.totals.paid), (vec![5_000, 20_000], 25_000));
    // Charged below its fee: half of the fee is allowed, and what is charged above that is the reduction.
    let other_day = |line: ClaimLineArgs| ClaimLineArgs { day: 1, ..line };
    let lines = [line(1, 6_000), line(2, 20_000)].map(other_day);
    assert_eq!(reasons(&mut world, &fixture, 2, &lines, &[]), [59, 0]);
    let reduced = fixture.read_claim(&world, 2).lines[0];
    assert_eq!(
        (reduced.allowed, reduced.paid, reduced.reduced()),
        (5_000, 5_000, 1_000)
    );
    // Below half of it there is nothing to reduce.
    let another_day = |line: ClaimLineArgs| ClaimLineArgs { day: 2, ..line };
    let lines = [line(1, 4_000), line(2, 20_000)].map(another_day);
    assert_eq!(reasons(&mut world, &fixture, 3, &lines, &[]), [0, 0]);
    let least = fixture.read_claim(&world, 3).lines[0];
    assert_eq!(
        (least.allowed, least.paid, least.reduced()),
        (4_000, 4_000, 0)
    );
}

#[test]
fn nothing_is_adjudicated_without_what_decides_it() {
    let (mut world, fixture) = world_of(vec![flag(1, Kind::Experimental)]);
    let lines = [line(1, 10_000)];
    let submit = fixture.submit_claim(1, &lines);
    let signers = [&fixture.clerk.key(), &fixture.member_key()];
    refused(
        &mut world,
        std::slice::from_ref(&submit),
        &signers,
        ClaimsError::DetailsMissing,
    );
    let ask = fixture.predetermine(1, TODAY, &lines);
    refused(&mut world, &[ask], &signers, ClaimsError::DetailsMissing);
    // An account that is no details, and those of another plan's version.
    let mut wrong = submit.clone();
    wrong
        .accounts
        .push(solana_instruction::AccountMeta::new_readonly(
            fixture.history,
            false,
        ));
    refused(&mut world, &[wrong], &signers, ClaimsError::DetailsMissing);
    let whole = fixture.detailed(&world, submit);
    world
        .send(std::slice::from_ref(&whole), &signers)
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).lines[0].denial_reason, 55);

    // What is stated of the member may not be left out either.
    let set = fixture.set_member_facts(&[stated(Stated::Lapse, PLAN)]);
    world.send(&[set], &[&fixture.staff.key()]).assert_ok();
    let submit = fixture.submit_claim(2, &lines);
    let mut without = submit.clone();
    without
        .accounts
        .push(whole.accounts.last().unwrap().clone());
    refused(
        &mut world,
        &[without],
        &signers,
        ClaimsError::MemberFactsMissing,
    );
    let whole = fixture.detailed(&world, submit);
    world.send(&[whole], &signers).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).lines[0].denial_reason, 200);
    // Once nothing is stated any more nothing more is to be brought.
    let set = fixture.set_member_facts(&[]);
    world.send(&[set], &[&fixture.staff.key()]).assert_ok();
    assert_eq!(fixture.read_member(&world).has_facts, 0);
    let submit = fixture.detailed(&world, fixture.submit_claim(3, &lines));
    world.send(&[submit], &signers).assert_ok();
}

/// Whoever cranks a claim on brings the details as its provider did, and comes to the same.
#[test]
fn a_crank_looks_at_the_details() {
    let (mut world, fixture) = ready();
    let demands = [flag(1, Kind::Experimental)];
    let fixture = fixture.checked_with_details(&mut world, terms(), sampled(10_000), &demands);
    let with_details = |mut instruction: Instruction| {
        instruction
            .accounts
            .push(solana_instruction::AccountMeta::new_readonly(
                fixture.details_of(2),
                false,
            ));
        instruction
    };
    let lines = [line(1, 10_000), above_the_deductible(2)];
    let submit = with_details(fixture.submit_claim(1, &lines));
    world.send_unsigned(&[submit]).assert_ok();
    let reasons = |claim: &Claim| [0, 1].map(|at| claim.lines[at].denial_reason);
    let waiting = fixture.read_claim(&world, 1);
    assert_eq!(
        (waiting.pend_reason, reasons(&waiting)),
        (PendReason::Draw, [55, 0])
    );
    world.advance(7 * DAY);
    refused(
        &mut world,
        &[fixture.draw(1)],
        &[],
        ClaimsError::DetailsMissing,
    );
    let draw = with_details(fixture.draw(1));
    world.send_unsigned(&[draw]).assert_ok();
    let paid = fixture.read_claim(&world, 1);
    assert_eq!((paid.status, reasons(&paid)), (ClaimStatus::Paid, [55, 0]));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn details_of_another_version_decide_nothing() {
    let (mut world, fixture) = world_of(vec![flag(1, Kind::Experimental)]);
    let other = [flag(2, Kind::Experimental)];
    fixture.upload_details(&mut world, 2, &other);
    let mut submit = fixture.submit_claim(1, &[line(1, 10_000)]);
    submit
        .accounts
        .push(solana_instruction::AccountMeta::new_readonly(
            fixture.details_of(2),
            false,
        ));
    let signers = [&fixture.clerk.key(), &fixture.member_key()];
    refused(
        &mut world,
        &[submit],
        &signers,
        ClaimsError::DetailsOfOtherVersion,
    );
}

/// Were an entry there that no upload lets through, the claim is refused and not decided without it.
#[test]
fn details_that_cannot_be_read_decide_nothing() {
    let (mut world, fixture) = world_of(vec![flag(1, Kind::Experimental)]);
    let address = fixture.details_of(1);
    let mut account = world.raw(&address).unwrap();
    let kind = PlanDetails::ENTRIES_OFFSET + DetailEntry::NONE.len();
    account.data[kind] = 12;
    world.set_raw(&address, account);
    let submit = fixture.detailed(&world, fixture.submit_claim(1, &[line(1, 10_000)]));
    let signers = [&fixture.clerk.key(), &fixture.member_key()];
    refused(&mut world, &[submit], &signers, ClaimsError::DetailsInvalid);
}

#[test]
fn what_is_stated_counts_under_a_plan_without_details() {
    let (mut world, fixture) = ready();
    let set = fixture.set_member_facts(&[stated(Stated::Lapse, PLAN)]);
    world.send(&[set], &[&fixture.staff.key()]).assert_ok();
    let lines = [line(1, 10_000)];
    let signers = [&fixture.clerk.key(), &fixture.member_key()];
    let submit = fixture.submit_claim(1, &lines);
    refused(
        &mut world,
        std::slice::from_ref(&submit),
        &signers,
        ClaimsError::MemberFactsMissing,
    );
    let submit = fixture.detailed(&world, submit);
    world.send(&[submit], &signers).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).lines[0].denial_reason, 200);
    // So does what a claim states: the last day lies after the coverage.
    let (mut world, fixture) = ready();
    let end = fixture.end_coverage(&world, SERVICE_DATE);
    world.send(&[end], &[&fixture.staff.key()]).assert_ok();
    let until = ClaimFact {
        day: SERVICE_DATE + 1,
        ..fact(0, Fact::Until, PLAN)
    };
    assert_eq!(reasons(&mut world, &fixture, 1, &lines, &[until]), [239]);
}

/// A service of several days is billed when it is over, and in time by its first day.
#[test]
fn a_service_that_is_not_over_is_not_billed_yet() {
    let (mut world, fixture) = ready();
    for (n, last, wanted) in [(1, TODAY + 1, 110), (2, TODAY, 0)] {
        let until = ClaimFact {
            day: last,
            ..fact(0, Fact::Until, PLAN)
        };
        let lines = [line(1, 10_000)];
        assert_eq!(reasons(&mut world, &fixture, n, &lines, &[until]), [wanted]);
    }
}

/// A bed for three days, and then another service on one of them: somebody looks, whichever of the two came first and whatever its
/// way through the rulebook.
#[test]
fn services_that_share_a_day_wait_for_the_insurer() {
    let until = |day| ClaimFact {
        day,
        ..fact(0, Fact::Until, PLAN)
    };
    let on = |n, day| {
        [ClaimLineArgs {
            day,
            ..line(n, 10_000)
        }]
    };
    let bed = |world: &mut World, fixture: &ClaimsFixture, n| {
        let lines = on(1, 1);
        let reasons = reasons(world, fixture, n, &lines, &[until(SERVICE_DATE + 3)]);
        assert_eq!(reasons, [0]);
    };
    let (mut world, fixture) = ready();
    bed(&mut world, &fixture, 1);
    let entries = fixture.live_lines(&world);
    let kept: Vec<u8> = entries.iter().map(|entry| entry.further_days).collect();
    assert_eq!(kept, [2]);
    assert_eq!(fixture.read_history(&world).has_stays, 1);
    for (n, day, shared) in [(2, 0, false), (3, 3, true), (4, 4, false)] {
        fixture
            .submit(&mut world, n, &on(u32::from(n), day))
            .assert_ok();
        let claim = fixture.read_claim(&world, n);
        assert_eq!(claim.status == ClaimStatus::Pended, shared, "{n}");
        assert_eq!(
            claim.pend_reason == PendReason::SuspectDuplicate,
            shared,
            "{n}"
        );
        fixture.assert_money_adds_up(&world);
    }
    // The other way round.
    let (mut world, fixture) = ready();
    fixture.submit(&mut world, 1, &on(2, 2)).assert_ok();
    assert_eq!(fixture.read_history(&world).has_stays, 0);
    bed(&mut world, &fixture, 2);
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(claim.pend_reason, PendReason::SuspectDuplicate);
    assert_eq!(claim.status, ClaimStatus::Pended);
}

/// Details that say nothing of a claim decide it as none do: to the cent, on every line, in every account.
#[test]
fn details_that_say_nothing_decide_the_same() {
    let (plain_world, plain) = ready();
    let (detailed_world, detailed) = world_of(vec![flag(9, Kind::Experimental)]);
    for (n, lines) in [
        (1, vec![line(1, 10_000)]),
        (2, vec![line(1, 12_345), line(2, 1), line(1, 99_999)]),
        (
            3,
            vec![
                ClaimLineArgs {
                    units: 3,
                    ..line(4, 70_000)
                },
                line(77, 500),
            ],
        ),
        (4, (0..8).map(|n| line(n, 9_999 + u64::from(n))).collect()),
    ] {
        let (mut one, mut other) = (plain_world.clone(), detailed_world.clone());
        plain.submit(&mut one, n, &lines).assert_ok();
        let submit = detailed.detailed(&other, detailed.submit_claim(n, &lines));
        let signers = [&detailed.clerk.key(), &detailed.member_key()];
        other.send(&[submit], &signers).assert_ok();
        let (one_claim, other_claim) = (plain.read_claim(&one, n), detailed.read_claim(&other, n));
        assert_eq!(one_claim, other_claim);
        assert_eq!(plain.read_member(&one), detailed.read_member(&other));
        assert_eq!(plain.read_history(&one), detailed.read_history(&other));
        assert_eq!(plain.read_pool(&one), detailed.read_pool(&other));
    }
}

/// Who decides about a claim that waits, and who overturns a denial, look at the details too.
#[test]
fn a_decision_and_an_appeal_look_at_the_details() {
    let demands = vec![
        flag(1, Kind::Referral),
        flag(2, Kind::Experimental),
        DetailEntry {
            indicator: 1,
            ..flag(3, Kind::UnitsPerDay)
        },
    ];
    let (mut world, fixture) = world_of(demands);
    let small = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let staff = fixture.staff.key();
    let set = fixture.set_agreement_terms(&world, small);
    world.send(&[set], &[&staff]).assert_ok();
    let lines = [line(1, 10_000), above_the_deductible(4)];
    fixture.draft_with_facts(&mut world, 1, &lines, &[]);
    let adjudicate = fixture.detailed(&world, fixture.adjudicate(&world, 1, 30_000));
    world.send_unsigned(&[adjudicate]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Pended);
    // Nobody denies a line by the reason of a reduction.
    let deny = fixture.decide(
        1,
        Decision::Deny {
            group: AdjustmentGroup::Contractual,
            reason: 59,
        },
    );
    refused(
        &mut world,
        &[deny],
        &[&staff],
        ClaimsError::DenialReasonInvalid,
    );
    let decide = fixture.decide(1, Decision::Approve);
    refused(
        &mut world,
        std::slice::from_ref(&decide),
        &[&staff],
        ClaimsError::DetailsMissing,
    );
    let decide = fixture.detailed(&world, decide);
    world.send(&[decide], &[&staff]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let reasons_of =
        |claim: &Claim| -> Vec<u16> { claim.lines.iter().map(|line| line.denial_reason).collect() };
    assert_eq!(reasons_of(&claim), [243, 0]);

    let set = fixture.set_agreement_terms(&world, unlimited());
    world.send(&[set], &[&staff]).assert_ok();
    let denied = [line(1, 10_000), line(2, 10_000), line(3, 10_000)];
    assert_eq!(
        reasons(&mut world, &fixture, 2, &denied, &[]),
        [243, 55, 151]
    );
    for (waivers, wanted) in [
        (WAIVE_DEMANDS, [0, 55, 151]),
        (WAIVE_EXCLUSION, [243, 0, 151]),
        (WAIVE_UNITS, [243, 55, 0]),
    ] {
        let mut world = world.clone();
        world
            .send_unsigned(&[fixture.appeal_as_provider(2, 1)])
            .assert_ok();
        let overturn = fixture.overturn(2, 1, &fixture.staff, 7, waivers);
        refused(
            &mut world,
            std::slice::from_ref(&overturn),
            &[&staff],
            ClaimsError::DetailsMissing,
        );
        let in_vain = fixture.overturn(2, 1, &fixture.staff, 7, 0);
        let in_vain = fixture.detailed(&world, in_vain);
        refused(
            &mut world,
            &[in_vain],
            &[&staff],
            ClaimsError::NothingMended,
        );
        let overturn = fixture.detailed(&world, overturn);
        world.send(&[overturn], &[&staff]).assert_ok();
        let replacement = fixture.read_claim(&world, 7);
        assert_eq!(reasons_of(&replacement), wanted, "{waivers}");
        fixture.assert_money_adds_up(&world);
    }
}

/// The facts go over to the claim in a claim's place.
#[test]
fn a_claim_that_is_reprocessed_states_what_it_stated() {
    let (mut world, fixture) = world_of(vec![flag(1, Kind::Referral)]);
    let told = [of_claim(Fact::Referral, PLAN)];
    let first = [line(2, 10_000)];
    assert_eq!(reasons(&mut world, &fixture, 1, &first, &[]), [0]);
    let lines = [ClaimLineArgs {
        day: 1,
        ..line(1, 10_000)
    }];
    assert_eq!(reasons(&mut world, &fixture, 2, &lines, &told), [0]);
    let staff = fixture.staff.key();
    let reverse = fixture.reverse(1, 1);
    world.send(&[reverse], &[&staff]).assert_ok();
    let reprocess = fixture.detailed(&world, fixture.reprocess(2, 3));
    world.send(&[reprocess], &[&staff]).assert_ok();
    let replacement = fixture.read_claim(&world, 3);
    assert_eq!(replacement.facts.entries(), told);
    assert_eq!(replacement.lines[0].denial_reason, 0);
    fixture.assert_money_adds_up(&world);
}

/// The largest claim under a plan that asks about everything, with what another payer has decided of each line, of a member of whom
/// as much is stated as can be, beside sixteen other lines of that day.
#[test]
fn sixteen_lines_with_all_facts_that_a_claim_may_state() {
    let always = days(YEAR_BEGINS, YEAR_ENDS);
    let mut demands: Vec<DetailEntry> = (0..200u8)
        .map(|n| DetailEntry {
            indicator: 1,
            ..of_plan(Kind::Diagnosis, [n + 1; 8]).on(always)
        })
        .collect();
    demands.extend((1..=20).map(|n| of_plan(Kind::Requirement, [n; 8])));
    demands.push(of_plan(Kind::Dependent, NAME));
    demands.push(of_plan(Kind::Distinct, OTHER));
    for number in 0..16 {
        demands.push(entry(number, Kind::Sex, NAME));
        demands.push(flag(number, Kind::MultipleProcedure));
        demands.push(DetailEntry {
            indicator: 2,
            ..flag(number, Kind::UnitsPerDay).with(9)
        });
        demands.push(entry(number, Kind::LineInformation, NAME).remarked(remark()));
        demands.extend((1..=20).map(|n| entry(number, Kind::Age, [n; 8])));
        demands.extend((1..=40).map(|n| entry(number, Kind::DiagnosedFor, [n; 8])));
        for first in (0..number).chain([16 + number]) {
            demands.push(DetailEntry {
                indicator: 1,
                ..entry(number, Kind::Pair, code(first)).on(always).with(97)
            });
        }
    }
    demands.push(flag(15, Kind::Experimental));
    let (mut world, fixture) = world_of(demands);
    let mut known = vec![stated(Stated::Relation, NAME), stated(Stated::Sex, NAME)];
    for (kind, count) in [
        (Stated::OfAge, 10),
        (Stated::Meets, 20),
        (Stated::PreExisting, 4),
    ] {
        known.extend((1..=count).map(|n| stated(kind, [n; 8])));
    }
    assert_eq!(known.len(), usize::from(MAX_MEMBER_FACTS));
    let set = fixture.set_member_facts(&known);
    world.send_unsigned(&[set]).assert_ok();

    let other_day = ClaimLineArgs {
        day: 1,
        ..line(40, 10_000)
    };
    let diagnosed = [of_claim(Fact::Diagnosis, [1; 8])];
    assert_eq!(
        reasons(&mut world, &fixture, 1, &[other_day], &diagnosed),
        [0]
    );
    let same_day: Vec<ClaimLineArgs> = (16..32).map(|n| line(n, 10_000)).collect();
    fixture.draft_with_facts(&mut world, 2, &same_day, &diagnosed);
    let adjudicate = fixture.detailed(&world, fixture.adjudicate(&world, 2, 160_000));
    let limit = compute_limit(1_400_000);
    world
        .send_unsigned(&[limit.clone(), adjudicate])
        .assert_ok();

    let lines: Vec<ClaimLineArgs> = (0..16).map(|n| line(n, 10_000)).collect();
    let mut facts = Vec::new();
    for number in 0..16u8 {
        facts.extend((1..=4).map(|n| fact(number, Fact::Diagnosis, [n; 8])));
        facts.push(fact(number, Fact::Modifier, OTHER));
        facts.push(fact(number, Fact::Information, NAME));
    }
    assert_eq!(facts.len(), usize::from(MAX_CLAIM_FACTS));
    fixture.draft_with_facts(&mut world, 3, &lines, &[]);
    let other_payers: Vec<OtherPayer> = (0..16)
        .map(|line| OtherPayer {
            line,
            allowed: 8_000,
            paid: 6_000,
            obligated: 9_000,
        })
        .collect();
    let mut steps = vec![fixture.add_other_payers(3, &other_payers)];
    steps.extend(facts.chunks(48).map(|chunk| fixture.add_facts(3, chunk)));
    for step in steps {
        world.send_unsigned(&[step]).assert_ok();
    }
    let adjudicate = fixture.detailed(&world, fixture.adjudicate(&world, 3, 160_000));
    let outcome = world
        .send_unsigned(&[limit.clone(), adjudicate])
        .assert_ok();
    println!("16 lines, 96 facts: {} compute units", outcome.cu);
    let reasons_of =
        |claim: &Claim| -> Vec<u16> { claim.lines.iter().map(|line| line.denial_reason).collect() };
    let mut wanted = vec![0; 16];
    wanted[15] = 55;
    assert_eq!(reasons_of(&fixture.read_claim(&world, 3)), wanted);

    // A day on which so much was done is looked at, and worked out again.
    assert_eq!(
        fixture.read_claim(&world, 3).pend_reason,
        PendReason::SuspectDuplicate
    );
    // Attachments have room beside all that.
    let all: Vec<ClaimFact> = (1..=MAX_ATTACHED)
        .map(|n| of_claim(Fact::Attachment, [n; 8]))
        .collect();
    let add = fixture.add_facts(3, &all);
    world.send_unsigned(&[limit.clone(), add]).assert_ok();
    let one_more = fixture.add_facts(3, &[fact(0, Fact::Attachment, NAME)]);
    refused(
        &mut world,
        &[one_more],
        &[&fixture.clerk.key()],
        ClaimsError::TooManyFacts,
    );
    let decide = fixture.decide_seen(&world, 3, Decision::Approve);
    let decide = fixture.detailed(&world, decide);
    let heap = heap_frame(64 * 1_024);
    let outcome = world
        .send_unsigned(&[limit.clone(), heap.clone(), decide])
        .assert_ok();
    println!("128 facts: {} compute units", outcome.cu);
    assert_eq!(reasons_of(&fixture.read_claim(&world, 3)), wanted);

    // The claim in its place is worked out beside the one that is read, which takes as much.
    let mut appealed = world.clone();
    appealed
        .send_unsigned(&[fixture.appeal_as_provider(3, 1)])
        .assert_ok();
    let reviewer = fixture
        .insurer
        .operator(&mut appealed, "reviewer", &Permission::ALL);
    let overturn = fixture.overturn(3, 1, &reviewer, 5, WAIVE_EXCLUSION);
    let overturn = fixture.detailed(&appealed, overturn);
    let outcome = appealed
        .send_unsigned(&[limit.clone(), heap.clone(), overturn])
        .assert_ok();
    println!("overturned: {} compute units", outcome.cu);
    assert_eq!(reasons_of(&fixture.read_claim(&appealed, 5)), [0; 16]);

    world.send_unsigned(&[fixture.reverse(1, 1)]).assert_ok();
    let reprocess = fixture.detailed(&world, fixture.reprocess(3, 4));
    let outcome = world.send_unsigned(&[limit, heap, reprocess]).assert_ok();
    println!("reprocessed: {} compute units", outcome.cu);
    assert_eq!(reasons_of(&fixture.read_claim(&world, 4)), wanted);
    fixture.assert_money_adds_up(&world);
}
