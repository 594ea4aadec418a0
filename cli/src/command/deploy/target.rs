//! Where a command deploys to, for whom, and what.

use std::io::IsTerminal;
use std::path::Path;

use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::Shared;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::loader::identity::Identity;
use crate::loader::wallet::Wallet;
use crate::signer;

/// The programs of this project, in the order in which they are deployed, with the addresses that
/// their sources declare.
const PROGRAMS: [(&str, Pubkey); 4] = [
    ("registry", registry::ID),
    ("claims", claims::ID),
    ("trials", trials::ID),
    ("provenance", provenance::ID),
];

/// A cluster, who pays there and who may upgrade.
pub struct Target {
    /// The cluster.
    pub cluster: Cluster,
    /// Pays fees and rent.
    pub payer: Box<dyn Signer>,
    /// May upgrade.
    pub authority: Box<dyn Signer>,
}

impl Target {
    /// Loads the keys and reaches the cluster.
    ///
    /// # Errors
    /// A key cannot be loaded, or the cluster does not answer.
    pub fn reach(shared: &Shared, settings: &Settings) -> Result<Self> {
        let payer = settings.fee_payer.as_ref().unwrap_or(&settings.keypair);
        let authority = shared
            .upgrade_authority
            .as_ref()
            .unwrap_or(&settings.keypair);
        for source in [payer, authority] {
            signer::warn_of_readers(source, settings.notes);
        }
        Ok(Self {
            payer: signer::load(payer, "fee payer")?,
            authority: signer::load(authority, "upgrade authority")?,
            cluster: Cluster::connect(settings)?,
        })
    }

    /// Pays and sends there.
    pub fn wallet(&self, settings: &Settings) -> Wallet<'_> {
        Wallet {
            rpc: &self.cluster.client,
            commitment: settings.commitment,
            payer: self.payer.as_ref(),
            price: settings.compute_unit_price,
        }
    }
}

/// The programs that were named, or all, with their identities.
///
/// # Errors
/// A key file cannot be used, or a name is no program's.
pub fn identities(folder: &Path, named: &[String]) -> Result<Vec<(String, Identity)>> {
    let names: Vec<&str> = if named.is_empty() {
        PROGRAMS.iter().map(|(name, _)| *name).collect()
    } else {
        named.iter().map(String::as_str).collect()
    };
    names
        .into_iter()
        .map(|name| {
            let known = PROGRAMS.iter().find(|(program, _)| *program == name);
            let (_, address) = known.ok_or_else(|| unknown(name))?;
            Ok((name.to_owned(), Identity::find(folder, name, *address)?))
        })
        .collect()
}

fn unknown(name: &str) -> CliError {
    let known: Vec<&str> = PROGRAMS.iter().map(|(name, _)| *name).collect();
    CliError::new(
        "program_unknown",
        format!(
            "There is no program `{name}`. The programs are {}.",
            known.join(", ")
        ),
    )
}

/// Asks before anything is signed, unless told not to.
///
/// # Errors
/// The answer is no, or there is nobody to ask.
pub fn confirm(question: &str, settings: &Settings) -> Result<()> {
    if settings.yes {
        return Ok(());
    }
    if settings.output.is_json() || !std::io::stdin().is_terminal() {
        return Err(CliError::new(
            "confirmation_needed",
            format!("{question} There is nobody to ask: add --yes."),
        ));
    }
    match dialoguer::Confirm::new()
        .with_prompt(question)
        .default(false)
        .interact()
    {
        Ok(true) => Ok(()),
        Ok(false) => Err(CliError::new("cancelled", "Nothing was sent.")),
        Err(error) => Err(CliError::new(
            "confirmation_needed",
            format!("The question could not be asked ({error}); nothing was sent. Add --yes."),
        )),
    }
}

/// Lamports as people write them: `0.261`.
pub fn sol(lamports: u64) -> String {
    const PER_SOL: u64 = 1_000_000_000;
    let text = format!("{}.{:09}", lamports / PER_SOL, lamports % PER_SOL);
    let short = text.trim_end_matches('0').trim_end_matches('.');
    format!("{short} SOL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lamports_are_written_exactly() {
        assert_eq!(sol(0), "0 SOL");
        assert_eq!(sol(5_000), "0.000005 SOL");
        assert_eq!(sol(10_000_000_000), "10 SOL");
        assert_eq!(sol(u64::MAX), "18446744073.709551615 SOL");
    }

    #[test]
    fn all_programs_unless_some_are_named_and_strange_names_are_refused() -> Result<()> {
        let nowhere = Path::new("nowhere/at/all");
        let names = |named: &[&str]| {
            let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            identities(nowhere, &named).map(|found| {
                found
                    .into_iter()
                    .map(|(name, identity)| (name, identity.id))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(
            names(&[])?,
            [
                ("registry".to_owned(), registry::ID),
                ("claims".to_owned(), claims::ID),
                ("trials".to_owned(), trials::ID),
                ("provenance".to_owned(), provenance::ID)
            ]
        );
        assert_eq!(names(&["claims"])?, [("claims".to_owned(), claims::ID)]);
        assert_eq!(
            names(&["trails"]).err().map(|error| error.code),
            Some("program_unknown".to_owned())
        );
        Ok(())
    }
}
