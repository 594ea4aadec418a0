//! What was paid for packs that are recalled comes back out of the bond: once, up to the cover, and what the bond lacks later.

use anchor_lang::solana_program::system_instruction;
use galen_rules::provenance::RECOUPMENT_WAIT_SECONDS;
use galen_testkit::token::MintTerms;
use provenance::convert::DepthArg;
use provenance::events::PackRecouped;
use provenance::state::node::RecallTerms;

use crate::common::*;

/// Smallest units of the fixtures' mint in a cent.
const UNIT: u64 = 10_000;
/// What the bond pays for a pack at most.
const COVER: u64 = 30_000;
const HOUR: i64 = 3_600;

/// Packs 0 to 2 are dispensed for a claim, covered by a bond of 500 dollars and not recalled yet.
struct Scene {
    world: World,
    fixture: ProvenanceFixture,
    bond: BondFixture,
    insurer: Pubkey,
    claim: AskingClaim,
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
        world.actor("crank");
        let insurer = bond.other_account(&mut world, "insurer");
        let claim = bond.claim(&mut world, "claim");
        for index in 0..3 {
            let proof = fixture.tree.proof(index, fixture.terms.page_height);
            let pharmacy = &fixture.pharmacy;
            let dispense = fixture.dispense_with(pharmacy, proof, false, Some(claim.address));
            world.send_unsigned(&[dispense]).assert_ok();
        }
        Self {
            world,
            fixture,
            bond,
            insurer,
            claim,
        }
    }

    /// The same, the case recalled long enough ago.
    fn recalled() -> Self {
        let mut scene = Self::new();
        scene.recall(case(0), ClassArg::Two);
        scene.world.advance(RECOUPMENT_WAIT_SECONDS);
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

    /// The case, by the same regulator with another notice.
    fn recall_by_notice(&mut self, notice: [u8; 32], class: ClassArg) {
        let terms = RecallTerms {
            class,
            notice,
            depth: DepthArg::Consumer,
            ..recall_terms()
        };
        let recall = self.fixture.recall(case(0), &self.fixture.regulator, terms);
        done(&mut self.world, recall, &[&self.fixture.regulator.key()]);
    }

    fn recoup(&self, index: u64, amount: u64) -> Instruction {
        self.bond
            .recoup(&self.fixture, index, &self.claim, amount, self.insurer)
    }

    /// As if the claim, for which its program signs, had.
    #[track_caller]
    fn done(&mut self, instruction: Instruction) -> PackRecouped {
        let outcome = self.world.send_unsigned(&[instruction]);
        let event = outcome.assert_ok().event();
        self.money_adds_up();
        event
    }

    #[track_caller]
    fn refused(&mut self, instruction: Instruction, error: impl Into<u32>) {
        let before = self.world.snapshot();
        let outcome = self.world.send_unsigned(&[instruction]);
        outcome.assert_error(error);
        before.assert_same(&self.world.snapshot());
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
        (
            scene.fixture.batch,
            0,
            scene.claim.address,
            scene.bond.address
        )
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
            scene.claim.address,
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
        .recoup(&scene.fixture, 0, &other, 100, scene.insurer);
    scene.refused(again, ProvenanceError::AlreadyRecouped);
    // Nor with the record of another pack in its place.
    let elsewhere = swapped(
        scene.recoup(0, 100),
        scene.bond.recoupment(&scene.fixture, 0),
        scene.bond.recoupment(&scene.fixture, 1),
    );
    scene.refused(elsewhere, ProvenanceError::WrongAddress);
}

/// What the claim's program says it has paid in the end, after an appeal, is owed in place of what it said first: up to the cover.
#[test]
fn what_a_claim_pays_more_later_is_paid_back_too() {
    let mut scene = Scene::recalled();
    let first = scene.recoup(0, 12_500);
    scene.done(first.clone());
    let begun = scene.record(0);
    scene.world.advance(DAY);
    for no_more in [1, 12_499, 12_500] {
        let recoup = scene.recoup(0, no_more);
        scene.refused(recoup, ProvenanceError::AlreadyRecouped);
    }
    let more = scene.recoup(0, 20_000);
    let event = scene.done(more.clone());
    assert_eq!((event.index, event.paid, event.lacking), (0, 7_500, 0));
    let raised = Recoupment {
        due: 20_000,
        recouped: 20_000,
        ..begun
    };
    assert_eq!(scene.record(0), raised);
    // Not past the cover, and not twice.
    let most = scene.recoup(0, u64::MAX);
    let event = scene.done(most.clone());
    assert_eq!((event.paid, event.lacking), (COVER - 20_000, 0));
    scene.refused(most, ProvenanceError::AlreadyRecouped);
    let bond = scene.bond.read(&scene.world);
    assert_eq!((bond.recouped, bond.owed), (COVER, 0));

    // A bond that is short owes what is asked for more, too, and pays both.
    let second = scene.recoup(1, 10_000);
    scene.done(second);
    let third = scene.recoup(2, COVER);
    let event = scene.done(third);
    assert_eq!((event.paid, event.lacking), (10_000, 20_000));
    let more = scene.recoup(1, 15_000);
    let event = scene.done(more);
    assert_eq!((event.paid, event.lacking), (0, 5_000));
    assert_eq!(scene.bond.read(&scene.world).owed, 25_000);
    let maker = scene.fixture.maker.key();
    done(&mut scene.world, scene.bond.deposit(22_000), &[&maker]);
    // What was lacking is paid with it.
    let more = scene.recoup(1, 18_000);
    let event = scene.done(more);
    assert_eq!((event.paid, event.lacking), (8_000, 0));
    let pay = scene.bond.pay(&scene.fixture, 2, scene.insurer);
    let event = scene.done(pay);
    assert_eq!((event.paid, event.lacking), (14_000, 6_000));
    assert_eq!(scene.bond.read(&scene.world).owed, 6_000);
}

/// More is paid of the same pack, into the same account, while it is still recalled and covered.
#[test]
fn more_is_paid_only_as_the_first_was() {
    let mut scene = Scene::recalled();
    let first = scene.recoup(0, 100);
    scene.done(first);
    let more = scene.recoup(0, 200);
    let thief = scene.bond.other_account(&mut scene.world, "thief");
    let to_thief = swapped(more.clone(), scene.insurer, thief);
    scene.refused(to_thief, ProvenanceError::WrongPayee);
    let other = scene.bond.claim(&mut scene.world, "other claim");
    let by_other = scene
        .bond
        .recoup(&scene.fixture, 0, &other, 200, scene.insurer);
    scene.refused(by_other, ProvenanceError::AlreadyRecouped);
    // With the record of another pack, of another kind, or of another program in its place.
    let second = scene.recoup(1, 100);
    scene.done(second);
    let own = scene.bond.recoupment(&scene.fixture, 0);
    for elsewhere in [
        scene.bond.recoupment(&scene.fixture, 1),
        scene.fixture.dispense_address(pack(1)),
        thief,
    ] {
        let swapped = swapped(more.clone(), own, elsewhere);
        scene.refused(swapped, ProvenanceError::WrongRecord);
    }
    let mut lifted = scene.world.clone();
    let lift = scene.fixture.lift(case(0), &scene.fixture.regulator);
    done(&mut lifted, lift, &[&scene.fixture.regulator.key()]);
    let before = lifted.snapshot();
    lifted
        .send_unsigned(std::slice::from_ref(&more))
        .assert_error(ProvenanceError::NotRecalled);
    before.assert_same(&lifted.snapshot());
    assert_eq!(scene.done(more).paid, 100);
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
        scene.refused(recoup.clone(), ProvenanceError::RecoupmentTooEarly);
        scene.world.advance(RECOUPMENT_WAIT_SECONDS - 1);
        scene.refused(recoup.clone(), ProvenanceError::RecoupmentTooEarly);
        scene.world.advance(1);
        scene.done(recoup);
    }
    let mut scene = Scene::new();
    let recoup = scene.recoup(0, 100);
    // Dispensed and brought back.
    let undo = scene
        .fixture
        .undo(pack(1), &scene.fixture.pharmacy, Some(scene.claim.address));
    scene.world.send_unsigned(&[undo]).assert_ok();
    scene.recall(case(0), ClassArg::Three);
    scene.refused(recoup.clone(), ProvenanceError::RecallNotGrave);
    // As long as the regulator has not said, it counts as the first class.
    scene.recall(case(0), ClassArg::Unset);
    scene.world.advance(RECOUPMENT_WAIT_SECONDS);
    scene.done(recoup);
    let undispensed = scene.recoup(3, 100);
    scene.refused(undispensed, ProvenanceError::NotDispensed);
    let brought_back = scene.recoup(1, 100);
    scene.refused(brought_back, ProvenanceError::NotDispensed);
    let nothing = scene.recoup(2, 0);
    scene.refused(nothing, ProvenanceError::RecoupmentEmpty);
}

