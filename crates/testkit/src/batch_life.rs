//! What a batch costs from its registration to its end: fees, and the rent that is locked up meanwhile.

use galen_rules::merkle::Layout;
use serde::{Deserialize, Serialize};
use solana_instruction::Instruction;

use crate::fixtures::provenance::{whole, ProvenanceFixture, Tree, DAY, GTIN, TODAY};
use crate::world::{Program, World};

/// Lamports for a signature: the fee of a transaction with one.
const FEE: u64 = 5_000;
/// Bytes that a legacy transaction may have.
const PACKET: usize = 1_232;
/// Packs of the batch.
pub const PACKS: u64 = 1_000_000;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchLife {
    /// Pages of dispense bits.
    pub pages: u64,
    /// Transactions that register the batch and open its pages.
    pub opening: u64,
    /// Transactions that close pages, record and batch.
    pub closing: u64,
    /// Lamports locked up by the batch, its record and its pages.
    pub locked: u64,
    /// Lamports of them that have come back at the end.
    pub returned: u64,
}

impl BatchLife {
    /// Registers a batch of [`PACKS`] packs with pages of this height, opens all of them, and closes everything once its time
    /// is over.
    ///
    /// # Panics
    /// Where an instruction is refused.
    pub fn measure(page_height: u8) -> Self {
        let mut world = World::new(&[Program::Registry, Program::Provenance]);
        let fixture = ProvenanceFixture::bare(&mut world);
        let maker = fixture.maker.key();
        world
            .send(&[fixture.register_product()], &[&maker])
            .assert_ok();
        // 64 packs to a case, 64 cases to a pallet, 256 pallets. One pack on each page: what a page costs does not depend on
        // how many there are.
        let layout = Layout::new(6, 6, 8).expect("a tree of height 20");
        let pages = (PACKS >> page_height) + 1;
        let tree = Tree::new(*GTIN, layout, (0..pages).map(|page| page << page_height));
        let mut fixture = fixture.with_tree(tree, page_height, "MILLION");
        fixture.terms.quantity = PACKS;

        let before = world.snapshot();
        world
            .send(&[fixture.register_batch()], &[&maker])
            .assert_ok();
        let open = (0..pages).map(|page| fixture.open_page(page)).collect();
        let opening = 1 + send_packed(&mut world, open);
        let locked = world.snapshot().rent_since(&before);

        let retained = provenance::constants::RETENTION_DAYS;
        world.set_time(i64::from(TODAY + retained) * DAY);
        let mut close: Vec<Instruction> = (0..pages).map(|page| fixture.close_page(page)).collect();
        close.push(fixture.close_node(whole(), &fixture.maker));
        close.push(fixture.close_batch());
        let closing = send_packed(&mut world, close);
        let kept = world.snapshot().rent_since(&before);
        Self {
            pages,
            opening,
            closing,
            locked: u64::try_from(locked).expect("rent is locked"),
            returned: u64::try_from(locked - kept).expect("rent comes back"),
        }
    }

    /// Fees of it all, in lamports.
    pub fn fees(&self) -> u64 {
        (self.opening + self.closing) * FEE
    }

    /// As a line of a table.
    pub fn row(&self) -> String {
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            self.pages,
            self.opening,
            self.closing,
            a_pack(self.opening * FEE),
            a_pack(self.fees()),
            a_pack(self.locked),
            a_pack(self.returned),
            self.locked - self.returned,
        )
    }
}

/// The fee of the one transaction that registers the batch, in lamports a pack.
pub fn registering() -> String {
    a_pack(FEE)
}

/// Lamports as lamports a pack, to a thousandth.
fn a_pack(lamports: u64) -> String {
    let thousandths = lamports * 1_000 / PACKS;
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

/// Sends instructions in as few legacy transactions as hold them. Returns in how many.
fn send_packed(world: &mut World, instructions: Vec<Instruction>) -> u64 {
    let mut sent = 0;
    let mut together: Vec<Instruction> = Vec::new();
    for instruction in instructions {
        together.push(instruction);
        if world.size(&together).0 > PACKET {
            let last = together.pop();
            world.send_unsigned(&together).assert_ok();
            sent += 1;
            together = last.into_iter().collect();
        }
    }
    world.send_unsigned(&together).assert_ok();
    sent + 1
}
