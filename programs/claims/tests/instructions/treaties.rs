//! Reinsurance: what a treaty takes over of claims and of the year, and the layer that pays for it.

use claims::constants::{WITHDRAWAL_NOTICE_SECONDS, WITHDRAWAL_WINDOW_SECONDS};
use claims::events::{
    ClaimsCeded, LayerFunded, LayerWithdrawn, TreatyAccepted, TreatyOffered, WithdrawalCancelled,
};

use anchor_lang::AccountSerialize;

use crate::common::*;

const LAYER: u64 = 50_000;

/// A treaty in force with [`LAYER`] cents, and a pool with money for everything.
fn covered() -> (World, TreatyFixture) {
    covered_with(cover(), LAYER)
}

fn covered_with(terms: TreatyTerms, cents: u64) -> (World, TreatyFixture) {
    let (mut world, fixture) = ready();
    let treaty = TreatyFixture::in_force(&mut world, &fixture, terms, cents);
    (world, treaty)
}

/// Submits claim `n`, of a day of its own: 80.00 are awarded for claim 1, 80 % of the charge for the others.
fn submit(world: &mut World, fixture: &ClaimsFixture, n: u8, charge: u64) {
    let own_day = ClaimLineArgs {
        day: n,
        units: 10,
        ..line(u32::from(n), charge)
    };
    let due = (i64::from(SERVICE_DATE) + i64::from(n)) * DAY;
    world.set_time(world.now().max(due));
    fixture.submit(world, n, &[own_day]).assert_ok();
}

fn cede(world: &mut World, treaty: &TreatyFixture, numbers: &[u8]) -> ClaimsCeded {
    let event = world.send(&[treaty.cede(numbers)], &[]).assert_ok().event();
    treaty.assert_balances(world);
    event
}

fn reverse(world: &mut World, treaty: &TreatyFixture, n: u8) {
    world
        .send(
            &[treaty.claims.reverse(n, 7)],
            &[&treaty.claims.staff.key()],
        )
        .assert_ok();
    treaty.assert_balances(world);
}

#[test]
fn offered_and_accepted() {
    let (mut world, fixture) = ready();
    let treaty = TreatyFixture::bare(&mut world, &fixture, "", 3);
    let staff = fixture.staff.key();
    let event: TreatyOffered = world
        .send(&[treaty.offer(cover())], &[&staff])
        .assert_ok()
        .event();
    assert_eq!(
        (event.treaty, event.pool, event.reinsurer, event.terms),
        (
            treaty.treaty,
            fixture.pool,
            treaty.reinsurer.address,
            cover()
        )
    );
    let offered = treaty.read(&world);
    assert_eq!(
        (offered.status, offered.number, offered.vault),
        (TreatyStatus::Offered, 3, Pubkey::default())
    );
    // An offer covers nothing.
    refused(
        &mut world,
        &[treaty.cede(&[])],
        &[],
        ClaimsError::WrongLayerVault,
    );
    let accept = treaty.accept(&world);
    let event: TreatyAccepted = world
        .send(&[accept], &[&treaty.staff.key()])
        .assert_ok()
        .event();
    assert_eq!(
        (event.treaty, event.operator),
        (treaty.treaty, treaty.staff.key().pubkey())
    );
    assert_eq!(
        treaty.read(&world),
        Treaty {
            status: TreatyStatus::InForce,
            vault: treaty.vault,
            sequence: 1,
            ..offered
        }
    );
    assert_eq!(fixture.read_pool(&world).rounds.reinsured_until, cover().to);
    let event: LayerFunded = world
        .send(&[treaty.fund(700)], &[&actor("treasurer")])
        .assert_ok()
        .event();
    assert_eq!((event.amount, event.funded), (700, 700));
    assert_eq!(world.balance(&treaty.vault), 700 * UNIT_PER_CENT);
    treaty.assert_balances(&world);
}

