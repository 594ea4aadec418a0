//! Devices that watch over goods: what they sign is summed up, and an excursion sets the goods aside by itself.

use galen_rules::coldchain::{assess, Assessment, Interval, COLD};
use galen_testkit::precompile::ed25519;
use provenance::events::{DeviceRegistered, ExcursionAssessed, ExcursionFound, MonitoringEnded};

use crate::common::*;
use crate::walk::deciding_at;

/// The case at the pharmacy and one at the wholesaler, each with the device.
fn watched() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = cold();
    let register = fixture.register_device(case(0), &fixture.pharmacy, device().pubkey());
    let event: DeviceRegistered = done(&mut world, register, &[&fixture.pharmacy.key()]).event();
    assert_eq!(
        (event.device, event.organization, event.registered_at),
        (device().pubkey(), fixture.pharmacy.address(), world.now())
    );
    let register = fixture.register_device(case(1), &fixture.wholesaler, device().pubkey());
    done(&mut world, register, &[&fixture.wholesaler.key()]);
    (world, fixture)
}

/// The readings of this many half hours, once they are over.
fn warm(
    world: &mut World,
    fixture: &ProvenanceFixture,
    of: Place,
    temperatures: &[i32],
) -> Outcome {
    world.advance(1_800 * i64::try_from(temperatures.len()).unwrap());
    report(world, fixture, of, &half_hours(temperatures)).assert_ok()
}

fn is_found(outcome: &Outcome) -> bool {
    !outcome.events::<ExcursionFound>().is_empty()
}

#[test]
fn readings_are_summed_up_as_the_rulebook_does() {
    let (mut world, fixture) = watched();
    let start = world.now();
    let mut all = Vec::new();
    // Three days in reports of twelve hours: up to 13 degrees for an hour of every other, which is allowed.
    for round in 0..6_i32 {
        let temperatures: Vec<i32> = (0..24)
            .map(|place| match place {
                3 if round % 2 == 0 => 9_000 + 1_000 * round,
                4 if round % 2 == 0 => 10_000,
                _ => 3_000 + 37 * place + round,
            })
            .collect();
        let outcome = warm(&mut world, &fixture, case(0), &temperatures);
        assert!(!is_found(&outcome));
        all.extend(temperatures.iter().map(|millicelsius| Interval {
            seconds: 1_800,
            millicelsius: Some(*millicelsius),
        }));
    }
    let Assessment {
        mean,
        extremes,
        excursion_minutes,
        ..
    } = assess(&COLD, &all);
    let monitor = fixture.read_monitor(&world, case(0));
    let sums = monitor.sums();
    assert_eq!(Some(sums.mean), mean);
    assert_eq!(Some((sums.least, sums.greatest)), extremes);
    assert_eq!(
        (sums.excursion_minutes, sums.gap_minutes),
        (excursion_minutes, 0)
    );
    assert_eq!((sums.verdict, sums.known_minutes), (1, 3 * 24 * 60));
    assert_eq!(
        (monitor.sequence, monitor.covered_until),
        (6, start + 3 * DAY)
    );
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Received);
}

#[test]
fn an_excursion_sets_aside_by_itself() {
    // Half hours, and the number of the reason.
    let mut long = vec![4_000; 24];
    long.extend([8_001; 24]);
    let mut table = vec![
        (vec![5_000, 15_001], 4),
        (vec![5_000, 1_999], 3),
        (vec![5_000, i32::MAX], 4),
        (vec![5_000, i32::MIN], 3),
        (vec![4_000, 14_000, 14_000], 8),
    ];
    // More than a day above 8 degrees, in pieces that the mean forgives.
    let spread: Vec<i32> = (0..5).flat_map(|_| long.clone()).collect();
    table.push((spread, 6));
    for (temperatures, verdict) in table {
        let (mut world, fixture) = watched();
        let mut found = Vec::new();
        for part in temperatures.chunks(24) {
            let outcome = warm(&mut world, &fixture, case(0), part);
            found.extend(outcome.events::<ExcursionFound>());
        }
        let [event] = found.as_slice() else {
            panic!("{temperatures:?}: {} events", found.len());
        };
        assert_eq!(event.sums.verdict, verdict, "{temperatures:?}");
        assert_eq!(event.custodian, fixture.pharmacy.address());
        let custody = custody_at(&world, &fixture, case(0));
        assert_eq!(custody.status, Status::Quarantined);
        assert_eq!(custody.set_aside_by, fixture.maker.address());
        refused(
            &mut world,
            fixture.dispense(0),
            &[&fixture.pharmacy.key()],
            ProvenanceError::NotSellable,
        );
    }
}

