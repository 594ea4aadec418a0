//! Trials, caps, protocol versions, schedules and sites.

use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use trials::events::{CapsSet, ProtocolApproved, ScheduleSealed, SiteJoined, TrialCreated};

use crate::common::*;

#[test]
fn a_trial_is_created_empty() {
    let (mut world, fixture) = bare();
    let outcome = done(&mut world, fixture.create_trial(), &[&fixture.staff.key()]);
    let event: TrialCreated = outcome.event();
    assert_eq!(
        (event.trial, event.sponsor, event.board),
        (
            fixture.trial,
            fixture.sponsor.address,
            fixture.board.address
        )
    );
    let trial = fixture.read_trial(&world);
    assert_eq!((trial.funded, trial.reserved, trial.payable), (0, 0, 0));
    assert_eq!(trial.unit_per_cent, UNIT_PER_CENT);
    assert_eq!((trial.ended_on, trial.caps_version), (NO_DAY, 0));
    assert_eq!(world.token(&fixture.vault).owner, fixture.trial);
    // Once.
    assert!(!world
        .send(&[fixture.create_trial()], &[&fixture.staff.key()])
        .succeeded());
}

#[test]
fn visits_are_attestable_for_a_week_to_a_year() {
    let (mut world, fixture) = bare();
    for attest_days in [MIN_ATTEST_DAYS - 1, MAX_ATTEST_DAYS + 1] {
        let mut create = fixture.create_trial();
        // After the discriminator and the trial's number.
        create.data[12..14].copy_from_slice(&attest_days.to_le_bytes());
        refused(
            &mut world,
            create,
            &[&fixture.staff.key()],
            TrialsError::AttestDaysInvalid,
        );
    }
}

#[test]
fn a_board_is_an_ethics_board_and_a_sponsor_a_sponsor() {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    refused(
        &mut world,
        swapped(
            fixture.create_trial(),
            fixture.board.address,
            fixture.clinic.address,
        ),
        &[&staff],
        TrialsError::NotAnEthicsBoard,
    );
    let insurer = fixture
        .registry
        .organization(&mut world, "insurer", OrganizationKind::Insurer);
    let agent = insurer.operator(&mut world, "agent", &Permission::ALL);
    let mut wrong = fixture.clone();
    wrong.sponsor = insurer;
    wrong.staff = agent.clone();
    wrong.trial = Trial::find_address(&wrong.sponsor.address, 0).0;
    wrong.vault = Trial::find_vault_address(&wrong.trial).0;
    refused(
        &mut world,
        wrong.create_trial(),
        &[&agent.key()],
        TrialsError::NotASponsor,
    );
    let mut suspended = world.clone();
    fixture
        .registry
        .set_status(
            &mut suspended,
            &fixture.board,
            OrganizationStatus::Suspended,
            1,
        )
        .assert_ok();
    refused(
        &mut suspended,
        fixture.create_trial(),
        &[&staff],
        TrialsError::OrganizationNotActive,
    );
}

#[test]
fn mints_by_policy() {
    let refusals = [
        (ExtensionType::TransferFeeConfig, TrialsError::MintCanTax),
        (ExtensionType::PermanentDelegate, TrialsError::MintCanTake),
        (ExtensionType::Pausable, TrialsError::MintCanFreeze),
        (ExtensionType::TransferHook, TrialsError::MintCanRedirect),
        (
            ExtensionType::NonTransferable,
            TrialsError::MintExtensionRefused,
        ),
    ];
    for (extension, error) in refusals {
        let mut world = empty();
        let fixture =
            TrialsFixture::bare_with_mint(&mut world, &MintTerms::token_2022(&[extension]));
        let outcome = world.send(&[fixture.create_trial()], &[&fixture.staff.key()]);
        assert_eq!(
            outcome.code(),
            Some(error.into()),
            "{extension:?}: {outcome}"
        );
    }
    for decimals in [1, 10] {
        let mut world = empty();
        let terms = MintTerms {
            decimals,
            ..MintTerms::default()
        };
        let fixture = TrialsFixture::bare_with_mint(&mut world, &terms);
        refused(
            &mut world,
            fixture.create_trial(),
            &[&fixture.staff.key()],
            TrialsError::MintDecimalsInvalid,
        );
    }
}

