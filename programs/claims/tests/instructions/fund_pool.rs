use claims::events::PoolFunded;

use crate::common::*;

#[test]
fn anybody_adds_money() {
    let (mut world, fixture) = ready();
    let before = fixture.read_pool(&world);
    let outcome = fixture.fund(&mut world, 12_345).assert_ok();
    let after = fixture.read_pool(&world);
    assert_eq!(after.funded, before.funded + 12_345);
    assert_eq!((after.paid, after.unfunded), (before.paid, before.unfunded));
    assert_eq!(
        world.balance(&fixture.vault),
        (FUNDED + 12_345) * UNIT_PER_CENT
    );
    let event: PoolFunded = outcome.event();
    assert_eq!((event.amount, event.funded), (12_345, after.funded));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn money_sent_past_the_ledger_is_not_counted() {
    let (mut world, fixture) = ready();
    world.mint_to(&fixture.vault, 77_777);
    fixture.fund(&mut world, 1).assert_ok();
    let pool = fixture.read_pool(&world);
    assert_eq!(pool.funded, FUNDED + 1);
    assert_eq!(pool.free().unwrap(), FUNDED + 1);
}

#[test]
fn refuses() {
    let (mut world, fixture, other) = two_insurers();
    let treasurer = actor("treasurer");
    let good = fixture.fund_pool(100);
    let cases = [
        (fixture.fund_pool(0), u32::from(ClaimsError::FundingInvalid)),
        (
            fixture.fund_pool(u64::MAX),
            ClaimsError::AmountOverflow.into(),
        ),
        (
            swapped(good.clone(), fixture.vault, other.vault),
            ClaimsError::WrongVault.into(),
        ),
        (
            swapped(good.clone(), fixture.mint, other.mint),
            ClaimsError::WrongMint.into(),
        ),
        (
            swapped(
                good.clone(),
                fixture.token_program,
                anchor_spl::token_2022::ID,
            ),
            ClaimsError::WrongTokenProgram.into(),
        ),
        (
            unsigned(good.clone(), treasurer.pubkey()),
            ErrorCode::AccountNotSigner.into(),
        ),
        // The vault as its own source.
        (
            swapped(good.clone(), fixture.treasury, fixture.vault),
            ErrorCode::ConstraintDuplicateMutableAccount.into(),
        ),
    ];
    for (instruction, error) in cases {
        let signers: &[&Keypair] = if error == u32::from(ErrorCode::AccountNotSigner) {
            &[]
        } else {
            &[&treasurer]
        };
        refused(&mut world, &[instruction], signers, error);
    }
    // Somebody else's money.
    let stranger = world.actor("stranger");
    let stolen = swapped(good, treasurer.pubkey(), stranger.pubkey());
    // The token program's `OwnerMismatch`.
    refused(&mut world, &[stolen], &[&stranger], 4u32);
}

/// Such a mint is refused when the pool is created; were it to tax transfers all the same, less would arrive than was sent.
#[test]
fn what_arrives_short_is_refused() {
    let mut world = empty();
    let fixture = ClaimsFixture::bare_with_mint(&mut world, &MintTerms::token_2022(&[]));
    fixture.set_up(&mut world, terms(), unlimited());
    world.tax(&fixture.mint, &[fixture.treasury, fixture.vault]);
    refused(
        &mut world,
        &[fixture.fund_pool(100)],
        &[&actor("treasurer")],
        ClaimsError::FundingMismatch,
    );
}