#[test]
fn on_the_way_and_released_by_quality() {
    let (mut world, fixture) = watched();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
    assert!(is_found(&warm(&mut world, &fixture, case(1), &[16_000])));
    let accept = fixture.accept(case(1), &fixture.wholesaler, &fixture.pharmacy, &[]);
    let key = fixture.pharmacy.key();
    done(&mut world, accept, &[&key]);
    assert_eq!(status_at(&world, &fixture, case(1)), Status::Quarantined);
    // Neither party can wave it through.
    for party in [&fixture.wholesaler, &fixture.pharmacy] {
        let release = fixture.set_status(case(1), party, StatusAction::Release);
        refused(
            &mut world,
            release,
            &[&party.key()],
            ProvenanceError::NotYoursToRelease,
        );
        let assess = fixture.assess(case(1), party, true);
        refused(
            &mut world,
            assess,
            &[&party.key()],
            ProvenanceError::NotARegulator,
        );
    }
    // Released with a document, but not assessed: the next report sets it aside again.
    let mut waved = world.clone();
    let release = fixture.set_status(case(1), &fixture.maker, StatusAction::Release);
    done(&mut waved, release, &[&fixture.maker.key()]);
    let outcome = warm(&mut waved, &fixture, case(1), &[5_000]);
    let event: ExcursionFound = outcome.event();
    assert_eq!((event.sums.verdict, event.sums.greatest), (4, 16_000));
    assert_eq!(status_at(&waved, &fixture, case(1)), Status::Quarantined);
    // Set aside already, it is no news; released again, silence sets it aside and says so too.
    assert!(!is_found(&warm(&mut waved, &fixture, case(1), &[5_000])));
    let release = fixture.set_status(case(1), &fixture.maker, StatusAction::Release);
    done(&mut waved, release, &[&fixture.maker.key()]);
    waved.advance(MAX_SILENCE_SECONDS + 1);
    let outcome = done(&mut waved, fixture.count_silence(case(1)), &[]);
    assert_eq!(outcome.event::<ExcursionFound>().sums.verdict, 4);
    assert_eq!(status_at(&waved, &fixture, case(1)), Status::Quarantined);

    let assess = fixture.assess(case(1), &fixture.maker, true);
    let event: ExcursionAssessed =
        done(&mut world, assess.clone(), &[&fixture.maker.key()]).event();
    assert!(event.is_released);
    assert_eq!((event.sums.greatest, event.sums.verdict), (16_000, 4));
    assert_eq!(status_at(&world, &fixture, case(1)), Status::Received);
    assert_eq!(fixture.read_monitor(&world, case(1)).releases, 1);
    warm(&mut world, &fixture, case(1), &[5_000]);
    assert_eq!(status_at(&world, &fixture, case(1)), Status::Received);
    assert_eq!(fixture.read_monitor(&world, case(1)).sums().greatest, 5_000);
    refused(
        &mut world,
        assess,
        &[&fixture.maker.key()],
        ProvenanceError::NoExcursion,
    );
    done(&mut world, fixture.dispense(8), &[&key]);
}

#[test]
fn condemned_it_stays_set_aside() {
    let (mut world, fixture) = watched();
    warm(&mut world, &fixture, case(0), &[16_000]);
    let condemn = fixture.assess(case(0), &fixture.maker, false);
    let event: ExcursionAssessed =
        done(&mut world, condemn.clone(), &[&fixture.maker.key()]).event();
    assert!(!event.is_released);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Illegitimate);
    refused(
        &mut world,
        condemn,
        &[&fixture.maker.key()],
        ProvenanceError::StatusOutOfOrder,
    );
    refused(
        &mut world,
        fixture.assess(case(0), &fixture.maker, true),
        &[&fixture.maker.key()],
        ProvenanceError::StatusOutOfOrder,
    );
    // The watch over it can end: nothing that is read changes what becomes of it.
    let end = fixture.end_monitoring(case(0), Some(&fixture.pharmacy), &fixture.pharmacy);
    done(&mut world, end, &[&fixture.pharmacy.key()]);
    assert!(!exists(&world, &fixture.monitor(case(0))));
}

#[test]
fn who_set_it_aside_before_keeps_the_say() {
    let (mut world, fixture) = watched();
    let regulator = fixture.regulator.key();
    let suspect = fixture.set_status(case(0), &fixture.regulator, StatusAction::Suspect);
    done(&mut world, suspect, &[&regulator]);
    let quarantine = fixture.set_status(case(1), &fixture.wholesaler, StatusAction::Quarantine);
    done(&mut world, quarantine, &[&fixture.wholesaler.key()]);
    for of in [case(0), case(1)] {
        warm(&mut world, &fixture, of, &[16_000]);
    }
    let custody = custody_at(&world, &fixture, case(0));
    assert_eq!(
        (custody.status, custody.set_aside_by),
        (Status::Suspect, fixture.regulator.address())
    );
    refused(
        &mut world,
        fixture.assess(case(0), &fixture.maker, true),
        &[&fixture.maker.key()],
        ProvenanceError::NotYoursToRelease,
    );
    let assess = fixture.assess(case(0), &fixture.regulator, true);
    done(&mut world, assess, &[&regulator]);
    // What the holder had set aside itself is the manufacturer's to release from now on.
    assert_eq!(
        custody_at(&world, &fixture, case(1)).set_aside_by,
        fixture.maker.address()
    );
    // Released by other means before, only the sums begin anew.
    let release = fixture.set_status(case(1), &fixture.maker, StatusAction::Release);
    done(&mut world, release, &[&fixture.maker.key()]);
    refused(
        &mut world,
        fixture.assess(case(1), &fixture.maker, false),
        &[&fixture.maker.key()],
        ProvenanceError::StatusOutOfOrder,
    );
    let assess = fixture.assess(case(1), &fixture.maker, true);
    done(&mut world, assess, &[&fixture.maker.key()]);
    assert!(!fixture.read_monitor(&world, case(1)).is_excursion());
}

/// Lets an action of `by` at `of` take effect.
fn set(
    world: &mut World,
    fixture: &ProvenanceFixture,
    of: Place,
    by: &Party,
    action: StatusAction,
) {
    done(world, fixture.set_status(of, by, action), &[&by.key()]);
}

