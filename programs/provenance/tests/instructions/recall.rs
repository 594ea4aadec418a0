//! Recalls: whole or in part, at once, lifted by who issued them.

use anchor_lang::prelude::AccountDeserialize;
use provenance::events::{RecallAcknowledged, RecallIssued, RecallLifted};

use crate::common::*;

#[test]
fn stops_everything_below_at_once() {
    let (world, fixture) = delivered();
    for of in [pack(0), case(0), pallet(0), whole()] {
        for by in [&fixture.maker, &fixture.regulator] {
            let mut world = world.clone();
            let recall = fixture.recall(of, by, recall_terms());
            let event: RecallIssued = done(&mut world, recall, &[&by.key()]).event();
            assert_eq!(event.recall.issuer, by.address());
            assert_eq!((event.recall.class, event.recall.number), (2, 1));
            assert_eq!(event.recall.respond_by, world.now() + 3 * DAY);
            refused(
                &mut world,
                fixture.dispense(0),
                &[&fixture.pharmacy.key()],
                ProvenanceError::Recalled,
            );
            let is_beside = of == pack(0);
            let outcome = world.send(&[fixture.dispense(1)], &[&fixture.pharmacy.key()]);
            assert_eq!(outcome.succeeded(), is_beside, "{of:?}: {outcome}");
            let lift = fixture.lift(of, by);
            let event: RecallLifted = done(&mut world, lift, &[&by.key()]).event();
            assert_eq!((event.issuer, event.number), (by.address(), 1));
            done(&mut world, fixture.dispense(0), &[&fixture.pharmacy.key()]);
        }
    }
}

#[test]
fn only_the_manufacturer_and_regulators_recall() {
    let (mut world, fixture) = delivered();
    let rival = ProvenanceFixture::second(&mut world, fixture.registry, " 2", OTHER_GTIN);
    for by in [&fixture.wholesaler, &fixture.pharmacy, &rival.maker] {
        refused(
            &mut world,
            fixture.recall(case(0), by, recall_terms()),
            &[&by.key()],
            ProvenanceError::NotARegulator,
        );
    }
    let recall = fixture.recall(case(0), &rival.regulator, recall_terms());
    done(&mut world, recall, &[&rival.regulator.key()]);
    // Of another regulator; of nobody.
    refused(
        &mut world,
        fixture.lift(case(0), &fixture.regulator),
        &[&fixture.regulator.key()],
        ProvenanceError::RecallOfOther,
    );
    refused(
        &mut world,
        fixture.recall(case(0), &fixture.regulator, recall_terms()),
        &[&fixture.regulator.key()],
        ProvenanceError::RecallOfOther,
    );
    refused(
        &mut world,
        fixture.lift(case(0), &fixture.maker),
        &[&fixture.maker.key()],
        ProvenanceError::NotRecalled,
    );
    done(
        &mut world,
        fixture.lift(case(0), &rival.regulator),
        &[&rival.regulator.key()],
    );
}

#[test]
fn the_manufacturers_and_the_regulators_are_two() {
    let (mut world, fixture) = delivered();
    for by in [&fixture.maker, &fixture.regulator] {
        let recall = fixture.recall(case(0), by, recall_terms());
        done(&mut world, recall, &[&by.key()]);
    }
    done(
        &mut world,
        fixture.lift(case(0), &fixture.maker),
        &[&fixture.maker.key()],
    );
    refused(
        &mut world,
        fixture.dispense(0),
        &[&fixture.pharmacy.key()],
        ProvenanceError::Recalled,
    );
}

