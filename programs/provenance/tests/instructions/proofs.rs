//! Forged proofs, and records of the path that are left out or swapped.

use crate::common::*;

fn with(fixture: &ProvenanceFixture, proof: PackProof) -> Instruction {
    fixture.dispense_with(&fixture.pharmacy, proof, false, None)
}

#[test]
fn a_proof_is_of_this_pack_only() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let good = fixture.tree.proof(3, 5);
    let other = Tree::new(*OTHER_GTIN, fixture.tree.layout, packs()).proof(3, 5);
    type Change<'a> = Box<dyn Fn(&mut PackProof) + 'a>;
    let changes: Vec<Change> = vec![
        Box::new(|proof| proof.index = 4),
        Box::new(|proof| proof.salt[0] ^= 1),
        Box::new(|proof| proof.serial[2] = b'1'),
        Box::new(|proof| proof.serial[9] = 0),
        Box::new(|proof| proof.serial = padded(b"SN00000004")),
        Box::new(|proof| proof.siblings[0][0] ^= 1),
        Box::new(|proof| proof.siblings[4] = [0; 32]),
        Box::new(|proof| proof.siblings.swap(0, 1)),
        Box::new(|proof| {
            proof.siblings.pop();
        }),
        Box::new(|proof| proof.siblings.push([1; 32])),
        Box::new(|proof| proof.siblings.clear()),
        Box::new(|proof| *proof = other.clone()),
        // A place without a pack, with the siblings that are there.
        Box::new(|proof| {
            proof.index = 6;
            proof.siblings = fixture.tree.siblings(0, 6, 5);
        }),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut proof = good.clone();
        change(&mut proof);
        let before = world.snapshot();
        let outcome = world.send(&[with(&fixture, proof)], &[&key]);
        assert_eq!(
            outcome.code(),
            Some(ProvenanceError::ProofInvalid.into()),
            "change {number}: {outcome}"
        );
        before.assert_same(&world.snapshot());
    }
    for serial in [
        b"".as_slice(),
        b"SN 00000003",
        b"SN\x1d3",
        b"SN\x0003",
        b"\0SN3",
    ] {
        let mut proof = good.clone();
        proof.serial = padded(serial);
        refused(
            &mut world,
            with(&fixture, proof),
            &[&key],
            ProvenanceError::SerialInvalid,
        );
    }
    done(&mut world, with(&fixture, good), &[&key]);
}

#[test]
fn other_programs_ask_whether_a_pack_is_in_the_batch() {
    let (mut world, fixture) = delivered();
    let good = fixture.tree.proof(3, 5);
    let before = world.snapshot();
    done(&mut world, fixture.verify(good.clone()), &[]);
    before.assert_same(&world.snapshot());
    let mut wrong = good.clone();
    wrong.serial = padded(b"SN00000004");
    refused(
        &mut world,
        fixture.verify(wrong),
        &[],
        ProvenanceError::ProofInvalid,
    );
    let twin = fixture.clone().with_terms("T1", |_| {});
    twin.begin_batch(&mut world);
    for (from, to) in [(fixture.page(0), twin.page(0)), (fixture.batch, twin.batch)] {
        refused(
            &mut world,
            swapped(fixture.verify(good.clone()), from, to),
            &[],
            ProvenanceError::WrongPage,
        );
    }
    done(&mut world, fixture.open_page(1), &[&fixture.maker.key()]);
    refused(
        &mut world,
        swapped(fixture.verify(good), fixture.page(0), fixture.page(1)),
        &[],
        ProvenanceError::WrongPage,
    );
}

#[test]
fn an_inner_node_is_no_pack() {
    let (mut world, fixture) = delivered();
    // A case's node, passed as if it were one level lower or higher.
    for (height, level, error) in [
        (2_u8, Level::Case, ProvenanceError::ProofInvalid),
        // For a pallet there is a record above too many.
        (4, Level::Pallet, ProvenanceError::RecordNotNeeded),
    ] {
        let mut instruction = fixture.dispense_all(case(0));
        let args = provenance::instructions::DispenseSubtreeArgs {
            place: place(level, 0),
            hash: fixture.tree.node(height, 0),
            siblings: fixture.tree.siblings(height, 0, 5),
            is_handed_out: false,
        };
        instruction.data.truncate(8);
        instruction
            .data
            .extend(anchor_lang::prelude::borsh::to_vec(&args).unwrap());
        refused(&mut world, instruction, &[&fixture.pharmacy.key()], error);
    }
}

