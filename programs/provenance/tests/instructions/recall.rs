//! Recalls: whole or in part, at once, lifted by who issued them.

use anchor_lang::prelude::AccountDeserialize;
use provenance::convert::DepthArg;
use provenance::events::{RecallAcknowledged, RecallIssued, RecallLifted};
use provenance::state::node::RecallTerms;

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
    let issued_at = world.now();
    for class in [
        ClassArg::Unset,
        ClassArg::One,
        ClassArg::Three,
        ClassArg::Three,
    ] {
        // More time is not given to who is late.
        let days = if world.now() == issued_at { 3 } else { 90 };
        let terms = RecallTerms {
            respond_within: days * DAY,
            ..recall_terms_of(class)
        };
        let recall = fixture.recall(whole(), &fixture.regulator, terms);
        let event: RecallIssued = done(&mut world, recall, &[&key]).event();
        let entry = fixture
            .read_node(&world, whole())
            .recall_in(RecallSlot::Regulator);
        assert_eq!(event.recall, entry);
        assert_eq!((entry.number, entry.class), (1, class.number()));
        assert_eq!(
            (entry.issued_at, entry.respond_by),
            (issued_at, issued_at + 3 * DAY)
        );
        world.advance(DAY);
    }
    for respond_within in [0, -1, 90 * DAY + 1, i64::MAX] {
        let terms = RecallTerms {
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

/// `SystemError::AccountAlreadyInUse`.
const ALREADY_IN_USE: u32 = 0;

fn recall_terms_of(class: ClassArg) -> RecallTerms {
    RecallTerms {
        class,
        ..recall_terms()
    }
}

#[test]
fn another_notice_or_depth_or_a_lifted_one_is_another_recall() {
    let (mut world, fixture) = delivered();
    let key = fixture.regulator.key();
    let mut changed = |terms: RecallTerms, number: u32| {
        world.advance(60);
        let recall = fixture.recall(case(0), &fixture.regulator, terms);
        let event: RecallIssued = done(&mut world, recall, &[&key]).event();
        assert_eq!(event.recall.number, number);
        assert_eq!(event.recall.respond_by, world.now() + 3 * DAY);
    };
    changed(recall_terms(), 1);
    let notice = RecallTerms {
        notice: [6; 32],
        ..recall_terms_of(ClassArg::One)
    };
    changed(notice, 2);
    let deeper = RecallTerms {
        depth: DepthArg::Consumer,
        ..notice
    };
    changed(deeper, 3);
    done(
        &mut world,
        fixture.lift(case(0), &fixture.regulator),
        &[&key],
    );
    let again = fixture.recall(case(0), &fixture.regulator, deeper);
    let event: RecallIssued = done(&mut world, again, &[&key]).event();
    assert_eq!(event.recall.number, 4);
}

/// The manufacturer's class I, behind its own class III, would be gone with that.
#[test]
fn a_recall_in_force_is_not_lessened_nor_hidden() {
    let (mut world, fixture) = delivered();
    let less = |class, depth, notice| RecallTerms {
        class,
        depth,
        notice: [notice; 32],
        ..recall_terms()
    };
    let before = less(ClassArg::One, DepthArg::Retailer, 5);
    for (by, slot) in [
        (&fixture.maker, RecallSlot::Manufacturer),
        (&fixture.regulator, RecallSlot::Regulator),
    ] {
        let key = by.key();
        done(&mut world, fixture.recall(case(0), by, before), &[&key]);
        let entry = fixture.read_node(&world, case(0)).recall_in(slot);
        for terms in [
            less(ClassArg::Three, DepthArg::Retailer, 6),
            less(ClassArg::Three, DepthArg::Consumer, 6),
            less(ClassArg::One, DepthArg::Retailer, 6),
            less(ClassArg::Unset, DepthArg::Retailer, 6),
            less(ClassArg::One, DepthArg::Wholesaler, 6),
            less(ClassArg::One, DepthArg::Wholesaler, 5),
        ] {
            refused(
                &mut world,
                fixture.recall(case(0), by, terms),
                &[&key],
                ProvenanceError::RecallInForce,
            );
        }
        assert_eq!(fixture.read_node(&world, case(0)).recall_in(slot), entry);
        // Lifted, the next says what it says.
        done(&mut world, fixture.lift(case(0), by), &[&key]);
        let terms = less(ClassArg::Three, DepthArg::Wholesaler, 6);
        done(&mut world, fixture.recall(case(0), by, terms), &[&key]);
    }
}

/// The class of a notice is the regulator's to set: a manufacturer that calls its recall class III later would keep its bond.
#[test]
fn a_manufacturer_only_makes_its_recall_graver() {
    let (mut world, fixture) = delivered();
    let key = fixture.maker.key();
    for (class, is_done) in [
        (ClassArg::Two, true),
        (ClassArg::Three, false),
        (ClassArg::Unset, true),
        (ClassArg::Two, false),
        (ClassArg::One, true),
        (ClassArg::Three, false),
    ] {
        let recall = fixture.recall(whole(), &fixture.maker, recall_terms_of(class));
        if is_done {
            done(&mut world, recall, &[&key]);
        } else {
            refused(&mut world, recall, &[&key], ProvenanceError::RecallInForce);
        }
        world.advance(1);
    }
    let entry = fixture
        .read_node(&world, whole())
        .recall_in(RecallSlot::Manufacturer);
    assert_eq!((entry.number, entry.class), (1, 1));
}

/// Spain's class III at the batch does not keep Germany's class I out, and does not take it along when it is lifted.
#[test]
fn regulators_recall_beside_each_other() {
    let (mut world, fixture) = delivered();
    let rival = ProvenanceFixture::second(&mut world, fixture.registry, " 2", OTHER_GTIN);
    let (spain, germany) = (&rival.regulator, &fixture.regulator);
    let minor = recall_terms_of(ClassArg::Three);
    let grave = recall_terms_of(ClassArg::One);
    // Of nobody else there is no list to be paid for.
    refused(
        &mut world,
        fixture.recall_too(whole(), spain, minor),
        &[&spain.key()],
        ProvenanceError::RecordNotNeeded,
    );
    done(
        &mut world,
        fixture.recall(whole(), spain, minor),
        &[&spain.key()],
    );
    refused(
        &mut world,
        fixture.recall(whole(), germany, grave),
        &[&germany.key()],
        ProvenanceError::RecordMissing,
    );
    let at_case = swapped(
        fixture.recall_too(whole(), germany, grave),
        fixture.recall_list(whole()),
        fixture.recall_list(case(0)),
    );
    refused(
        &mut world,
        at_case,
        &[&germany.key()],
        ProvenanceError::WrongAddress,
    );
    let recall = fixture.recall_too(whole(), germany, grave);
    let event: RecallIssued = done(&mut world, recall, &[&germany.key()]).event();
    assert_eq!(
        (event.recall.issuer, event.recall.number),
        (germany.address(), 2)
    );
    // The graver one counts, whichever came first.
    let node = fixture.read_node(&world, whole());
    let counts = node.recall_in(RecallSlot::Regulator);
    assert_eq!(
        (counts.issuer, counts.class, node.more_recalls),
        (germany.address(), 1, 1)
    );
    // Said once more, nothing changes; each is changed and lifted by its own only.
    done(
        &mut world,
        fixture.recall_too(whole(), germany, grave),
        &[&germany.key()],
    );
    assert_eq!(fixture.read_node(&world, whole()), node);
    refused(
        &mut world,
        fixture.lift(whole(), spain),
        &[&spain.key()],
        ProvenanceError::RecordMissing,
    );
    // Both are acknowledged, each where it stands.
    let key = fixture.pharmacy.key();
    let acknowledge = |number, list| {
        let slot = RecallSlot::Regulator;
        fixture.acknowledge_in(whole(), slot, number, &fixture.pharmacy, 2, list)
    };
    let list = Some(fixture.recall_list(whole()));
    refused(
        &mut world,
        acknowledge(1, None),
        &[&key],
        ProvenanceError::NotRecalled,
    );
    refused(
        &mut world,
        acknowledge(2, list),
        &[&key],
        ProvenanceError::NotRecalled,
    );
    let of_manufacturer = fixture.acknowledge_in(
        whole(),
        RecallSlot::Manufacturer,
        1,
        &fixture.pharmacy,
        2,
        list,
    );
    refused(
        &mut world,
        of_manufacturer,
        &[&key],
        ProvenanceError::RecordNotNeeded,
    );
    done(&mut world, acknowledge(1, list), &[&key]);
    done(&mut world, acknowledge(2, None), &[&key]);
    // Whichever is lifted first, the other stops what it stopped.
    for (first, second, class) in [(spain, germany, 1), (germany, spain, 3)] {
        let mut world = world.clone();
        done(
            &mut world,
            fixture.lift_one(whole(), first),
            &[&first.key()],
        );
        refused(
            &mut world,
            fixture.dispense(0),
            &[&key],
            ProvenanceError::Recalled,
        );
        let node = fixture.read_node(&world, whole());
        let left = node.recall_in(RecallSlot::Regulator);
        assert_eq!(
            (left.issuer, left.class, node.more_recalls),
            (second.address(), class, 0)
        );
        refused(
            &mut world,
            fixture.lift(whole(), first),
            &[&first.key()],
            ProvenanceError::RecallOfOther,
        );
        refused(
            &mut world,
            fixture.lift_one(whole(), second),
            &[&second.key()],
            ProvenanceError::RecordNotNeeded,
        );
        done(&mut world, fixture.lift(whole(), second), &[&second.key()]);
        done(&mut world, fixture.dispense(0), &[&key]);
    }
}

/// As many as there is room for, and each of them counts until it is lifted.
#[test]
fn a_regulator_too_many_is_refused() {
    let (mut world, fixture) = delivered();
    let key = fixture.regulator.key();
    let rival = ProvenanceFixture::second(&mut world, fixture.registry, " 2", OTHER_GTIN);
    done(
        &mut world,
        fixture.recall(whole(), &rival.regulator, recall_terms()),
        &[&rival.regulator.key()],
    );
    done(
        &mut world,
        fixture.recall_too(whole(), &fixture.regulator, recall_terms()),
        &[&key],
    );
    // Thirty more, written by hand.
    let address = fixture.recall_list(whole());
    let mut account = world.raw(&address).unwrap();
    let mut list: RecallList = bytemuck::pod_read_unaligned(&account.data[8..]);
    let own = list.recalls[0];
    for (place, entry) in list.recalls.iter_mut().enumerate() {
        entry.clone_from(&own);
        entry.number = u32::try_from(place).unwrap() + 2;
        if place > 0 {
            entry.issuer = Pubkey::new_from_array([u8::try_from(place).unwrap(); 32]);
        }
    }
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&list));
    world.set_raw(&address, account);
    // A record that counts otherwise than the list: a fault, not a recall fewer.
    let lift = fixture.lift_one(whole(), &fixture.regulator);
    refused(
        &mut world,
        lift.clone(),
        &[&key],
        ProvenanceError::InvariantBroken,
    );
    let node_address = fixture.node(whole());
    let mut account = world.raw(&node_address).unwrap();
    let mut node: Node = bytemuck::pod_read_unaligned(&account.data[8..]);
    node.more_recalls = 31;
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&node));
    world.set_raw(&node_address, account);
    let third = ProvenanceFixture::second(&mut world, fixture.registry, " 3", OTHER_GTIN);
    refused(
        &mut world,
        fixture.recall_too(whole(), &third.regulator, recall_terms()),
        &[&third.regulator.key()],
        ProvenanceError::TooManyRecalls,
    );
    done(&mut world, lift, &[&key]);
    assert_eq!(fixture.read_node(&world, whole()).more_recalls, 30);
    done(
        &mut world,
        fixture.recall_too(whole(), &third.regulator, recall_terms()),
        &[&third.regulator.key()],
    );
}

