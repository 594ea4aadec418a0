//! The level after the insurer's own: an organisation that the plan names decides, and nobody after it.

use claims::events::{AppealClosed, AppealFiled};
use claims::instructions::Decision;
use galen_testkit::fixtures::registry::OrganizationFixture;

use crate::common::*;
use crate::reverse_claim::on_day;

const REVIEW_DAYS: u16 = 120;
const REVIEW_DECISION_DAYS: u16 = 45;

struct Scene {
    world: World,
    fixture: ClaimsFixture,
    board: OrganizationFixture,
    /// Staff of the board.
    judge: OperatorFixture,
}

fn checks(reviewer: Pubkey) -> PlanChecks {
    PlanChecks {
        reviewer,
        review_days: REVIEW_DAYS,
        review_decision_days: REVIEW_DECISION_DAYS,
        ..PlanChecks::default()
    }
}

impl Scene {
    /// Claim 1, of 200.00, was denied by the insurer's staff, under a plan that names a board of this kind.
    fn denied(kind: OrganizationKind) -> Self {
        let mut world = empty();
        let entries = (0..100).map(benefit).collect();
        let limited = AgreementTerms {
            limit_per_claim: 1,
            ..unlimited()
        };
        let fixture = ClaimsFixture::with(&mut world, terms(), entries, limited);
        let board = fixture.registry.organization(&mut world, "board", kind);
        let judge = board.operator(&mut world, "judge", &[Permission::DecideClaim]);
        let fixture = fixture.checked(&mut world, terms(), checks(board.address));
        let deny = Decision::Deny {
            group: AdjustmentGroup::Contractual,
            reason: 50,
        };
        for step in [
            fixture.submit_claim(1, &[on_day(0, 20_000)]),
            fixture.decide(1, deny),
        ] {
            world.send_unsigned(&[step]).assert_ok();
        }
        Self {
            world,
            fixture,
            board,
            judge,
        }
    }

    /// The first level was upheld, the second lapsed.
    fn exhausted() -> Self {
        let mut scene = Self::denied(OrganizationKind::Regulator);
        let fixture = scene.fixture.clone();
        let reviewer = reviewer(&mut scene.world, &fixture, "reviewer");
        scene.send(fixture.appeal_as_member(1, 1));
        scene.send(fixture.uphold(1, 1, &reviewer));
        scene.send(fixture.appeal_as_member(1, 2));
        scene.world.advance(61 * DAY);
        scene.send(fixture.lapse(1, 2));
        scene
    }

    /// The board has been asked.
    fn asked() -> Self {
        let mut scene = Self::exhausted();
        scene.send(scene.fixture.appeal_as_member(1, 3));
        scene
    }

    fn send(&mut self, instruction: Instruction) {
        self.world.send_unsigned(&[instruction]).assert_ok();
    }

    fn by_board(&self, instruction: Instruction) -> Instruction {
        swapped(
            instruction,
            self.fixture.insurer.address,
            self.board.address,
        )
    }

    fn uphold(&self, level: u8) -> Instruction {
        self.by_board(self.fixture.uphold(1, level, &self.judge))
    }

    fn overturn(&self, level: u8, replacement: u8) -> Instruction {
        self.by_board(self.fixture.overturn(1, level, &self.judge, replacement, 0))
    }
}

