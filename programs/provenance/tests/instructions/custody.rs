//! Handing over in two steps.

use provenance::events::{ShipmentAccepted, ShipmentEnded, ShipmentOffered};

use crate::common::*;

#[test]
fn in_two_signed_steps() {
    let (mut world, fixture) = registered();
    let (maker, wholesaler) = (fixture.maker.key(), fixture.wholesaler.key());
    let offer = fixture.offer(pallet(0), &fixture.maker, &fixture.wholesaler, sale());
    let event: ShipmentOffered = done(&mut world, offer, &[&maker]).event();
    assert_eq!(
        (event.sender, event.recipient, event.accept_by),
        (
            fixture.maker.address(),
            fixture.wholesaler.address(),
            world.now() + 7 * DAY
        )
    );
    // On the way: still the sender's, and nobody may sell it.
    let custody = custody_at(&world, &fixture, pallet(0));
    assert_eq!(
        (custody.custodian, custody.status),
        (fixture.maker.address(), Status::InTransit)
    );
    let rent = world.raw(&fixture.shipment(pallet(0))).unwrap().lamports;
    let before = world.raw(&maker.pubkey()).unwrap().lamports;
    let accept = fixture.accept(pallet(0), &fixture.maker, &fixture.wholesaler, &[]);
    let event: ShipmentAccepted = done(&mut world, accept, &[&wholesaler]).event();
    assert_eq!(event.owner, fixture.wholesaler.address());
    let custody = custody_at(&world, &fixture, pallet(0));
    assert_eq!(
        (custody.custodian, custody.owner, custody.status),
        (
            fixture.wholesaler.address(),
            fixture.wholesaler.address(),
            Status::Received
        )
    );
    assert!(!exists(&world, &fixture.shipment(pallet(0))));
    assert_eq!(
        world.raw(&maker.pubkey()).unwrap().lamports,
        before + rent,
        "the rent comes back"
    );
    // The rest of the batch stays where it was.
    assert_eq!(
        custody_at(&world, &fixture, whole()).custodian,
        fixture.maker.address()
    );
}

#[test]
fn possession_goes_without_ownership() {
    let (mut world, fixture) = registered();
    let mut carried = sale();
    carried.is_sale = false;
    let offer = fixture.offer(pallet(0), &fixture.maker, &fixture.wholesaler, carried);
    done(&mut world, offer, &[&fixture.maker.key()]);
    let accept = fixture.accept(pallet(0), &fixture.maker, &fixture.wholesaler, &[]);
    done(&mut world, accept, &[&fixture.wholesaler.key()]);
    let custody = custody_at(&world, &fixture, pallet(0));
    assert_eq!(
        (custody.custodian, custody.owner),
        (fixture.wholesaler.address(), fixture.maker.address())
    );
    // Who does not own it cannot sell it, but can hand it on.
    let offer = fixture.offer(pallet(0), &fixture.wholesaler, &fixture.pharmacy, sale());
    refused(
        &mut world,
        offer,
        &[&fixture.wholesaler.key()],
        ProvenanceError::NotOwner,
    );
    let offer = fixture.offer(pallet(0), &fixture.wholesaler, &fixture.pharmacy, carried);
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
}

#[test]
fn only_what_one_has() {
    let (mut world, fixture) = delivered();
    for (of, by) in [
        (pallet(0), &fixture.maker),
        (case(0), &fixture.wholesaler),
        (pack(8), &fixture.pharmacy),
        (whole(), &fixture.wholesaler),
    ] {
        refused(
            &mut world,
            fixture.offer(of, by, &fixture.returns, sale()),
            &[&by.key()],
            ProvenanceError::NotCustodian,
        );
    }
}

#[test]
fn one_offer_at_a_time() {
    let (mut world, fixture) = delivered();
    let key = fixture.wholesaler.key();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    done(&mut world, offer.clone(), &[&key]);
    refused(
        &mut world,
        offer,
        &[&key],
        ProvenanceError::StatusOutOfOrder,
    );
    // Nor can what is in it be offered to another, or the case be destroyed under way.
    refused(
        &mut world,
        fixture.offer(pack(8), &fixture.wholesaler, &fixture.maker, sale()),
        &[&key],
        ProvenanceError::StatusOutOfOrder,
    );
    refused(
        &mut world,
        fixture.set_status(case(1), &fixture.wholesaler, StatusAction::Destroy),
        &[&key],
        ProvenanceError::StatusOutOfOrder,
    );
}