#[test]
fn funding_is_counted_by_what_arrives() {
    let (mut world, fixture) = bare();
    done(&mut world, fixture.create_trial(), &[&fixture.staff.key()]);
    fixture.fund(&mut world, 12_345).assert_ok();
    fixture.fund(&mut world, 5).assert_ok();
    assert_eq!(fixture.read_trial(&world).funded, 12_350);
    assert_eq!(world.balance(&fixture.vault), 12_350 * UNIT_PER_CENT);
    let treasurer = actor("treasurer");
    refused(
        &mut world,
        fixture.fund_trial(0),
        &[&treasurer],
        TrialsError::FundingInvalid,
    );
    // From the vault to the vault nothing arrives, and the vault's owner would have to sign anyway.
    assert!(!world
        .send(
            &[swapped(
                fixture.fund_trial(5),
                fixture.treasury,
                fixture.vault
            )],
            &[&treasurer]
        )
        .succeeded());
    refused(
        &mut world,
        fixture.fund_trial(u64::MAX / 2),
        &[&treasurer],
        TrialsError::AmountOverflow,
    );
    let other = world.mint("other mint", &MintTerms::default());
    refused(
        &mut world,
        swapped(fixture.fund_trial(5), fixture.mint, other),
        &[&treasurer],
        TrialsError::WrongMint,
    );
}

#[test]
fn only_the_board_caps_and_each_version_is_counted() {
    let (mut world, fixture) = ready();
    let tighter = CapsTerms {
        per_visit: 9_000,
        ..caps()
    };
    let set = fixture.set_caps(&world, tighter);
    let event: CapsSet = done(&mut world, set.clone(), &[&fixture.overseer.key()]).event();
    assert_eq!((event.version, event.old, event.new), (2, caps(), tighter));
    // The same signature does not fit again.
    refused(
        &mut world,
        set,
        &[&fixture.overseer.key()],
        TrialsError::AdminSequenceStale,
    );
    let rate = fixture.set_caps(
        &world,
        CapsTerms {
            bonus_share_bps: 10_001,
            ..caps()
        },
    );
    refused(
        &mut world,
        rate,
        &[&fixture.overseer.key()],
        TrialsError::RateInvalid,
    );
    let late = fixture.set_caps(&world, caps());
    world.advance(3_601);
    refused(
        &mut world,
        late,
        &[&fixture.overseer.key()],
        TrialsError::AdminExpired,
    );
}

#[test]
fn protocol_versions_come_into_force_as_the_board_approves_them() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let overseer = fixture.overseer.key();
    refused(
        &mut world,
        fixture.publish_protocol(3, true),
        &[&staff],
        TrialsError::ProtocolNumberInvalid,
    );
    done(&mut world, fixture.publish_protocol(2, false), &[&staff]);
    done(&mut world, fixture.publish_protocol(3, true), &[&staff]);
    for from in [TODAY - 1, TODAY] {
        refused(
            &mut world,
            fixture.approve_protocol(2, from),
            &[&overseer],
            TrialsError::ProtocolDateInvalid,
        );
    }
    refused(
        &mut world,
        fixture.approve_protocol(2, i32::MIN),
        &[&overseer],
        TrialsError::DateInvalid,
    );
    let outcome = done(
        &mut world,
        fixture.approve_protocol(2, TODAY + 5),
        &[&overseer],
    );
    let event: ProtocolApproved = outcome.event();
    assert_eq!((event.number, event.effective_from), (2, TODAY + 5));
    refused(
        &mut world,
        fixture.approve_protocol(2, TODAY + 6),
        &[&overseer],
        TrialsError::ProtocolApproved,
    );
    refused(
        &mut world,
        fixture.approve_protocol(3, TODAY + 5),
        &[&overseer],
        TrialsError::ProtocolDateInvalid,
    );
    let account: ProtocolVersion =
        world.account(&ProtocolVersion::find_address(&fixture.trial, 2).0);
    assert_eq!(
        (
            account.number,
            account.effective_from,
            account.renews_consent
        ),
        (2, TODAY + 5, false)
    );
    // The first version always asks for consent.
    let first: ProtocolVersion = world.account(&fixture.protocol);
    assert!(first.renews_consent);
}

