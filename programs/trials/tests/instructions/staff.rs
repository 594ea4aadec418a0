//! Who may not act: for every instruction that staff signs, everybody but staff with the permission.

use crate::common::*;

/// Asserts who may not act with `instruction`, which `staff` of `organization` signs and which needs `permission`.
#[track_caller]
fn assert_staff_only(
    world: &World,
    fixture: &TrialsFixture,
    instruction: &Instruction,
    others: &[&Keypair],
    staff: &OperatorFixture,
    organization: &OrganizationFixture,
    permission: Permission,
) {
    let key = staff.key();
    let signed_by = |signer: &Keypair| -> Vec<Keypair> {
        std::iter::once(signer)
            .chain(others.iter().copied())
            .map(Keypair::insecure_clone)
            .collect()
    };
    let try_as = |world: &mut World, instruction: Instruction, signer: &Keypair, error: u32| {
        let signers = signed_by(signer);
        let signers: Vec<&Keypair> = signers.iter().collect();
        refused(world, instruction, &signers, error);
    };
    let mut world = world.clone();
    refused(
        &mut world,
        unsigned(instruction.clone(), key.pubkey()),
        others,
        ErrorCode::AccountNotSigner,
    );
    let stranger = world.actor("stranger");
    try_as(
        &mut world,
        swapped(instruction.clone(), key.pubkey(), stranger.pubkey()),
        &stranger,
        TrialsError::OperatorKeyMismatch.into(),
    );
    let without: Vec<Permission> = Permission::ALL
        .into_iter()
        .filter(|other| *other != permission)
        .collect();
    let clerk = organization.operator(&mut world, "clerk without", &without);
    let by_clerk = swapped(
        swapped(instruction.clone(), key.pubkey(), clerk.key().pubkey()),
        staff.address,
        clerk.address,
    );
    // Where the instruction's address depends on the signer, it fails earlier; none here does.
    try_as(
        &mut world,
        by_clerk,
        &clerk.key(),
        TrialsError::PermissionMissing.into(),
    );
    let rival = fixture
        .registry
        .organization(&mut world, "rival", OrganizationKind::Sponsor);
    let agent = rival.operator(&mut world, "rival staff", &Permission::ALL);
    let by_agent = swapped(
        swapped(instruction.clone(), key.pubkey(), agent.key().pubkey()),
        staff.address,
        agent.address,
    );
    try_as(
        &mut world,
        by_agent,
        &agent.key(),
        TrialsError::OperatorOfOtherOrganization.into(),
    );
    let mut later = world.clone();
    later.advance(366 * 86_400);
    try_as(
        &mut later,
        instruction.clone(),
        &key,
        TrialsError::OperatorExpired.into(),
    );
    let mut revoked = world.clone();
    organization.revoke(&mut revoked, staff).assert_ok();
    try_as(
        &mut revoked,
        instruction.clone(),
        &key,
        TrialsError::OperatorRevoked.into(),
    );
    let mut suspended = world.clone();
    fixture
        .registry
        .set_status(
            &mut suspended,
            organization,
            OrganizationStatus::Suspended,
            1,
        )
        .assert_ok();
    try_as(
        &mut suspended,
        instruction.clone(),
        &key,
        TrialsError::OrganizationNotActive.into(),
    );
}

#[test]
fn of_the_sponsor() {
    let (bare_world, fixture) = bare();
    assert_staff_only(
        &bare_world,
        &fixture,
        &fixture.create_trial(),
        &[],
        &fixture.staff,
        &fixture.sponsor,
        Permission::ManageTrial,
    );
    let (mut world, fixture) = enrolled(1);
    let clinic = fixture
        .registry
        .organization(&mut world, "clinic 9", OrganizationKind::Site);
    let mut another = fixture.clone();
    another.site = Site::find_address(&fixture.trial, &clinic.address).0;
    another.clinic = clinic;
    done(
        &mut world,
        fixture.open_schedule(2, BONUS),
        &[&fixture.staff.key()],
    );
    done(
        &mut world,
        fixture.append_milestones(2, 0, &milestones()),
        &[&fixture.staff.key()],
    );
    let instructions = [
        (fixture.withdraw_surplus(&world, 5), Permission::Fund),
        (fixture.publish_protocol(2, true), Permission::ManageTrial),
        (fixture.open_schedule(3, BONUS), Permission::ManageTrial),
        (
            fixture.seal_schedule(2, &milestones()),
            Permission::ManageTrial,
        ),
        (another.add_site(site_terms()), Permission::ManageTrial),
        (
            fixture.end_trial(&world, EndReason::Complete),
            Permission::ManageTrial,
        ),
        (fixture.record_tax_form(0), Permission::ManageTrial),
    ];
    for (instruction, permission) in instructions {
        // All of them work for whom they are meant.
        done(
            &mut world.clone(),
            instruction.clone(),
            &[&fixture.staff.key()],
        );
        assert_staff_only(
            &world,
            &fixture,
            &instruction,
            &[],
            &fixture.staff,
            &fixture.sponsor,
            permission,
        );
    }
}

