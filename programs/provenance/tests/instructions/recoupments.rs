//! What was paid for packs that are recalled comes back out of the bond: once, up to the cover, and what the bond lacks later.

use galen_testkit::token::MintTerms;
use provenance::convert::DepthArg;
use provenance::events::PackRecouped;
use provenance::state::node::RecallTerms;

use crate::common::*;

/// Smallest units of the fixtures' mint in a cent.
const UNIT: u64 = 10_000;
/// What the bond pays for a pack at most.
const COVER: u64 = 30_000;

/// Packs 0 to 2 are dispensed, covered by a bond of 500 dollars and not recalled yet.
struct Scene {
    world: World,
    fixture: ProvenanceFixture,
    bond: BondFixture,
    insurer: Pubkey,
    claim: Pubkey,
}

impl Scene {
    fn new() -> Self {
        let (mut world, fixture) = delivered();
        let maker = fixture.maker.key();
        let bond = BondFixture::new(&mut world, &fixture, "bond", 0);
        done(&mut world, bond.open(), &[&maker]);
        done(&mut world, bond.deposit(50_000), &[&maker]);
        done(
            &mut world,
            bond.cover(&fixture, &fixture.maker, COVER),
            &[&maker],
        );
        for index in 0..3 {
            done(
                &mut world,
                fixture.dispense(index),
                &[&fixture.pharmacy.key()],
            );
        }
        world.actor("crank");
        let insurer = bond.other_account(&mut world, "insurer");
        let claim = bond.claim(&mut world, "claim");
        Self {
            world,
            fixture,
            bond,
            insurer,
            claim,
        }
    }

    /// The same, the case recalled.
    fn recalled() -> Self {
        let mut scene = Self::new();
        scene.recall(case(0), ClassArg::Two);
        scene
    }

    fn recall(&mut self, of: Place, class: ClassArg) {
        let terms = RecallTerms {
            class,
            depth: DepthArg::Consumer,
            ..recall_terms()
        };
        let recall = self.fixture.recall(of, &self.fixture.regulator, terms);
        done(&mut self.world, recall, &[&self.fixture.regulator.key()]);
    }

    fn recoup(&self, index: u64, amount: u64) -> Instruction {
        self.bond
            .recoup(&self.fixture, index, self.claim, amount, self.insurer)
    }

    fn signers() -> [Keypair; 2] {
        [actor("crank"), actor("claim")]
    }

    #[track_caller]
    fn done(&mut self, instruction: Instruction) -> PackRecouped {
        let [crank, claim] = Self::signers();
        let signs = |key: &Keypair| {
            let accounts = &instruction.accounts;
            accounts
                .iter()
                .any(|meta| meta.is_signer && meta.pubkey == key.pubkey())
        };
        let signers: Vec<&Keypair> = [&crank, &claim]
            .into_iter()
            .filter(|key| signs(key))
            .collect();
        let event = done(&mut self.world, instruction, &signers).event();
        self.money_adds_up();
        event
    }

    #[track_caller]
    fn refused(&mut self, instruction: Instruction, error: impl Into<u32>) {
        let [crank, claim] = Self::signers();
        refused(&mut self.world, instruction, &[&crank, &claim], error);
    }

    /// The vault holds what the ledger says, and the insurer has what was recouped.
    fn money_adds_up(&self) {
        let bond = self.bond.read(&self.world);
        assert_eq!(
            self.world.balance(&self.bond.vault),
            bond.held().unwrap() * UNIT
        );
        assert_eq!(self.world.balance(&self.insurer), bond.recouped * UNIT);
    }

    fn record(&self, index: u64) -> Recoupment {
        let address = self.bond.recoupment(&self.fixture, index);
        decode_zero_copy(&self.world.raw(&address).expect("recorded").data).unwrap()
    }
}