/// Money that is recouped does not come back: a recall by mistake can be lifted before.
#[test]
fn a_recoupment_waits_after_the_recall() {
    let early = ProvenanceError::RecoupmentTooEarly;
    let mut scene = Scene::new();
    let recoup = scene.recoup(0, 100);
    // The same recall, found to be graver an hour before the end: the wait is from its first issue.
    scene.recall(case(0), ClassArg::Three);
    let issued_at = scene.world.now();
    scene.world.advance(RECOUPMENT_WAIT_SECONDS - HOUR);
    scene.recall(case(0), ClassArg::One);
    scene.refused(recoup.clone(), early);
    scene
        .world
        .set_time(issued_at + RECOUPMENT_WAIT_SECONDS - 1);
    scene.refused(recoup.clone(), early);
    scene.world.advance(1);
    scene.done(recoup.clone());

    // Another notice of the same issuer, graver, is another recall: it waits anew.
    let mut scene = Scene::new();
    scene.recall(case(0), ClassArg::Two);
    scene.world.advance(RECOUPMENT_WAIT_SECONDS - HOUR);
    scene.recall_by_notice([6; 32], ClassArg::One);
    scene.world.advance(RECOUPMENT_WAIT_SECONDS - 1);
    scene.refused(recoup.clone(), early);
    scene.world.advance(1);
    scene.done(recoup.clone());

    // Lifted in between, and issued again.
    let mut scene = Scene::new();
    scene.recall(case(0), ClassArg::One);
    scene.world.advance(RECOUPMENT_WAIT_SECONDS - HOUR);
    let lift = scene.fixture.lift(case(0), &scene.fixture.regulator);
    done(&mut scene.world, lift, &[&scene.fixture.regulator.key()]);
    scene.world.advance(HOUR);
    scene.refused(recoup.clone(), ProvenanceError::NotRecalled);
    scene.recall(case(0), ClassArg::One);
    scene.world.advance(RECOUPMENT_WAIT_SECONDS - 1);
    scene.refused(recoup.clone(), early);
    scene.world.advance(1);
    scene.done(recoup.clone());

    // The manufacturer's graver one of the whole batch, of today, does not put off the regulator's of the case.
    let mut scene = Scene::recalled();
    let maker = &scene.fixture.maker;
    let terms = RecallTerms {
        class: ClassArg::One,
        ..recall_terms()
    };
    let recall = scene.fixture.recall(whole(), maker, terms);
    done(&mut scene.world, recall, &[&maker.key()]);
    scene.done(recoup);
}