#[test]
fn of_the_board() {
    let (mut world, fixture) = ready();
    done(
        &mut world,
        fixture.publish_protocol(2, true),
        &[&fixture.staff.key()],
    );
    for instruction in [
        fixture.set_caps(&world, caps()),
        fixture.approve_protocol(2, TODAY + 1),
        fixture.end_trial(&world, EndReason::Safety),
    ] {
        done(
            &mut world.clone(),
            instruction.clone(),
            &[&fixture.overseer.key()],
        );
        assert_staff_only(
            &world,
            &fixture,
            &instruction,
            &[],
            &fixture.overseer,
            &fixture.board,
            Permission::OverseeTrial,
        );
    }
    // Only the trial's own board.
    let other =
        fixture
            .registry
            .organization(&mut world, "other board", OrganizationKind::EthicsBoard);
    let member = other.operator(&mut world, "member", &[Permission::OverseeTrial]);
    for (instruction, error) in [
        (
            fixture.set_caps(&world, caps()),
            TrialsError::TrialOfOtherBoard,
        ),
        (
            fixture.approve_protocol(2, TODAY),
            TrialsError::TrialOfOtherBoard,
        ),
        (
            fixture.end_trial(&world, EndReason::Safety),
            TrialsError::NotSponsorOrBoard,
        ),
    ] {
        let by_member = swapped(
            swapped(
                swapped(
                    instruction,
                    fixture.overseer.key().pubkey(),
                    member.key().pubkey(),
                ),
                fixture.overseer.address,
                member.address,
            ),
            fixture.board.address,
            other.address,
        );
        refused(&mut world, by_member, &[&member.key()], error);
    }
}

#[test]
fn of_the_site() {
    let (mut world, fixture) = enrolled(2);
    fixture.payee(&mut world, 2);
    fixture.payee(&mut world, 3);
    fixture.consent(&mut world, 2).assert_ok();
    let participant = fixture.participant(3);
    let size = Cohort::account_size(5).unwrap();
    let create = fixture.create_cohort_account(&world, "cohort 2", size);
    done(&mut world, create, &[&fixture.nurse.key()]);
    let second = Cohort::address(&fixture.nurse.key().pubkey(), "cohort 2").unwrap();
    let instructions: [(Instruction, &[&Keypair], Permission); 6] = [
        (
            fixture.open_cohort(second),
            &[],
            Permission::EnrolParticipant,
        ),
        (
            fixture.record_consent(3, KeyHolder::Participant, 1),
            &[&participant],
            Permission::EnrolParticipant,
        ),
        (fixture.enrol(2), &[], Permission::EnrolParticipant),
        (fixture.attest(0, 1, TODAY), &[], Permission::AttestVisit),
        (
            fixture.reimburse(0, 500, false),
            &[],
            Permission::AttestVisit,
        ),
        (
            fixture.leave(0, DepartureArg::Discontinued, false),
            &[],
            Permission::EnrolParticipant,
        ),
    ];
    for (instruction, others, permission) in instructions {
        let nurse = fixture.nurse.key();
        let mut signers = vec![&nurse];
        signers.extend(others);
        done(&mut world.clone(), instruction.clone(), &signers);
        assert_staff_only(
            &world,
            &fixture,
            &instruction,
            others,
            &fixture.nurse,
            &fixture.clinic,
            permission,
        );
    }
}

