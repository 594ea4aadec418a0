//! A member's history when it is full: `grow_history`, and what is dropped (decision 32).

use claims::constants::{HISTORY_DAYS, HISTORY_PAGE, MAX_FREQUENCY_DAYS, MAX_HISTORY};
use claims::events::HistoryGrown;
use claims::instructions::Decision;
use galen_testkit::precompile::compute_limit;

use crate::common::*;

const PAGE: usize = HISTORY_PAGE as usize;

/// Size of a history with so many entries.
fn size(entries: usize) -> usize {
    History::ENTRIES_OFFSET + entries * HistoryEntry::SIZE
}

/// A history of `entries.len()` live lines and `places` places, as claims and growth leave it in years.
fn write(world: &mut World, fixture: &ClaimsFixture, entries: &[HistoryEntry], places: usize) {
    write_with(world, fixture, entries, &[], places);
}

/// The same with lines that a person has denied.
fn write_with(
    world: &mut World,
    fixture: &ClaimsFixture,
    entries: &[HistoryEntry],
    denied: &[HistoryEntry],
    places: usize,
) {
    let mut account = world.raw(&fixture.history).unwrap();
    account.data.truncate(History::ENTRIES_OFFSET);
    for (at, entries) in [(40, entries), (44, denied)] {
        let count = u16::try_from(entries.len()).unwrap();
        account.data[at..at + 2].copy_from_slice(&count.to_le_bytes());
        account
            .data
            .extend_from_slice(bytemuck::cast_slice::<HistoryEntry, u8>(entries));
    }
    account.data.resize(size(places), 0);
    account.lamports = world.rent(account.data.len());
    world.set_raw(&fixture.history, account);
    assert_eq!(fixture.live_lines(world), entries);
    assert_eq!(fixture.denied_lines(world), denied);
}

/// A live line of another provider's claim.
fn live(n: u32, service_date: i32) -> HistoryEntry {
    HistoryEntry {
        code_key: code(n),
        provider_tag: [1; 8],
        claim_tag: [2; 8],
        service_date,
        ..HistoryEntry::default()
    }
}

fn many(count: usize) -> Vec<HistoryEntry> {
    (0..40)
        .cycle()
        .take(count)
        .map(|n| live(50 + n, SERVICE_DATE - 100))
        .collect()
}

