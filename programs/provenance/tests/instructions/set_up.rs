//! Products, batches, pages.

use anchor_lang::prelude::AccountDeserialize;
use provenance::events::{BatchRegistered, PageOpened, ProductRegistered, ProductTransferred};

use crate::common::*;

#[test]
fn a_product_has_one_maker() {
    let (mut world, fixture) = bare();
    let maker = fixture.maker.key();
    let event: ProductRegistered = done(&mut world, fixture.register_product(), &[&maker]).event();
    assert_eq!(
        (event.product, event.manufacturer, &event.gtin),
        (fixture.product, fixture.maker.address(), GTIN)
    );
    let data = world.raw(&fixture.product).unwrap().data;
    let product = Product::try_deserialize(&mut data.as_slice()).unwrap();
    assert_eq!(&product.gtin, GTIN);
    assert_eq!(product.manufacturer, fixture.maker.address());
    assert!(
        !world
            .send(&[fixture.register_product()], &[&maker])
            .succeeded(),
        "a GTIN is registered once"
    );
}

/// Another manufacturer of the same registry.
fn rival(world: &mut World, fixture: &ProvenanceFixture) -> ProvenanceFixture {
    ProvenanceFixture::second(world, fixture.registry, " 2", GTIN)
}

#[test]
fn a_product_goes_to_another_maker() {
    for is_by_governance in [false, true] {
        let (mut world, fixture) = registered();
        let before = fixture.read_batch(&world);
        let other = rival(&mut world, &fixture);
        let next = other.clone().with_terms("N1", |_| {});
        refused(
            &mut world,
            next.register_batch(),
            &[&other.maker.key()],
            ProvenanceError::ProductOfOther,
        );
        let transfer = fixture.transfer_product(&other.maker, is_by_governance);
        let key = if is_by_governance {
            fixture.registry.governance()
        } else {
            fixture.maker.key()
        };
        let event: ProductTransferred = done(&mut world, transfer.clone(), &[&key]).event();
        assert_eq!(
            (event.product, event.gtin, event.is_by_governance),
            (fixture.product, *GTIN, is_by_governance)
        );
        assert_eq!(
            (event.from, event.to),
            (fixture.maker.address(), other.maker.address())
        );
        // What was registered before stays with whoever answers for it.
        assert_eq!(fixture.read_batch(&world), before);
        done(&mut world, next.register_batch(), &[&other.maker.key()]);
        let late = fixture.clone().with_terms("N2", |_| {});
        refused(
            &mut world,
            late.register_batch(),
            &[&fixture.maker.key()],
            ProvenanceError::ProductOfOther,
        );
        refused(
            &mut world,
            transfer,
            &[&key],
            ProvenanceError::ProductOfOther,
        );
    }
}

#[test]
fn who_gives_a_product_to_whom() {
    let (mut world, fixture) = registered();
    let other = rival(&mut world, &fixture);
    let (maker, governance) = (fixture.maker.key(), fixture.registry.governance());
    // Nobody's staff, and not who governs.
    let mut by_staff = fixture.transfer_product(&other.maker, true);
    by_staff.accounts[0].pubkey = maker.pubkey();
    refused(
        &mut world,
        by_staff,
        &[&maker],
        ProvenanceError::NotGovernance,
    );
    // To itself, to whom makes nothing, to whom governance has suspended.
    for (to, error) in [
        (&fixture.maker, ProvenanceError::ProductIsTheirs),
        (&fixture.wholesaler, ProvenanceError::NotAManufacturer),
    ] {
        for (is_by_governance, key) in [(false, &maker), (true, &governance)] {
            let transfer = fixture.transfer_product(to, is_by_governance);
            refused(&mut world, transfer, &[key], error);
        }
    }
    let mut suspended = world.clone();
    let suspend = |world: &mut World, party: &Party| {
        let (status, reason) = (OrganizationStatus::Suspended, 3);
        let organization = &party.organization;
        let registry = &fixture.registry;
        registry
            .set_status(world, organization, status, reason)
            .assert_ok();
    };
    suspend(&mut suspended, &other.maker);
    refused(
        &mut suspended,
        fixture.transfer_product(&other.maker, false),
        &[&maker],
        ProvenanceError::OrganizationNotActive,
    );
    // Governance takes it from whom it has suspended, which cannot give it away any more.
    suspend(&mut world, &fixture.maker);
    refused(
        &mut world,
        fixture.transfer_product(&other.maker, false),
        &[&maker],
        ProvenanceError::OrganizationNotActive,
    );
    let transfer = fixture.transfer_product(&other.maker, true);
    done(&mut world, transfer, &[&governance]);
}

