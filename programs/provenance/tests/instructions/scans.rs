//! Scans that partners report: a pack that is in two places at once is suspect.

use provenance::events::{ScanPolicySet, ScanReported};

use crate::common::*;

/// A case at the pharmacy, of a batch whose packs move at most 1,000 km/h and are suspect after so many reports.
fn judged(limit: u8) -> (World, ProvenanceFixture) {
    let (mut world, fixture) = delivered();
    let set = fixture.set_scan_policy(&fixture.maker, 1_000, limit);
    let event: ScanPolicySet = done(&mut world, set, &[&fixture.maker.key()]).event();
    assert_eq!((event.policy.kmh, event.policy.limit), (1_000, limit));
    (world, fixture)
}

#[track_caller]
fn scan(world: &mut World, fixture: &ProvenanceFixture, by: &Party, cell: CellArg) -> ScanReported {
    done(world, fixture.report_scan(0, by, cell), &[&by.key()]).event()
}

#[test]
fn in_two_places_at_once_it_is_suspect() {
    let (mut world, fixture) = judged(2);
    let (pharmacy, wholesaler) = (&fixture.pharmacy, &fixture.wholesaler);
    let first = scan(&mut world, &fixture, pharmacy, PARIS);
    assert!(first.is_plausible && !first.is_suspect);
    world.advance(3_600);
    // Five hours away, an hour later.
    let second = scan(&mut world, &fixture, wholesaler, LAGOS);
    assert_eq!(
        (second.is_plausible, second.suspicions, second.is_suspect),
        (false, 1, false)
    );
    // A day later, anywhere.
    world.advance(DAY);
    let third = scan(&mut world, &fixture, pharmacy, PARIS);
    assert_eq!((third.is_plausible, third.suspicions), (true, 1));
    let fourth = scan(&mut world, &fixture, wholesaler, LAGOS);
    assert_eq!(
        (fourth.is_plausible, fourth.suspicions, fourth.is_suspect),
        (false, 2, true)
    );
    let custody = custody_at(&world, &fixture, pack(0));
    assert_eq!(
        (custody.status, custody.set_aside_by, custody.custodian),
        (Status::Suspect, fixture.maker.address(), pharmacy.address())
    );
    let record = fixture.read_scan(&world, 0);
    assert_eq!(
        (
            record.reports,
            record.suspicions,
            record.reporter,
            record.at
        ),
        (4, 2, wholesaler.address(), world.now())
    );
    refused(
        &mut world,
        fixture.dispense(0),
        &[&pharmacy.key()],
        ProvenanceError::NotSellable,
    );
    done(&mut world, fixture.dispense(1), &[&pharmacy.key()]);
    // It is the manufacturer's to release; plausible scans leave it alone, the next that is not sets it aside again.
    let release = |by: &Party| fixture.set_status(pack(0), by, StatusAction::Release);
    refused(
        &mut world,
        release(pharmacy),
        &[&pharmacy.key()],
        ProvenanceError::NotYoursToRelease,
    );
    done(&mut world, release(&fixture.maker), &[&fixture.maker.key()]);
    scan(&mut world, &fixture, wholesaler, LAGOS);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Received);
    let again = scan(&mut world, &fixture, pharmacy, PARIS);
    assert!(again.is_suspect);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Suspect);
}

#[test]
fn one_organisation_alone_makes_nothing_suspect() {
    let (mut world, fixture) = judged(1);
    let pharmacy = &fixture.pharmacy;
    // Two branches of a chain, each with its own staff, a second apart.
    let permissions = [Permission::HandOver];
    let branch = Party {
        staff: pharmacy
            .organization
            .operator(&mut world, "branch", &permissions),
        ..pharmacy.clone()
    };
    for round in 0..3 {
        let here = scan(&mut world, &fixture, pharmacy, PARIS);
        assert_eq!(here.is_plausible, round == 0);
        world.advance(1);
        let there = scan(&mut world, &fixture, &branch, LAGOS);
        assert!(!there.is_plausible);
        for event in [&here, &there] {
            let said = (event.is_suspicion, event.suspicions, event.is_suspect);
            assert_eq!(said, (false, 0, false));
        }
        world.advance(1);
    }
    assert!(!exists(&world, &fixture.node(pack(0))));
    assert_eq!(fixture.read_scan(&world, 0).reports, 6);
    done(&mut world, fixture.dispense(0), &[&pharmacy.key()]);
}