#[test]
fn what_gets_warm_inside_of_what_is_set_aside_is_so_by_itself() {
    let (world, fixture) = watched();
    let (of, around) = (case(1), pallet(0));
    let maker = fixture.maker.address();
    for by in [&fixture.wholesaler, &fixture.maker, &fixture.regulator] {
        for doubt in [StatusAction::Quarantine, StatusAction::Suspect] {
            let mut world = world.clone();
            world.advance(60);
            set(&mut world, &fixture, around, by, doubt);
            let doubted = custody_at(&world, &fixture, around);
            let before = fixture.read_node(&world, of);
            assert_eq!(before.custody(), Ok(None));
            let event: ExcursionFound = warm(&mut world, &fixture, of, &[16_000]).event();
            assert_eq!(event.custodian, fixture.wholesaler.address());
            let own = custody_at(&world, &fixture, of);
            assert_eq!(
                own,
                Custody {
                    set_aside_by: maker,
                    ..doubted
                },
                "{doubt:?}"
            );
            assert_eq!(custody_at(&world, &fixture, around), doubted);
            // Told once.
            assert!(!is_found(&warm(&mut world, &fixture, of, &[5_000])));

            // The whole is released first: this is still to be assessed, by nobody but the manufacturer or a regulator.
            let mut whole_first = world.clone();
            set(
                &mut whole_first,
                &fixture,
                around,
                by,
                StatusAction::Release,
            );
            assert_eq!(
                deciding_at(&whole_first, &fixture, around).status,
                Status::Received
            );
            assert_eq!(deciding_at(&whole_first, &fixture, of), own);
            refused(
                &mut whole_first,
                fixture.set_status(of, &fixture.wholesaler, StatusAction::Release),
                &[&fixture.wholesaler.key()],
                ProvenanceError::NotYoursToRelease,
            );
            let assess = fixture.assess(of, &fixture.maker, true);
            done(&mut whole_first, assess.clone(), &[&fixture.maker.key()]);
            assert_eq!(
                deciding_at(&whole_first, &fixture, of).status,
                Status::Received
            );

            // This first: the doubt about the whole is still about it.
            done(&mut world, assess, &[&fixture.maker.key()]);
            assert_eq!(status_at(&world, &fixture, of), Status::Received);
            let deciding = deciding_at(&world, &fixture, of);
            assert_eq!(
                (deciding.status, deciding.set_aside_by),
                (doubted.status, by.address())
            );
            // Too warm once more, and assessed once more: no way round it.
            assert!(is_found(&warm(&mut world, &fixture, of, &[16_000])));
            done(
                &mut world,
                fixture.assess(of, &fixture.maker, true),
                &[&fixture.maker.key()],
            );
            assert_eq!(deciding_at(&world, &fixture, of).status, doubted.status);
            set(&mut world, &fixture, around, by, StatusAction::Release);
            assert_eq!(deciding_at(&world, &fixture, of).status, Status::Received);
        }
    }
}

#[test]
fn inside_of_what_is_condemned_nothing_is_recorded() {
    let (mut world, fixture) = watched();
    let (of, around) = (case(1), pallet(0));
    for action in [StatusAction::Suspect, StatusAction::Condemn] {
        set(&mut world, &fixture, around, &fixture.regulator, action);
    }
    assert!(is_found(&warm(&mut world, &fixture, of, &[16_000])));
    assert_eq!(fixture.read_node(&world, of).custody(), Ok(None));
    assert_eq!(
        deciding_at(&world, &fixture, of).status,
        Status::Illegitimate
    );
}

#[test]
fn an_excursion_hides_no_other_doubt() {
    // The wholesaler's own about a case, then a regulator's about its pallet, then the readings.
    let (mut world, fixture) = watched();
    let of = case(1);
    let by = &fixture.regulator;
    let own = &fixture.wholesaler;
    set(&mut world, &fixture, of, own, StatusAction::Quarantine);
    world.advance(60);
    set(&mut world, &fixture, pallet(0), by, StatusAction::Suspect);
    warm(&mut world, &fixture, of, &[16_000]);
    let assess = fixture.assess(of, &fixture.maker, true);
    done(&mut world, assess, &[&fixture.maker.key()]);
    assert_eq!(status_at(&world, &fixture, of), Status::Received);
    let deciding = deciding_at(&world, &fixture, of);
    assert_eq!(
        (deciding.status, deciding.set_aside_by),
        (Status::Suspect, by.address())
    );
    set(&mut world, &fixture, pallet(0), by, StatusAction::Release);
    assert_eq!(deciding_at(&world, &fixture, of).status, Status::Received);
}

#[test]
fn readings_reach_what_was_released_before_them() {
    let (mut world, fixture) = watched();
    let (of, by) = (case(0), &fixture.regulator);
    set(&mut world, &fixture, of, by, StatusAction::Suspect);
    world.advance(60);
    set(&mut world, &fixture, pack(0), by, StatusAction::Release);
    let status = |world: &World| deciding_at(world, &fixture, pack(0)).status;
    assert_eq!(status(&world), Status::Received);
    assert!(is_found(&warm(&mut world, &fixture, of, &[16_000])));
    assert_eq!(status(&world), Status::Suspect);
    // Looked at since, it is not warm again by what was found before.
    world.advance(60);
    set(&mut world, &fixture, pack(0), by, StatusAction::Release);
    assert!(!is_found(&warm(&mut world, &fixture, of, &[5_000])));
    assert_eq!(status(&world), Status::Received);
}

/// A pallet with a logger at the wholesaler, an hour of good readings, and then a case of it sold to the pharmacy.
fn sold_out_of_a_pallet() -> (World, ProvenanceFixture, i64) {
    let (mut world, fixture) = cold();
    let register = fixture.register_device(pallet(0), &fixture.wholesaler, device().pubkey());
    done(&mut world, register, &[&fixture.wholesaler.key()]);
    warm(&mut world, &fixture, pallet(0), &[5_000, 5_000]);
    let read_until = world.now();
    world.advance(600);
    fixture.hand_over(&mut world, case(1), &fixture.wholesaler, &fixture.pharmacy);
    (world, fixture, read_until)
}