#[test]
fn what_was_paid_comes_back_up_to_the_cover() {
    let mut scene = Scene::recalled();
    let recoup = scene.recoup(0, 12_500);
    let event = scene.done(recoup);
    assert_eq!(
        (event.batch, event.index, event.claim, event.bond),
        (scene.fixture.batch, 0, scene.claim, scene.bond.address)
    );
    assert_eq!((event.paid, event.lacking), (12_500, 0));
    let record = scene.record(0);
    assert_eq!(
        (record.due, record.recouped, record.lacking()),
        (12_500, 12_500, 0)
    );
    assert_eq!(
        (record.claim, record.payee, record.payer, record.at),
        (
            scene.claim,
            scene.insurer,
            actor("crank").pubkey(),
            scene.world.now()
        )
    );
    let bond = scene.bond.read(&scene.world);
    assert_eq!(
        (bond.recouped, bond.owed, bond.held().unwrap()),
        (12_500, 0, 37_500)
    );
    // More than a pack is covered with.
    let recoup = scene.recoup(1, u64::MAX);
    let event = scene.done(recoup);
    assert_eq!((event.paid, event.lacking), (COVER, 0));
    assert_eq!(scene.record(1).due, COVER);
}

#[test]
fn a_bond_that_is_short_pays_the_rest_later() {
    let mut scene = Scene::recalled();
    for (index, paid, lacking) in [(0, 30_000, 0), (1, 20_000, 10_000), (2, 0, 30_000)] {
        let recoup = scene.recoup(index, COVER);
        let event = scene.done(recoup);
        assert_eq!((event.paid, event.lacking), (paid, lacking));
    }
    assert_eq!(scene.bond.read(&scene.world).owed, 40_000);
    let pay = |scene: &Scene, index| scene.bond.pay(&scene.fixture, index, scene.insurer);
    let (first, second, third) = (pay(&scene, 0), pay(&scene, 1), pay(&scene, 2));
    scene.refused_cranks(&first, ProvenanceError::NothingOwed);
    scene.refused_cranks(&second, ProvenanceError::BondEmpty);
    let maker = scene.fixture.maker.key();
    done(&mut scene.world, scene.bond.deposit(25_000), &[&maker]);
    let event = scene.done(third.clone());
    assert_eq!((event.paid, event.lacking), (25_000, 5_000));
    done(&mut scene.world, scene.bond.deposit(90_000), &[&maker]);
    for (pay, paid) in [(second, 10_000), (third, 5_000)] {
        assert_eq!(scene.done(pay).paid, paid);
    }
    let bond = scene.bond.read(&scene.world);
    assert_eq!((bond.owed, bond.recouped), (0, 3 * COVER));
    assert_eq!(bond.held().unwrap(), 75_000);
}

#[test]
fn once_for_each_pack_whatever_claims_say() {
    let mut scene = Scene::recalled();
    let recoup = scene.recoup(0, 100);
    scene.done(recoup);
    let again = scene.recoup(0, 100);
    scene.refused(again, ProvenanceError::AlreadyRecouped);
    // Nor by another claim.
    let other = scene.bond.claim(&mut scene.world, "other claim");
    let again = scene
        .bond
        .recoup(&scene.fixture, 0, other, 100, scene.insurer);
    let signers = [actor("crank"), actor("other claim")];
    refused(
        &mut scene.world,
        again,
        &[&signers[0], &signers[1]],
        ProvenanceError::AlreadyRecouped,
    );
    // Nor with the record of another pack in its place.
    let elsewhere = swapped(
        scene.recoup(0, 100),
        scene.bond.recoupment(&scene.fixture, 0),
        scene.bond.recoupment(&scene.fixture, 1),
    );
    scene.refused(elsewhere, ProvenanceError::WrongAddress);
}

#[test]
fn only_for_dispensed_packs_under_a_grave_recall() {
    for (of, class) in [
        (pack(0), ClassArg::One),
        (case(0), ClassArg::Two),
        (pallet(0), ClassArg::One),
        (whole(), ClassArg::Two),
    ] {
        let mut scene = Scene::new();
        let recoup = scene.recoup(0, 100);
        scene.refused(recoup.clone(), ProvenanceError::NotRecalled);
        scene.recall(of, class);
        scene.done(recoup);
    }
    let mut scene = Scene::new();
    let recoup = scene.recoup(0, 100);
    scene.recall(case(0), ClassArg::Three);
    scene.refused(recoup.clone(), ProvenanceError::RecallNotGrave);
    // As long as the regulator has not said, it counts as the first class.
    scene.recall(case(0), ClassArg::Unset);
    scene.done(recoup);
    let undispensed = scene.recoup(3, 100);
    scene.refused(undispensed, ProvenanceError::NotDispensed);
    let nothing = scene.recoup(1, 0);
    scene.refused(nothing, ProvenanceError::RecoupmentEmpty);
}