#[test]
fn a_report_counts_against_one_of_somebody_else() {
    let (mut world, fixture) = judged(3);
    let (pharmacy, wholesaler) = (&fixture.pharmacy, &fixture.wholesaler);
    scan(&mut world, &fixture, pharmacy, PARIS);
    // Its own report from the same place in between hides nothing.
    world.advance(60);
    assert!(scan(&mut world, &fixture, wholesaler, PARIS).is_plausible);
    let record = fixture.read_scan(&world, 0);
    let other = (record.other_latitude, record.other_longitude);
    assert_eq!(
        (other, record.other_at),
        ((PARIS.latitude, PARIS.longitude), world.now() - 60)
    );
    world.advance(60);
    let found = scan(&mut world, &fixture, wholesaler, LAGOS);
    assert_eq!(
        (found.is_plausible, found.is_suspicion, found.suspicions),
        (false, true, 1)
    );
    assert_eq!(fixture.read_scan(&world, 0).other_at, 0);
    // Whatever it goes on to say, the pharmacy has said so once.
    for cell in [PARIS, LAGOS, LAGOS, PARIS] {
        world.advance(60);
        let event = scan(&mut world, &fixture, wholesaler, cell);
        assert_eq!((event.is_suspicion, event.suspicions), (false, 1));
    }
    // The pharmacy's next report from there says nothing against the last one.
    let same = scan(&mut world, &fixture, pharmacy, PARIS);
    assert_eq!((same.is_plausible, same.suspicions), (true, 1));
    world.advance(60);
    let second = scan(&mut world, &fixture, wholesaler, LAGOS);
    assert_eq!((second.suspicions, second.is_suspect), (2, false));
    let third = scan(&mut world, &fixture, pharmacy, PARIS);
    assert_eq!((third.suspicions, third.is_suspect), (3, true));
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Suspect);
}

#[test]
fn every_status_of_a_pack_that_is_in_two_places() {
    for status in Status::ALL {
        let (mut world, fixture) = judged(1);
        scan(&mut world, &fixture, &fixture.pharmacy, PARIS);
        crate::states::put(&mut world, &fixture, case(0), status);
        let event = scan(&mut world, &fixture, &fixture.wholesaler, LAGOS);
        let stays = status.is_final()
            || matches!(
                status,
                Status::Quarantined | Status::Suspect | Status::Illegitimate
            );
        assert_eq!(event.is_suspect, !stays, "{status:?}");
        assert_eq!(exists(&world, &fixture.node(pack(0))), !stays);
        if !stays {
            assert_eq!(status_at(&world, &fixture, pack(0)), Status::Suspect);
        }
        assert_eq!(status_at(&world, &fixture, case(0)), status);
    }
}

/// Reports a pack from two places at once, which makes it suspect.
fn doubt(world: &mut World, fixture: &ProvenanceFixture, index: u64) {
    for (by, cell) in [(&fixture.pharmacy, PARIS), (&fixture.wholesaler, LAGOS)] {
        done(world, fixture.report_scan(index, by, cell), &[&by.key()]);
    }
    assert_eq!(status_at(world, fixture, pack(index)), Status::Suspect);
}

#[test]
fn a_doubt_about_a_dispensed_pack_is_decided() {
    let (mut world, fixture) = judged(1);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(0), &[&key]);
    doubt(&mut world, &fixture, 0);
    let undo = fixture.undo(pack(0), &fixture.pharmacy, None);
    refused(
        &mut world,
        undo.clone(),
        &[&key],
        ProvenanceError::UndoNotFit,
    );
    let set = |by: &Party, action| fixture.set_status(pack(0), by, action);
    // Nothing but the decision, by whose it is.
    refused(
        &mut world,
        set(&fixture.pharmacy, StatusAction::Release),
        &[&key],
        ProvenanceError::NotYoursToRelease,
    );
    for action in [
        StatusAction::Quarantine,
        StatusAction::ReportTheft,
        StatusAction::Destroy,
        StatusAction::Decommission,
    ] {
        refused(
            &mut world,
            set(&fixture.pharmacy, action),
            &[&key],
            ProvenanceError::AlreadyDispensed,
        );
    }
    let mut condemned = world.clone();
    let condemn = set(&fixture.regulator, StatusAction::Condemn);
    done(&mut condemned, condemn, &[&fixture.regulator.key()]);
    assert_eq!(
        status_at(&condemned, &fixture, pack(0)),
        Status::Illegitimate
    );
    refused(
        &mut condemned,
        undo.clone(),
        &[&key],
        ProvenanceError::UndoNotFit,
    );
    for by in [&fixture.maker, &fixture.regulator] {
        let mut world = world.clone();
        done(&mut world, set(by, StatusAction::Release), &[&by.key()]);
        assert_eq!(status_at(&world, &fixture, pack(0)), Status::Received);
        // It is with a patient still, until that is undone.
        refused(
            &mut world,
            fixture.dispense(0),
            &[&key],
            ProvenanceError::AlreadyDispensed,
        );
        for action in [StatusAction::Release, StatusAction::Condemn] {
            refused(
                &mut world,
                set(&fixture.pharmacy, action),
                &[&key],
                ProvenanceError::AlreadyDispensed,
            );
        }
        done(&mut world, undo.clone(), &[&key]);
        assert!(!fixture.is_marked(&world, 0));
        done(&mut world, fixture.dispense(0), &[&key]);
    }
}