#[test]
fn who_offers_what() {
    let (mut world, fixture) = ready();
    let treaty = TreatyFixture::bare(&mut world, &fixture, "", 0);
    let offer = treaty.offer(cover());
    assert_insurer_staff_only(&world, &fixture, &offer, Permission::ManagePool);
    let staff = fixture.staff.key();
    for (terms, number) in [
        (
            TreatyTerms {
                to: cover().from - 1,
                ..cover()
            },
            0,
        ),
        (
            TreatyTerms {
                claims_limit: 0,
                ..cover()
            },
            0,
        ),
        (cover(), u16::MAX),
        (cover(), Claim::NETTED - 1),
    ] {
        let bad = treaty.next(number).offer(terms);
        refused(&mut world, &[bad], &[&staff], ClaimsError::TreatyInvalid);
    }
    for (organization, error) in [
        (fixture.insurer.address, ClaimsError::ReinsurerIsInsurer),
        (fixture.provider.address, ClaimsError::NotAnInsurer),
    ] {
        let mut bad = offer.clone();
        for meta in &mut bad.accounts {
            if meta.pubkey == treaty.reinsurer.address {
                meta.pubkey = organization;
            }
        }
        refused(&mut world, &[bad], &[&staff], error);
    }
    let rival = fixture
        .registry
        .organization(&mut world, "rival", OrganizationKind::Insurer);
    let agent = rival.operator(&mut world, "rival staff", &Permission::ALL);
    let mut of_rival = treaty.clone();
    of_rival.claims.staff = agent.clone();
    of_rival.claims.insurer = rival;
    refused(
        &mut world,
        &[of_rival.offer(cover())],
        &[&agent.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
}

#[test]
fn who_accepts() {
    let (mut world, fixture, other) = two_insurers();
    let treaty = TreatyFixture::bare(&mut world, &fixture, "", 0);
    world.send_unsigned(&[treaty.offer(cover())]).assert_ok();
    let staff = treaty.staff.key();
    let accept = treaty.accept(&world);
    refused(
        &mut world,
        &[unsigned(accept.clone(), staff.pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );
    let clerk = treaty
        .reinsurer
        .operator(&mut world, "reinsurer clerk", &[Permission::Fund]);
    let mut by_clerk = treaty.clone();
    by_clerk.staff = clerk.clone();
    let bad = by_clerk.accept(&world);
    refused(
        &mut world,
        &[bad],
        &[&clerk.key()],
        ClaimsError::PermissionMissing,
    );
    let mut by_other = TreatyFixture::bare(&mut world, &fixture, " 2", 0);
    by_other.claims = fixture.clone();
    let bad = by_other.accept(&world);
    refused(
        &mut world,
        &[bad],
        &[&by_other.staff.key()],
        ClaimsError::TreatyOfOtherReinsurer,
    );
    let mut of_other_pool = treaty.clone();
    of_other_pool.claims = other.clone();
    let bad = of_other_pool.accept(&world);
    refused(
        &mut world,
        &[bad],
        &[&staff],
        ClaimsError::TreatyOfOtherPool,
    );
    for (from, to, error) in [
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
    ] {
        refused(
            &mut world,
            &[swapped(accept.clone(), from, to)],
            &[&staff],
            error,
        );
    }
    assert_admin_is_checked(&world, &staff, 0, &|admin| {
        let mut instruction = accept.clone();
        instruction.data = data::AcceptTreaty {
            args: claims::instructions::AcceptTreatyArgs { admin },
        }
        .data();
        instruction
    });
}

/// Treaties follow each other: no award is covered twice.
#[test]
fn treaties_do_not_overlap() {
    let (mut world, treaty) = covered();
    for from in [cover().from, cover().to] {
        let next = treaty.next(1);
        let terms = TreatyTerms {
            from,
            to: from + 100,
            ..cover()
        };
        let mut world = world.clone();
        world.send_unsigned(&[next.offer(terms)]).assert_ok();
        let accept = next.accept(&world);
        refused(
            &mut world,
            &[accept],
            &[&treaty.staff.key()],
            ClaimsError::TreatiesOverlap,
        );
    }
    let next = treaty.next(1);
    let terms = TreatyTerms {
        from: cover().to + 1,
        to: cover().to + 365,
        ..cover()
    };
    world.send_unsigned(&[next.offer(terms)]).assert_ok();
    let accept = next.accept(&world);
    world.send_unsigned(&[accept]).assert_ok();
    assert_eq!(
        treaty.claims.read_pool(&world).rounds.reinsured_until,
        terms.to
    );
}

#[test]
fn what_passes_the_attachment_points_is_drawn() {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    submit(&mut world, &fixture, 1, 20_000);
    let before = fixture.read_pool(&world);
    // 80.00: 30.00 in the layer of the claim.
    let event = cede(&mut world, &treaty, &[1]);
    assert_eq!(
        (event.claims, event.awards, event.recoverable, event.drawn),
        (1, 8_000, 3_000, 3_000)
    );
    let after = fixture.read_pool(&world);
    assert_eq!(
        after,
        Pool {
            funded: before.funded + 3_000,
            ..before
        }
    );
    assert_eq!(fixture.read_claim(&world, 1).treaty, 1);
    assert_eq!(
        world.balance(&treaty.vault),
        (LAYER - 3_000) * UNIT_PER_CENT
    );
    // Once.
    refused(
        &mut world,
        &[treaty.cede(&[1])],
        &[],
        ClaimsError::NothingToCede,
    );
    // 160.00, of which 60.00 are the most; the pool bears 150.00 of 240.00 itself, 30.00 beyond the year's point.
    submit(&mut world, &fixture, 2, 20_000);
    let event = cede(&mut world, &treaty, &[1, 2]);
    assert_eq!((event.recoverable, event.drawn), (12_000, 9_000));
    // The limits of both layers: 100.00 and 40.00.
    submit(&mut world, &fixture, 3, 40_000);
    let event = cede(&mut world, &treaty, &[3, 3]);
    assert_eq!(
        (event.claims, event.recoverable, event.drawn),
        (3, 14_000, 2_000)
    );
    submit(&mut world, &fixture, 4, 40_000);
    let event = cede(&mut world, &treaty, &[4]);
    assert_eq!((event.recoverable, event.drawn), (14_000, 0));
}

/// The plain path knows nothing of it; what counting costs is told here.
#[test]
fn many_claims_at_once() {
    let (mut world, treaty) = covered();
    for n in 1..=8 {
        submit(&mut world, &treaty.claims, n, 20_000);
    }
    let one = world.clone().send(&[treaty.cede(&[1])], &[]).assert_ok();
    let all = world
        .send(&[treaty.cede(&[1, 2, 3, 4, 5, 6, 7, 8])], &[])
        .assert_ok();
    assert_eq!(all.event::<ClaimsCeded>().claims, 8);
    let each = (all.cu - one.cu) / 7;
    println!("cede_claims: {} units, {each} for a further claim", one.cu);
    assert!(each <= 1_500, "{each}");
    treaty.assert_balances(&world);
}

/// A claim that is taken back comes off, and what was drawn for it goes back.
#[test]
fn what_is_taken_back_goes_back() {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    submit(&mut world, &fixture, 1, 20_000);
    submit(&mut world, &fixture, 2, 20_000);
    cede(&mut world, &treaty, &[1, 2]);
    reverse(&mut world, &treaty, 2);
    let event = cede(&mut world, &treaty, &[1, 2]);
    assert_eq!(
        (event.claims, event.awards, event.recoverable),
        (1, 8_000, 3_000)
    );
    assert_eq!((event.drawn, event.returned), (0, 9_000));
    assert_eq!(fixture.read_claim(&world, 2).treaty, 0);
    assert_eq!(
        world.balance(&treaty.vault),
        (LAYER - 3_000) * UNIT_PER_CENT
    );
    // Once; and it does not come in again.
    refused(
        &mut world,
        &[treaty.cede(&[1, 2])],
        &[],
        ClaimsError::NothingToCede,
    );
}

/// A pool without free money gives back later: it is kept back of what it draws next.
#[test]
fn what_cannot_go_back_is_kept_back() {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    submit(&mut world, &fixture, 1, 20_000);
    cede(&mut world, &treaty, &[1]);
    let free = fixture.read_pool(&world).free().unwrap();
    let notice = fixture.announce_withdrawal(&world, free - 1_000);
    world.send_unsigned(&[notice]).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    world.send_unsigned(&[fixture.withdraw()]).assert_ok();
    reverse(&mut world, &treaty, 1);
    let event = cede(&mut world, &treaty, &[1]);
    assert_eq!((event.recoverable, event.returned), (0, 1_000));
    assert_eq!(fixture.read_pool(&world).free().unwrap(), 0);
    let paid = treaty.read(&world);
    assert_eq!((paid.drawn, paid.returned), (3_000, 1_000));
    // Somebody waits: nothing goes back before it is paid.
    submit(&mut world, &fixture, 2, 30_000);
    assert_eq!(fixture.read_pool(&world).unfunded, 8_000);
    // The award of 160.00 has 60.00 in the layer, of which 20.00 are here already.
    let event = cede(&mut world, &treaty, &[2]);
    assert_eq!((event.recoverable, event.drawn), (6_000, 4_000));
    assert_eq!(fixture.read_pool(&world).unfunded, 4_000);
}

/// What is drawn into a short pool is shared among those who wait, in the same instruction.
#[test]
fn what_is_drawn_reaches_those_who_wait() {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    let notice = fixture.announce_withdrawal(&world, FUNDED);
    world.send_unsigned(&[notice]).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    world.send_unsigned(&[fixture.withdraw()]).assert_ok();
    submit(&mut world, &fixture, 1, 20_000);
    assert_eq!(fixture.read_pool(&world).unfunded, 8_000);
    cede(&mut world, &treaty, &[1]);
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.unfunded, pool.reserved_for_claims), (5_000, 3_000));
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).award_paid(), 3_000);
    treaty.assert_balances(&world);
    fixture.fund(&mut world, 5_000).assert_ok();
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    treaty.assert_balances(&world);
}