#[test]
fn set_aside_goods_are_offered_once_too() {
    let (mut world, fixture) = delivered();
    let key = fixture.wholesaler.key();
    let quarantine = fixture.set_status(case(1), &fixture.wholesaler, StatusAction::Quarantine);
    done(&mut world, quarantine, &[&key]);
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.returns, sale());
    done(&mut world, offer.clone(), &[&key]);
    refused(&mut world, offer, &[&key], ProvenanceError::AlreadyThere);
    let accept = fixture.accept(case(1), &fixture.wholesaler, &fixture.returns, &[]);
    done(&mut world, accept, &[&fixture.returns.key()]);
    let custody = custody_at(&world, &fixture, case(1));
    assert_eq!(
        (custody.custodian, custody.status, custody.set_aside_by),
        (
            fixture.returns.address(),
            Status::Quarantined,
            fixture.maker.address()
        )
    );
    // Neither who had it set aside and has it no more nor whoever has it now can release it.
    for party in [&fixture.wholesaler, &fixture.returns] {
        refused(
            &mut world,
            fixture.set_status(case(1), party, StatusAction::Release),
            &[&party.key()],
            ProvenanceError::NotYoursToRelease,
        );
    }
    let release = fixture.set_status(case(1), &fixture.maker, StatusAction::Release);
    done(&mut world, release, &[&fixture.maker.key()]);
    // Sent to a reverse distributor it was taken back, set aside or not.
    assert_eq!(status_at(&world, &fixture, case(1)), Status::Returned);
}

#[test]
fn who_refuses_set_aside_goods_leaves_the_say_where_it_was() {
    let (mut world, fixture) = delivered();
    let offered = |world: &mut World, by: &Party| {
        let quarantine = fixture.set_status(case(1), by, StatusAction::Quarantine);
        done(world, quarantine, &[&by.key()]);
        let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
        done(world, offer, &[&fixture.wholesaler.key()]);
    };
    // A regulator's stays the regulator's through the hand-over.
    let mut ordered = world.clone();
    offered(&mut ordered, &fixture.regulator);
    let accept = fixture.accept(case(1), &fixture.wholesaler, &fixture.pharmacy, &[8]);
    done(&mut ordered, accept.clone(), &[&fixture.pharmacy.key()]);
    for of in [case(1), pack(8)] {
        assert_eq!(
            custody_at(&ordered, &fixture, of).set_aside_by,
            fixture.regulator.address()
        );
    }
    // What stays with the sender stays its own to release.
    offered(&mut world, &fixture.wholesaler);
    done(&mut world, accept, &[&fixture.pharmacy.key()]);
    for (of, say) in [(case(1), &fixture.maker), (pack(8), &fixture.wholesaler)] {
        assert_eq!(custody_at(&world, &fixture, of).set_aside_by, say.address());
    }
}

#[test]
fn accepted_by_the_recipient_in_time() {
    let (mut world, fixture) = delivered();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
    refused(
        &mut world,
        fixture.accept(case(1), &fixture.wholesaler, &fixture.returns, &[]),
        &[&fixture.returns.key()],
        ProvenanceError::NotRecipient,
    );
    let accept = fixture.accept(case(1), &fixture.wholesaler, &fixture.pharmacy, &[]);
    let mut late = world.clone();
    late.advance(7 * DAY + 1);
    refused(
        &mut late,
        accept.clone(),
        &[&fixture.pharmacy.key()],
        ProvenanceError::OfferLapsed,
    );
    world.advance(7 * DAY);
    done(&mut world, accept, &[&fixture.pharmacy.key()]);
}

#[test]
fn both_need_a_credential() {
    let (world, fixture) = delivered();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    for party in [&fixture.wholesaler, &fixture.pharmacy] {
        let mut world = world.clone();
        fixture.revoke_credential(&mut world, party).assert_ok();
        refused(
            &mut world,
            offer.clone(),
            &[&fixture.wholesaler.key()],
            ProvenanceError::CredentialRevoked,
        );
    }
    // Revoked on the way.
    let mut world = world;
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
    fixture
        .revoke_credential(&mut world, &fixture.pharmacy)
        .assert_ok();
    refused(
        &mut world,
        fixture.accept(case(1), &fixture.wholesaler, &fixture.pharmacy, &[]),
        &[&fixture.pharmacy.key()],
        ProvenanceError::CredentialRevoked,
    );
}