#[test]
fn the_site_of_another_trial_attests_nothing_here() {
    let (mut world, fixture, other) = two_trials();
    fixture.enrol_many(&mut world, 1);
    let foreign = swapped(
        swapped(
            swapped(
                fixture.attest(0, 1, TODAY),
                fixture.nurse.key().pubkey(),
                other.nurse.key().pubkey(),
            ),
            fixture.nurse.address,
            other.nurse.address,
        ),
        fixture.clinic.address,
        other.clinic.address,
    );
    refused(
        &mut world,
        foreign.clone(),
        &[&other.nurse.key()],
        TrialsError::SiteOfOtherOrganization,
    );
    let with_site = swapped(foreign, fixture.site, other.site);
    refused(
        &mut world,
        with_site,
        &[&other.nurse.key()],
        TrialsError::SiteOfOtherTrial,
    );
    let attest = fixture.attest(0, 1, TODAY);
    for (from, to, error) in [
        (fixture.cohort, other.cohort, TrialsError::CohortOfOtherSite),
        (
            fixture.schedule,
            other.schedule,
            TrialsError::ScheduleOfOtherTrial,
        ),
    ] {
        refused(
            &mut world,
            swapped(attest.clone(), from, to),
            &[&fixture.nurse.key()],
            error,
        );
    }
}

/// Asserts that each instruction works for whom it is meant, and for nobody else.
#[track_caller]
fn assert_each_staff_only(
    world: &World,
    fixture: &TrialsFixture,
    instructions: &[Instruction],
    (staff, organization): (&OperatorFixture, &OrganizationFixture),
    permission: Permission,
) {
    for instruction in instructions {
        done(&mut world.clone(), instruction.clone(), &[&staff.key()]);
        assert_staff_only(
            world,
            fixture,
            instruction,
            &[],
            staff,
            organization,
            permission,
        );
    }
}

#[test]
fn of_the_sponsor_for_sites_data_and_doses() {
    let (mut world, fixture) = without_plan();
    let staff = fixture.staff.key();
    done(&mut world, fixture.open_schedule(2, BONUS), &[&staff]);
    let sponsor = (&fixture.staff, &fixture.sponsor);
    assert_each_staff_only(
        &world,
        &fixture,
        &[
            fixture.commit_plan(plan_terms()),
            fixture.offer_site_milestones(site_milestones()),
            fixture.require_adherence(2, adherence_entry()),
        ],
        sponsor,
        Permission::ManageTrial,
    );
    for instruction in [
        fixture.commit_plan(plan_terms()),
        fixture.offer_site_milestones(site_milestones()),
        fixture.anchor_data([1; 32], 0, 1),
    ] {
        done(&mut world, instruction, &[&staff]);
    }
    assert_each_staff_only(
        &world,
        &fixture,
        &[
            fixture.anchor_data([2; 32], 1, 1),
            fixture.answer_site_milestone(0, true),
        ],
        sponsor,
        Permission::ManageTrial,
    );
    let end = fixture.end_trial(&world, EndReason::Complete);
    done(&mut world, end, &[&staff]);
    let root = fixture.read_log(&world).unwrap().root;
    let lock = [fixture.lock_data(root)];
    assert_each_staff_only(&world, &fixture, &lock, sponsor, Permission::ManageTrial);
    done(&mut world, fixture.lock_data(root), &[&staff]);
    let results = [fixture.commit_results([3; 32])];
    assert_each_staff_only(&world, &fixture, &results, sponsor, Permission::ManageTrial);
}

#[test]
fn of_the_board_for_claims_and_bonds() {
    let (mut world, fixture) = ready();
    fixture.enrol_many(&mut world, 1);
    done(
        &mut world,
        fixture.claim_own(0, 1, TODAY),
        &[&fixture.participant(0)],
    );
    world.advance(31 * DAY);
    done(&mut world, fixture.escalate_visit(0, 1), &[]);
    assert_each_staff_only(
        &world,
        &fixture,
        &[
            fixture.arbitrate_visit(0, 1, true),
            fixture.name_beneficiary(&world, fixture.payout),
        ],
        (&fixture.overseer, &fixture.board),
        Permission::OverseeTrial,
    );
}

#[test]
fn of_the_site_for_claims_milestones_and_devices() {
    let (mut world, fixture) = enrolled(1);
    done(
        &mut world,
        fixture.claim_own(0, 1, TODAY),
        &[&fixture.participant(0)],
    );
    let offer = fixture.offer_site_milestones(site_milestones());
    done(&mut world, offer, &[&fixture.staff.key()]);
    assert_each_staff_only(
        &world,
        &fixture,
        &[
            fixture.refuse_visit(0, 1),
            fixture.declare_site_milestone(0),
            fixture.register_device(0, fixture.device(0).pubkey()),
        ],
        (&fixture.nurse, &fixture.clinic),
        Permission::AttestVisit,
    );
}