/// A layer that is short pays what it holds, and the rest when it is funded.
#[test]
fn a_layer_that_is_short() {
    let (mut world, treaty) = covered_with(cover(), 1_000);
    submit(&mut world, &treaty.claims, 1, 20_000);
    let event = cede(&mut world, &treaty, &[1]);
    assert_eq!((event.recoverable, event.drawn), (3_000, 1_000));
    refused(
        &mut world,
        &[treaty.cede(&[])],
        &[],
        ClaimsError::NothingToCede,
    );
    world.send_unsigned(&[treaty.fund(5_000)]).assert_ok();
    let event = cede(&mut world, &treaty, &[]);
    assert_eq!((event.claims, event.drawn), (1, 2_000));
    assert_eq!(world.balance(&treaty.vault), 3_000 * UNIT_PER_CENT);
}

/// Awards of other days are not covered, and after the run-off nothing is counted any more.
#[test]
fn only_awards_of_its_time() {
    let today = |world: &World| i32::try_from(world.now().div_euclid(DAY)).unwrap();
    let (world, _) = ready();
    let now = today(&world) + 1;
    for (from, to, is_covered) in [
        (now, now + 100, true),
        (now - 100, now, true),
        (now + 1, now + 100, false),
        (now - 100, now - 1, false),
    ] {
        let (mut world, treaty) = covered_with(
            TreatyTerms {
                from,
                to,
                ..cover()
            },
            LAYER,
        );
        submit(&mut world, &treaty.claims, 5, 20_000);
        assert_eq!(today(&world), now);
        if is_covered {
            cede(&mut world, &treaty, &[5]);
        } else {
            refused(
                &mut world,
                &[treaty.cede(&[5])],
                &[],
                ClaimsError::NothingToCede,
            );
        }
    }
    let terms = TreatyTerms {
        from: now,
        to: now,
        runoff_days: 10,
        ..cover()
    };
    let (mut world, treaty) = covered_with(terms, LAYER);
    submit(&mut world, &treaty.claims, 5, 20_000);
    let mut late = world.clone();
    world.advance(10 * DAY);
    cede(&mut world, &treaty, &[5]);
    late.advance(11 * DAY);
    refused(
        &mut late,
        &[treaty.cede(&[5])],
        &[],
        ClaimsError::NothingToCede,
    );
    // What was counted in time comes off also later.
    world.advance(100 * DAY);
    reverse(&mut world, &treaty, 5);
    let event = cede(&mut world, &treaty, &[5]);
    assert_eq!((event.claims, event.returned), (0, 3_000));
}