#[test]
fn withdrawn_rejected_or_void() {
    let (world, fixture) = delivered();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    let end = |by| fixture.end_shipment(case(1), &fixture.wholesaler, by);
    for by in [&fixture.wholesaler, &fixture.pharmacy] {
        let mut world = world.clone();
        done(&mut world, offer.clone(), &[&fixture.wholesaler.key()]);
        refused(
            &mut world,
            end(Some(&fixture.returns)),
            &[&fixture.returns.key()],
            ProvenanceError::NotParty,
        );
        refused(&mut world, end(None), &[], ProvenanceError::NotParty);
        let event: ShipmentEnded = done(&mut world, end(Some(by)), &[&by.key()]).event();
        assert_eq!(event.by, by.address());
        let custody = custody_at(&world, &fixture, case(1));
        assert_eq!(
            (custody.custodian, custody.status),
            (fixture.wholesaler.address(), Status::Received)
        );
        assert!(!exists(&world, &fixture.shipment(case(1))));
    }
    let mut world = world;
    done(&mut world, offer.clone(), &[&fixture.wholesaler.key()]);
    world.advance(7 * DAY + 1);
    let event: ShipmentEnded = done(&mut world, end(None), &[]).event();
    assert_eq!(event.by, Pubkey::default());
    assert_eq!(status_at(&world, &fixture, case(1)), Status::Received);
    done(&mut world, offer, &[&fixture.wholesaler.key()]);
}

#[test]
fn what_happens_on_the_way_survives_the_end_of_the_offer() {
    let (world, fixture) = delivered();
    let key = fixture.wholesaler.key();
    for (action, after) in [
        (StatusAction::ReportTheft, Status::Stolen),
        (StatusAction::Suspect, Status::Suspect),
        (StatusAction::Quarantine, Status::Quarantined),
    ] {
        let mut world = world.clone();
        let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
        done(&mut world, offer, &[&key]);
        let set = fixture.set_status(case(1), &fixture.wholesaler, action);
        done(&mut world, set, &[&key]);
        let end = fixture.end_shipment(case(1), &fixture.wholesaler, Some(&fixture.pharmacy));
        done(&mut world, end, &[&fixture.pharmacy.key()]);
        assert_eq!(status_at(&world, &fixture, case(1)), after);
    }
}

#[test]
fn some_cases_stay_with_the_sender() {
    let (mut world, fixture) = registered();
    let offer = fixture.offer(pallet(0), &fixture.maker, &fixture.wholesaler, sale());
    done(&mut world, offer, &[&fixture.maker.key()]);
    let key = fixture.wholesaler.key();
    let accept =
        |refused: &[u64]| fixture.accept(pallet(0), &fixture.maker, &fixture.wholesaler, refused);
    // Case 4 is on the second pallet.
    refused(
        &mut world,
        accept(&[4]),
        &[&key],
        ProvenanceError::NotAChild,
    );
    refused(
        &mut world,
        accept(&[1, 1]),
        &[&key],
        ProvenanceError::NotAChild,
    );
    refused(
        &mut world,
        accept(&[0; 9]),
        &[&key],
        ProvenanceError::TooManyRefused,
    );
    let mut short = accept(&[1]);
    short.accounts.pop();
    refused(&mut world, short, &[&key], ProvenanceError::RecordMissing);
    let event: ShipmentAccepted = done(&mut world, accept(&[1]), &[&key]).event();
    assert_eq!(event.refused, [1]);
    assert_eq!(
        custody_at(&world, &fixture, pallet(0)).custodian,
        fixture.wholesaler.address()
    );
    let kept = custody_at(&world, &fixture, case(1));
    assert_eq!(
        (kept.custodian, kept.owner, kept.status),
        (
            fixture.maker.address(),
            fixture.maker.address(),
            Status::Received
        )
    );
}

#[test]
fn what_was_detached_stays_when_its_parent_goes() {
    let (mut world, fixture) = delivered();
    fixture.hand_over(&mut world, pallet(0), &fixture.wholesaler, &fixture.returns);
    assert_eq!(
        custody_at(&world, &fixture, case(0)).custodian,
        fixture.pharmacy.address()
    );
    done(&mut world, fixture.dispense(0), &[&fixture.pharmacy.key()]);
    // And it cannot be refused: it was never part of the shipment.
    let key = fixture.returns.key();
    let aside = fixture.set_status(pallet(0), &fixture.returns, StatusAction::Quarantine);
    done(&mut world, aside, &[&key]);
    let offer = fixture.offer(pallet(0), &fixture.returns, &fixture.maker, sale());
    done(&mut world, offer, &[&key]);
    refused(
        &mut world,
        fixture.accept(pallet(0), &fixture.returns, &fixture.maker, &[0]),
        &[&fixture.maker.key()],
        ProvenanceError::NotAChild,
    );
}

