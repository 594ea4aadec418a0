use crate::common::*;

fn opened(count: u8) -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    world
        .send(&[fixture.open_claim(1, count)], &[&fixture.clerk.key()])
        .assert_ok();
    (world, fixture)
}

#[test]
fn appends_in_parts() {
    let (mut world, fixture) = opened(3);
    let clerk = fixture.clerk.key();
    world
        .send(&[fixture.append_lines(1, 0, &[line(1, 5)])], &[&clerk])
        .assert_ok();
    let rest = [
        ClaimLineArgs {
            day: 2,
            units: 3,
            modifiers: [1, 2, 3, 4],
            ..line(2, 6)
        },
        line(3, 7),
    ];
    world
        .send(&[fixture.append_lines(1, 1, &rest)], &[&clerk])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert!(claim.is_complete());
    assert_eq!(claim.charge().unwrap(), 18);
    let second = claim.lines[1];
    assert_eq!(
        (
            second.code_key,
            second.modifiers,
            second.units,
            second.service_date
        ),
        (code(2), [1, 2, 3, 4], 3, SERVICE_DATE + 2)
    );
}

#[test]
fn lines_in_the_wrong_place_are_refused() {
    let (mut world, fixture) = opened(3);
    let clerk = fixture.clerk.key();
    world
        .send(
            &[fixture.append_lines(1, 0, &[line(1, 5), line(2, 5)])],
            &[&clerk],
        )
        .assert_ok();
    let none = ClaimLineArgs {
        units: 0,
        ..line(1, 1)
    };
    for (start, lines, error) in [
        (0, vec![line(1, 5)], ClaimsError::LinesAlreadyAppended),
        (1, vec![line(1, 5)], ClaimsError::LinesAlreadyAppended),
        (3, vec![line(1, 5)], ClaimsError::LinesOutOfOrder),
        (255, vec![line(1, 5)], ClaimsError::LinesOutOfOrder),
        (2, vec![line(1, 5), line(2, 5)], ClaimsError::TooManyLines),
        (2, vec![], ClaimsError::NoLines),
        (2, vec![none], ClaimsError::LineInvalid),
    ] {
        refused(
            &mut world,
            &[fixture.append_lines(1, start, &lines)],
            &[&clerk],
            error,
        );
    }
}

#[test]
fn only_the_providers_staff() {
    let (mut world, fixture, other) = two_insurers();
    world
        .send(&[fixture.open_claim(1, 3)], &[&fixture.clerk.key()])
        .assert_ok();
    let append = fixture.append_lines(1, 0, &[line(1, 5)]);
    refused(
        &mut world,
        &[unsigned(append.clone(), fixture.clerk.key().pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );
    let mut mixed = other.append_lines(1, 0, &[line(1, 5)]);
    mixed.accounts[3].pubkey = fixture.claim(1);
    refused(
        &mut world,
        &[mixed],
        &[&other.clerk.key()],
        ClaimsError::ClaimOfOtherProvider,
    );
    fixture
        .provider
        .revoke(&mut world, &fixture.clerk)
        .assert_ok();
    refused(
        &mut world,
        &[append],
        &[&fixture.clerk.key()],
        ClaimsError::OperatorRevoked,
    );
}

#[test]
fn only_to_a_draft() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[line(1, 20_000)])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.append_lines(1, 1, &[line(2, 5)])],
        &[&fixture.clerk.key()],
        ClaimsError::ClaimNotDraft,
    );
}
