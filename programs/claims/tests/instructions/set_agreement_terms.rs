use claims::constants::CLAIMABLE_DAYS;
use claims::events::AgreementTermsChanged;
use claims::instructions::SetAgreementTermsArgs;

use crate::common::*;

const NEW: AgreementTerms = AgreementTerms {
    in_network: false,
    limit_per_claim: 1,
    limit_per_day: 2,
    netted: true,
};

const OUTSIDE: AgreementTerms = AgreementTerms {
    in_network: false,
    limit_per_claim: u64::MAX,
    limit_per_day: u64::MAX,
    netted: false,
};

/// The denial of what is had outside the network, where the plan has no terms for it.
const NETWORK: u16 = 242;

/// A day as it stands in an agreement.
fn at(day: i32) -> u16 {
    u16::try_from(day).unwrap()
}

fn change(world: &mut World, fixture: &ClaimsFixture, terms: AgreementTerms) {
    let change = fixture.set_agreement_terms(world, terms);
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
}

/// One unit of code `n`, so many days after the day on which the tests begin.
fn had(n: u32, later: i32) -> ClaimLineArgs {
    ClaimLineArgs {
        day: u8::try_from(TODAY + later - SERVICE_DATE).unwrap(),
        ..line(n, 10_000)
    }
}

/// The denial of the first line of claim `n`, and whether the claim is one from within the network.
fn came_to(world: &World, fixture: &ClaimsFixture, n: u8) -> (u16, bool) {
    let claim = fixture.read_claim(world, n);
    (claim.lines[0].denial_reason, claim.in_network)
}

#[test]
fn replaces_the_terms() {
    let (mut world, fixture) = ready();
    assert_eq!(
        fixture.read_agreement(&world).past,
        AgreementPast::default()
    );
    let change = fixture.set_agreement_terms(&world, NEW);
    let outcome = world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    let agreement: Agreement = world.account(&fixture.agreement);
    assert_eq!((agreement.terms, agreement.sequence), (NEW, 2));
    assert_eq!(agreement.past.network, [at(TODAY + 1), 0, 0, 0, 0, 0, 0]);
    let event: AgreementTermsChanged = outcome.event();
    assert_eq!((event.old, event.new), (unlimited(), NEW));
}

/// Care is paid for by the network of its day, whenever it is filed.
#[test]
fn a_claim_goes_by_the_network_of_the_day_of_service() {
    let (mut world, fixture) = ready();
    change(&mut world, &fixture, OUTSIDE);
    world.advance(2 * DAY);
    // The last day in the network, and the first outside it.
    for (n, later, expected) in [(1, 0, (0, true)), (2, 1, (NETWORK, false))] {
        let lines = [had(u32::from(n), later)];
        fixture.submit(&mut world, n, &lines).assert_ok();
        assert_eq!(came_to(&world, &fixture, n), expected, "{later}");
    }
    // The same of a claim in parts.
    for (n, later, expected) in [(3, -3, (0, true)), (4, 2, (NETWORK, false))] {
        let lines = [had(u32::from(n), later)];
        for step in [fixture.open_claim(n, 1), fixture.append_lines(n, 0, &lines)] {
            world.send_unsigned(&[step]).assert_ok();
        }
        let adjudicate = fixture.adjudicate(&world, n, 10_000);
        world.send_unsigned(&[adjudicate]).assert_ok();
        assert_eq!(came_to(&world, &fixture, n), expected, "{later}");
    }
    // It comes back: the days between stay outside.
    change(&mut world, &fixture, unlimited());
    assert_eq!(
        fixture.read_agreement(&world).past.network[..3],
        [at(TODAY + 3), at(TODAY + 1), 0]
    );
    world.advance(DAY);
    for (n, later, expected) in [
        (5, 0, (0, true)),
        (6, 1, (NETWORK, false)),
        (7, 2, (NETWORK, false)),
        (8, 3, (0, true)),
    ] {
        let lines = [had(u32::from(n), later)];
        fixture.submit(&mut world, n, &lines).assert_ok();
        assert_eq!(came_to(&world, &fixture, n), expected, "{later}");
    }
    fixture.assert_money_adds_up(&world);
}

/// Of services on both sides of a change there are two claims.
#[test]
fn a_claim_has_services_of_one_side_of_a_change() {
    let (mut world, fixture) = ready();
    change(&mut world, &fixture, OUTSIDE);
    world.advance(2 * DAY);
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let both = [had(1, 0), had(2, 1)];
    let submit = fixture.submit_claim(1, &both);
    refused(
        &mut world,
        &[submit],
        &[&clerk, &member],
        ClaimsError::ClaimSpansNetworkChange,
    );
    for step in [fixture.open_claim(1, 2), fixture.append_lines(1, 0, &both)] {
        world.send_unsigned(&[step]).assert_ok();
    }
    let adjudicate = fixture.adjudicate(&world, 1, 20_000);
    refused(
        &mut world,
        &[adjudicate],
        &[&clerk, &member],
        ClaimsError::ClaimSpansNetworkChange,
    );
    let ask = fixture.predetermine(
        1,
        TODAY,
        &[
            line(1, 10_000),
            ClaimLineArgs {
                day: 1,
                ..line(2, 10_000)
            },
        ],
    );
    refused(
        &mut world,
        &[ask],
        &[&clerk, &member],
        ClaimsError::ClaimSpansNetworkChange,
    );
    // Several days of one side are one claim.
    for (n, lines, expected) in [
        (2, [had(1, -1), had(2, 0)], (0, true)),
        (3, [had(3, 1), had(4, 2)], (NETWORK, false)),
    ] {
        fixture.submit(&mut world, n, &lines).assert_ok();
        assert_eq!(came_to(&world, &fixture, n), expected);
    }
}