/// Without the sender's tick, a case that comes back from a pharmacy would be sellable at once.
#[test]
fn what_goes_back_up_the_trade_is_a_return_whatever_it_is_called() {
    let (mut world, fixture) = delivered();
    let parties = [
        (case(0), &fixture.pharmacy, &fixture.wholesaler),
        (case(1), &fixture.wholesaler, &fixture.returns),
    ];
    for (of, from, to) in parties {
        let offer = fixture.offer(of, from, to, sale());
        let event: ShipmentOffered = done(&mut world, offer, &[&from.key()]).event();
        assert!(event.is_return);
        let accept = fixture.accept(of, from, to, &[]);
        done(&mut world, accept, &[&to.key()]);
        assert_eq!(status_at(&world, &fixture, of), Status::Returned);
    }
    // Down the trade it is one only where the sender says so.
    let (mut world, fixture) = delivered();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    let event: ShipmentOffered = done(&mut world, offer, &[&fixture.wholesaler.key()]).event();
    assert!(!event.is_return);
}

/// Set aside and released by who has it, a return would be verified without anybody's word for it.
#[test]
fn a_return_that_was_set_aside_is_one_still() {
    let (world, fixture) = delivered();
    let (pharmacy, wholesaler) = (&fixture.pharmacy, &fixture.wholesaler);
    let key = wholesaler.key();
    let release = |of| fixture.set_status(of, wholesaler, StatusAction::Release);
    let set_aside = |of| fixture.set_status(of, wholesaler, StatusAction::Quarantine);
    let mut returned = world.clone();
    fixture.hand_over(&mut returned, case(0), pharmacy, wholesaler);
    for doubt in [StatusAction::Quarantine, StatusAction::Suspect] {
        let mut world = returned.clone();
        // Said once more, or by somebody else, it is no more verified.
        done(&mut world, set_aside(case(0)), &[&key]);
        let doubt = fixture.set_status(case(0), wholesaler, doubt);
        done(&mut world, doubt, &[&key]);
        // A part of it, too.
        done(&mut world, release(pack(0)), &[&key]);
        assert_eq!(status_at(&world, &fixture, pack(0)), Status::Returned);
        done(&mut world, release(case(0)), &[&key]);
        assert_eq!(status_at(&world, &fixture, case(0)), Status::Returned);
        refused(
            &mut world,
            fixture.offer(case(0), wholesaler, pharmacy, sale()),
            &[&key],
            ProvenanceError::StatusOutOfOrder,
        );
        // Verified, it is set aside and released as anything else.
        let verify = fixture.set_status(case(0), wholesaler, StatusAction::Verify);
        done(&mut world, verify, &[&key]);
        done(&mut world, set_aside(case(0)), &[&key]);
        done(&mut world, release(case(0)), &[&key]);
        assert_eq!(status_at(&world, &fixture, case(0)), Status::Received);
    }
    // Sent back while it is set aside.
    let mut world = world;
    let aside = fixture.set_status(case(0), &fixture.regulator, StatusAction::Quarantine);
    done(&mut world, aside, &[&fixture.regulator.key()]);
    fixture.hand_over(&mut world, case(0), pharmacy, wholesaler);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Quarantined);
    let release = fixture.set_status(case(0), &fixture.regulator, StatusAction::Release);
    done(&mut world, release, &[&fixture.regulator.key()]);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Returned);
}

/// What was sent away as unsaleable would come back as a sale.
#[test]
fn a_reverse_distributor_sells_to_nobody() {
    let (mut world, fixture) = delivered();
    let key = fixture.returns.key();
    fixture.hand_over(&mut world, case(0), &fixture.pharmacy, &fixture.returns);
    let aside = fixture.set_status(case(0), &fixture.returns, StatusAction::Quarantine);
    done(&mut world, aside, &[&key]);
    for to in [&fixture.pharmacy, &fixture.wholesaler] {
        refused(
            &mut world,
            fixture.offer(case(0), &fixture.returns, to, sale()),
            &[&key],
            ProvenanceError::TakenBackMustReturn,
        );
    }
    let mut to_maker = world.clone();
    fixture.hand_over(&mut to_maker, case(0), &fixture.returns, &fixture.maker);
    let destroy = fixture.set_status(case(0), &fixture.returns, StatusAction::Destroy);
    done(&mut world, destroy, &[&key]);
}