#[test]
fn only_by_claims_of_the_program_that_the_bond_names() {
    let mut scene = Scene::recalled();
    let recoup = scene.recoup(0, 100);
    let claim = scene.claim;
    for owner in [provenance::ID, registry::ID, Pubkey::default()] {
        scene.world.set_owned(&claim, &owner, vec![1; 64]);
        scene.refused(recoup.clone(), ProvenanceError::ClaimOfOtherProgram);
    }
    let mut unsigned = recoup;
    unsigned.accounts[1].is_signer = false;
    let crank = actor("crank");
    refused(
        &mut scene.world,
        unsigned,
        &[&crank],
        ErrorCode::AccountNotSigner,
    );
}

#[test]
fn out_of_the_bond_that_covers_the_batch_to_where_the_claim_says() {
    let mut scene = Scene::recalled();
    let maker = scene.fixture.maker.key();
    let terms = MintTerms::default();
    let other = BondFixture::in_mint(
        &mut scene.world,
        &scene.fixture,
        "other",
        1,
        scene.bond.mint,
        &terms,
    );
    done(&mut scene.world, other.open(), &[&maker]);
    let by_other = other.recoup(&scene.fixture, 0, scene.claim, 100, scene.insurer);
    scene.refused(by_other, ProvenanceError::NotCovered);
    let mixed = swapped(scene.recoup(0, 100), scene.bond.vault, other.vault);
    scene.refused(mixed, ProvenanceError::WrongVault);
    let to_itself = swapped(scene.recoup(0, 100), scene.insurer, scene.bond.vault);
    scene.refused(to_itself, ProvenanceError::PayeeIsVault);
    let foreign = scene.world.mint("foreign", &terms);
    let of_foreign = scene
        .world
        .token_account("of foreign", &foreign, &maker.pubkey());
    let elsewhere = swapped(scene.recoup(0, 100), scene.insurer, of_foreign);
    scene.refused(elsewhere, ProvenanceError::PayeeInvalid);
    let other_mint = swapped(scene.recoup(0, 100), scene.bond.mint, foreign);
    scene.refused(other_mint, ProvenanceError::WrongMint);

    // What is owed goes to the account that the claim has named, and out of its bond.
    let (first, second) = (scene.recoup(0, COVER), scene.recoup(1, COVER));
    scene.done(first);
    scene.done(second);
    done(&mut scene.world, scene.bond.deposit(90_000), &[&maker]);
    let thief = scene.bond.other_account(&mut scene.world, "thief");
    let to_thief = scene.bond.pay(&scene.fixture, 1, thief);
    scene.refused_cranks(&to_thief, ProvenanceError::WrongPayee);
    let by_other = other.pay(&scene.fixture, 1, scene.insurer);
    scene.refused_cranks(&by_other, ProvenanceError::NotCovered);
    let pay = scene.bond.pay(&scene.fixture, 1, scene.insurer);
    scene.world.freeze(&scene.insurer);
    scene.refused_cranks(&pay, ProvenanceError::PayeeFrozen);
    scene.world.thaw(&scene.insurer);
    assert_eq!(scene.done(pay).paid, 10_000);
}