/// Claims of sixteen lines on eight days fill it. The next one waits, and is approved once anybody has made room; of what came
/// before nothing is forgotten.
#[test]
fn a_claim_that_finds_it_full_is_decided_after_growth() {
    let (mut world, fixture) = ready();
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let submit = |n: u8, day: i32, lines: &[ClaimLineArgs]| {
        let mut args = fixture.submit_args(n, lines);
        args.service_date = SERVICE_DATE - 40 + day;
        claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args })
    };
    let sixteen: Vec<ClaimLineArgs> = (0..16).map(|code| line(code, 100)).collect();
    for n in 0..8u8 {
        let submit = submit(n, n.into(), &sixteen);
        world.send(&[submit], &[&clerk, &member]).assert_ok();
    }
    fixture
        .submit(&mut world, 100, &[line(1, 20_000)])
        .assert_ok();
    let waiting = fixture.read_claim(&world, 100);
    assert_eq!(
        (waiting.status, waiting.pend_reason),
        (ClaimStatus::Pended, PendReason::HistoryFull)
    );
    let before = fixture.live_lines(&world);
    assert_eq!((before.len(), fixture.history_room(&world)), (PAGE, 0));
    let approve = fixture.decide(100, Decision::Approve);
    let staff = fixture.staff.key();
    refused(
        &mut world,
        std::slice::from_ref(&approve),
        &[&staff],
        ClaimsError::HistoryFull,
    );

    let head = world.raw(&fixture.history).unwrap().data[..size(0)].to_vec();
    let event: HistoryGrown = world
        .send(&[fixture.grow_history()], &[&clerk])
        .assert_ok()
        .event();
    assert_eq!(
        (event.history, event.member, usize::from(event.capacity)),
        (fixture.history, fixture.member, 2 * PAGE)
    );
    let grown = world.raw(&fixture.history).unwrap();
    assert_eq!(grown.data.len(), size(2 * PAGE));
    assert_eq!(grown.lamports, world.rent(grown.data.len()));
    assert_eq!(grown.data[..size(0)], head);
    assert_eq!(fixture.live_lines(&world), before);
    assert!(grown.data[size(PAGE)..].iter().all(|byte| *byte == 0));

    world.send(&[approve], &[&staff]).assert_ok();
    let claim = fixture.read_claim(&world, 100);
    assert_eq!(claim.status, ClaimStatus::Paid);
    assert_eq!(fixture.live_lines(&world).len(), PAGE + 1);
    // A line of the first page and the one of the second are duplicates.
    for (n, again) in [
        (101, submit(101, 0, &[line(1, 100)])),
        (102, fixture.submit_claim(102, &[line(1, 20_000)])),
    ] {
        world.send(&[again], &[&clerk, &member]).assert_ok();
        assert_eq!(fixture.read_claim(&world, n).lines[0].denial_reason, 18);
    }
    // Taken back, the one of the second page leaves it, and is paid when it is filed anew.
    world
        .send(&[fixture.reverse(100, 7)], &[&staff])
        .assert_ok();
    assert_eq!(fixture.live_lines(&world), before);
    fixture
        .submit(&mut world, 103, &[line(1, 20_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 103).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn it_grows_where_less_than_half_a_page_is_free() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    for (entries, places) in [(0, PAGE), (PAGE / 2, PAGE), (PAGE + PAGE / 2, 2 * PAGE)] {
        write(&mut world, &fixture, &many(entries), places);
        refused(
            &mut world,
            &[fixture.grow_history()],
            &[&clerk],
            ClaimsError::HistoryHasRoom,
        );
        let nearly = many(places - PAGE / 2 + 1);
        write(&mut world, &fixture, &nearly, places);
        let event: HistoryGrown = world
            .send(&[fixture.grow_history()], &[&clerk])
            .assert_ok()
            .event();
        assert_eq!(usize::from(event.capacity), places + PAGE);
        assert_eq!(fixture.live_lines(&world), nearly);
        refused(
            &mut world,
            &[fixture.grow_history()],
            &[&clerk],
            ClaimsError::HistoryHasRoom,
        );
    }
    let most = usize::from(MAX_HISTORY);
    write(&mut world, &fixture, &many(most - 1), most);
    refused(
        &mut world,
        &[fixture.grow_history()],
        &[&clerk],
        ClaimsError::HistoryAtLargest,
    );
}

#[test]
fn only_a_history_grows_and_somebody_pays() {
    let (mut world, fixture) = ready();
    write(&mut world, &fixture, &many(PAGE), PAGE);
    let clerk = fixture.clerk.key();
    let grow = fixture.grow_history();
    refused(
        &mut world,
        &[swapped(grow.clone(), fixture.history, fixture.member)],
        &[&clerk],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    refused(
        &mut world,
        &[unsigned(grow.clone(), clerk.pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );
    // A page cut short.
    let mut cut = world.clone();
    write(&mut cut, &fixture, &many(PAGE), 2 * PAGE);
    let mut account = cut.raw(&fixture.history).unwrap();
    account.data.pop();
    cut.set_raw(&fixture.history, account);
    refused(
        &mut cut,
        &[fixture.submit_claim(1, &[line(1, 100)])],
        &[&clerk, &fixture.member_key()],
        ClaimsError::InvariantBroken,
    );
}

/// A full history drops what no rule of any plan can ask about, and nothing else, whatever the claim's own plan asks.
#[test]
fn it_forgets_only_what_no_rule_can_ask_about() {
    let mut world = empty();
    let plan = PlanTerms {
        filing_limit_days: 30,
        ..terms()
    };
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    let oldest = TODAY - HISTORY_DAYS;
    let mut lines = many(PAGE);
    lines[5] = live(7, oldest);
    let mut full = world.clone();
    write(&mut full, &fixture, &lines, PAGE);
    let submit = |world: &mut World| {
        let outcome = fixture.submit(world, 1, &[line(8, 10_000)]).assert_ok();
        (fixture.read_claim(world, 1).pend_reason, outcome.cu)
    };
    assert_eq!(submit(&mut full).0, PendReason::HistoryFull);
    assert_eq!(fixture.live_lines(&full), lines);

    lines[6] = live(7, oldest - 1);
    write(&mut world, &fixture, &lines, PAGE);
    let (reason, cu) = submit(&mut world);
    println!("made room in a full history: {cu} CU");
    assert_eq!(reason, PendReason::None);
    lines.remove(6);
    let live = fixture.live_lines(&world);
    assert_eq!(live[..PAGE - 1], lines);
    assert_eq!(live[PAGE - 1].code_key, code(8));
    assert_eq!(fixture.history_room(&world), 0);
}

/// Lines that a person has denied take room, and go by age as live ones do. A denial that finds none is not held up: what has room is
/// kept, and what is filed again waits while the history is full.
#[test]
fn denied_lines_stand_behind_the_live_ones_as_far_as_there_is_room() {
    let mut world = empty();
    let agreement = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, agreement);
    let staff = fixture.staff.key();
    let deny = |n| {
        let group = AdjustmentGroup::Contractual;
        fixture.decide(n, Decision::Deny { group, reason: 50 })
    };
    let two = [line(7, 20_000), line(8, 20_000)];
    let reason = |world: &World, n| fixture.read_claim(world, n).pend_reason;

    // One of two lines has a place.
    let full = many(PAGE - 1);
    write(&mut world, &fixture, &full, PAGE);
    fixture.submit(&mut world, 1, &two).assert_ok();
    assert_eq!(reason(&world, 1), PendReason::HistoryFull);
    world.send(&[deny(1)], &[&staff]).assert_ok();
    let denied = fixture.denied_lines(&world);
    assert_eq!((denied.len(), fixture.history_room(&world)), (1, 0));
    assert_eq!(
        (denied[0].code_key, denied[0].claim_tag),
        (code(7), HistoryEntry::claim_tag(&fixture.claim(1)))
    );
    assert_eq!(fixture.live_lines(&world), full);
    // No room for another, and the denied line is of a day that is asked about: nothing goes.
    fixture
        .submit(&mut world, 2, &[line(9, 20_000)])
        .assert_ok();
    assert_eq!(reason(&world, 2), PendReason::HistoryFull);

    // With another page the live lines come before it.
    let clerk = fixture.clerk.key();
    world.send(&[fixture.grow_history()], &[&clerk]).assert_ok();
    assert_eq!(fixture.denied_lines(&world), denied);
    fixture.submit(&mut world, 3, &two).assert_ok();
    assert_eq!(reason(&world, 3), PendReason::DeniedBefore);
    assert_eq!(fixture.denied_lines(&world), denied);
    assert_eq!(fixture.live_lines(&world).len(), PAGE + 1);
    assert_eq!(fixture.live_lines(&world)[..PAGE - 1], full);
    world.send(&[deny(3)], &[&staff]).assert_ok();
    assert_eq!(fixture.live_lines(&world), full);
    assert_eq!(fixture.denied_lines(&world).len(), 3);

    // What no rule asks about any more goes, live or denied.
    let oldest = TODAY - HISTORY_DAYS;
    let mut gone = many(PAGE - 4);
    gone[3] = live(7, oldest - 1);
    let behind = [live(8, oldest - 1), live(9, oldest), live(8, oldest - 1)];
    gone.push(live(10, oldest));
    write_with(&mut world, &fixture, &gone, &behind, PAGE);
    fixture.submit(&mut world, 4, &two).assert_ok();
    assert_eq!(reason(&world, 4), PendReason::ClaimLimit);
    assert_eq!(fixture.denied_lines(&world), [behind[1]]);
    assert_eq!(fixture.live_lines(&world).len(), PAGE - 4 + 2);
    assert_eq!(fixture.history_room(&world), 1);
    let used = world.raw(&fixture.history).unwrap().data;
    assert!(used[size(PAGE - 1)..].iter().all(|byte| *byte == 0));
}

/// The largest history, nearly all of it lines that a person has denied to another provider: read within a transaction.
#[test]
fn the_most_denied_lines_are_read_within_a_transaction() {
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
    let most = usize::from(MAX_HISTORY);
    let own = HistoryEntry::provider_tag(&fixture.provider.address);
    let lines: Vec<ClaimLineArgs> = (0..16).map(|n| line(n, 2_000)).collect();
    for (provider_tag, budget) in [([1; 8], 200_000), (own, 1_400_000)] {
        let mut world = world.clone();
        let denied: Vec<_> = many(most - 16)
            .into_iter()
            .map(|entry| HistoryEntry {
                provider_tag,
                ..entry
            })
            .collect();
        write_with(&mut world, &fixture, &[], &denied, most);
        let submit = fixture.submit_claim(1, &lines);
        let steps = [compute_limit(1_400_000), submit];
        let signers = [&fixture.clerk.key(), &fixture.member_key()];
        let outcome = world.send(&steps, &signers).assert_ok();
        println!("16 lines, {} denied: {} CU", most - 16, outcome.cu);
        assert_eq!(fixture.denied_lines(&world).len(), denied.len());
        assert_eq!(fixture.live_lines(&world).len(), 16);
        assert!(outcome.cu <= budget, "{} CU", outcome.cu);
    }
}

/// The longest frequency that there is looks at the first day that is kept, in a history that has grown.
#[test]
fn a_frequency_of_ten_years_is_asked_of_every_page() {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
    entries[7].frequency_days = MAX_FREQUENCY_DAYS;
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, unlimited());
    let days = i32::from(MAX_FREQUENCY_DAYS);
    for (ago, reason) in [(days - 1, 151), (days, 0)] {
        let mut world = world.clone();
        let mut lines = many(2 * PAGE);
        lines[PAGE + 3] = live(7, SERVICE_DATE - ago);
        write(&mut world, &fixture, &lines, 3 * PAGE);
        fixture
            .submit(&mut world, 1, &[line(7, 20_000)])
            .assert_ok();
        let claim = fixture.read_claim(&world, 1);
        assert_eq!(claim.lines[0].denial_reason, reason);
    }
}

/// Sixteen lines, all of codes whose frequency reaches over the whole of the largest history: within a transaction.
#[test]
fn the_largest_history_is_read_within_a_transaction() {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
    for entry in entries.iter_mut().take(16) {
        entry.frequency_days = MAX_FREQUENCY_DAYS;
    }
    let plan = PlanTerms {
        deductible: Limits::default(),
        ..terms()
    };
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    let lines: Vec<ClaimLineArgs> = (0..16).map(|n| line(n, 2_000)).collect();
    let most = usize::from(MAX_HISTORY);
    for (asked, full, budget) in [(1, PAGE, 40_000), (1, most, 200_000), (16, most, 1_400_000)] {
        let mut world = world.clone();
        write(&mut world, &fixture, &many(full - 16), full);
        let submit = fixture.submit_claim(1, &lines[..asked]);
        let steps = [compute_limit(1_400_000), submit];
        let signers = [&fixture.clerk.key(), &fixture.member_key()];
        let outcome = world.send(&steps, &signers).assert_ok();
        println!(
            "{asked} lines, {} in the history: {} CU",
            full - 16,
            outcome.cu
        );
        assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
        assert!(outcome.cu <= budget, "{} CU", outcome.cu);
    }
}