#[test]
fn what_was_sold_before_the_logger_reported_is_set_aside_too() {
    let (mut world, fixture, read_until) = sold_out_of_a_pallet();
    let key = fixture.pharmacy.key();
    let sold = fixture.read_node(&world, case(1));
    assert_eq!(sold.custodian, fixture.pharmacy.address());
    // What the pharmacy had before was not in that pallet any more, nor what it sets apart of that meanwhile.
    assert!(fixture.read_node(&world, case(0)).status_at < read_until);
    world.actor("claim");
    let reserve = fixture.reserve(1, actor("claim").pubkey(), DAY);
    done(&mut world, reserve, &[&key]);
    let recall = fixture.recall(pack(2), &fixture.maker, recall_terms());
    done(&mut world, recall, &[&fixture.maker.key()]);
    done(
        &mut world,
        fixture.lift(pack(2), &fixture.maker),
        &[&fixture.maker.key()],
    );
    assert!(is_found(&warm(
        &mut world,
        &fixture,
        pallet(0),
        &[-5_000, 5_000]
    )));
    let deciding = deciding_at(&world, &fixture, case(1));
    assert_eq!(
        (deciding.status, deciding.set_aside_by),
        (Status::Quarantined, fixture.maker.address())
    );
    refused(
        &mut world,
        fixture.dispense(8),
        &[&key],
        ProvenanceError::NotSellable,
    );
    for index in [0, 2] {
        done(&mut world, fixture.dispense(index), &[&key]);
    }
    let kept = deciding_at(&world, &fixture, pack(1));
    assert_eq!(kept.status, Status::Received);
    // Found again by a later report, what was sold since the first is meant still.
    assert!(!is_found(&warm(&mut world, &fixture, pallet(0), &[5_000])));
    // The manufacturer says of the part by itself that it is well, and of nothing else.
    let release = fixture.set_status(case(1), &fixture.maker, StatusAction::Release);
    done(&mut world, release, &[&fixture.maker.key()]);
    done(&mut world, fixture.dispense(8), &[&key]);
    assert_eq!(status_at(&world, &fixture, pallet(0)), Status::Quarantined);
}

#[test]
fn what_was_sold_before_a_silence_was_counted_is_set_aside_too() {
    let (mut world, fixture, _) = sold_out_of_a_pallet();
    world.advance(MAX_SILENCE_SECONDS + 1);
    assert!(is_found(&done(
        &mut world,
        fixture.count_silence(pallet(0)),
        &[]
    )));
    for (of, status) in [(case(1), Status::Quarantined), (case(0), Status::Received)] {
        assert_eq!(deciding_at(&world, &fixture, of).status, status);
    }
}

#[test]
fn a_former_custodian_has_no_say() {
    let (mut world, fixture) = watched();
    let (from, to) = (&fixture.wholesaler, &fixture.pharmacy);
    let quarantine = fixture.set_status(case(1), from, StatusAction::Quarantine);
    done(&mut world, quarantine, &[&from.key()]);
    let offer = fixture.offer(case(1), from, to, sale());
    done(&mut world, offer, &[&from.key()]);
    done(
        &mut world,
        fixture.accept(case(1), from, to, &[]),
        &[&to.key()],
    );
    warm(&mut world, &fixture, case(1), &[16_000]);
    for party in [from, to] {
        refused(
            &mut world,
            fixture.set_status(case(1), party, StatusAction::Release),
            &[&party.key()],
            ProvenanceError::NotYoursToRelease,
        );
    }
    let assess = fixture.assess(case(1), &fixture.maker, true);
    done(&mut world, assess, &[&fixture.maker.key()]);
    assert_eq!(status_at(&world, &fixture, case(1)), Status::Received);
}

#[test]
fn every_status_when_an_excursion_is_found() {
    for status in Status::ALL {
        let (mut world, fixture) = watched();
        crate::states::put(&mut world, &fixture, case(0), status);
        warm(&mut world, &fixture, case(0), &[16_000]);
        let after = status_at(&world, &fixture, case(0));
        let stays = status.is_final() || matches!(status, Status::Suspect | Status::Illegitimate);
        assert_eq!(
            after,
            if stays { status } else { Status::Quarantined },
            "{status:?}"
        );
        // Assessed, it is released where that follows on what it is.
        let assess = fixture.assess(case(0), &fixture.maker, true);
        let outcome = world.send(&[assess], &[&fixture.maker.key()]);
        assert_eq!(
            outcome.succeeded(),
            status != Status::Illegitimate,
            "{status:?}: {outcome}"
        );
        let released = status_at(&world, &fixture, case(0));
        assert_eq!(
            released,
            match status {
                Status::Illegitimate => status,
                status if status.is_final() => status,
                // What was sent back is still to be verified.
                Status::Returned => Status::Returned,
                _ => Status::Received,
            }
        );
        // No device is registered for what is gone.
        let register = fixture.register_device(case(0), &fixture.pharmacy, actor("new").pubkey());
        let outcome = world.send(&[register], &[&fixture.pharmacy.key()]);
        assert_eq!(
            outcome.succeeded(),
            !status.is_final(),
            "{status:?}: {outcome}"
        );
        if status.is_final() {
            assert_eq!(outcome.code(), Some(ProvenanceError::StatusFinal.into()));
        }
    }
}

#[test]
fn only_the_devices_signature_of_this_very_report() {
    let (mut world, fixture) = watched();
    world.advance(DAY);
    let of = case(0);
    let good = fixture.report(&world, of, world.now() - 1_800, half_hours(&[5_000]));
    let record = fixture.record_readings(of, &good);
    refused_together(
        &mut world,
        std::slice::from_ref(&record),
        ProvenanceError::ReadingsSignatureMissing,
    );
    let message = fixture.reading_message(&world, of, &good);
    let mut colder = good.clone();
    colder.readings[0].millicelsius = 4_000;
    for (before, error) in [
        (
            ed25519(&actor("a stranger's device"), &message),
            ProvenanceError::ReadingsSignerMismatch,
        ),
        (
            fixture.reading_signature(&world, of, &colder),
            ProvenanceError::ReadingsMessageMismatch,
        ),
        // The same device's report of another case.
        (
            fixture.reading_signature(&world, case(1), &good),
            ProvenanceError::ReadingsMessageMismatch,
        ),
        (
            ed25519(&device(), &message[..31]),
            ProvenanceError::ReadingsSignatureMissing,
        ),
    ] {
        refused_together(&mut world, &[before, record.clone()], error);
    }
    // Verified, but not just before.
    let signature = fixture.reading_signature(&world, of, &good);
    refused_together(
        &mut world,
        &[signature.clone(), record.clone(), record.clone()],
        ProvenanceError::ReadingsSignatureMissing,
    );
    world.send(&[signature, record], &[]).assert_ok();
}