#[test]
fn a_return_is_verified_before_it_is_sold_again() {
    let (mut world, fixture) = delivered();
    let offer = fixture.offer(case(0), &fixture.pharmacy, &fixture.wholesaler, sale());
    done(&mut world, offer, &[&fixture.pharmacy.key()]);
    let key = fixture.wholesaler.key();
    let accept = fixture.accept(case(0), &fixture.pharmacy, &fixture.wholesaler, &[]);
    done(&mut world, accept, &[&key]);
    assert_eq!(status_at(&world, &fixture, case(0)), Status::Returned);
    let again = fixture.offer(case(0), &fixture.wholesaler, &fixture.pharmacy, sale());
    refused(
        &mut world,
        again.clone(),
        &[&key],
        ProvenanceError::StatusOutOfOrder,
    );
    let verify = fixture.set_status(case(0), &fixture.wholesaler, StatusAction::Verify);
    done(&mut world, verify, &[&key]);
    done(&mut world, again, &[&key]);
}

#[test]
fn a_single_pack_and_never_a_dispensed_one() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(0), &[&key]);
    for refused_one in [
        fixture.offer(pack(0), &fixture.pharmacy, &fixture.wholesaler, sale()),
        fixture.set_status(pack(0), &fixture.pharmacy, StatusAction::Decommission),
    ] {
        refused(
            &mut world,
            refused_one,
            &[&key],
            ProvenanceError::AlreadyDispensed,
        );
    }
    fixture.hand_over(&mut world, pack(1), &fixture.pharmacy, &fixture.wholesaler);
    // Sent back it is to be verified, and is somebody else's then.
    refused(
        &mut world,
        fixture.dispense(1),
        &[&key],
        ProvenanceError::NotSellable,
    );
    let verify = fixture.set_status(pack(1), &fixture.wholesaler, StatusAction::Verify);
    done(&mut world, verify, &[&fixture.wholesaler.key()]);
    refused(
        &mut world,
        fixture.dispense(1),
        &[&key],
        ProvenanceError::NotInCustody,
    );
    done(&mut world, fixture.dispense(2), &[&key]);
}

#[test]
fn offers_that_are_none() {
    let (mut world, fixture) = delivered();
    let key = fixture.wholesaler.key();
    for accept_within in [0, -1, i64::MIN, 90 * DAY + 1, i64::MAX] {
        let terms = ShipmentTerms {
            accept_within,
            ..sale()
        };
        refused(
            &mut world,
            fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, terms),
            &[&key],
            ProvenanceError::OfferTimeInvalid,
        );
    }
    refused(
        &mut world,
        fixture.offer(case(1), &fixture.wholesaler, &fixture.wholesaler, sale()),
        &[&key],
        ProvenanceError::HandOverToSelf,
    );
    let mut nowhere = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    // The index follows the discriminator and the level.
    nowhere.data[9..17].copy_from_slice(&16_u64.to_le_bytes());
    refused(&mut world, nowhere, &[&key], ProvenanceError::PlaceUnknown);
}

#[test]
fn each_level_above_is_named_and_none_below() {
    let (mut world, fixture) = delivered();
    let key = fixture.wholesaler.key();
    let offer = fixture.offer(case(1), &fixture.wholesaler, &fixture.pharmacy, sale());
    let without = |address: Pubkey| swapped(offer.clone(), address, provenance::ID);
    for of in [pallet(0), whole()] {
        refused(
            &mut world,
            without(fixture.node(of)),
            &[&key],
            ProvenanceError::RecordMissing,
        );
    }
    let page = offer
        .accounts
        .iter()
        .position(|meta| meta.pubkey == provenance::ID)
        .unwrap();
    let mut with_page = offer.clone();
    with_page.accounts[page].pubkey = fixture.page(0);
    refused(
        &mut world,
        with_page,
        &[&key],
        ProvenanceError::RecordNotNeeded,
    );
    let above = page + 2;
    let mut with_case = offer;
    assert_eq!(with_case.accounts[above].pubkey, provenance::ID);
    with_case.accounts[above].pubkey = fixture.node(case(0));
    refused(
        &mut world,
        with_case,
        &[&key],
        ProvenanceError::RecordNotNeeded,
    );
}
