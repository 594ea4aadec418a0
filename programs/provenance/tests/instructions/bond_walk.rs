//! Random steps with a bond that covers two batches: deposits, recoupments, payments, withdrawals, the end of the batches. What is in
//! its vault is what its ledger says, after each of them.

use std::collections::BTreeMap;

use galen_rules::provenance::RECOUPMENT_WAIT_SECONDS;

use crate::common::*;

/// Smallest units of the fixtures' mint in a cent.
const UNIT: u64 = 10_000;
/// What the bond pays for a pack at most.
const COVER: u64 = 30_000;
/// Packs that are dispensed of each batch, all in its first case.
const PACKS: u64 = 6;

struct Walk {
    world: World,
    batches: Vec<ProvenanceFixture>,
    bond: BondFixture,
    insurer: Pubkey,
    claim: AskingClaim,
    /// Staff who withdraw once the manufacturer's first have lapsed.
    heirs: Option<Party>,
    /// How often each step had an effect.
    done: BTreeMap<&'static str, u32>,
}

impl Walk {
    fn begin() -> Self {
        let (mut world, first) = delivered();
        let second = first.clone().with_terms("W2", |_| ());
        second.begin_batch(&mut world);
        second.deliver(&mut world);
        let bond = BondFixture::new(&mut world, &first, "bond", 0);
        let maker = first.maker.key();
        done(&mut world, bond.open(), &[&maker]);
        world.actor("crank");
        let insurer = bond.other_account(&mut world, "insurer");
        let claim = bond.claim(&mut world, "claim");
        for batch in [&first, &second] {
            let cover = bond.cover(batch, &batch.maker, COVER);
            done(&mut world, cover, &[&maker]);
            for index in 0..PACKS {
                let proof = batch.tree.proof(index, batch.terms.page_height);
                let for_claim = Some(claim.address);
                let dispense = batch.dispense_with(&batch.pharmacy, proof, false, for_claim);
                world.send_unsigned(&[dispense]).assert_ok();
            }
            let recall = batch.recall(case(0), &batch.regulator, recall_terms());
            done(&mut world, recall, &[&batch.regulator.key()]);
        }
        world.advance(RECOUPMENT_WAIT_SECONDS);
        Self {
            world,
            batches: vec![first, second],
            bond,
            insurer,
            claim,
            heirs: None,
            done: BTreeMap::new(),
        }
    }

    /// One step, which may be refused.
    fn step(&mut self, random: &mut Random) {
        let batch = &self.batches[usize::try_from(random.below(2)).expect("small")];
        let index = random.below(PACKS);
        let cents = 1 + random.below(40_000);
        let maker = &batch.maker;
        let treasurer = self.heirs.as_ref().unwrap_or(maker);
        let (name, instruction) = match random.below(12) {
            0 | 1 => ("deposit_bond", self.bond.deposit(cents)),
            2..=4 => {
                let recoup = self
                    .bond
                    .recoup(batch, index, &self.claim, cents, self.insurer);
                ("recoup_pack", recoup)
            }
            5 | 6 => ("pay_recoupment", self.bond.pay(batch, index, self.insurer)),
            7 => ("close_page", batch.close_page(0)),
            8 => ("close_batch", self.bond.close_batch(batch)),
            9 => {
                let record = self.bond.recoupment(batch, index);
                let close = batch.close_orphan(record, maker);
                let crank = actor("crank").pubkey();
                ("close_orphan", swapped(close, maker.key().pubkey(), crank))
            }
            10 => {
                let admin = self.bond.admin(&self.world);
                let announce = self.bond.announce(treasurer, admin, cents, self.bond.purse);
                ("announce_bond_withdrawal", announce)
            }
            _ => (
                "withdraw_bond",
                self.bond.withdraw(treasurer, self.bond.purse),
            ),
        };
        let before = self.world.snapshot();
        if self.world.send_unsigned(&[instruction]).succeeded() {
            *self.done.entry(name).or_default() += 1;
        } else {
            before.assert_same(&self.world.snapshot());
        }
    }

    /// What the bond still owes for the packs of all batches, by their own records.
    fn lacking(&self) -> u64 {
        let packs = self
            .batches
            .iter()
            .flat_map(|batch| (0..PACKS).map(move |index| (batch, index)));
        packs
            .filter_map(|(batch, index)| {
                let raw = self.world.raw(&self.bond.recoupment(batch, index))?;
                let record: Recoupment = decode_zero_copy(&raw.data).ok()?;
                assert!(record.recouped <= record.due && record.due <= COVER);
                Some(record.lacking())
            })
            .sum()
    }

    fn check(&self) {
        let bond = self.bond.read(&self.world);
        let vault = self.world.balance(&self.bond.vault);
        assert_eq!(vault, bond.held().expect("a ledger") * UNIT);
        assert_eq!(self.world.balance(&self.insurer), bond.recouped * UNIT);
        let purse = self.world.balance(&self.bond.purse);
        let all = vault + purse + bond.recouped * UNIT;
        assert_eq!(all, BondFixture::PURSE * UNIT);
        assert_eq!(bond.owed, self.lacking());
        let is_open = |batch: &&ProvenanceFixture| {
            let account = self
                .world
                .raw(&batch.batch)
                .expect("the batch or its grave");
            account.data.len() > 9
        };
        let open = self.batches.iter().filter(is_open).count();
        assert_eq!(usize::try_from(bond.batches).expect("small"), open);
        bond.invariant().expect("holds");
    }
}

#[test]
fn the_vault_is_what_the_ledger_says() {
    let begin = Walk::begin();
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..few_or_many(12, 400) {
        let mut walk = Walk {
            world: begin.world.clone(),
            batches: begin.batches.clone(),
            bond: begin.bond.clone(),
            insurer: begin.insurer,
            claim: begin.claim,
            heirs: None,
            done: BTreeMap::new(),
        };
        let mut random = Random(seed);
        for _ in 0..40 {
            walk.step(&mut random);
            walk.check();
        }
        let end = i64::from(TODAY + RETENTION_DAYS) * DAY;
        walk.world.set_time(end);
        // The staff's records lapse long before the batches' time is over.
        let maker = walk.batches[0].maker.clone();
        let heirs = maker
            .organization
            .operator(&mut walk.world, "heirs", &[Permission::Fund]);
        walk.heirs = Some(Party {
            staff: heirs,
            ..maker
        });
        for step in 0..80 {
            if step % 20 == 19 {
                walk.world.advance(BOND_NOTICE_SECONDS);
            }
            walk.step(&mut random);
            walk.check();
        }
        for (name, times) in walk.done {
            *done.entry(name).or_default() += times;
        }
    }
    let steps: u32 = done.values().sum();
    println!("figure: the walk of a bond: {steps} steps had an effect");
    println!("{done:?}");
    for name in [
        "deposit_bond",
        "recoup_pack",
        "pay_recoupment",
        "close_page",
        "close_batch",
        "close_orphan",
        "announce_bond_withdrawal",
        "withdraw_bond",
    ] {
        assert!(done.get(name).is_some_and(|times| *times > 0), "{name}");
    }
}