#[test]
fn reports_that_are_none() {
    let (mut world, fixture) = watched();
    warm(&mut world, &fixture, case(0), &[5_000]);
    world.advance(DAY);
    let of = case(0);
    let now = world.now();
    let good = fixture.report(&world, of, now - 3_600, half_hours(&[5_000, 5_000]));
    let one = |seconds| Reading {
        seconds,
        millicelsius: 5_000,
    };
    let with = |change: &dyn Fn(&mut Report)| {
        let mut report = good.clone();
        change(&mut report);
        report
    };
    for (report, error) in [
        (with(&|r| r.sequence = 1), ProvenanceError::ReadingsReplayed),
        (with(&|r| r.sequence = 0), ProvenanceError::ReadingsReplayed),
        (
            with(&|r| r.previous = [1; 32]),
            ProvenanceError::ReadingsOutOfChain,
        ),
        (
            with(&|r| r.readings.clear()),
            ProvenanceError::ReadingsInvalid,
        ),
        (
            with(&|r| r.readings = vec![one(60); usize::from(MAX_READINGS) + 1]),
            ProvenanceError::ReadingsInvalid,
        ),
        (
            with(&|r| r.readings = vec![one(0)]),
            ProvenanceError::ReadingsInvalid,
        ),
        (
            with(&|r| r.readings = vec![one(MAX_READING_SECONDS + 1)]),
            ProvenanceError::ReadingsInvalid,
        ),
        (with(&|r| r.from += 1), ProvenanceError::ReadingsInFuture),
        (
            with(&|r| r.from = i64::MAX),
            ProvenanceError::ReadingsInFuture,
        ),
    ] {
        let signature = fixture.reading_signature(&world, of, &report);
        let record = fixture.record_readings(of, &report);
        refused_together(&mut world, &[signature, record], error);
    }
    // The same report of another place of the batch.
    let signature = fixture.reading_signature(&world, of, &good);
    let mut record = fixture.record_readings(of, &good);
    let (own, others) = (fixture.monitor(of), fixture.monitor(case(1)));
    record = swapped(record, own, others);
    refused_together(
        &mut world,
        &[signature, record],
        ProvenanceError::WrongRecord,
    );
}

/// A gateway that leaves out the one report with minus five degrees must not keep the goods sellable by it.
#[test]
fn a_report_that_is_left_out_sets_the_goods_aside() {
    let (mut world, fixture) = watched();
    let of = case(0);
    warm(&mut world, &fixture, of, &[5_000]);
    world.advance(3_600);
    // The second report is withheld; the third says when it begins.
    let mut third = fixture.report(&world, of, world.now(), half_hours(&[5_000]));
    third.sequence = 3;
    third.previous = [7; 32];
    world.advance(1_800);
    let signature = fixture.reading_signature(&world, of, &third);
    let record = fixture.record_readings(of, &third);
    world.send(&[signature, record], &[]).assert_ok();
    let sums = fixture.read_monitor(&world, of).sums();
    assert_eq!(
        (
            sums.gap_minutes,
            sums.excursion_minutes,
            sums.known_minutes,
            sums.verdict
        ),
        (60, 60, 60, 10)
    );
    assert_eq!(status_at(&world, &fixture, of), Status::Quarantined);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&fixture.pharmacy.key()],
        ProvenanceError::NotSellable,
    );
    // The second comes too late: it is older than the last.
    let mut second = third.clone();
    second.sequence = 2;
    let signature = fixture.reading_signature(&world, of, &second);
    let record = fixture.record_readings(of, &second);
    refused_together(
        &mut world,
        &[signature, record],
        ProvenanceError::ReadingsReplayed,
    );
}

/// Between two reports there is no more silence than one reading may stand for; a number less is none where no time is missing.
#[test]
fn a_gap_between_reports_is_as_short_as_a_reading() {
    let (ready, fixture) = watched();
    let of = case(0);
    let longest = i64::from(MAX_READING_SECONDS);
    for (gap, skipped, verdict) in [(longest, 0, 1), (longest + 1, 0, 10), (1, 1, 10), (0, 1, 0)] {
        let mut world = ready.clone();
        warm(&mut world, &fixture, of, &[5_000]);
        world.advance(gap);
        let mut next = fixture.report(&world, of, world.now(), half_hours(&[5_000]));
        next.sequence += skipped;
        world.advance(1_800);
        let signature = fixture.reading_signature(&world, of, &next);
        let record = fixture.record_readings(of, &next);
        world.send(&[signature, record], &[]).assert_ok();
        let found = fixture.read_monitor(&world, of).verdict;
        assert_eq!(found, verdict, "{gap} {skipped}");
    }
}

/// On whose word the key is a device's.
#[test]
fn a_monitor_names_who_has_registered_its_device() {
    let (world, fixture) = watched();
    let monitor = fixture.read_monitor(&world, case(0));
    let custodian = custody_at(&world, &fixture, case(0)).custodian;
    assert_eq!(monitor.registrar, custodian);
}