#[test]
fn the_board_overturns_and_that_is_final() {
    let mut scene = Scene::exhausted();
    let fixture = scene.fixture.clone();
    let event: AppealFiled = scene
        .world
        .send(
            &[fixture.appeal_as_member(1, 3)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok()
        .event();
    let today = TODAY + 61;
    let appeal = fixture.read_appeal(&scene.world, 1, 3);
    assert_eq!(
        (appeal.reviewer, appeal.status, appeal.due_on),
        (
            scene.board.address,
            AppealStatus::Open,
            today + i32::from(REVIEW_DECISION_DAYS)
        )
    );
    assert_eq!((event.level, event.reviewer), (3, scene.board.address));

    let overturn = scene.overturn(3, 2);
    let event: AppealClosed = scene
        .world
        .send(&[overturn], &[&scene.judge.key()])
        .assert_ok()
        .event();
    assert_eq!(
        (event.status, event.replacement, event.paid),
        (AppealStatus::Overturned, fixture.claim(2), 8_000)
    );
    let (claim, replacement) = (
        fixture.read_claim(&scene.world, 1),
        fixture.read_claim(&scene.world, 2),
    );
    assert_eq!(
        (claim.status, claim.course.replaced_by),
        (ClaimStatus::Reversed, fixture.claim_id(2))
    );
    assert_eq!(
        (replacement.status, replacement.totals.paid),
        (ClaimStatus::Paid, 8_000)
    );
    assert_eq!(scene.world.balance(&fixture.payout), 8_000 * UNIT_PER_CENT);
    fixture.assert_money_adds_up(&scene.world);
    // Neither the claim nor the one in its place is appealed any more, though a fifth was not paid.
    let again = fixture.appeal_as_member(2, 4);
    refused(
        &mut scene.world,
        &[again],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::ReviewFinal,
    );
}

#[test]
fn the_board_upholds_and_that_is_final() {
    let mut scene = Scene::asked();
    let before = scene.fixture.read_pool(&scene.world);
    scene.send(scene.uphold(3));
    let appeal = scene.fixture.read_appeal(&scene.world, 1, 3);
    assert_eq!(
        (appeal.status, appeal.decider),
        (AppealStatus::Upheld, scene.judge.key().pubkey())
    );
    let claim = scene.fixture.read_claim(&scene.world, 1);
    assert_eq!(claim.status, ClaimStatus::Denied);
    assert!(!claim.course.has(Course::APPEAL_OPEN) && claim.course.has(Course::REVIEWED));
    assert_eq!(scene.fixture.read_pool(&scene.world), before);
    let again = scene.fixture.appeal_as_member(1, 4);
    refused(
        &mut scene.world,
        &[again],
        &[&scene.fixture.clerk.key(), &scene.fixture.member_key()],
        ClaimsError::ReviewFinal,
    );
}

/// Neither the insurer decides the board's reviews, nor the board the insurer's appeals.
#[test]
fn each_decides_its_own() {
    let mut scene = Scene::asked();
    let fixture = scene.fixture.clone();
    let second = reviewer(&mut scene.world, &fixture, "second reviewer");
    for by_insurer in [
        fixture.uphold(1, 3, &second),
        fixture.overturn(1, 3, &second, 2, 0),
    ] {
        refused(
            &mut scene.world,
            &[by_insurer],
            &[&second.key()],
            ClaimsError::ReviewerMismatch,
        );
    }
    let mut scene = Scene::denied(OrganizationKind::Regulator);
    scene.send(fixture.appeal_as_member(1, 1));
    assert_eq!(
        fixture.read_appeal(&scene.world, 1, 1).reviewer,
        Pubkey::default()
    );
    for by_board in [scene.uphold(1), scene.overturn(1, 2)] {
        refused(
            &mut scene.world,
            &[by_board],
            &[&scene.judge.key()],
            ClaimsError::PoolOfOtherInsurer,
        );
    }
}

/// The board's staff needs what the insurer's does.
#[test]
fn only_staff_of_the_board() {
    let mut scene = Scene::asked();
    let clerk = scene
        .board
        .operator(&mut scene.world, "board clerk", &[Permission::SubmitClaim]);
    let by_clerk = scene.by_board(scene.fixture.uphold(1, 3, &clerk));
    refused(
        &mut scene.world,
        &[by_clerk],
        &[&clerk.key()],
        ClaimsError::PermissionMissing,
    );
    let uphold = scene.uphold(3);
    let registry = scene.fixture.registry;
    let mut suspended = scene.world.clone();
    registry
        .set_status(
            &mut suspended,
            &scene.board,
            OrganizationStatus::Suspended,
            1,
        )
        .assert_ok();
    refused(
        &mut suspended,
        std::slice::from_ref(&uphold),
        &[&scene.judge.key()],
        ClaimsError::OrganizationNotActive,
    );
    let judge = scene.judge.key();
    let mut unsigned_world = scene.world.clone();
    refused(
        &mut unsigned_world,
        &[unsigned(uphold.clone(), judge.pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );
    // Late, it can still overturn, as an insurer can.
    scene
        .world
        .advance((i64::from(REVIEW_DECISION_DAYS) + 1) * DAY);
    refused(
        &mut scene.world,
        &[uphold],
        &[&judge],
        ClaimsError::AppealOverdue,
    );
    scene.send(scene.overturn(3, 2));
}

#[test]
fn it_is_asked_for_in_time_and_after_the_insurer() {
    let mut scene = Scene::exhausted();
    scene.world.advance(i64::from(REVIEW_DAYS) * DAY);
    let ask = scene.fixture.appeal_as_member(1, 3);
    scene
        .world
        .clone()
        .send_unsigned(std::slice::from_ref(&ask))
        .assert_ok();
    scene.world.advance(DAY);
    refused(
        &mut scene.world,
        &[ask],
        &[&scene.fixture.clerk.key(), &scene.fixture.member_key()],
        ClaimsError::AppealLate,
    );
}

/// A board that lets its time pass has decided nothing: it can be asked again.
#[test]
fn a_lapsed_review_can_be_asked_for_again() {
    let mut scene = Scene::asked();
    let fixture = scene.fixture.clone();
    scene.world.advance(i64::from(REVIEW_DECISION_DAYS) * DAY);
    refused(
        &mut scene.world,
        &[fixture.lapse(1, 3)],
        &[],
        ClaimsError::AppealNotOverdue,
    );
    scene.world.advance(DAY);
    scene.send(fixture.lapse(1, 3));
    scene.send(fixture.appeal_as_member(1, 4));
    assert_eq!(
        fixture.read_appeal(&scene.world, 1, 4).reviewer,
        scene.board.address
    );
    scene.send(scene.overturn(4, 2));
    assert_eq!(
        fixture.read_claim(&scene.world, 2).status,
        ClaimStatus::Paid
    );
}

/// The board's answer to a provider is not its answer to the member, who keeps levels and review; the answer to the member is final
/// for both.
#[test]
fn a_review_for_the_provider_leaves_the_member_its_own() {
    let mut scene = Scene::denied(OrganizationKind::Regulator);
    let fixture = scene.fixture.clone();
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    for number in [1, 2] {
        scene.send(fixture.appeal_as_provider(1, number));
        scene.world.advance(61 * DAY);
        scene.send(fixture.lapse(1, number));
    }
    scene.send(fixture.appeal_as_provider(1, 3));
    assert_eq!(
        fixture.read_appeal(&scene.world, 1, 3).reviewer,
        scene.board.address
    );
    scene.send(scene.uphold(3));
    refused(
        &mut scene.world,
        &[fixture.appeal_as_provider(1, 4)],
        &[&clerk],
        ClaimsError::ReviewFinal,
    );
    for number in [4, 5] {
        scene.send(fixture.appeal_as_member(1, number));
        assert_eq!(
            fixture.read_appeal(&scene.world, 1, number).reviewer,
            Pubkey::default()
        );
        scene.world.advance(61 * DAY);
        scene.send(fixture.lapse(1, number));
    }
    scene.send(fixture.appeal_as_member(1, 6));
    assert_eq!(
        fixture.read_appeal(&scene.world, 1, 6).reviewer,
        scene.board.address
    );
    // Another judge: this one has decided before.
    let other = scene
        .board
        .operator(&mut scene.world, "other judge", &[Permission::DecideClaim]);
    let overturn = scene.by_board(fixture.overturn(1, 6, &other, 2, 0));
    scene.send(overturn);
    assert_eq!(
        fixture.read_claim(&scene.world, 2).status,
        ClaimStatus::Paid
    );
    for (appeal, signers) in [
        (fixture.appeal_as_member(2, 7), vec![&clerk, &member]),
        (fixture.appeal_as_provider(2, 7), vec![&clerk]),
    ] {
        refused(
            &mut scene.world,
            &[appeal],
            &signers,
            ClaimsError::ReviewFinal,
        );
    }
}

/// What the board has granted the insurer can take back as any award, and then the board can be asked about that.
#[test]
fn what_is_taken_back_after_a_review_is_reviewed() {
    let mut scene = Scene::asked();
    let fixture = scene.fixture.clone();
    scene.send(scene.overturn(3, 2));
    let staff = fixture.staff.key();
    scene
        .world
        .send(&[fixture.reverse(2, 7)], &[&staff])
        .assert_ok();
    assert_eq!(fixture.read_agreement(&scene.world).owed, 8_000);
    // The member's levels are used up, so it is the board's at once.
    scene.send(fixture.appeal_as_member(2, 4));
    assert_eq!(
        fixture.read_appeal(&scene.world, 2, 4).reviewer,
        scene.board.address
    );
    let other = scene
        .board
        .operator(&mut scene.world, "other judge", &[Permission::DecideClaim]);
    let overturn = scene.by_board(fixture.overturn(2, 4, &other, 3, 0));
    scene.send(overturn);
    let granted = fixture.read_claim(&scene.world, 3);
    assert_eq!(
        (granted.status, granted.totals.paid, granted.offset),
        (ClaimStatus::Paid, 8_000, 8_000)
    );
    assert_eq!(fixture.read_agreement(&scene.world).owed, 0);
    fixture.assert_money_adds_up(&scene.world);
}

#[test]
fn the_board_is_neither_insurer_nor_provider() {
    for kind in [
        OrganizationKind::Insurer,
        OrganizationKind::Provider,
        OrganizationKind::Pharmacy,
    ] {
        let mut scene = Scene::denied(kind);
        for level in [1, 2] {
            scene.send(scene.fixture.appeal_as_member(1, level));
            scene.world.advance(61 * DAY);
            scene.send(scene.fixture.lapse(1, level));
        }
        scene.send(scene.fixture.appeal_as_member(1, 3));
        for decision in [scene.uphold(3), scene.overturn(3, 2)] {
            refused(
                &mut scene.world,
                &[decision],
                &[&scene.judge.key()],
                ClaimsError::ReviewerIsParty,
            );
        }
    }
    // An insurer cannot name itself.
    let (mut world, fixture) = ready();
    let itself = checks(fixture.insurer.address);
    let publish = fixture.publish_with(&world, terms(), itself, TODAY + 1);
    refused(
        &mut world,
        &[publish],
        &[&fixture.staff.key()],
        ClaimsError::ChecksInvalid,
    );
    for half in [
        PlanChecks {
            review_days: 0,
            ..checks(fixture.provider.address)
        },
        PlanChecks {
            review_decision_days: 0,
            ..checks(fixture.provider.address)
        },
        checks(Pubkey::default()),
    ] {
        let publish = fixture.publish_with(&world, terms(), half, TODAY + 1);
        refused(
            &mut world,
            &[publish],
            &[&fixture.staff.key()],
            ClaimsError::ChecksInvalid,
        );
    }
}

/// While it can still be asked for, the claim is kept.
#[test]
fn no_archive_before_its_time_is_over() {
    let mut scene = Scene::denied(OrganizationKind::Regulator);
    let fixture = scene.fixture.clone();
    scene.send(fixture.appeal_as_member(1, 1));
    scene.world.advance(1_100 * DAY);
    scene.send(fixture.lapse(1, 1));
    scene.send(fixture.appeal_as_member(1, 2));
    scene.world.advance(61 * DAY);
    scene.send(fixture.lapse(1, 2));
    scene.world.advance(i64::from(REVIEW_DAYS) * DAY);
    refused(
        &mut scene.world,
        &[fixture.archive(1)],
        &[],
        ClaimsError::ArchiveTooEarly,
    );
    // The provider has its own levels, and 180 days.
    scene.world.advance((180 - i64::from(REVIEW_DAYS)) * DAY);
    refused(
        &mut scene.world,
        &[fixture.archive(1)],
        &[],
        ClaimsError::ArchiveTooEarly,
    );
    scene.world.advance(DAY);
    scene.send(fixture.archive(1));
}