#[test]
fn no_level_of_the_path_is_left_out() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let quarantine = fixture.set_status(pallet(0), &fixture.wholesaler, StatusAction::Quarantine);
    done(&mut world, quarantine, &[&fixture.wholesaler.key()]);
    // The second case is on the quarantined pallet.
    fixture
        .revoke_credential(&mut world.clone(), &fixture.wholesaler)
        .assert_ok();
    let dispense = fixture.dispense(0);
    let nowhere = actor("nothing is here").pubkey();
    for of in [pack(0), case(0), pallet(0), whole()] {
        for instead in [
            nowhere,
            fixture.node(case(1)),
            fixture.node(pallet(1)),
            fixture.node(pack(1)),
            fixture.batch,
            fixture.page(0),
            fixture.wholesaler.address(),
            anchor_lang::system_program::ID,
        ] {
            refused(
                &mut world,
                swapped(dispense.clone(), fixture.node(of), instead),
                &[&key],
                ProvenanceError::WrongRecord,
            );
        }
    }
    // The case has a record of its own: it was sold before the quarantine, which is of what the wholesaler has.
    done(&mut world, dispense, &[&key]);
}

#[test]
fn the_page_is_the_packs() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.open_page(1), &[&fixture.maker.key()]);
    let dispense = fixture.dispense(0);
    refused(
        &mut world,
        swapped(dispense.clone(), fixture.page(0), fixture.page(1)),
        &[&key],
        ProvenanceError::WrongPage,
    );
    // Another batch with the same tree: a proof for it is good there only.
    let twin = fixture.clone().with_terms("T1", |_| {});
    twin.begin_batch(&mut world);
    refused(
        &mut world,
        swapped(dispense.clone(), fixture.page(0), twin.page(0)),
        &[&key],
        ProvenanceError::WrongPage,
    );
    refused(
        &mut world,
        swapped(dispense, fixture.batch, twin.batch),
        &[&key],
        ProvenanceError::WrongPage,
    );
}

#[test]
fn the_record_is_the_packs() {
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    done(&mut world, fixture.dispense(1), &[&key]);
    let dispense = fixture.dispense(0);
    let own = fixture.dispense_address(pack(0));
    for (instead, error) in [
        (
            fixture.dispense_address(pack(1)),
            ProvenanceError::WrongRecord,
        ),
        (
            fixture.dispense_address(pack(2)),
            ProvenanceError::WrongAddress,
        ),
        (fixture.shipment(pack(0)), ProvenanceError::WrongAddress),
        (fixture.node(case(0)), ProvenanceError::WrongRecord),
        (fixture.wholesaler.address(), ProvenanceError::WrongRecord),
    ] {
        let mut instruction = dispense.clone();
        for meta in &mut instruction.accounts {
            if meta.pubkey == own {
                meta.pubkey = instead;
            }
        }
        refused(&mut world, instruction, &[&key], error);
    }
}

/// Forged proofs on the virtual machine: 1,000 as a rule, 100,000 where `GALEN_SOAK` is set.
#[test]
fn forged_proofs_by_the_thousand() {
    let count = few_or_many(1_000, 100_000);
    let (mut world, fixture) = delivered();
    let key = fixture.pharmacy.key();
    let mut random = Random(20_260_305);
    let mut refusals = 0;
    for round in 0..count {
        let index = random.below(6);
        let mut proof = fixture.tree.proof(index, 5);
        forge(&mut proof, &fixture.tree, &mut random);
        let outcome = world.send(&[with(&fixture, proof.clone())], &[&key]);
        assert!(!outcome.succeeded(), "round {round}: {proof:?}");
        assert!(!outcome.crashed(), "round {round}: {outcome}");
        refusals += 1;
    }
    assert_eq!(refusals, count);
    assert_eq!(fixture.read_page(&world, 0).dispensed, 0);
}

/// Makes another proof of a proof, never the same one.
fn forge(proof: &mut PackProof, tree: &Tree, random: &mut Random) {
    let pick =
        |random: &mut Random, end: usize| usize::try_from(random.below(end as u64)).expect("small");
    match random.below(8) {
        0 => {
            let level = pick(random, proof.siblings.len());
            let byte = pick(random, 32);
            proof.siblings[level][byte] ^= 1 << random.below(8);
        }
        1 => proof.salt[pick(random, 16)] ^= 1 << random.below(8),
        2 => {
            let place = pick(random, 10);
            let digit = b"ABCDEFGHIJKLM"[pick(random, 13)];
            proof.serial[place] = digit ^ 0x20;
        }
        3 => {
            // The siblings of another pack.
            let other = (proof.index + 1 + random.below(5)) % 6;
            proof.siblings = tree.siblings(0, other, 5);
        }
        4 => {
            let keep = pick(random, proof.siblings.len());
            proof.siblings.truncate(keep);
        }
        5 => {
            let height = u8::try_from(random.below(5)).expect("small");
            let node = tree.node(height, random.below(4));
            proof.siblings.push(node);
        }
        6 => proof.index = (proof.index + 1 + random.below(5)) % 6,
        _ => {
            let (one, two) = (pick(random, 5), pick(random, 5));
            proof.siblings.swap(one, two);
            if proof.siblings[one] == proof.siblings[two] {
                proof.siblings[one][0] ^= 1;
            }
        }
    }
}