#[test]
fn silence_is_an_excursion_too() {
    let (mut world, fixture) = watched();
    let of = case(0);
    warm(&mut world, &fixture, of, &[5_000]);
    world.advance(MAX_SILENCE_SECONDS);
    refused(
        &mut world,
        fixture.count_silence(of),
        &[],
        ProvenanceError::NotSilent,
    );
    world.advance(1);
    let silent = world.now();
    let event: ExcursionFound = done(&mut world, fixture.count_silence(of), &[]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (6, 1_441));
    assert_eq!(status_at(&world, &fixture, of), Status::Quarantined);
    // A report that comes in late fills nothing in; only what is after the silence counts.
    world.advance(1_800);
    let from = silent - 3_600;
    let late = fixture.report(&world, of, from, half_hours(&[5_000, 5_000, 6_000]));
    let signature = fixture.reading_signature(&world, of, &late);
    let record = fixture.record_readings(of, &late);
    world.send(&[signature, record], &[]).assert_ok();
    let monitor = fixture.read_monitor(&world, of);
    let sums = monitor.sums();
    assert_eq!((sums.gap_minutes, sums.known_minutes), (1_441, 60));
    assert_eq!((sums.greatest, monitor.covered_until), (6_000, world.now()));
}

#[test]
fn a_release_is_of_all_time_before_it() {
    let (mut world, fixture) = watched();
    let of = case(0);
    let key = fixture.pharmacy.key();
    warm(&mut world, &fixture, of, &[5_000]);
    world.advance(DAY + 60);
    done(&mut world, fixture.count_silence(of), &[]);
    world.advance(2 * DAY);
    let assess = fixture.assess(of, &fixture.maker, true);
    let event: ExcursionAssessed = done(&mut world, assess, &[&fixture.maker.key()]).event();
    // The silence after the one that was counted was assessed too.
    assert_eq!(
        (event.sums.gap_minutes, event.sums.known_minutes),
        (3 * 1_440 + 1, 30)
    );
    assert_eq!(fixture.read_monitor(&world, of).covered_until, world.now());
    // Nobody counts it again.
    refused(
        &mut world,
        fixture.count_silence(of),
        &[],
        ProvenanceError::NotSilent,
    );
    // A spare device takes over where the assessment ended.
    let mut spare = world.clone();
    let register = fixture.register_device(of, &fixture.pharmacy, actor("spare").pubkey());
    done(&mut spare, register, &[&key]);
    spare.advance(1_800);
    let next = fixture.report(&spare, of, spare.now() - 1_800, half_hours(&[6_000]));
    let signature = ed25519(&actor("spare"), &fixture.reading_message(&spare, of, &next));
    let outcome = spare
        .send(&[signature, fixture.record_readings(of, &next)], &[])
        .assert_ok();
    assert!(!is_found(&outcome));
    let sums = fixture.read_monitor(&spare, of).sums();
    assert_eq!(
        (sums.verdict, sums.gap_minutes, sums.known_minutes),
        (0, 0, 30)
    );
    assert_eq!(status_at(&spare, &fixture, of), Status::Received);
    world.advance(3_600);
    // The first device wakes up and sends what is from before the assessment only: nothing of it counts, nothing is found.
    let mut woken = world.clone();
    let late = fixture.report(
        &woken,
        of,
        woken.now() - 7_200,
        half_hours(&[20_000, 20_000]),
    );
    let signature = fixture.reading_signature(&woken, of, &late);
    let outcome = woken
        .send(&[signature, fixture.record_readings(of, &late)], &[])
        .assert_ok();
    assert!(!is_found(&outcome));
    assert_eq!(fixture.read_monitor(&woken, of).sums().known_minutes, 0);
    assert_eq!(status_at(&woken, &fixture, of), Status::Received);
    // The watch can end: what was released was read enough.
    let mut ended = world.clone();
    let end = fixture.end_monitoring(of, Some(&fixture.pharmacy), &fixture.pharmacy);
    let event: MonitoringEnded = done(&mut ended, end.clone(), &[&key]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (1, 60));
    assert_eq!(status_at(&ended, &fixture, of), Status::Received);
    // Another day of silence is another excursion, counted or at the end.
    world.advance(DAY - 3_600 + 1);
    for silent in [fixture.count_silence(of), end] {
        let signers: &[&Keypair] = if silent.accounts.iter().any(|meta| meta.is_signer) {
            &[&key]
        } else {
            &[]
        };
        let mut world = world.clone();
        let event: ExcursionFound = done(&mut world, silent, signers).event();
        assert_eq!((event.sums.verdict, event.sums.gap_minutes), (2, 1_441));
        assert_eq!(status_at(&world, &fixture, of), Status::Quarantined);
    }
}

#[test]
fn a_device_is_replaced_and_the_sums_stay() {
    let (mut world, fixture) = watched();
    let of = case(0);
    let key = fixture.pharmacy.key();
    warm(&mut world, &fixture, of, &[5_000, 9_000]);
    for wrong in [device().pubkey(), Pubkey::default()] {
        refused(
            &mut world,
            fixture.register_device(of, &fixture.pharmacy, wrong),
            &[&key],
            ProvenanceError::DeviceInvalid,
        );
    }
    let before = fixture.read_monitor(&world, of);
    world.advance(600);
    let spare = actor("spare thermometer");
    let register = fixture.register_device(of, &fixture.pharmacy, spare.pubkey());
    done(&mut world, register, &[&key]);
    let monitor = fixture.read_monitor(&world, of);
    assert_eq!(monitor.sums(), before.sums());
    assert_eq!(
        (monitor.sequence, monitor.head, monitor.covered_until),
        (0, [0; 32], before.covered_until)
    );
    assert_eq!(monitor.payer, before.payer);
    world.advance(1_800);
    let next = fixture.report(&world, of, world.now() - 1_800, half_hours(&[5_000]));
    let record = fixture.record_readings(of, &next);
    let others = fixture.reading_signature(&world, of, &next);
    refused_together(
        &mut world,
        &[others, record.clone()],
        ProvenanceError::ReadingsSignerMismatch,
    );
    let signature = ed25519(&spare, &fixture.reading_message(&world, of, &next));
    world.send(&[signature, record], &[]).assert_ok();
    assert_eq!(fixture.read_monitor(&world, of).gaps, 600);
}