#[test]
fn only_by_claims_of_the_program_that_the_bond_names() {
    let mut scene = Scene::recalled();
    let recoup = scene.recoup(0, 100);
    let claim = scene.claim.address;
    for owner in [provenance::ID, registry::ID, Pubkey::default()] {
        scene.world.set_owned(&claim, &owner, vec![1; 64]);
        scene.refused(recoup.clone(), ProvenanceError::ClaimOfOtherProgram);
    }
    let mut unsigned = recoup;
    unsigned.accounts[1].is_signer = false;
    scene.refused(unsigned, ErrorCode::AccountNotSigner);
}

/// Whoever owns an account does not sign for it: only an address under the claims program is that program's word.
#[test]
fn nobody_asks_with_an_account_that_they_gave_to_the_claims_program() {
    let mut scene = Scene::recalled();
    let recoup = scene.recoup(0, u64::MAX);
    let claims = scene.bond.claims_program;
    // A key's account, made as anybody makes one, in the same transaction.
    let forger = actor("forger");
    let crank = actor("crank");
    let rent = scene.world.rent(0);
    let make =
        system_instruction::create_account(&crank.pubkey(), &forger.pubkey(), rent, 0, &claims);
    let forged = swapped(recoup.clone(), scene.claim.address, forger.pubkey());
    let before = scene.world.snapshot();
    scene
        .world
        .send(&[make, forged.clone()], &[&crank, &forger])
        .assert_error(ProvenanceError::ClaimNotDerived);
    before.assert_same(&scene.world.snapshot());
    // The same account as a claim's that was never written, as one of another type, as the true claim's copy.
    let copy = scene.world.raw(&scene.claim.address).expect("the claim");
    for data in [vec![0; 567], vec![9; 71], copy.data] {
        scene.world.set_owned(&forger.pubkey(), &claims, data);
        scene.refused(forged.clone(), ProvenanceError::ClaimNotDerived);
    }
    // Another program's address of the same seeds, given to the claims program: nobody has a key for it either.
    let of = scene.claim;
    let foreign = AskingClaim::of(&registry::ID, of.pool, of.provider, of.claim_id);
    scene
        .world
        .set_owned(&foreign.address, &claims, vec![1; 64]);
    let bond = scene.bond.clone();
    let by_foreign = bond.recoup(&scene.fixture, 0, &foreign, 100, scene.insurer);
    scene.refused(by_foreign, ProvenanceError::ClaimNotDerived);
    // The true claim by the seeds of another, and by a bump of which no address comes.
    for asking in [
        AskingClaim {
            claim_id: [8; 16],
            ..of
        },
        AskingClaim {
            pool: of.provider,
            ..of
        },
        AskingClaim {
            provider: of.pool,
            ..of
        },
        AskingClaim {
            bump: on_curve_bump(&of, &claims),
            ..of
        },
    ] {
        let other_seeds = bond.recoup(&scene.fixture, 0, &asking, 100, scene.insurer);
        scene.refused(other_seeds, ProvenanceError::ClaimNotDerived);
    }
    scene.done(recoup);
}