/// What stands in another's place is no new award: the year of that one's award covers it, also after the run-off.
#[test]
fn a_claim_in_anothers_place_keeps_its_year() {
    let now = TODAY + 1;
    let terms = TreatyTerms {
        from: now,
        to: now + 5,
        runoff_days: 10,
        ..cover()
    };
    let (mut world, treaty) = covered_with(terms, LAYER);
    let fixture = treaty.claims.clone();
    submit(&mut world, &fixture, 5, 1_000);
    submit(&mut world, &fixture, 6, 20_000);
    let first = fixture.read_claim(&world, 6);
    let ceded = cede(&mut world, &treaty, &[6]);
    assert_eq!((ceded.claims, ceded.awards), (1, first.totals.paid));
    world.advance(100 * DAY);
    reverse(&mut world, &treaty, 5);
    world
        .send(&[fixture.reprocess(6, 7)], &[&fixture.staff.key()])
        .assert_ok();
    let replacement = fixture.read_claim(&world, 7);
    assert_eq!(
        (replacement.first_awarded_on, replacement.awarded_at),
        (first.first_awarded_on, world.now())
    );
    let ceded = cede(&mut world, &treaty, &[6, 7]);
    assert_eq!((ceded.claims, ceded.awards), (1, replacement.totals.paid));
    assert_eq!(
        fixture.read_claim(&world, 7).treaty,
        treaty.read(&world).mark()
    );
    // One that was never counted in time, and stands in nobody's place, is not.
    fixture
        .submit(&mut world, 8, &[line(8, 20_000)])
        .assert_ok();
    refused(
        &mut world,
        &[treaty.cede(&[8])],
        &[],
        ClaimsError::NothingToCede,
    );
    fixture.assert_money_adds_up(&world);
}

