//! What sites earn beside their fees, and where they are paid.

use trials::events::{
    PayoutChangeAnnounced, PayoutChanged, SiteMilestoneMoved, SiteMilestonesLapsed,
    SiteMilestonesOffered,
};

use crate::common::*;

/// A site with milestones of its own and `count` participants.
fn offered(count: u16) -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(count);
    let offer = fixture.offer_site_milestones(site_milestones());
    done(&mut world, offer, &[&fixture.staff.key()]);
    (world, fixture)
}

#[test]
fn what_is_offered_is_set_aside() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let before = fixture.read_trial(&world).reserved;
    let offer = fixture.offer_site_milestones(site_milestones());
    let event: SiteMilestonesOffered = done(&mut world, offer, &[&staff]).event();
    assert_eq!(
        (event.reserved, event.milestones),
        (100_000, site_milestones())
    );
    assert_eq!(fixture.read_trial(&world).reserved, before + 100_000);
    assert_books(&world, &fixture);
}

#[test]
fn what_cannot_be_offered() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let nothing = SiteMilestoneTerms {
        amount: 0,
        enrolled: 0,
    };
    let one = SiteMilestoneTerms {
        amount: 1,
        ..nothing
    };
    for milestones in [vec![], vec![one; 17], vec![one, nothing]] {
        refused(
            &mut world,
            fixture.offer_site_milestones(milestones),
            &[&staff],
            TrialsError::SiteMilestonesInvalid,
        );
    }
    let dear = SiteMilestoneTerms {
        amount: FUNDED + 1,
        enrolled: 0,
    };
    refused(
        &mut world,
        fixture.offer_site_milestones(vec![dear]),
        &[&staff],
        TrialsError::EscrowShort,
    );
    let endless = SiteMilestoneTerms {
        amount: u64::MAX,
        enrolled: 0,
    };
    refused(
        &mut world,
        fixture.offer_site_milestones(vec![endless, endless]),
        &[&staff],
        TrialsError::AmountOverflow,
    );
    let end = fixture.end_trial(&world, EndReason::Sponsor);
    done(&mut world, end, &[&staff]);
    refused(
        &mut world,
        fixture.offer_site_milestones(site_milestones()),
        &[&staff],
        TrialsError::TrialEnded,
    );
}

#[test]
fn the_ledger_counts_who_is_enrolled() {
    let (mut world, fixture) = offered(1);
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.earn_site_milestone(1),
        &[],
        TrialsError::SiteMilestoneTooFew,
    );
    refused(
        &mut world,
        fixture.declare_site_milestone(1),
        &[&nurse],
        TrialsError::SiteMilestoneCounted,
    );
    fixture.consent(&mut world, 1).assert_ok();
    done(&mut world, fixture.enrol(1), &[&nurse]);
    let event: SiteMilestoneMoved = done(&mut world, fixture.earn_site_milestone(1), &[]).event();
    assert_eq!((event.earned, event.by), (20_000, Pubkey::default()));
    let site = fixture.read_site(&world);
    assert_eq!(
        (site.payable, site.held),
        (18_000, 2_000),
        "less the holdback"
    );
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.earn_site_milestone(1),
        &[],
        TrialsError::SiteMilestoneOver,
    );
    done(&mut world, fixture.pay_site(), &[]);
    assert_eq!(world.balance(&fixture.payout), 18_000 * UNIT_PER_CENT);
}

