use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use claims::events::PoolCreated;

use crate::common::*;

#[test]
fn creates_a_pool_and_its_vault() {
    let (mut world, fixture) = bare();
    assert!(world.raw(&fixture.pool).is_none());
    let outcome = world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();

    let pool = fixture.read_pool(&world);
    assert_eq!(pool.insurer, fixture.insurer.address);
    assert_eq!(pool.mint, fixture.mint);
    assert_eq!(pool.vault, fixture.vault);
    assert_eq!(pool.token_program, fixture.token_program);
    assert_eq!(pool.ticket_key, fixture.desk().pubkey());
    assert_eq!((pool.decimals, pool.unit_per_cent), (6, UNIT_PER_CENT));
    assert_eq!((pool.funded, pool.paid, pool.unfunded), (0, 0, 0));
    assert_eq!(pool.issuer_powers, 0);
    let vault = world.token(&fixture.vault);
    assert_eq!(
        (vault.owner, vault.mint, vault.amount),
        (fixture.pool, fixture.mint, 0)
    );
    let event: PoolCreated = outcome.event();
    assert_eq!(
        (event.pool, event.insurer, event.mint),
        (fixture.pool, fixture.insurer.address, fixture.mint)
    );
}

#[test]
fn only_staff_that_manages_pools() {
    let (world, fixture) = bare();
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.create_pool(0),
        Permission::ManagePool,
    );
}

#[test]
fn a_provider_has_no_pool() {
    let (mut world, fixture) = bare();
    let staff = fixture
        .provider
        .operator(&mut world, "dreamer", &Permission::ALL);
    let mut other = fixture.clone();
    other.insurer = fixture.provider.clone();
    other.staff = staff.clone();
    refused(
        &mut world,
        &[other.create_pool(0)],
        &[&staff.key()],
        ClaimsError::NotAnInsurer,
    );
}

#[test]
fn a_pool_is_created_once() {
    let (mut world, fixture) = ready();
    refused(
        &mut world,
        &[fixture.create_pool(0)],
        &[&fixture.staff.key()],
        ADDRESS_IN_USE,
    );
}

#[test]
fn survives_addresses_that_somebody_funded_before() {
    let (mut world, fixture) = bare();
    world.fund(&fixture.pool);
    world.fund(&fixture.vault);
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();
}

#[test]
fn states_that_accounts_can_be_frozen() {
    let mut world = empty();
    let terms = MintTerms {
        freeze_authority: Some(actor("issuer").pubkey()),
        ..MintTerms::default()
    };
    let fixture = ClaimsFixture::bare_with_mint(&mut world, &terms);
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();
    assert_eq!(
        fixture.read_pool(&world).issuer_powers,
        Pool::ISSUER_CAN_FREEZE
    );
}

#[test]
fn decimals_from_two_to_nine() {
    for (decimals, unit) in [
        (2, Some(1)),
        (9, Some(10_000_000)),
        (0, None),
        (1, None),
        (10, None),
        (255, None),
    ] {
        let mut world = empty();
        let terms = MintTerms {
            decimals,
            ..MintTerms::default()
        };
        let fixture = ClaimsFixture::bare_with_mint(&mut world, &terms);
        match unit {
            Some(unit) => {
                world
                    .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
                    .assert_ok();
                assert_eq!(fixture.read_pool(&world).unit_per_cent, unit);
            }
            None => refused(
                &mut world,
                &[fixture.create_pool(0)],
                &[&fixture.staff.key()],
                ClaimsError::MintDecimalsInvalid,
            ),
        }
    }
}

#[test]
fn the_token_program_is_the_mints() {
    let (mut world, fixture) = bare();
    let other = swapped(
        fixture.create_pool(0),
        fixture.token_program,
        TokenProgram::Token2022.id(),
    );
    let before = world.snapshot();
    let outcome = world.send(&[other], &[&fixture.staff.key()]);
    assert!(!outcome.succeeded() && !outcome.crashed());
    before.assert_same(&world.snapshot());
}

/// Where the data of a mint's extensions of this type begin.
fn tlv(data: &[u8], wanted: ExtensionType) -> Vec<usize> {
    let (mut found, mut at) = (Vec::new(), 166);
    while let Some(header) = data.get(at..at + 4) {
        if header[..2] == u16::from(wanted).to_le_bytes() {
            found.push(at + 4);
        }
        at += 4 + usize::from(u16::from_le_bytes([header[2], header[3]]));
    }
    found
}