#[test]
fn what_is_owed_outlives_the_batch_and_is_not_withdrawn() {
    let mut scene = Scene::recalled();
    for index in 0..3 {
        let recoup = scene.recoup(index, COVER);
        scene.done(recoup);
    }
    scene
        .world
        .set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    done(&mut scene.world, scene.fixture.close_page(0), &[]);
    let close = scene.bond.close_batch(&scene.fixture);
    done(&mut scene.world, close, &[]);
    let crank = actor("crank").pubkey();
    let orphan = |index| {
        swapped(
            scene.fixture.close_orphan(
                scene.bond.recoupment(&scene.fixture, index),
                &scene.fixture.maker,
            ),
            scene.fixture.maker.key().pubkey(),
            crank,
        )
    };
    let orphans = [orphan(0), orphan(1), orphan(2)];
    done(&mut scene.world, orphans[0].clone(), &[]);
    scene.refused_cranks(&orphans[1], ProvenanceError::RecoupmentOwed);
    // The manufacturer deposits more than it owes, and gets back what is beyond that.
    let heirs = Party {
        staff: scene.fixture.maker.organization.operator(
            &mut scene.world,
            "heirs",
            &[Permission::Fund],
        ),
        ..scene.fixture.maker.clone()
    };
    let maker = scene.fixture.maker.key();
    done(&mut scene.world, scene.bond.deposit(50_000), &[&maker]);
    let announce = |scene: &mut Scene, cents| {
        let admin = scene.bond.admin(&scene.world);
        let announce = scene.bond.announce(&heirs, admin, cents, scene.bond.purse);
        done(&mut scene.world, announce, &[&heirs.key()]);
        scene.world.advance(BOND_NOTICE_SECONDS);
    };
    announce(&mut scene, 10_001);
    let withdraw = scene.bond.withdraw(&heirs, scene.bond.purse);
    refused(
        &mut scene.world,
        withdraw.clone(),
        &[&heirs.key()],
        ProvenanceError::BondUnderfunded,
    );
    let cancel = scene.bond.cancel(&heirs, scene.bond.admin(&scene.world));
    done(&mut scene.world, cancel, &[&heirs.key()]);
    announce(&mut scene, 10_000);
    done(&mut scene.world, withdraw, &[&heirs.key()]);
    for (index, paid) in [(1, 10_000), (2, 30_000)] {
        let pay = scene.bond.pay(&scene.fixture, index, scene.insurer);
        assert_eq!(scene.done(pay).paid, paid);
    }
    for orphan in &orphans[1..] {
        done(&mut scene.world, orphan.clone(), &[]);
    }
    assert_eq!(scene.world.balance(&scene.bond.vault), 0);
}

impl Scene {
    /// Refuses what nobody signs.
    #[track_caller]
    fn refused_cranks(&mut self, instruction: &Instruction, error: impl Into<u32>) {
        refused(&mut self.world, instruction.clone(), &[], error);
    }
}

#[test]
fn the_record_of_a_dispense_for_a_claim_is_kept_as_long_as_the_covered_batch() {
    let (mut world, fixture) = delivered();
    let (maker, pharmacy, claim) = (fixture.maker.key(), fixture.pharmacy.key(), actor("claim"));
    let dispense = fixture.dispense_with(
        &fixture.pharmacy,
        fixture.tree.proof(0, 5),
        false,
        Some(claim.pubkey()),
    );
    done(&mut world, dispense, &[&pharmacy, &claim]);
    let close = fixture.close_dispense(pack(0));
    let mut uncovered = world.clone();
    let bond = BondFixture::new(&mut world, &fixture, "bond", 0);
    done(&mut world, bond.open(), &[&maker]);
    let cover = bond.cover(&fixture, &fixture.maker, COVER);
    done(&mut world, cover, &[&maker]);
    for world in [&mut uncovered, &mut world] {
        world.advance(11 * 24 * 3_600);
        // Which batch it is decides, so it cannot be left out, nor be another.
        let without = swapped(close.clone(), fixture.batch, provenance::ID);
        refused(world, without, &[], ProvenanceError::BatchMissing);
        let other = fixture.clone().with_terms("O1", |_| ());
        other.begin_batch(world);
        let of_other = swapped(close.clone(), fixture.batch, other.batch);
        refused(world, of_other, &[], ProvenanceError::RecordOfOtherBatch);
    }
    done(&mut uncovered, close.clone(), &[]);
    refused(
        &mut world,
        close.clone(),
        &[],
        ProvenanceError::StillRetained,
    );
    world.set_time(i64::from(TODAY + RETENTION_DAYS) * 24 * 3_600);
    done(&mut world, close, &[]);
}

#[test]
fn an_insurers_account_that_asks_for_a_memo_waits() {
    let mut scene = Scene::recalled();
    let maker = scene.fixture.maker.key();
    let (first, second) = (scene.recoup(0, COVER), scene.recoup(1, COVER));
    scene.done(first);
    scene.done(second);
    let deposit = scene.bond.deposit(90_000);
    done(&mut scene.world, deposit, &[&maker]);
    scene.world.extend_with_memo(&scene.insurer, true);
    let pay = scene.bond.pay(&scene.fixture, 1, scene.insurer);
    scene.refused_cranks(&pay, ProvenanceError::PayeeAsksForMemo);
}