/// The reinsurer's part of what is taken back goes back first: a withdrawal that was announced is off, and that is told.
#[test]
fn a_withdrawal_that_is_off_is_told() {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    let staff = fixture.staff.key();
    for n in [1, 2] {
        submit(&mut world, &fixture, n, 20_000);
    }
    let announce = |world: &mut World| {
        let notice = fixture.announce_withdrawal(world, 100);
        world.send(&[notice], &[&staff]).assert_ok();
    };
    announce(&mut world);
    // No treaty counts it: the withdrawal stands.
    let mut apart = world.clone();
    apart.send(&[fixture.reverse(1, 7)], &[&staff]).assert_ok();
    assert_eq!(fixture.read_pool(&apart).withdrawal, 100);

    cede(&mut world, &treaty, &[1, 2]);
    let told: WithdrawalCancelled = world
        .send(&[fixture.reverse(1, 7)], &[&staff])
        .assert_ok()
        .event();
    assert_eq!(
        (told.pool, told.operator, told.amount),
        (fixture.pool, staff.pubkey(), 100)
    );
    assert_eq!(fixture.read_pool(&world).withdrawal, 0);
    announce(&mut world);
    let told: WithdrawalCancelled = world
        .send(&[fixture.reprocess(2, 3)], &[&staff])
        .assert_ok()
        .event();
    assert_eq!((told.pool, told.amount), (fixture.pool, 100));
}

/// Drafts, denials, claims that wait for the insurer or owe nothing award nothing.
#[test]
fn only_awards() {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    let open = fixture.open_claim(1, 1);
    world.send(&[open], &[&fixture.clerk.key()]).assert_ok();
    fixture.submit(&mut world, 2, &[line(500, 100)]).assert_ok();
    fixture.submit(&mut world, 3, &[line(3, 5_000)]).assert_ok();
    for n in 1..=3 {
        refused(
            &mut world,
            &[treaty.cede(&[n])],
            &[],
            ClaimsError::NothingToCede,
        );
    }
}