#[test]
fn no_device_speaks_for_time_before_its_registration() {
    let (mut world, fixture) = watched();
    let of = case(0);
    let key = fixture.pharmacy.key();
    warm(&mut world, &fixture, of, &[5_000]);
    let start = world.now();
    world.advance(7_200);
    let spare = actor("spare thermometer");
    let register = fixture.register_device(of, &fixture.pharmacy, spare.pubkey());
    done(&mut world, register, &[&key]);
    let registered = world.now();
    let send = |world: &mut World, from: i64, readings: Vec<Reading>| {
        let report = fixture.report(world, of, from, readings);
        let signature = ed25519(&spare, &fixture.reading_message(world, of, &report));
        world
            .send(&[signature, fixture.record_readings(of, &report)], &[])
            .assert_ok();
        fixture.read_monitor(world, of)
    };
    // All of it before: the time up to the registration is a gap, once.
    let mut before = world.clone();
    let monitor = send(&mut before, start, half_hours(&[3_000, 3_000]));
    assert_eq!(
        (monitor.gaps, monitor.known, monitor.covered_until),
        (7_200, 1_800, registered)
    );
    before.advance(1_800);
    let monitor = send(&mut before, registered, half_hours(&[4_000]));
    assert_eq!((monitor.gaps, monitor.known), (7_200, 3_600));
    // From before until after: what is after counts.
    world.advance(1_800);
    let readings = half_hours(&[9_000, 9_000, 9_000, 9_000, 4_000]);
    let monitor = send(&mut world, start, readings);
    assert_eq!(
        (monitor.gaps, monitor.known, monitor.covered_until),
        (7_200, 3_600, registered + 1_800)
    );
    assert_eq!((monitor.least, monitor.greatest), (4_000, 5_000));
    // From a while after: the while is a gap too.
    world.advance(2_400);
    let from = world.now() - 1_800;
    let monitor = send(&mut world, from, half_hours(&[4_000]));
    assert_eq!(
        (monitor.gaps, monitor.known, monitor.covered_until),
        (7_800, 5_400, world.now())
    );
}

#[test]
fn who_may_register_a_device() {
    let (mut world, fixture) = cold();
    let key = device().pubkey();
    for party in [&fixture.maker, &fixture.wholesaler, &fixture.regulator] {
        refused(
            &mut world,
            fixture.register_device(case(0), party, key),
            &[&party.key()],
            ProvenanceError::NotCustodian,
        );
    }
    // A pack of the case, which has no record of its own yet, and the whole batch.
    let pharmacy = fixture.pharmacy.key();
    let of_pack = fixture.register_device(pack(0), &fixture.pharmacy, key);
    done(&mut world, of_pack, &[&pharmacy]);
    assert_eq!(fixture.read_node(&world, pack(0)).custody().unwrap(), None);
    let of_all = fixture.register_device(whole(), &fixture.maker, key);
    done(&mut world, of_all, &[&fixture.maker.key()]);
    warm(&mut world, &fixture, pack(0), &[16_000]);
    assert_eq!(status_at(&world, &fixture, pack(0)), Status::Quarantined);
    refused(
        &mut world,
        fixture.dispense(0),
        &[&pharmacy],
        ProvenanceError::NotSellable,
    );
    done(&mut world, fixture.dispense(1), &[&pharmacy]);
    // A batch that may be kept anyhow.
    let (mut world, fixture) = delivered();
    refused(
        &mut world,
        fixture.register_device(case(0), &fixture.pharmacy, key),
        &[&fixture.pharmacy.key()],
        ProvenanceError::StorageUnlimited,
    );
}

#[test]
fn the_watch_ends_and_the_rent_comes_back() {
    let (mut world, fixture) = watched();
    let of = case(0);
    let key = fixture.pharmacy.key();
    let end = fixture.end_monitoring(of, Some(&fixture.pharmacy), &fixture.pharmacy);
    warm(&mut world, &fixture, of, &[5_000]);
    for party in [&fixture.maker, &fixture.wholesaler] {
        refused(
            &mut world,
            fixture.end_monitoring(of, Some(party), &fixture.pharmacy),
            &[&party.key()],
            ProvenanceError::NotCustodian,
        );
    }
    refused(
        &mut world,
        fixture.end_monitoring(of, None, &fixture.pharmacy),
        &[],
        ProvenanceError::StillRetained,
    );
    refused(
        &mut world,
        fixture.end_monitoring(of, Some(&fixture.pharmacy), &fixture.wholesaler),
        &[&key],
        ProvenanceError::WrongPayer,
    );
    // Switched off a day and a half before: the time is a gap, the goods are set aside, and the watch goes on.
    let mut off = world.clone();
    off.advance(DAY + DAY / 2);
    let event: ExcursionFound = done(&mut off, end.clone(), &[&key]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (6, 2_160));
    assert_eq!(status_at(&off, &fixture, of), Status::Quarantined);
    assert!(exists(&off, &fixture.monitor(of)));
    // Nothing was ever read.
    let mut unread = world.clone();
    let other = fixture.end_monitoring(case(1), Some(&fixture.wholesaler), &fixture.wholesaler);
    let event: ExcursionFound = done(&mut unread, other, &[&fixture.wholesaler.key()]).event();
    assert_eq!(event.sums.verdict, 2);

    let payer = fixture.pharmacy.key().pubkey();
    let before = world.raw(&payer).unwrap().lamports;
    let event: MonitoringEnded = done(&mut world, end, &[&key]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (0, 0));
    assert_eq!(
        world.raw(&payer).unwrap().lamports - before,
        world.rent(Monitor::SIZE)
    );
    assert!(!exists(&world, &fixture.monitor(of)));
    // Once records need not be kept, anybody does it, whatever was read.
    world.set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    let end = fixture.end_monitoring(case(1), None, &fixture.wholesaler);
    done(&mut world, end, &[]);
    assert!(!exists(&world, &fixture.monitor(case(1))));
}