#[test]
fn sixteen_versions_at_most() {
    let (mut world, fixture) = ready();
    for number in 2..=16 {
        done(
            &mut world,
            fixture.publish_protocol(number, false),
            &[&fixture.staff.key()],
        );
    }
    refused(
        &mut world,
        fixture.publish_protocol(17, false),
        &[&fixture.staff.key()],
        TrialsError::TooManyVersions,
    );
}

#[test]
fn a_schedule_is_uploaded_in_order_and_sealed_as_meant() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let all = milestones();
    refused(
        &mut world,
        fixture.open_schedule(3, BONUS),
        &[&staff],
        TrialsError::ScheduleNumberInvalid,
    );
    done(&mut world, fixture.open_schedule(2, BONUS), &[&staff]);
    refused(
        &mut world,
        fixture.seal_schedule(2, &[]),
        &[&staff],
        TrialsError::ScheduleEmpty,
    );
    refused(
        &mut world,
        fixture.append_milestones(2, 1, &all),
        &[&staff],
        TrialsError::ScheduleChunkOutOfOrder,
    );
    refused(
        &mut world,
        fixture.append_milestones(2, 0, &[]),
        &[&staff],
        TrialsError::ScheduleChunkEmpty,
    );
    done(
        &mut world,
        fixture.append_milestones(2, 0, &all[..2]),
        &[&staff],
    );
    refused(
        &mut world,
        fixture.append_milestones(2, 0, &all[..2]),
        &[&staff],
        TrialsError::ScheduleChunkAlreadyUploaded,
    );
    refused(
        &mut world,
        fixture.seal_schedule(2, &all),
        &[&staff],
        TrialsError::ScheduleDigestMismatch,
    );
    done(
        &mut world,
        fixture.append_milestones(2, 2, &all[2..]),
        &[&staff],
    );
    let colleague = fixture
        .sponsor
        .operator(&mut world, "colleague", &Permission::ALL);
    refused(
        &mut world,
        swapped(
            fixture.append_milestones(2, 5, &all[..1]),
            staff.pubkey(),
            colleague.key().pubkey(),
        ),
        &[&colleague.key()],
        TrialsError::NotScheduleOpener,
    );
    let mut other = all.clone();
    other[1].stipend += 1;
    refused(
        &mut world,
        fixture.seal_schedule(2, &other),
        &[&staff],
        TrialsError::ScheduleDigestMismatch,
    );
    let event: ScheduleSealed = done(&mut world, fixture.seal_schedule(2, &all), &[&staff]).event();
    assert_eq!((event.count, event.per_participant), (5, 49_000));
    let schedule: Schedule =
        decode_zero_copy(&world.raw(&fixture.schedule_address(2)).unwrap().data).unwrap();
    assert_eq!(
        (schedule.at_consent, schedule.at_enrolment),
        (AT_CONSENT, AT_ENROLMENT)
    );
    assert_eq!(
        (schedule.counted, schedule.last_close, schedule.per_month),
        (0b1110, 120, 25_000)
    );
    for again in [
        fixture.seal_schedule(2, &all),
        fixture.append_milestones(2, 5, &all[..1]),
    ] {
        refused(&mut world, again, &[&staff], TrialsError::ScheduleSealed);
    }
}

#[test]
fn wide_windows_do_not_spread_what_can_be_paid_in_a_month() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    // A visit a month by their first days, all of which can be made in the last one's.
    let wide: Vec<MilestoneEntry> = (0..5)
        .map(|n| milestone(MilestoneEntry::VISIT, 10_000, n * 30, 120))
        .collect();
    done(&mut world, fixture.open_schedule(2, 0), &[&staff]);
    done(
        &mut world,
        fixture.append_milestones(2, 0, &wide),
        &[&staff],
    );
    refused(
        &mut world,
        fixture.seal_schedule(2, &wide),
        &[&staff],
        TrialsError::CapPerMonth,
    );
    let four = CapsTerms {
        per_month: 50_000,
        ..caps()
    };
    let set = fixture.set_caps(&world, four);
    done(&mut world, set, &[&fixture.overseer.key()]);
    done(&mut world, fixture.seal_schedule(2, &wide), &[&staff]);
    let raw = world.raw(&fixture.schedule_address(2)).unwrap();
    let schedule: Schedule = decode_zero_copy(&raw.data).unwrap();
    assert_eq!(schedule.per_month, 50_000);
}