#[test]
fn the_sponsor_answers_what_a_site_declares() {
    let (mut world, fixture) = offered(0);
    let nurse = fixture.nurse.key();
    let staff = fixture.staff.key();
    refused(
        &mut world,
        fixture.earn_site_milestone(0),
        &[],
        TrialsError::SiteMilestoneUndeclared,
    );
    refused(
        &mut world,
        fixture.answer_site_milestone(0, false),
        &[&staff],
        TrialsError::SiteMilestoneUndeclared,
    );
    let event: SiteMilestoneMoved =
        done(&mut world, fixture.declare_site_milestone(0), &[&nurse]).event();
    assert_eq!((event.earned, event.digest), (0, [6; 32]));
    refused(
        &mut world,
        fixture.declare_site_milestone(0),
        &[&nurse],
        TrialsError::SiteMilestoneDeclared,
    );
    refused(
        &mut world,
        fixture.earn_site_milestone(0),
        &[],
        TrialsError::SiteMilestonePending,
    );
    // Not done, says the sponsor; and then it is.
    let mut disputed = world.clone();
    done(
        &mut disputed,
        fixture.answer_site_milestone(0, false),
        &[&staff],
    );
    disputed.advance(31 * DAY);
    refused(
        &mut disputed,
        fixture.earn_site_milestone(0),
        &[],
        TrialsError::SiteMilestoneUndeclared,
    );
    done(&mut disputed, fixture.declare_site_milestone(0), &[&nurse]);
    let event: SiteMilestoneMoved = done(
        &mut disputed,
        fixture.answer_site_milestone(0, true),
        &[&staff],
    )
    .event();
    assert_eq!(event.earned, 50_000);
    assert_books(&disputed, &fixture);
    for (instruction, signer) in [
        (fixture.answer_site_milestone(0, true), &staff),
        (fixture.answer_site_milestone(0, false), &staff),
        (fixture.declare_site_milestone(0), &nurse),
    ] {
        refused(
            &mut disputed,
            instruction,
            &[signer],
            TrialsError::SiteMilestoneOver,
        );
    }
    // Silence for 30 days.
    world.advance(30 * DAY);
    refused(
        &mut world,
        fixture.earn_site_milestone(0),
        &[],
        TrialsError::SiteMilestonePending,
    );
    world.advance(DAY);
    done(&mut world, fixture.earn_site_milestone(0), &[]);
    assert_eq!(fixture.read_site(&world).payable, 45_000);
    assert_books(&world, &fixture);
    for (instruction, signers) in [
        (fixture.earn_site_milestone(3), vec![]),
        (fixture.answer_site_milestone(3, true), vec![&staff]),
        (fixture.declare_site_milestone(255), vec![&nurse]),
    ] {
        refused(
            &mut world,
            instruction,
            &signers,
            TrialsError::SiteMilestoneUnknown,
        );
    }
}

#[test]
fn what_nobody_earned_lapses_and_what_was_earned_does_not() {
    let (mut world, fixture) = offered(2);
    let nurse = fixture.nurse.key();
    done(&mut world, fixture.declare_site_milestone(0), &[&nurse]);
    refused(
        &mut world,
        fixture.lapse_site_milestones(),
        &[],
        TrialsError::TrialRunning,
    );
    let end = fixture.end_trial(&world, EndReason::Sponsor);
    done(&mut world, end, &[&fixture.staff.key()]);
    world.advance(89 * DAY);
    refused(
        &mut world,
        fixture.lapse_site_milestones(),
        &[],
        TrialsError::TrialRunning,
    );
    world.advance(DAY);
    // Only the last: the first is declared, and two are enrolled.
    let event: SiteMilestonesLapsed =
        done(&mut world, fixture.lapse_site_milestones(), &[]).event();
    assert_eq!(event.released, 30_000);
    assert_books(&world, &fixture);
    refused(
        &mut world,
        fixture.lapse_site_milestones(),
        &[],
        TrialsError::NothingDue,
    );
    refused(
        &mut world,
        fixture.earn_site_milestone(2),
        &[],
        TrialsError::SiteMilestoneOver,
    );
    for milestone in [0, 1] {
        done(&mut world, fixture.earn_site_milestone(milestone), &[]);
    }
    assert_eq!(fixture.read_plan(&world).unwrap().reserved, 0);
    assert_books(&world, &fixture);
}

#[test]
fn plans_belong_to_their_sites() {
    let (mut world, fixture, other) = two_trials();
    for trial in [&fixture, &other] {
        let offer = trial.offer_site_milestones(site_milestones());
        done(&mut world, offer, &[&trial.staff.key()]);
    }
    let (plan, foreign) = (fixture.plan(), other.plan());
    for (instruction, signers) in [
        (fixture.declare_site_milestone(0), vec![&fixture.nurse]),
        (fixture.answer_site_milestone(0, true), vec![&fixture.staff]),
        (fixture.earn_site_milestone(0), vec![]),
        (fixture.lapse_site_milestones(), vec![]),
    ] {
        let keys: Vec<Keypair> = signers.iter().map(|staff| staff.key()).collect();
        let keys: Vec<&Keypair> = keys.iter().collect();
        // A plan that is no other's error precedes every check of time and state.
        refused(
            &mut world,
            swapped(instruction, plan, foreign),
            &keys,
            TrialsError::PlanOfOtherSite,
        );
    }
}