#[test]
fn an_ended_watch_gives_nothing_back() {
    let (mut world, fixture) = watched();
    let of = case(0);
    let key = fixture.pharmacy.key();
    let end = fixture.end_monitoring(of, Some(&fixture.pharmacy), &fixture.pharmacy);
    let register = fixture.register_device(of, &fixture.pharmacy, device().pubkey());
    warm(&mut world, &fixture, of, &[5_000]);
    // As long as between two reports, and no longer: a report that was held back would gain by it.
    let longest = i64::from(MAX_READING_SECONDS);
    let mut late = world.clone();
    late.advance(longest + 1);
    let event: ExcursionFound = done(&mut late, end.clone(), &[&key]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (10, 241));
    assert_eq!(status_at(&late, &fixture, of), Status::Quarantined);
    assert!(fixture.read_monitor(&late, of).watching().is_some());
    world.advance(longest);
    let event: MonitoringEnded = done(&mut world, end.clone(), &[&key]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (1, 240));
    let ended = fixture.read_monitor(&world, of);
    assert_eq!((ended.watching(), ended.sequence), (None, 0));
    assert_eq!(ended.sums(), event.sums);
    // Nobody watches: nothing is counted, nothing recorded, nothing ended, however long.
    world.advance(3 * DAY);
    refused(
        &mut world,
        fixture.count_silence(of),
        &[],
        ProvenanceError::NotWatched,
    );
    refused(
        &mut world,
        end.clone(),
        &[&key],
        ProvenanceError::NotWatched,
    );
    let report = fixture.report(&world, of, world.now() - 1_800, half_hours(&[5_000]));
    let signature = fixture.reading_signature(&world, of, &report);
    let record = fixture.record_readings(of, &report);
    refused_together(
        &mut world,
        &[signature, record],
        ProvenanceError::NotWatched,
    );
    // The same device begins anew where the sums are.
    let mut anew = world.clone();
    done(&mut anew, register.clone(), &[&key]);
    let monitor = fixture.read_monitor(&anew, of);
    assert_eq!(monitor.sums(), event.sums);
    assert_eq!(
        (monitor.covered_until, monitor.registered_at),
        (anew.now(), anew.now())
    );
    // Seven times four hours are more than a day.
    for round in 2..=6 {
        warm(&mut anew, &fixture, of, &[5_000]);
        anew.advance(longest);
        let event: MonitoringEnded = done(&mut anew, end.clone(), &[&key]).event();
        assert_eq!(event.sums.gap_minutes, 240 * round);
        done(&mut anew, register.clone(), &[&key]);
    }
    warm(&mut anew, &fixture, of, &[5_000]);
    anew.advance(longest);
    let event: ExcursionFound = done(&mut anew, end.clone(), &[&key]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (6, 1_680));
    assert_eq!(status_at(&anew, &fixture, of), Status::Quarantined);
    // Once the goods are gone, what is left closes.
    let destroy = fixture.set_status(of, &fixture.pharmacy, StatusAction::Destroy);
    done(&mut world, destroy, &[&key]);
    let payer = key.pubkey();
    let before = world.raw(&payer).unwrap().lamports;
    done(&mut world, end, &[&key]).event::<MonitoringEnded>();
    assert_eq!(
        world.raw(&payer).unwrap().lamports - before,
        world.rent(Monitor::SIZE)
    );
    assert!(!exists(&world, &fixture.monitor(of)));
}

#[test]
fn nor_does_a_dispense_that_is_undone() {
    let (mut world, fixture) = watched();
    let of = case(0);
    let key = fixture.pharmacy.key();
    warm(&mut world, &fixture, of, &[5_000]);
    done(&mut world, fixture.dispense_all(of), &[&key]);
    // With a patient it is not set aside, whatever is read or not.
    world.advance(2 * DAY);
    let end = fixture.end_monitoring(of, Some(&fixture.pharmacy), &fixture.pharmacy);
    let event: MonitoringEnded = done(&mut world, end, &[&key]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (6, 2_880));
    assert_eq!(status_at(&world, &fixture, of), Status::Dispensed);
    // Back at the pharmacy, the next report sets it aside.
    let undo = fixture.undo(of, &fixture.pharmacy, None);
    done(&mut world, undo, &[&key]);
    assert_eq!(status_at(&world, &fixture, of), Status::Received);
    let register = fixture.register_device(of, &fixture.pharmacy, device().pubkey());
    done(&mut world, register, &[&key]);
    let event: ExcursionFound = warm(&mut world, &fixture, of, &[5_000]).event();
    assert_eq!((event.sums.verdict, event.sums.gap_minutes), (6, 2_880));
    assert_eq!(status_at(&world, &fixture, of), Status::Quarantined);
}

#[test]
fn the_longest_report_fits_a_transaction() {
    let (mut world, fixture) = watched();
    let of = case(0);
    world.advance(6 * DAY);
    // As long as readings may be: each fills eight parts of the window.
    let readings = vec![
        Reading {
            seconds: MAX_READING_SECONDS,
            millicelsius: 5_321,
        };
        usize::from(MAX_READINGS)
    ];
    let from = world.now() - i64::from(MAX_READING_SECONDS) * i64::from(MAX_READINGS);
    let report = fixture.report(&world, of, from, readings);
    let instructions = [
        compute_limit(1_400_000),
        fixture.reading_signature(&world, of, &report),
        fixture.record_readings(of, &report),
    ];
    let (bytes, _) = world.size(&instructions);
    let outcome = world.send(&instructions, &[]).assert_ok();
    println!(
        "{MAX_READINGS} readings of 4 hours: {} CU, {bytes} bytes",
        outcome.cu
    );
    assert!(
        bytes <= 1_232 && outcome.cu <= 300_000,
        "{} CU, {bytes} bytes",
        outcome.cu
    );
}