#[test]
fn a_doubt_about_an_opened_bottle_is_decided() {
    let (mut world, fixture) = registered();
    let fixture = fixture.with_terms("B1", |terms| {
        terms.units = 100;
        terms.policy = POLICY_CUSTODY | POLICY_OPENING_DISPENSES;
    });
    fixture.begin_batch(&mut world);
    fixture.deliver(&mut world);
    let policy = fixture.set_scan_policy(&fixture.maker, 1_000, 1);
    done(&mut world, policy, &[&fixture.maker.key()]);
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.fill(0, 30, None), &[&key]);
    assert!(fixture.is_marked(&world, 0));
    // What is left of it is destroyed, reported stolen, set aside.
    let set = |by: &Party, action| fixture.set_status(pack(0), by, action);
    for (action, status) in [
        (StatusAction::Destroy, Status::Destroyed),
        (StatusAction::ReportTheft, Status::Stolen),
        (StatusAction::Quarantine, Status::Quarantined),
    ] {
        let mut world = world.clone();
        done(&mut world, set(&fixture.pharmacy, action), &[&key]);
        assert_eq!(status_at(&world, &fixture, pack(0)), status);
    }
    doubt(&mut world, &fixture, 0);
    let mut condemned = world.clone();
    let condemn = set(&fixture.regulator, StatusAction::Condemn);
    done(&mut condemned, condemn, &[&fixture.regulator.key()]);
    done(
        &mut condemned,
        set(&fixture.pharmacy, StatusAction::Destroy),
        &[&key],
    );
    assert_eq!(status_at(&condemned, &fixture, pack(0)), Status::Destroyed);
    done(
        &mut world,
        set(&fixture.maker, StatusAction::Release),
        &[&fixture.maker.key()],
    );
    assert_eq!(
        status_at(&world, &fixture, pack(0)),
        Status::PartiallyDispensed
    );
    done(&mut world, fixture.fill(0, 70, None), &[&key]);
    // Empty, nothing of it is left to be set aside.
    refused(
        &mut world,
        set(&fixture.pharmacy, StatusAction::Quarantine),
        &[&key],
        ProvenanceError::AlreadyDispensed,
    );
}

#[test]
fn who_may_report_what() {
    let (mut world, fixture) = delivered();
    let report = fixture.report_scan(0, &fixture.pharmacy, PARIS);
    let key = fixture.pharmacy.key();
    refused(
        &mut world,
        report.clone(),
        &[&key],
        ProvenanceError::ScansNotJudged,
    );
    let (mut world, fixture) = judged(1);
    // Only partners, whose names are in the events, so that nobody can talk packs off the shelf from outside.
    let mut stranger = fixture.regulator.clone();
    stranger.credential = fixture.pharmacy.credential;
    refused(
        &mut world,
        fixture.report_scan(0, &stranger, PARIS),
        &[&stranger.key()],
        ProvenanceError::CredentialOfOtherSubject,
    );
    let mut copied = fixture.clone();
    copied.tree = Tree::new(*GTIN, fixture.tree.layout, [0, 1]);
    refused(
        &mut world,
        copied.report_scan(0, &fixture.pharmacy, PARIS),
        &[&key],
        ProvenanceError::ProofInvalid,
    );
    for (latitude, longitude) in [(90, 0), (-91, 0), (0, 180), (0, i16::MIN)] {
        let cell = CellArg {
            latitude,
            longitude,
        };
        refused(
            &mut world,
            fixture.report_scan(0, &fixture.pharmacy, cell),
            &[&key],
            ProvenanceError::CellInvalid,
        );
    }
    let others = swapped(report, fixture.scan(0), fixture.scan(1));
    refused(&mut world, others, &[&key], ProvenanceError::WrongAddress);
    fixture
        .revoke_credential(&mut world, &fixture.pharmacy)
        .assert_ok();
    refused(
        &mut world,
        fixture.report_scan(0, &fixture.pharmacy, PARIS),
        &[&key],
        ProvenanceError::CredentialRevoked,
    );
}