/// A regulator asks for a recall, and the manufacturer carries it out: it takes back what is recalled, whoever has recalled it.
#[test]
fn what_a_regulator_recalls_goes_back_to_the_manufacturer() {
    let (mut world, fixture) = delivered();
    for by in [&fixture.regulator, &fixture.maker] {
        let recall = fixture.recall(whole(), by, recall_terms());
        done(&mut world, recall, &[&by.key()]);
        refused(
            &mut world,
            fixture.offer(case(0), &fixture.pharmacy, &fixture.wholesaler, sale()),
            &[&fixture.pharmacy.key()],
            ProvenanceError::RecalledMustReturn,
        );
        let mut world = world.clone();
        fixture.hand_over(&mut world, case(0), &fixture.pharmacy, &fixture.maker);
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
    // Once: there is an account by then. Its class is set later, and it stays acknowledged.
    for _ in 0..2 {
        refused(
            &mut world,
            acknowledge(&fixture.wholesaler, 1),
            &[&key],
            ALREADY_IN_USE,
        );
        let graver = fixture.recall(
            pallet(0),
            &fixture.regulator,
            recall_terms_of(ClassArg::One),
        );
        done(&mut world, graver, &[&fixture.regulator.key()]);
    }
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

#[test]
fn only_trading_partners_acknowledge_and_no_more_than_there_is() {
    let (mut world, fixture) = delivered();
    let rival = ProvenanceFixture::second(&mut world, fixture.registry, " 2", OTHER_GTIN);
    rival.set_up(&mut world);
    for of in [case(0), pallet(0), whole()] {
        let recall = fixture.recall(of, &fixture.regulator, recall_terms());
        done(&mut world, recall, &[&fixture.regulator.key()]);
    }
    let acknowledge =
        |of, by: &Party, packs| fixture.acknowledge(of, RecallSlot::Regulator, 1, by, packs);
    // A partner of somebody else's batches; one with another's credential.
    refused(
        &mut world,
        acknowledge(case(0), &rival.pharmacy, 1),
        &[&rival.pharmacy.key()],
        ProvenanceError::CredentialOfOtherIssuer,
    );
    let with_another = Party {
        credential: fixture.wholesaler.credential,
        ..fixture.pharmacy.clone()
    };
    let key = fixture.pharmacy.key();
    refused(
        &mut world,
        acknowledge(case(0), &with_another, 1),
        &[&key],
        ProvenanceError::CredentialOfOtherSubject,
    );
    // The record of another batch.
    let other = swapped(
        acknowledge(case(0), &fixture.pharmacy, 1),
        fixture.batch,
        rival.batch,
    );
    refused(&mut world, other, &[&key], ProvenanceError::WrongRecord);
    let batch: Batch = fixture.read_batch(&world);
    let layout = batch.layout().unwrap();
    for of in [case(0), pallet(0), whole()] {
        let level = of.level.into();
        let most = (1_u64 << layout.height(level)).min(batch.quantity);
        for packs in [most + 1, u64::MAX] {
            refused(
                &mut world,
                acknowledge(of, &fixture.pharmacy, packs),
                &[&key],
                ProvenanceError::MorePacksThanRecalled,
            );
        }
        let acknowledged = acknowledge(of, &fixture.pharmacy, most);
        let event: RecallAcknowledged = done(&mut world, acknowledged, &[&key]).event();
        assert_eq!(event.packs, most, "{of:?}");
    }
    // Whose licence is gone still says what it has; one that takes returns, too.
    fixture
        .revoke_credential(&mut world, &fixture.wholesaler)
        .assert_ok();
    for by in [&fixture.wholesaler, &fixture.returns] {
        done(&mut world, acknowledge(case(0), by, 0), &[&by.key()]);
    }
}