/// Another token account of the site, announced.
fn announced() -> (World, TrialsFixture, Pubkey) {
    let (mut world, fixture) = ready();
    let authority = fixture.clinic.authority();
    let payout = world.token_account("new payout", &fixture.mint, &actor("new owner").pubkey());
    world.fund(&authority.pubkey());
    let event: PayoutChangeAnnounced =
        done(&mut world, fixture.propose_payout(payout), &[&authority]).event();
    assert_eq!(
        (event.payout, event.effective_at),
        (payout, world.now() + PAYEE_DELAY_SECONDS)
    );
    (world, fixture, payout)
}

#[test]
fn another_payout_account_takes_over_in_72_hours() {
    let (mut world, fixture, payout) = announced();
    world.advance(PAYEE_DELAY_SECONDS - 1);
    refused(
        &mut world,
        fixture.apply_payout(),
        &[],
        TrialsError::PayoutChangeTooEarly,
    );
    world.advance(1);
    let authority = fixture.clinic.authority().pubkey();
    refused(
        &mut world,
        swapped(
            fixture.apply_payout(),
            authority,
            fixture.nurse.key().pubkey(),
        ),
        &[],
        TrialsError::WrongPayer,
    );
    let event: PayoutChanged = done(&mut world, fixture.apply_payout(), &[]).event();
    assert_eq!((event.old, event.new), (fixture.payout, payout));
    let site = fixture.read_site(&world);
    assert_eq!(
        (site.payout, site.payout_owner),
        (payout, actor("new owner").pubkey())
    );
}

#[test]
fn a_payout_change_can_be_cancelled_by_who_would_lose_by_it() {
    let (mut world, fixture, _) = announced();
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        fixture.cancel_payout(nurse.pubkey()),
        &[&nurse],
        TrialsError::NotPayoutOwner,
    );
    let authority = fixture.clinic.authority();
    done(
        &mut world,
        fixture.cancel_payout(authority.pubkey()),
        &[&authority],
    );
    assert!(!world.send(&[fixture.apply_payout()], &[]).succeeded());
    // The owner of the present account can too, whoever speaks for the organisation by then.
    let owner = actor("treasurer of the clinic");
    let theirs = world.token_account("their payout", &fixture.mint, &owner.pubkey());
    done(&mut world, fixture.propose_payout(theirs), &[&authority]);
    world.advance(PAYEE_DELAY_SECONDS);
    done(&mut world, fixture.apply_payout(), &[]);
    done(
        &mut world,
        fixture.propose_payout(fixture.payout),
        &[&authority],
    );
    done(&mut world, fixture.cancel_payout(owner.pubkey()), &[&owner]);
}

#[test]
fn what_cannot_be_a_payout_account() {
    let (mut world, fixture, other) = two_trials();
    let authority = fixture.clinic.authority();
    world.fund(&authority.pubkey());
    for (payout, error) in [
        (fixture.vault, TrialsError::PayeeIsVault),
        (other.payout, TrialsError::PayeeInvalid),
        (fixture.mint, TrialsError::PayeeInvalid),
    ] {
        refused(
            &mut world,
            fixture.propose_payout(payout),
            &[&authority],
            error,
        );
    }
    let nurse = fixture.nurse.key();
    refused(
        &mut world,
        swapped(
            fixture.propose_payout(fixture.payout),
            authority.pubkey(),
            nurse.pubkey(),
        ),
        &[&nurse],
        TrialsError::NotSiteAuthority,
    );
    let theirs = other.clinic.authority();
    world.fund(&theirs.pubkey());
    done(&mut world, other.propose_payout(other.payout), &[&theirs]);
    done(
        &mut world,
        fixture.propose_payout(fixture.payout),
        &[&authority],
    );
    world.advance(PAYEE_DELAY_SECONDS);
    refused(
        &mut world,
        swapped(
            fixture.apply_payout(),
            fixture.payout_change(),
            other.payout_change(),
        ),
        &[],
        TrialsError::ChangeOfOtherSite,
    );
    // A site that has not accepted has no account to change.
    let (mut world, fixture) = bare();
    done(&mut world, fixture.create_trial(), &[&fixture.staff.key()]);
    done(
        &mut world,
        fixture.add_site(site_terms()),
        &[&fixture.staff.key()],
    );
    let authority = fixture.clinic.authority();
    world.fund(&authority.pubkey());
    refused(
        &mut world,
        fixture.propose_payout(fixture.payout),
        &[&authority],
        TrialsError::SiteNotAccepted,
    );
    let offer = fixture.offer_site_milestones(site_milestones());
    refused(
        &mut world,
        offer,
        &[&fixture.staff.key()],
        TrialsError::EscrowShort,
    );
}