#[test]
fn a_gtin_needs_its_check_digit() {
    let (mut world, fixture) = bare();
    for wrong in [b"09506000134353", b"0950600013435a", b"00000000000001"] {
        let mut fixture = fixture.clone();
        fixture.tree = Tree::new(*wrong, fixture.tree.layout, [0]);
        fixture.product = Product::find_address(wrong).0;
        refused(
            &mut world,
            fixture.register_product(),
            &[&fixture.maker.key()],
            ProvenanceError::GtinInvalid,
        );
    }
}

#[test]
fn only_manufacturers_register() {
    let (mut world, mut fixture) = bare();
    fixture.maker = fixture.wholesaler.clone();
    refused(
        &mut world,
        fixture.register_product(),
        &[&fixture.maker.key()],
        ProvenanceError::NotAManufacturer,
    );
}

#[test]
fn a_batch_begins_with_its_manufacturer() {
    let (mut world, fixture) = bare();
    let maker = fixture.maker.key();
    done(&mut world, fixture.register_product(), &[&maker]);
    let event: BatchRegistered = done(&mut world, fixture.register_batch(), &[&maker]).event();
    assert_eq!((event.batch, event.quantity), (fixture.batch, 54));
    let batch = fixture.read_batch(&world);
    assert_eq!(batch.root, fixture.tree.root());
    assert_eq!(batch.layout, [3, 2, 2]);
    assert_eq!((batch.expiry, batch.pages), (EXPIRY, 0));
    assert_eq!(&batch.gtin, GTIN);
    let custody = custody_at(&world, &fixture, whole());
    assert_eq!(
        (custody.custodian, custody.owner, custody.status),
        (
            fixture.maker.address(),
            fixture.maker.address(),
            Status::Commissioned
        )
    );
    assert!(!world
        .send(&[fixture.register_batch()], &[&maker])
        .succeeded());
}

#[test]
fn a_batch_of_a_million_in_one_transaction() {
    let (mut world, fixture) = registered();
    let layout = Layout::fitting(48, 40, 1_000_000).unwrap();
    let tree = Tree::new(*GTIN, layout, [0, 1, 999]);
    let mut fixture = fixture.with_tree(tree, 12, "MILLION");
    fixture.terms.quantity = 1_000_000;
    let (bytes, _) = world.size(&[fixture.register_batch()]);
    assert!(bytes <= 1_232);
    done(
        &mut world,
        fixture.register_batch(),
        &[&fixture.maker.key()],
    );
    assert_eq!(fixture.read_batch(&world).quantity, 1_000_000);
}

#[test]
fn what_a_batch_cannot_be() {
    let (world, fixture) = registered();
    type Change = fn(&mut BatchTerms);
    let cases: [(Change, ProvenanceError); 16] = [
        (|t| t.lot = [0; 20], ProvenanceError::LotInvalid),
        (|t| t.lot[3] = b'x', ProvenanceError::LotInvalid),
        (|t| t.lot[1] = b' ', ProvenanceError::LotInvalid),
        (|t| t.expiry = TODAY, ProvenanceError::ExpiryInPast),
        (|t| t.expiry = i32::MAX, ProvenanceError::DateInvalid),
        (|t| t.layout = [20, 20, 1], ProvenanceError::LayoutInvalid),
        (|t| t.layout = [255, 1, 0], ProvenanceError::LayoutInvalid),
        (|t| t.quantity = 0, ProvenanceError::QuantityInvalid),
        (|t| t.quantity = 129, ProvenanceError::QuantityInvalid),
        (|t| t.root = [0; 32], ProvenanceError::RootEmpty),
        (|t| t.page_height = 2, ProvenanceError::PageHeightInvalid),
        (|t| t.page_height = 8, ProvenanceError::PageHeightInvalid),
        (
            |t| {
                t.page_height = 17;
                t.layout = [10, 10, 10];
            },
            ProvenanceError::PageHeightInvalid,
        ),
        (|t| t.policy = 4, ProvenanceError::PolicyInvalid),
        (|t| t.storage = 3, ProvenanceError::StorageInvalid),
        (
            |t| t.return_kind = t.credential_kind,
            ProvenanceError::CredentialKindsInvalid,
        ),
    ];
    for (number, (change, error)) in cases.into_iter().enumerate() {
        let fixture = fixture.clone().with_terms("C", change);
        let before = world.snapshot();
        let mut world = world.clone();
        let outcome = world.send(&[fixture.register_batch()], &[&fixture.maker.key()]);
        assert_eq!(
            outcome.code(),
            Some(u32::from(error)),
            "case {number}: {outcome}"
        );
        before.assert_same(&world.snapshot());
    }
}