#[test]
fn accounts_of_somebody_else() {
    let (mut world, fixture, other) = two_insurers();
    let treaty = TreatyFixture::in_force(&mut world, &fixture, cover(), LAYER);
    let of_other = TreatyFixture::bare(&mut world, &other, " 2", 0);
    world.send_unsigned(&[of_other.offer(cover())]).assert_ok();
    let accept = of_other.accept(&world);
    world.send_unsigned(&[accept]).assert_ok();
    submit(&mut world, &fixture, 1, 20_000);
    submit(&mut world, &other, 1, 20_000);
    let good = treaty.cede(&[1]);
    let fund = treaty.fund(5);
    for (from, to, error) in [
        (
            treaty.treaty,
            of_other.treaty,
            ClaimsError::TreatyOfOtherPool,
        ),
        (treaty.vault, of_other.vault, ClaimsError::WrongLayerVault),
        (treaty.vault, fixture.vault, ClaimsError::WrongLayerVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
        (
            fixture.token_program,
            anchor_spl::token_2022::ID,
            ClaimsError::WrongTokenProgram,
        ),
    ] {
        if from != treaty.vault || to != fixture.vault {
            refused(
                &mut world,
                &[swapped(fund.clone(), from, to)],
                &[&actor("treasurer")],
                error,
            );
        }
        refused(&mut world, &[swapped(good.clone(), from, to)], &[], error);
    }
    for (from, to, error) in [
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (
            fixture.claim(1),
            other.claim(1),
            ClaimsError::ClaimOfOtherPool,
        ),
    ] {
        refused(&mut world, &[swapped(good.clone(), from, to)], &[], error);
    }
    let mut read_only = good.clone();
    read_only.accounts.last_mut().unwrap().is_writable = false;
    refused(&mut world, &[read_only], &[], ErrorCode::AccountNotMutable);
    refused(
        &mut world,
        &[treaty.fund(0)],
        &[&actor("treasurer")],
        ClaimsError::FundingInvalid,
    );
}

#[test]
fn the_reinsurer_withdraws_what_is_not_exposed() {
    let terms = TreatyTerms {
        to: TODAY + 30,
        runoff_days: 5,
        ..cover()
    };
    let (mut world, treaty) = covered_with(terms, LAYER);
    let staff = treaty.staff.key();
    // 140.00 can be drawn: 360.00 are beyond that.
    for (amount, error) in [(36_001, Some(ClaimsError::LayerExposed)), (36_000, None)] {
        let mut world = world.clone();
        let announce = treaty.announce_withdrawal(&world, amount);
        world.send(&[announce], &[&staff]).assert_ok();
        world.advance(WITHDRAWAL_NOTICE_SECONDS - 1);
        refused(
            &mut world,
            &[treaty.withdraw()],
            &[&staff],
            ClaimsError::WithdrawalNotDue,
        );
        world.advance(1);
        match error {
            Some(error) => refused(&mut world, &[treaty.withdraw()], &[&staff], error),
            None => {
                let before = world.balance(&treaty.claims.treasury);
                let event: LayerWithdrawn = world
                    .send(&[treaty.withdraw()], &[&staff])
                    .assert_ok()
                    .event();
                assert_eq!(
                    (event.amount, event.destination),
                    (amount, treaty.claims.treasury)
                );
                assert_eq!(
                    world.balance(&treaty.claims.treasury) - before,
                    amount * UNIT_PER_CENT
                );
                treaty.assert_balances(&world);
            }
        }
    }
    // What was drawn is no longer exposed, and after the run-off all is free.
    submit(&mut world, &treaty.claims, 1, 20_000);
    cede(&mut world, &treaty, &[1]);
    world.set_time((i64::from(terms.to) + 6) * DAY);
    let announce = treaty.announce_withdrawal(&world, LAYER - 3_000);
    world.send(&[announce], &[&staff]).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    world.send(&[treaty.withdraw()], &[&staff]).assert_ok();
    assert_eq!(world.balance(&treaty.vault), 0);
    treaty.assert_balances(&world);
}

#[test]
fn a_withdrawal_from_a_layer_by_notice_only() {
    let (mut world, treaty) = covered();
    let staff = treaty.staff.key();
    refused(
        &mut world,
        &[treaty.withdraw()],
        &[&staff],
        ClaimsError::NoWithdrawalAnnounced,
    );
    let cancel = treaty.cancel_withdrawal(&world);
    refused(
        &mut world,
        &[cancel],
        &[&staff],
        ClaimsError::NoWithdrawalAnnounced,
    );
    let none = treaty.announce_withdrawal(&world, 0);
    refused(
        &mut world,
        &[none],
        &[&staff],
        ClaimsError::WithdrawalInvalid,
    );
    let announce = treaty.announce_withdrawal(&world, 5_000);
    for (to, error) in [
        (treaty.vault, ClaimsError::PayoutIsVault),
        (treaty.claims.vault, ClaimsError::PayoutIsVault),
        (treaty.claims.mint, ClaimsError::PayoutInvalid),
    ] {
        let bad = swapped(announce.clone(), treaty.claims.treasury, to);
        refused(&mut world, &[bad], &[&staff], error);
    }
    assert_admin_is_checked(&world, &staff, 1, &|admin| {
        let mut instruction = announce.clone();
        instruction.data = data::AnnounceLayerWithdrawal {
            args: claims::instructions::AnnounceLayerWithdrawalArgs {
                admin,
                amount: 5_000,
            },
        }
        .data();
        instruction
    });
    world.send(&[announce], &[&staff]).assert_ok();
    let again = treaty.announce_withdrawal(&world, 1);
    refused(
        &mut world,
        &[again],
        &[&staff],
        ClaimsError::WithdrawalAlreadyAnnounced,
    );
    // Somebody of another reinsurer, and without the permission.
    let other = TreatyFixture::bare(&mut world, &treaty.claims, " 2", 0);
    let clerk = treaty
        .reinsurer
        .operator(&mut world, "reinsurer clerk", &[Permission::ManagePool]);
    let mut by_clerk = treaty.clone();
    by_clerk.staff = clerk;
    for (by, error) in [
        (&other, ClaimsError::TreatyOfOtherReinsurer),
        (&by_clerk, ClaimsError::PermissionMissing),
    ] {
        let key = by.staff.key();
        let announce = by.announce_withdrawal(&world, 1);
        refused(&mut world, &[announce], &[&key], error);
        let cancel = by.cancel_withdrawal(&world);
        refused(&mut world, &[cancel], &[&key], error);
        refused(&mut world, &[by.withdraw()], &[&key], error);
    }
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    let mut elsewhere = world.clone();
    let owner = actor("treasurer").pubkey();
    let account = elsewhere.token_account("elsewhere", &treaty.claims.mint, &owner);
    refused(
        &mut elsewhere,
        &[swapped(treaty.withdraw(), treaty.claims.treasury, account)],
        &[&staff],
        ClaimsError::WrongDestination,
    );
    let mut paused = world.clone();
    treaty.claims.registry.pause(&mut paused, 3_600).assert_ok();
    refused(
        &mut paused,
        &[treaty.withdraw()],
        &[&staff],
        ClaimsError::WithdrawalsPaused,
    );
    let mut late = world.clone();
    late.advance(WITHDRAWAL_WINDOW_SECONDS);
    refused(
        &mut late,
        &[treaty.withdraw()],
        &[&staff],
        ClaimsError::WithdrawalLapsed,
    );
    let cancel = treaty.cancel_withdrawal(&world);
    world.send(&[cancel], &[&staff]).assert_ok();
    assert_eq!(treaty.read(&world).withdrawal, 0);
    refused(
        &mut world,
        &[treaty.withdraw()],
        &[&staff],
        ClaimsError::NoWithdrawalAnnounced,
    );
}

/// A claim that was taken back and is still counted is not archived: nobody could take it out any more.
#[test]
fn what_is_still_counted_is_kept() {
    let (mut world, treaty) = covered();
    submit(&mut world, &treaty.claims, 1, 20_000);
    cede(&mut world, &treaty, &[1]);
    reverse(&mut world, &treaty, 1);
    world.advance(1_100 * DAY);
    refused(
        &mut world,
        &[treaty.claims.archive(1)],
        &[],
        ClaimsError::ClaimStillCeded,
    );
    cede(&mut world, &treaty, &[1]);
    world.send(&[treaty.claims.archive(1)], &[]).assert_ok();
}

/// What is not in force has no layer to take money out of.
#[test]
fn nothing_is_announced_under_an_offer() {
    let (mut world, fixture) = ready();
    let treaty = TreatyFixture::bare(&mut world, &fixture, "", 0);
    world.send_unsigned(&[treaty.offer(cover())]).assert_ok();
    let announce = treaty.announce_withdrawal(&world, 1);
    refused(
        &mut world,
        &[announce],
        &[&treaty.staff.key()],
        ClaimsError::TreatyNotInForce,
    );
}

/// A treaty is accepted once. Its layer's vault is in the way of a second time; were it gone, the treaty itself would be.
#[test]
fn a_treaty_is_accepted_once() {
    let (mut world, treaty) = covered();
    let again = treaty.accept(&world);
    refused(
        &mut world,
        std::slice::from_ref(&again),
        &[&treaty.staff.key()],
        ADDRESS_IN_USE,
    );
    world.remove(&treaty.vault);
    refused(
        &mut world,
        &[again],
        &[&treaty.staff.key()],
        ClaimsError::TreatyNotOffered,
    );
}

/// What stands in the place of a claim counts once that no longer does: who cedes cannot draw for both.
#[test]
fn a_claim_in_anothers_place_comes_with_it() {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    for n in [1, 2] {
        submit(&mut world, &fixture, n, 20_000);
    }
    cede(&mut world, &treaty, &[1, 2]);
    reverse(&mut world, &treaty, 1);
    world
        .send(&[fixture.reprocess(2, 3)], &[&fixture.staff.key()])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 3).replaces, fixture.claim_id(2));
    // Alone, before it, or after another.
    for numbers in [&[3][..], &[3, 2], &[2, 1, 3]] {
        refused(
            &mut world,
            &[treaty.cede(numbers)],
            &[],
            ClaimsError::OriginalStillCeded,
        );
    }
    let mut apart = world.clone();
    cede(&mut apart, &treaty, &[2]);
    assert_eq!(treaty.read(&apart).claims, 1);
    refused(
        &mut apart,
        &[treaty.cede(&[3])],
        &[],
        ClaimsError::OriginalStillCeded,
    );
    // What is archived is counted nowhere; another archived claim is not this one's.
    let mut archived = apart.clone();
    cede(&mut archived, &treaty, &[1]);
    for (n, error) in [(1, Some(ClaimsError::OriginalStillCeded)), (2, None)] {
        let mut account = archived.raw(&fixture.claim(n)).unwrap();
        let claim = fixture.read_claim(&archived, n);
        let kept = ArchivedClaim::of(&claim, &account.data, TODAY);
        account.data.clear();
        kept.try_serialize(&mut account.data).unwrap();
        archived.set_raw(&fixture.claim(n), account);
        match error {
            Some(error) => refused(&mut archived, &[treaty.cede(&[n, 3])], &[], error),
            None => {
                archived.send(&[treaty.cede(&[n, 3])], &[]).assert_ok();
            }
        }
    }
    for world in [&mut world, &mut apart] {
        cede(world, &treaty, &[2, 3]);
    }
    // Claim 1 was taken back, and counts until somebody takes it out.
    for (world, counted) in [(&world, 2), (&apart, 2), (&archived, 1)] {
        assert_eq!(treaty.read(world).claims, counted);
    }
    cede(&mut world, &treaty, &[1]);
    assert_eq!(
        (treaty.read(&world).claims, treaty.read(&world).awards),
        (1, fixture.read_claim(&world, 3).totals.paid)
    );
    treaty.assert_balances(&world);
    fixture.assert_money_adds_up(&world);
}