/// Every extension that Token-2022 has, and one that it does not have.
#[test]
fn extensions_that_can_take_freeze_tax_or_redirect_are_refused() {
    let harmless = [
        ExtensionType::MetadataPointer,
        ExtensionType::TokenMetadata,
        ExtensionType::GroupPointer,
        ExtensionType::TokenGroup,
        ExtensionType::GroupMemberPointer,
        ExtensionType::TokenGroupMember,
    ];
    let named = [
        (ExtensionType::TransferFeeConfig, ClaimsError::MintCanTax),
        (ExtensionType::PermanentDelegate, ClaimsError::MintCanTake),
        (
            ExtensionType::DefaultAccountState,
            ClaimsError::MintCanFreeze,
        ),
        (ExtensionType::Pausable, ClaimsError::MintCanFreeze),
        (ExtensionType::TransferHook, ClaimsError::MintCanRedirect),
        (
            ExtensionType::ConfidentialTransferMint,
            ClaimsError::MintCanRedirect,
        ),
        (
            ExtensionType::ConfidentialTransferFeeConfig,
            ClaimsError::MintCanRedirect,
        ),
        (
            ExtensionType::ConfidentialMintBurn,
            ClaimsError::MintCanRedirect,
        ),
        (
            ExtensionType::MintCloseAuthority,
            ClaimsError::MintExtensionRefused,
        ),
        (
            ExtensionType::NonTransferable,
            ClaimsError::MintExtensionRefused,
        ),
        (
            ExtensionType::InterestBearingConfig,
            ClaimsError::MintExtensionRefused,
        ),
        (
            ExtensionType::ScaledUiAmount,
            ClaimsError::MintExtensionRefused,
        ),
    ];
    let attempt = |terms: &MintTerms| {
        let mut world = empty();
        let fixture = ClaimsFixture::bare_with_mint(&mut world, terms);
        // A default state of zero would be none; frozen it is what people use.
        let mut mint = world.raw(&fixture.mint).unwrap();
        for at in tlv(&mint.data, ExtensionType::DefaultAccountState) {
            mint.data[at] = 2;
        }
        world.set_raw(&fixture.mint, mint);
        let before = world.snapshot();
        let outcome = world.send(&[fixture.create_pool(0)], &[&fixture.staff.key()]);
        if !outcome.succeeded() {
            before.assert_same(&world.snapshot());
        }
        outcome
    };
    for extension in harmless {
        attempt(&MintTerms::token_2022(&[extension])).assert_ok();
    }
    for (extension, error) in named {
        attempt(&MintTerms::token_2022(&[extension])).assert_error(error);
        // Behind a harmless one, too.
        attempt(&MintTerms::token_2022(&[
            ExtensionType::MetadataPointer,
            extension,
        ]))
        .assert_error(error);
    }
    // Extensions of token accounts do not belong on a mint; those of the future have not been judged.
    let mut refused = 0;
    for kind in 1..=60u16 {
        let known = harmless
            .iter()
            .chain(named.iter().map(|(extension, _)| extension));
        if known.clone().any(|extension| u16::from(*extension) == kind) {
            continue;
        }
        let terms = MintTerms {
            program: TokenProgram::Token2022,
            extensions: vec![(kind, 8)],
            ..MintTerms::default()
        };
        let outcome = attempt(&terms);
        assert!(
            !outcome.succeeded() && !outcome.crashed(),
            "extension {kind}: {outcome}"
        );
        refused += 1;
    }
    assert_eq!(refused, 60 - harmless.len() - named.len());
}

#[test]
fn something_else_is_no_mint() {
    let (mut world, fixture) = bare();
    for account in [
        fixture.treasury,
        fixture.insurer.address,
        actor("nobody").pubkey(),
    ] {
        let mut other = fixture.clone();
        other.mint = account;
        let before = world.snapshot();
        let outcome = world.send(&[other.create_pool(0)], &[&fixture.staff.key()]);
        assert!(!outcome.succeeded() && !outcome.crashed(), "{outcome}");
        before.assert_same(&world.snapshot());
    }
}
