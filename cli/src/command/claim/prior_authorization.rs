//! Prior authorisations that a claim brings: those that its document and the command name, then those that the ledger has about
//! its lines. A document names one by a text, the ledger by a number from 1 to 255, which the insurer gives.

use std::collections::BTreeSet;

use claims::state::{Authorization, Claim};
use galen_documents::claim::{Form, Part};

use crate::chain::others::about;
use crate::document;
use crate::error::{CliError, Result};

/// What the ledger has beyond what was named is brought up to so many: more of them about the lines of one claim would not fit
/// a transaction.
const UNNAMED: usize = 6;

/// An authorisation that a document names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Its number among the member's.
    pub number: u8,
    /// Where the document names it.
    pub at: String,
}

/// What the line at `index` names, if it names any.
///
/// # Errors
/// `authorization_unknown` for a text that is no number of the ledger's.
pub fn cited(document: &document::Claim, index: usize, name: &str) -> Result<Option<Citation>> {
    let line = document.claim.lines.get(index);
    let Some(text) = line.and_then(|line| line.authorization.as_deref()) else {
        return Ok(None);
    };
    let at = place(document, index);
    match number(text) {
        Some(number) => Ok(Some(Citation { number, at })),
        None => Err(unknown(name, text, Some(at))),
    }
}

fn place(document: &document::Claim, index: usize) -> String {
    let x12 = document.x12.as_ref();
    if let Some(place) = x12.and_then(|claim| claim.lines.get(index)?.authorization_place.as_ref())
    {
        return place.to_string();
    }
    match (document.claim.form, &document.fhir) {
        (Form::Fhir, Some(fhir)) => format!("Claim.insurance[{}].preAuthRef[0]", fhir.insurance),
        _ => format!("{}.authorization", document.claim.at(index, Part::Whole)),
    }
}

/// A number of the ledger's as a document writes it: digits alone.
fn number(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u8>().ok().filter(|_| digits);
    number.filter(|number| *number != 0)
}

fn unknown(name: &str, number: &str, at: Option<String>) -> CliError {
    CliError {
        code: "authorization_unknown".to_owned(),
        message: format!("{name}: The ledger has no authorization {number} of this member. They are numbered from 1 to 255, and the insurer grants them with `galen member authorize`; name one that is there, or none."),
        at,
    }
}

/// The numbers that a claim brings, each once: those that the command names (`flags`), those that the document cites in its
/// lines' order, and what else the member's `papers` have about a line. The program gives a line the first that fits.
///
/// # Errors
/// `authorization_unknown` for one that is not among the papers, with its place in the document.
pub fn brought(
    claim: &Claim,
    citations: &[Citation],
    flags: &[u8],
    papers: &[Authorization],
    name: &str,
) -> Result<Vec<u8>> {
    let own: Vec<Authorization> = papers
        .iter()
        .filter(|paper| paper.member == claim.member)
        .copied()
        .collect();
    let flagged = flags.iter().map(|number| (*number, None));
    let cited = citations
        .iter()
        .map(|citation| (citation.number, Some(&citation.at)));
    let mut known = BTreeSet::new();
    let mut numbers = Vec::new();
    for (number, at) in flagged.chain(cited) {
        if !own.iter().any(|paper| paper.number == number) {
            let name = match at {
                Some(_) => name,
                None => "--authorization",
            };
            return Err(unknown(name, &number.to_string(), at.cloned()));
        }
        if known.insert(number) {
            numbers.push(number);
        }
    }
    let others = about(claim, &own);
    numbers.extend(others.difference(&known).take(UNNAMED));
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use claims::state::{ClaimLineArgs, Grant, Opening};
    use solana_pubkey::Pubkey;

    use super::*;

    fn claim() -> Claim {
        let key = |byte: u8| Pubkey::new_from_array([byte; 32]);
        let opening = Opening {
            bump: 255,
            pool: key(3),
            provider: key(2),
            claim_id: [3; 16],
            document: [4; 32],
            opener: key(2),
            service_date: 20_000,
            line_count: 1,
        };
        let mut claim = Claim::open(opening).expect("opened");
        let line = ClaimLineArgs {
            code_key: [5; 8],
            modifiers: [0; 4],
            units: 1,
            charge: 100,
            day: 0,
        };
        claim.append(0, &[line]).expect("appended");
        claim.member = key(1);
        claim
    }

    fn paper(member: u8, number: u8, code: u8) -> Authorization {
        let grant = Grant {
            number,
            provider: Pubkey::default(),
            code_key: [code; 8],
            from: 19_999,
            to: 20_001,
            units: 1,
        };
        Authorization::new(255, Pubkey::new_from_array([member; 32]), &grant).expect("granted")
    }

    fn citation(number: u8) -> Citation {
        Citation {
            number,
            at: "lines[0].authorization".to_owned(),
        }
    }

    #[test]
    fn what_is_named_comes_first_and_what_the_ledger_has_after_it() {
        let papers = [
            paper(1, 1, 5),
            paper(1, 2, 5),
            paper(1, 3, 6),
            paper(1, 4, 5),
            paper(9, 5, 5),
        ];
        let numbers = |citations: &[Citation], flags: &[u8]| {
            brought(&claim(), citations, flags, &papers, "claim.json").expect("brought")
        };
        assert_eq!(numbers(&[], &[]), [1, 2, 4]);
        assert_eq!(numbers(&[citation(4)], &[]), [4, 1, 2]);
        // One about another service is brought because it was named: the program says why it does not do.
        assert_eq!(numbers(&[citation(3), citation(2)], &[4, 2]), [4, 2, 3, 1]);
    }

    #[test]
    fn one_that_is_not_there_is_refused_by_its_place() {
        let papers = [paper(1, 1, 5), paper(9, 5, 5)];
        let refused = |citations: &[Citation], flags: &[u8]| {
            let error = brought(&claim(), citations, flags, &papers, "claim.json");
            let error = error.expect_err("refused");
            (error.code, error.at)
        };
        let code = "authorization_unknown".to_owned();
        let at = Some("lines[0].authorization".to_owned());
        assert_eq!(refused(&[citation(2)], &[]), (code.clone(), at.clone()));
        // Another member's is none.
        assert_eq!(refused(&[citation(5)], &[]), (code.clone(), at));
        assert_eq!(refused(&[citation(1)], &[7]), (code, None));
    }

    #[test]
    fn so_many_that_no_transaction_takes_them_are_not_brought() {
        let papers: Vec<Authorization> = (1..=20).map(|number| paper(1, number, 5)).collect();
        let numbers = brought(&claim(), &[citation(20)], &[], &papers, "claim.json");
        assert_eq!(numbers.expect("brought"), [20, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_number_of_the_ledger_is_written_in_digits() {
        for (text, wanted) in [
            ("1", Some(1)),
            ("007", Some(7)),
            ("255", Some(255)),
            ("0", None),
            ("256", None),
            ("+1", None),
            ("A-1", None),
            ("", None),
            (" 1", None),
        ] {
            assert_eq!(number(text), wanted, "{text:?}");
        }
    }
}