/// A visit on each of 64 days is sealed with the units that an instruction gets unasked; the most work that summing up can be, screening in
/// half of the milestones and visits on each of thirty days, with those of a transaction.
#[test]
fn any_schedule_is_sealed_within_the_units_of_a_transaction() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let unlimited = CapsTerms {
        per_participant: u64::MAX,
        per_month: u64::MAX,
        ..caps()
    };
    let set = fixture.set_caps(&world, unlimited);
    done(&mut world, set, &[&fixture.overseer.key()]);
    let visits: Vec<MilestoneEntry> = (0..64)
        .map(|n| milestone(MilestoneEntry::VISIT, 1, n, n + 40))
        .collect();
    fixture.upload(&mut world, 2, 0, &visits);
    let most: Vec<MilestoneEntry> = (0..64)
        .map(|n| match n {
            0..34 => milestone(MilestoneEntry::SCREENING, 1, n, n + 40),
            _ => milestone(MilestoneEntry::VISIT, 1, n - 34, n),
        })
        .collect();
    done(&mut world, fixture.open_schedule(3, 0), &[&staff]);
    for (chunk, start) in most.chunks(30).zip((0_u8..).step_by(30)) {
        let append = fixture.append_milestones(3, start, chunk);
        done(&mut world, append, &[&staff]);
    }
    let outcome = world.send_v1(&[fixture.seal_schedule(3, &most)]);
    let outcome = outcome.assert_ok();
    assert!(outcome.cu < 1_200_000, "{} units", outcome.cu);
}

#[test]
fn what_cannot_be_a_milestone_or_a_schedule() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    done(&mut world, fixture.open_schedule(2, BONUS), &[&staff]);
    let with = |change: fn(&mut MilestoneEntry)| {
        let mut entry = milestone(MilestoneEntry::VISIT, 100, 5, 9);
        change(&mut entry);
        vec![entry]
    };
    for entries in [
        with(|m| m.kind = 3),
        with(|m| m.flags = 4),
        with(|m| m.padding = [0, 1]),
    ] {
        refused(
            &mut world,
            fixture.append_milestones(2, 0, &entries),
            &[&staff],
            TrialsError::MilestoneInvalid,
        );
    }
    let sealed = [
        (with(|m| m.closes = 4), TrialsError::WindowInvalid),
        (
            with(|m| m.kind = MilestoneEntry::SCREENING),
            TrialsError::ScreeningCounts,
        ),
        (with(|m| m.flags = 0), TrialsError::BonusUncounted),
        (with(|m| m.stipend = u64::MAX), TrialsError::AmountOverflow),
        (with(|m| m.stipend = 10_001), TrialsError::CapPerVisit),
        // The bonus of 100.00 alone is more than 30% of the whole.
        (with(|m| m.stipend = 10_000), TrialsError::CapBonus),
    ];
    for (entries, error) in sealed {
        let mut world = world.clone();
        done(
            &mut world,
            fixture.append_milestones(2, 0, &entries),
            &[&staff],
        );
        refused(
            &mut world,
            fixture.seal_schedule(2, &entries),
            &[&staff],
            error,
        );
    }
    // Four visits in one month, and eleven in all.
    let monthly = vec![milestone(MilestoneEntry::VISIT, 10_000, 29, 30); 5];
    let whole: Vec<MilestoneEntry> = (0..10)
        .map(|n| milestone(MilestoneEntry::VISIT, 10_000, n * 30, n * 30))
        .collect();
    for (entries, error) in [
        (monthly, TrialsError::CapPerMonth),
        (whole, TrialsError::CapPerParticipant),
    ] {
        let mut world = world.clone();
        done(
            &mut world,
            fixture.append_milestones(2, 0, &entries),
            &[&staff],
        );
        refused(
            &mut world,
            fixture.seal_schedule(2, &entries),
            &[&staff],
            error,
        );
    }
    let chunk = vec![milestone(MilestoneEntry::VISIT, 1, 0, 0); 32];
    done(
        &mut world,
        fixture.append_milestones(2, 0, &chunk),
        &[&staff],
    );
    done(
        &mut world,
        fixture.append_milestones(2, 32, &chunk),
        &[&staff],
    );
    refused(
        &mut world,
        fixture.append_milestones(2, 64, &chunk[..1]),
        &[&staff],
        TrialsError::ScheduleFull,
    );
}