/// Claims 1 to 3, of which the third is ceded; it is adjudicated anew twice, since the others are taken back one after the other: claim
/// 5 stands in the place of claim 4, and that in the place of claim 3.
fn replaced_twice() -> (World, TreatyFixture) {
    let (mut world, treaty) = covered();
    let fixture = treaty.claims.clone();
    for n in [1, 2, 3] {
        submit(&mut world, &fixture, n, 20_000);
    }
    cede(&mut world, &treaty, &[3]);
    for (taken_back, n, replacement) in [(1, 3, 4), (2, 4, 5)] {
        reverse(&mut world, &treaty, taken_back);
        world
            .send(
                &[fixture.reprocess(n, replacement)],
                &[&fixture.staff.key()],
            )
            .assert_ok();
        assert_eq!(
            fixture.read_claim(&world, replacement).replaces,
            fixture.claim_id(n)
        );
    }
    (world, treaty)
}

/// The claim between two others was never counted, and says nothing of the first, which is: who cedes the last shows all of them.
#[test]
fn a_claim_that_was_replaced_twice_counts_once() {
    let (world, treaty) = replaced_twice();
    let fixture = treaty.claims.clone();
    let counted = treaty.read(&world);
    assert_eq!(
        (counted.claims, counted.awards),
        (1, fixture.read_claim(&world, 3).totals.paid)
    );
    let mut apart = world.clone();
    cede(&mut apart, &treaty, &[3]);
    assert_eq!(treaty.read(&apart).claims, 0);
    for mut world in [world, apart] {
        for numbers in [
            &[5][..],
            &[4, 5],
            &[3, 5],
            &[4, 3, 5],
            &[3, 4, 1, 5],
            &[1, 4, 5],
        ] {
            refused(
                &mut world,
                &[treaty.cede(numbers)],
                &[],
                ClaimsError::OriginalStillCeded,
            );
        }
        let ceded = cede(&mut world, &treaty, &[3, 4, 5]);
        let award = fixture.read_claim(&world, 5).totals.paid;
        assert_eq!((ceded.claims, ceded.awards), (1, award));
        for (n, mark) in [(3, 0), (4, 0), (5, treaty.read(&world).mark())] {
            assert_eq!(fixture.read_claim(&world, n).treaty, mark, "claim {n}");
        }
        refused(
            &mut world,
            &[treaty.cede(&[3, 4, 5])],
            &[],
            ClaimsError::NothingToCede,
        );
        treaty.assert_balances(&world);
        fixture.assert_money_adds_up(&world);
    }
}