#[test]
fn its_class_is_set_later() {
    let (mut world, fixture) = delivered();
    let key = fixture.regulator.key();
    for (number, class) in [
        (1, ClassArg::Unset),
        (2, ClassArg::One),
        (3, ClassArg::Three),
    ] {
        let terms = provenance::state::node::RecallTerms {
            class,
            ..recall_terms()
        };
        done(
            &mut world,
            fixture.recall(whole(), &fixture.regulator, terms),
            &[&key],
        );
        let entry = fixture
            .read_node(&world, whole())
            .recall_in(RecallSlot::Regulator);
        assert_eq!((entry.number, entry.class), (number, class.number()));
    }
    for respond_within in [0, -1, 90 * DAY + 1, i64::MAX] {
        let terms = provenance::state::node::RecallTerms {
            respond_within,
            ..recall_terms()
        };
        refused(
            &mut world,
            fixture.recall(whole(), &fixture.regulator, terms),
            &[&key],
            ProvenanceError::ResponseTimeInvalid,
        );
    }
}

#[test]
fn recalled_goods_go_back_or_away() {
    let (mut world, fixture) = delivered();
    let recall = fixture.recall(whole(), &fixture.maker, recall_terms());
    done(&mut world, recall, &[&fixture.maker.key()]);
    let key = fixture.pharmacy.key();
    refused(
        &mut world,
        fixture.offer(case(0), &fixture.pharmacy, &fixture.wholesaler, sale()),
        &[&key],
        ProvenanceError::RecalledMustReturn,
    );
    refused(
        &mut world,
        fixture.set_status(case(0), &fixture.pharmacy, StatusAction::Export),
        &[&key],
        ProvenanceError::Recalled,
    );
    let mut to_maker = world.clone();
    fixture.hand_over(&mut to_maker, case(0), &fixture.pharmacy, &fixture.maker);
    fixture.hand_over(&mut world, case(0), &fixture.pharmacy, &fixture.returns);
    let destroy = fixture.set_status(case(0), &fixture.returns, StatusAction::Destroy);
    done(&mut world, destroy, &[&fixture.returns.key()]);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Destroyed);
}

#[test]
fn a_recall_on_the_way_stops_the_acceptance() {
    let (mut world, fixture) = delivered();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
    let recall = fixture.recall(case(1), &fixture.regulator, recall_terms());
    done(&mut world, recall, &[&fixture.regulator.key()]);
    refused(
        &mut world,
        fixture.accept(case(1), &fixture.wholesaler, &fixture.pharmacy, &[]),
        &[&fixture.pharmacy.key()],
        ProvenanceError::RecalledMustReturn,
    );
}

#[test]
fn holders_acknowledge_in_time_or_late() {
    let (mut world, fixture) = delivered();
    let recall = fixture.recall(pallet(0), &fixture.regulator, recall_terms());
    done(&mut world, recall, &[&fixture.regulator.key()]);
    let acknowledge =
        |by, number| fixture.acknowledge(pallet(0), RecallSlot::Regulator, number, by, 18);
    world.advance(3 * DAY);
    let key = fixture.wholesaler.key();
    let event: RecallAcknowledged =
        done(&mut world, acknowledge(&fixture.wholesaler, 1), &[&key]).event();
    assert_eq!((event.is_in_time, event.packs), (true, 18));
    assert!(
        !world
            .send(&[acknowledge(&fixture.wholesaler, 1)], &[&key])
            .succeeded(),
        "once"
    );
    world.advance(1);
    let key = fixture.pharmacy.key();
    let event: RecallAcknowledged =
        done(&mut world, acknowledge(&fixture.pharmacy, 1), &[&key]).event();
    assert!(!event.is_in_time);
    let address = fixture.acknowledgement(pallet(0), 1, &fixture.pharmacy);
    let data = world.raw(&address).unwrap().data;
    let stored = Acknowledgement::try_deserialize(&mut data.as_slice()).unwrap();
    assert_eq!(
        (stored.organization, stored.at, stored.is_in_time),
        (fixture.pharmacy.address(), world.now(), false)
    );
    // A recall that is not there, or another one.
    refused(
        &mut world,
        acknowledge(&fixture.pharmacy, 2),
        &[&key],
        ProvenanceError::NotRecalled,
    );
    refused(
        &mut world,
        fixture.acknowledge(pallet(0), RecallSlot::Manufacturer, 1, &fixture.returns, 0),
        &[&fixture.returns.key()],
        ProvenanceError::NotRecalled,
    );
}