#[test]
fn limits_that_are_none() {
    let (mut world, fixture) = judged(1);
    let maker = fixture.maker.key();
    for (kmh, limit) in [(99, 1), (2_001, 1), (1_000, 0), (1_000, 11), (0, 1)] {
        refused(
            &mut world,
            fixture.set_scan_policy(&fixture.maker, kmh, limit),
            &[&maker],
            ProvenanceError::ScanPolicyInvalid,
        );
    }
    refused(
        &mut world,
        fixture.set_scan_policy(&fixture.wholesaler, 1_000, 1),
        &[&fixture.wholesaler.key()],
        ProvenanceError::BatchOfOther,
    );
    done(
        &mut world,
        fixture.set_scan_policy(&fixture.maker, 0, 0),
        &[&maker],
    );
    refused(
        &mut world,
        fixture.report_scan(0, &fixture.pharmacy, PARIS),
        &[&fixture.pharmacy.key()],
        ProvenanceError::ScansNotJudged,
    );
}

#[test]
fn the_record_closes_when_it_tells_nothing() {
    let (mut world, fixture) = judged(1);
    let wholesaler = &fixture.wholesaler;
    scan(&mut world, &fixture, wholesaler, PARIS);
    let mut suspicious = world.clone();
    scan(&mut suspicious, &fixture, &fixture.pharmacy, LAGOS);
    let close = fixture.close_scan(0, wholesaler);
    world.advance(SCAN_KEPT_SECONDS);
    refused(&mut world, close.clone(), &[], ProvenanceError::ScanKept);
    world.advance(1);
    refused(
        &mut world,
        fixture.close_scan(0, &fixture.pharmacy),
        &[],
        ProvenanceError::WrongPayer,
    );
    let payer = wholesaler.key().pubkey();
    let before = world.raw(&payer).unwrap().lamports;
    done(&mut world, close.clone(), &[]);
    assert_eq!(
        world.raw(&payer).unwrap().lamports - before,
        world.rent(Scan::SIZE)
    );
    suspicious.advance(SCAN_KEPT_SECONDS + 1);
    refused(
        &mut suspicious,
        close.clone(),
        &[],
        ProvenanceError::ScanKept,
    );
    suspicious.set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    done(&mut suspicious, close, &[]);
}

#[test]
fn however_packs_are_reported_only_impossible_ways_of_two_count() {
    let (mut world, fixture) = judged(3);
    let mut random = Random(3);
    let parties = [&fixture.maker, &fixture.wholesaler, &fixture.pharmacy];
    // By whom, where, when, and whether it has raised a suspicion.
    let mut reports: Vec<(Pubkey, CellArg, i64, bool)> = Vec::new();
    let mut suspicions = 0;
    for _ in 0..few_or_many(120, 20_000) {
        let cell = CellArg {
            latitude: i16::try_from(random.below(180)).unwrap() - 90,
            longitude: i16::try_from(random.below(360)).unwrap() - 180,
        };
        world.advance(i64::try_from(random.below(12 * 3_600)).unwrap());
        let now = world.now();
        let by = parties[usize::try_from(random.below(3)).unwrap()];
        let event = scan(&mut world, &fixture, by, cell);
        let is_impossible = |from: CellArg, at: i64| {
            let least = galen_rules::provenance::least_distance(
                from.as_rule().unwrap(),
                cell.as_rule().unwrap(),
            );
            least > 1_000 * u64::try_from(now - at).unwrap() / 3_600
        };
        let follows_last = reports
            .last()
            .is_none_or(|(_, from, at, _)| !is_impossible(*from, *at));
        let of_other = |report: &&mut (Pubkey, CellArg, i64, bool)| report.0 != by.address();
        let is_suspicion = match reports.iter_mut().rev().find(of_other) {
            Some((_, from, at, has_counted)) => {
                let counts = !*has_counted && is_impossible(*from, *at);
                *has_counted |= counts;
                counts
            }
            None => false,
        };
        suspicions += u32::from(is_suspicion);
        assert_eq!(event.is_suspicion, is_suspicion);
        assert_eq!(event.is_plausible, follows_last && !is_suspicion);
        assert_eq!(event.suspicions, suspicions);
        assert_eq!(event.is_suspect, suspicions == 3 && is_suspicion);
        reports.push((by.address(), cell, now, false));
    }
    assert!(suspicions > 3);
}