#[test]
fn a_batch_is_its_products_manufacturers() {
    let (mut world, fixture) = registered();
    let rival = ProvenanceFixture::second(&mut world, fixture.registry, " 2", OTHER_GTIN);
    let mut fixture = fixture.with_terms("C1", |_| {});
    fixture.maker = rival.maker;
    refused(
        &mut world,
        fixture.register_batch(),
        &[&fixture.maker.key()],
        ProvenanceError::ProductOfOther,
    );
}

#[test]
fn pages_are_proved_and_opened_once() {
    let (mut world, fixture) = registered();
    let maker = fixture.maker.key();
    let event: PageOpened = done(&mut world, fixture.open_page(1), &[&maker]).event();
    assert_eq!((event.page, event.number), (fixture.page(1), 1));
    let page = fixture.read_page(&world, 1);
    assert_eq!(page.root, fixture.tree.node(5, 1));
    assert_eq!((page.payer, page.dispensed), (maker.pubkey(), 0));
    assert_eq!(fixture.read_batch(&world).pages, 2);
    refused(
        &mut world,
        fixture.open_page(1),
        &[&maker],
        ProvenanceError::AlreadyThere,
    );
    // The fourth pallet has no packs: an empty subtree is never a member.
    refused(
        &mut world,
        fixture.open_page(3),
        &[&maker],
        ProvenanceError::ProofInvalid,
    );
    let root = fixture.tree.node(5, 2);
    let siblings = fixture.tree.siblings(5, 2, 7);
    for (number, root, siblings) in [
        (2, fixture.tree.node(5, 1), siblings.clone()),
        (2, root, siblings[..1].to_vec()),
        (2, root, [&siblings[..], &[[1; 32]]].concat()),
        (3, root, siblings.clone()),
        (6, root, siblings.clone()),
        (u64::MAX, root, siblings.clone()),
    ] {
        refused(
            &mut world,
            fixture.open_page_with(number, root, siblings),
            &[&maker],
            ProvenanceError::ProofInvalid,
        );
    }
}

#[test]
fn money_sent_to_an_address_beforehand_stops_nothing() {
    let (mut world, fixture) = registered();
    let maker = fixture.maker.key();
    for lamports in [1, 1_000_000_000] {
        let mut world = world.clone();
        let account = solana_account::Account {
            lamports,
            ..Default::default()
        };
        world.set_raw(&fixture.page(1), account);
        done(&mut world, fixture.open_page(1), &[&maker]);
        let held = world.raw(&fixture.page(1)).unwrap().lamports;
        let size = BatchPage::account_size(5).unwrap();
        assert_eq!(held, world.rent(size).max(lamports));
    }
    done(&mut world, fixture.open_page(1), &[&maker]);
}

#[test]
fn no_page_is_opened_after_the_expiry() {
    let (mut world, fixture) = registered();
    world.set_time(i64::from(EXPIRY) * DAY);
    // The staff's permissions last a year, as the batch does.
    let maker = fixture.maker.key();
    world.advance(-DAY);
    done(&mut world, fixture.open_page(1), &[&maker]);
    let short = fixture
        .clone()
        .with_terms("S1", |terms| terms.expiry = TODAY + 2);
    let (mut world, _) = registered();
    done(&mut world, short.register_batch(), &[&maker]);
    world.advance(2 * DAY);
    done(&mut world, short.open_page(0), &[&maker]);
    world.advance(DAY);
    refused(
        &mut world,
        short.open_page(1),
        &[&maker],
        ProvenanceError::Expired,
    );
}

#[test]
fn pages_are_opened_by_the_batchs_maker() {
    let (mut world, fixture) = registered();
    let open = swapped(
        fixture.open_page(1),
        fixture.maker.address(),
        fixture.wholesaler.address(),
    );
    refused(
        &mut world,
        open,
        &[&fixture.maker.key()],
        ProvenanceError::BatchOfOther,
    );
}