/// A bump with which the claim's seeds come to a point of the curve, which is no program's address.
fn on_curve_bump(claim: &AskingClaim, program: &Pubkey) -> u8 {
    (0..claim.bump)
        .find(|bump| {
            let (pool, provider) = (claim.pool.as_ref(), claim.provider.as_ref());
            let seeds: [&[u8]; 5] = [CLAIM_SEED, pool, provider, &claim.claim_id, &[*bump]];
            Pubkey::create_program_address(&seeds, program).is_err()
        })
        .expect("half of all bumps")
}

/// A true claim gets back only what it was dispensed for.
#[test]
fn only_for_the_claim_that_the_record_of_the_dispense_names() {
    let mut scene = Scene::new();
    let bond = scene.bond.clone();
    let other = bond.claim(&mut scene.world, "other claim");
    let proof = scene.fixture.tree.proof(3, scene.fixture.terms.page_height);
    let pharmacy = &scene.fixture.pharmacy;
    let at = |index| scene.fixture.dispense_address(pack(index));
    let (first, last) = (at(0), at(3));
    let dispense = scene
        .fixture
        .dispense_with(pharmacy, proof, false, Some(other.address));
    scene.world.send_unsigned(&[dispense]).assert_ok();
    let sold = scene.fixture.dispense(4);
    done(&mut scene.world, sold, &[&scene.fixture.pharmacy.key()]);
    scene.recall(case(0), ClassArg::One);
    scene.world.advance(RECOUPMENT_WAIT_SECONDS);
    let others = bond.recoup(&scene.fixture, 0, &other, 100, scene.insurer);
    scene.refused(others.clone(), ProvenanceError::DispensedForOther);
    // Its own dispense, of another pack.
    scene.refused(swapped(others, first, last), ProvenanceError::WrongRecord);
    // A pack that was dispensed for nobody, and the record of another kind, of another owner, or none.
    let of_sold = scene.recoup(4, 100);
    scene.refused(of_sold, ProvenanceError::DispensedForOther);
    let own = scene.recoup(0, 100);
    for elsewhere in [
        scene.fixture.node(case(0)),
        scene.insurer,
        actor("nobody").pubkey(),
    ] {
        let swapped = swapped(own.clone(), first, elsewhere);
        scene.refused(swapped, ProvenanceError::WrongRecord);
    }
    // Kept for the claim and not given out, the bit set all the same.
    let mut record = scene.world.raw(&first).expect("the dispense");
    let kind = 8 + 160 + 24 + 1;
    record.data[kind] = 1;
    let dispensed = scene.world.raw(&first).expect("the dispense");
    scene.world.set_raw(&first, record);
    scene.refused(own.clone(), ProvenanceError::NotDispensed);
    scene.world.set_raw(&first, dispensed);
    scene.done(own);
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
    let by_other = other.recoup(&scene.fixture, 0, &scene.claim, 100, scene.insurer);
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

/// Every account is the pack's or the bond's own.
#[test]
fn no_account_of_another_pack_or_bond() {
    let mut scene = Scene::recalled();
    let own = scene.recoup(0, 100);
    let other = scene.fixture.clone().with_terms("O1", |_| ());
    other.begin_batch(&mut scene.world);
    let at = |fixture: &ProvenanceFixture, of| fixture.node(of);
    for (from, to, error) in [
        (
            scene.fixture.page(0),
            other.page(0),
            ProvenanceError::WrongPage,
        ),
        (
            at(&scene.fixture, pack(0)),
            at(&scene.fixture, pack(1)),
            ProvenanceError::WrongRecord,
        ),
        (
            at(&scene.fixture, case(0)),
            at(&other, case(0)),
            ProvenanceError::WrongRecord,
        ),
        (
            at(&scene.fixture, pallet(0)),
            at(&scene.fixture, pallet(1)),
            ProvenanceError::WrongRecord,
        ),
        (
            at(&scene.fixture, whole()),
            at(&other, whole()),
            ProvenanceError::WrongRecord,
        ),
        (
            at(&scene.fixture, whole()),
            actor("nobody").pubkey(),
            ProvenanceError::WrongRecord,
        ),
        (
            scene.bond.read(&scene.world).token_program,
            registry::ID,
            ProvenanceError::WrongTokenProgram,
        ),
    ] {
        scene.refused(swapped(own.clone(), from, to), error);
    }
    // An account of the payee's that is gone, or frozen.
    let account = scene.world.raw(&scene.insurer).expect("the payee");
    scene.world.set_raw(&scene.insurer, Default::default());
    scene.refused(own.clone(), ProvenanceError::PayeeClosed);
    scene.world.set_raw(&scene.insurer, account);
    scene.world.freeze(&scene.insurer);
    scene.refused(own.clone(), ProvenanceError::PayeeFrozen);
    scene.world.thaw(&scene.insurer);
    // Once the recall is lifted nothing is owed; once it is issued again, also where somebody sent lamports to the address.
    let mut lifted = scene.world.clone();
    let lift = scene.fixture.lift(case(0), &scene.fixture.regulator);
    done(&mut lifted, lift, &[&scene.fixture.regulator.key()]);
    let outcome = lifted.send_unsigned(std::slice::from_ref(&own));
    outcome.assert_error(ProvenanceError::NotRecalled);
    let address = scene.bond.recoupment(&scene.fixture, 0);
    scene.world.fund(&address);
    scene.done(own);
}

#[test]
fn what_is_owed_is_paid_out_of_its_own_vault() {
    let mut scene = Scene::recalled();
    let maker = scene.fixture.maker.key();
    let (first, second) = (scene.recoup(0, COVER), scene.recoup(1, COVER));
    scene.done(first);
    scene.done(second);
    let deposit = scene.bond.deposit(90_000);
    done(&mut scene.world, deposit, &[&maker]);
    let terms = MintTerms::default();
    let foreign = scene.world.mint("foreign", &terms);
    let other = BondFixture::in_mint(
        &mut scene.world,
        &scene.fixture,
        "other",
        1,
        scene.bond.mint,
        &terms,
    );
    done(&mut scene.world, other.open(), &[&maker]);
    let own = scene.bond.pay(&scene.fixture, 1, scene.insurer);
    let token_program = scene.bond.read(&scene.world).token_program;
    for (from, to, error) in [
        (scene.bond.vault, other.vault, ProvenanceError::WrongVault),
        (scene.bond.mint, foreign, ProvenanceError::WrongMint),
        (
            token_program,
            registry::ID,
            ProvenanceError::WrongTokenProgram,
        ),
    ] {
        scene.refused(swapped(own.clone(), from, to), error);
    }
    let account = scene.world.raw(&scene.insurer).expect("the payee");
    scene.world.set_raw(&scene.insurer, Default::default());
    scene.refused(own.clone(), ProvenanceError::PayeeClosed);
    scene.world.set_raw(&scene.insurer, account);
    assert_eq!(scene.done(own).paid, 10_000);
}