/// What is archived says no more in whose place it stood: so it is archived after that one, or once nothing counts it.
#[test]
fn a_claim_in_anothers_place_is_archived_after_it() {
    let (mut world, treaty) = replaced_twice();
    let fixture = treaty.claims.clone();
    reverse(&mut world, &treaty, 5);
    world.advance(1_100 * DAY);
    for original in [None, Some(1), Some(3)] {
        let archive = archive_of(&world, &fixture, 4, original);
        refused(&mut world, &[archive], &[], ClaimsError::OriginalNotCleared);
    }
    cede(&mut world, &treaty, &[3]);
    // Not counted, and in nobody's place: that is enough of the first.
    let mut cleared = world.clone();
    let archive = archive_of(&cleared, &fixture, 4, Some(3));
    cleared.send(&[archive], &[]).assert_ok();
    // Of one in another's place it is not, as long as that is not archived.
    let too_early = archive_of(&world, &fixture, 5, Some(4));
    refused(
        &mut world,
        &[too_early],
        &[],
        ClaimsError::OriginalNotCleared,
    );
    for (n, original) in [(3, None), (4, Some(3)), (5, Some(4))] {
        let archive = archive_of(&world, &fixture, n, original);
        world.send(&[archive], &[]).assert_ok();
    }
    // A stranger's account at that place is no claim.
    let archive = archive_of(&cleared, &fixture, 3, None);
    cleared.send(&[archive], &[]).assert_ok();
    let archive = archive_of(&cleared, &fixture, 5, Some(4));
    cleared.set_owned(&fixture.claim(4), &registry::ID, vec![1; 71]);
    refused(
        &mut cleared,
        &[archive],
        &[],
        ErrorCode::AccountOwnedByWrongProgram,
    );
}