#[test]
fn without_caps_nothing_is_sealed() {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    done(&mut world, fixture.create_trial(), &[&staff]);
    done(&mut world, fixture.open_schedule(1, BONUS), &[&staff]);
    done(
        &mut world,
        fixture.append_milestones(1, 0, &milestones()),
        &[&staff],
    );
    refused(
        &mut world,
        fixture.seal_schedule(1, &milestones()),
        &[&staff],
        TrialsError::CapsMissing,
    );
}

#[test]
fn a_site_joins_by_its_own_authority() {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    done(&mut world, fixture.create_trial(), &[&staff]);
    let mut greedy = site_terms();
    greedy.holdback_bps = 1_001;
    refused(
        &mut world,
        fixture.add_site(greedy),
        &[&staff],
        TrialsError::HoldbackInvalid,
    );
    refused(
        &mut world,
        {
            let site = Site::find_address(&fixture.trial, &fixture.board.address).0;
            swapped(
                swapped(
                    fixture.add_site(site_terms()),
                    fixture.clinic.address,
                    fixture.board.address,
                ),
                fixture.site,
                site,
            )
        },
        &[&staff],
        TrialsError::NotASite,
    );
    done(&mut world, fixture.add_site(site_terms()), &[&staff]);
    let authority = fixture.clinic.authority();
    let size = Cohort::account_size(2).unwrap();
    let create = fixture.create_cohort_account(&world, "early", size);
    done(&mut world, create, &[&fixture.nurse.key()]);
    let early = Cohort::address(&fixture.nurse.key().pubkey(), "early").unwrap();
    refused(
        &mut world,
        fixture.open_cohort(early),
        &[&fixture.nurse.key()],
        TrialsError::SiteNotAccepted,
    );
    refused(
        &mut world,
        swapped(
            fixture.accept_site(),
            authority.pubkey(),
            fixture.nurse.key().pubkey(),
        ),
        &[&fixture.nurse.key()],
        TrialsError::NotSiteAuthority,
    );
    refused(
        &mut world,
        swapped(fixture.accept_site(), fixture.payout, fixture.vault),
        &[&authority],
        TrialsError::PayeeIsVault,
    );
    refused(
        &mut world,
        swapped(fixture.accept_site(), fixture.payout, fixture.mint),
        &[&authority],
        TrialsError::PayeeInvalid,
    );
    let event: SiteJoined = done(&mut world, fixture.accept_site(), &[&authority]).event();
    assert_eq!((event.site, event.payout), (fixture.site, fixture.payout));
    refused(
        &mut world,
        fixture.accept_site(),
        &[&authority],
        TrialsError::SiteAccepted,
    );
    done(
        &mut world,
        fixture.open_cohort(early),
        &[&fixture.nurse.key()],
    );
}

#[test]
fn a_cohort_fits_exactly() {
    let (mut world, fixture) = ready();
    let nurse = fixture.nurse.key();
    let two = Cohort::account_size(2).unwrap();
    let header = Cohort::account_size(0).unwrap();
    let sizes = [
        header,
        two - 1,
        two + 1,
        Cohort::account_size(4_097).unwrap(),
    ];
    for (size, seed) in sizes.into_iter().zip(["a", "b", "c", "d"]) {
        let create = fixture.create_cohort_account(&world, seed, size);
        done(&mut world, create, &[&nurse]);
        let cohort = Cohort::address(&nurse.pubkey(), seed).unwrap();
        refused(
            &mut world,
            fixture.open_cohort(cohort),
            &[&nurse],
            TrialsError::CohortSizeInvalid,
        );
    }
}

#[test]
fn accounts_of_another_trial() {
    let (mut world, fixture, other) = two_trials();
    let surplus = fixture.withdraw_surplus(&world, 5);
    refused(
        &mut world,
        swapped(surplus, fixture.sponsor.address, other.sponsor.address),
        &[&fixture.staff.key()],
        TrialsError::TrialOfOtherSponsor,
    );
    refused(
        &mut world,
        swapped(
            fixture.approve_protocol(1, TODAY + 5),
            fixture.protocol,
            other.protocol,
        ),
        &[&fixture.overseer.key()],
        TrialsError::ProtocolOfOtherTrial,
    );
}