#[test]
fn what_is_changed_back_on_the_same_day_has_not_changed() {
    let (mut world, fixture) = ready();
    change(&mut world, &fixture, OUTSIDE);
    change(&mut world, &fixture, unlimited());
    let agreement = fixture.read_agreement(&world);
    assert_eq!(
        (agreement.terms, agreement.past),
        (unlimited(), AgreementPast::default())
    );
    world.advance(DAY);
    fixture.submit(&mut world, 1, &[had(1, 1)]).assert_ok();
    assert_eq!(came_to(&world, &fixture, 1), (0, true));
}

/// What was offered to nobody's avail is replaced as a whole: nothing was done under it.
#[test]
fn an_offer_is_replaced_as_a_whole() {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    for step in [fixture.create_pool(0), fixture.offer(unlimited())] {
        world.send(&[step], &[&staff]).assert_ok();
    }
    change(&mut world, &fixture, OUTSIDE);
    let agreement = fixture.read_agreement(&world);
    assert_eq!(
        (agreement.terms, agreement.past),
        (OUTSIDE, AgreementPast::default())
    );
    assert!(!agreement.in_network_on(SERVICE_DATE));
}

/// Seven changes are kept. The eighth waits until no claim can be paid any more for what would be forgotten.
#[test]
fn no_change_is_forgotten_that_can_still_be_claimed() {
    let (mut world, fixture) = ready();
    for turn in 0..7 {
        change(
            &mut world,
            &fixture,
            if turn % 2 == 0 { OUTSIDE } else { unlimited() },
        );
        world.advance(DAY);
    }
    let full = fixture.read_agreement(&world).past.network;
    let kept: Vec<u16> = (1..=7).rev().map(|days| at(TODAY + days)).collect();
    assert_eq!(full.to_vec(), kept);
    let eighth = fixture.set_agreement_terms(&world, unlimited());
    refused(
        &mut world,
        &[eighth],
        &[&fixture.staff.key()],
        ClaimsError::AgreementChangedTooOften,
    );
    // Limits are changed all the same, at once.
    let limited = AgreementTerms {
        limit_per_claim: 5,
        ..OUTSIDE
    };
    change(&mut world, &fixture, limited);
    assert_eq!(fixture.read_agreement(&world).terms, limited);
    assert_eq!(fixture.read_agreement(&world).past.network, full);
    // The oldest two, of the days 1 and 2, are forgotten once day 1 can be claimed no longer.
    world.advance(i64::from(CLAIMABLE_DAYS - 6) * DAY);
    let fixture = fixture.with_new_staff(&mut world);
    let early = fixture.set_agreement_terms(&world, unlimited());
    refused(
        &mut world,
        &[early],
        &[&fixture.staff.key()],
        ClaimsError::AgreementChangedTooOften,
    );
    world.advance(DAY);
    change(&mut world, &fixture, unlimited());
    let mut wanted = vec![at(TODAY + 2 + CLAIMABLE_DAYS + 1)];
    wanted.extend(&kept[..5]);
    wanted.push(0);
    assert_eq!(fixture.read_agreement(&world).past.network.to_vec(), wanted);
}

/// A claim in another's place keeps the network of that one.
#[test]
fn a_claim_adjudicated_anew_stays_on_its_side() {
    let (mut world, fixture) = ready();
    for n in [1, 2] {
        let lines = [had(u32::from(n), i32::from(n) - 2)];
        fixture.submit(&mut world, n, &lines).assert_ok();
    }
    change(&mut world, &fixture, OUTSIDE);
    world.advance(2 * DAY);
    for step in [fixture.reverse(1, 1), fixture.reprocess(2, 3)] {
        world.send(&[step], &[&fixture.staff.key()]).assert_ok();
    }
    assert_eq!(came_to(&world, &fixture, 3), (0, true));
    // The first had used the deductible up.
    assert_eq!(fixture.read_claim(&world, 3).lines[0].deductible, 10_000);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn only_staff_that_manages_agreements() {
    let (world, fixture) = ready();
    let change = fixture.set_agreement_terms(&world, NEW);
    assert_insurer_staff_only(&world, &fixture, &change, Permission::ManageAgreement);
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.set_agreement_terms(&world, NEW);
    assert_admin_is_checked(&world, &fixture.staff.key(), 1, &|admin| Instruction {
        data: data::SetAgreementTerms {
            args: SetAgreementTermsArgs { admin, terms: NEW },
        }
        .data(),
        ..template.clone()
    });
}

#[test]
fn another_pools_agreement_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.set_agreement_terms(&world, NEW);
    let staff = fixture.staff.key();
    refused(
        &mut world,
        &[swapped(change.clone(), fixture.agreement, other.agreement)],
        &[&staff],
        ClaimsError::AgreementOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(change, fixture.pool, other.pool)],
        &[&staff],
        ClaimsError::PoolOfOtherInsurer,
    );
}
