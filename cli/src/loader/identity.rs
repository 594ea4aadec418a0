//! Under which address a program goes, and who may create it there.
//!
//! The address is the one compiled into the program. Creating it takes the key behind the address,
//! once; afterwards only the upgrade authority counts. A fresh clone uses development keys, derived
//! from public seeds so that every clone builds and deploys to the same addresses. Everybody can
//! derive them, so they are refused where strangers can get in first: on the public clusters.
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::LoaderError;
use crate::cluster::public_name;

/// Where the key of a program comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A key file that belongs to whoever deploys.
    File(PathBuf),
    /// The development key: derived from a public seed, known to everyone.
    Development,
    /// No key is at hand: the program can be upgraded but not created.
    None,
}

/// A program's address and, where it is at hand, the key behind it.
pub struct Identity {
    /// The program's address.
    pub id: Pubkey,
    /// The key that creates the program at that address.
    pub keypair: Option<Keypair>,
    /// Where the key was found.
    pub origin: Origin,
}

impl Identity {
    /// Finds the identity of program `name`.
    ///
    /// A key file wins: `FOLDER/NAME-keypair.json`, else `keys/NAME.json` beside the `target` that
    /// the folder lies in. Else the development key, where the program was built for it.
    /// `id` is the address that the program's source declares.
    ///
    /// # Errors
    /// A key file cannot be read, or its key is not the one that the program was built for.
    pub fn find(folder: &Path, name: &str, id: Pubkey) -> Result<Self, LoaderError> {
        let key_file = key_files(folder, name)
            .into_iter()
            .find(|path| path.exists());
        let (keypair, origin) = match key_file {
            Some(path) => (read_keypair(&path)?, Origin::File(path)),
            None => (development_key(name), Origin::Development),
        };
        if keypair.pubkey() == id {
            return Ok(Self {
                id,
                keypair: Some(keypair),
                origin,
            });
        }
        match origin {
            Origin::File(path) => Err(LoaderError::WrongProgramKey {
                program: name.to_owned(),
                path,
                found: keypair.pubkey(),
                built_for: id,
            }),
            Origin::Development | Origin::None => Ok(Self {
                id,
                keypair: None,
                origin: Origin::None,
            }),
        }
    }
}

/// Refuses an address whose key everybody can derive on a cluster that everybody can join: a
/// stranger could create the program first and keep its upgrade authority.
///
/// # Errors
/// [`LoaderError::DevelopmentKey`] if `id` is the development address of `name` and `genesis` is a
/// public cluster's.
pub fn refuse_development_key(genesis: &str, name: &str, id: &Pubkey) -> Result<(), LoaderError> {
    match public_name(genesis) {
        Some(cluster) if development_key(name).pubkey() == *id => {
            Err(LoaderError::DevelopmentKey {
                program: name.to_owned(),
                cluster,
            })
        }
        _ => Ok(()),
    }
}

/// The development key of a program: the Ed25519 key whose seed is the SHA-256 of a public phrase.
#[must_use]
pub fn development_key(name: &str) -> Keypair {
    let seed = Sha256::digest(format!("galen development program key: {name}"));
    Keypair::new_from_array(seed.into())
}

/// Where the key of a program may lie, in the order of preference.
fn key_files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut files = vec![folder.join(format!("{name}-keypair.json"))];
    let project = std::path::absolute(folder)
        .ok()
        .and_then(|folder| folder.ancestors().nth(2).map(Path::to_path_buf));
    files.extend(project.map(|project| project.join("keys").join(format!("{name}.json"))));
    files
}

fn read_keypair(path: &Path) -> Result<Keypair, LoaderError> {
    solana_keypair::read_keypair_file(path).map_err(|error| LoaderError::BadKeyFile {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::{error::Error, fs};

    use super::*;

    #[test]
    fn development_keys_are_the_addresses_in_the_source() {
        assert_eq!(
            development_key("registry").pubkey().to_string(),
            "4pnY6Jd7Nrtrnf4W4hESm9gkR4GvF86BoMmNSZ7mcvF9"
        );
        assert_eq!(
            development_key("claims").pubkey().to_string(),
            "6ycBqi7BUXimrSJTn4YXEBfJvdnF5R8MZSR7KE3Lzz2x"
        );
    }

    #[test]
    fn development_keys_are_refused_on_each_public_cluster_and_nowhere_else() {
        let development = development_key("registry").pubkey();
        let own = Keypair::new().pubkey();
        let public = [
            (
                "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
                "mainnet-beta",
            ),
            ("4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY", "testnet"),
            ("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG", "devnet"),
        ];
        for (genesis, name) in public {
            assert!(matches!(
                refuse_development_key(genesis, "registry", &development),
                Err(LoaderError::DevelopmentKey { cluster, .. }) if cluster == name
            ));
            assert!(refuse_development_key(genesis, "registry", &own).is_ok());
        }
        let private = "4WVZ3FSJiESnNT6gbymvUaPXcyx6zXGYRzKEqyQo2Yxy";
        assert!(refuse_development_key(private, "registry", &development).is_ok());
    }

    #[test]
    fn a_key_file_wins_and_one_for_another_address_is_refused() -> Result<(), Box<dyn Error>> {
        let project = tempfile::tempdir()?;
        let folder = project.path().join("target/deploy");
        fs::create_dir_all(&folder)?;
        fs::create_dir_all(project.path().join("keys"))?;
        let development = development_key("registry").pubkey();

        let found = Identity::find(&folder, "registry", development)?;
        assert_eq!((found.id, found.origin), (development, Origin::Development));

        let own = Keypair::new();
        let in_keys = project.path().join("keys/registry.json");
        solana_keypair::write_keypair_file(&own, &in_keys)?;
        let found = Identity::find(&folder, "registry", own.pubkey())?;
        assert_eq!(
            (found.id, found.origin),
            (own.pubkey(), Origin::File(in_keys))
        );
        assert!(found.keypair.is_none_or(|key| key.pubkey() != development));

        let beside = folder.join("registry-keypair.json");
        solana_keypair::write_keypair_file(&Keypair::new(), &beside)?;
        assert!(matches!(
            Identity::find(&folder, "registry", own.pubkey()),
            Err(LoaderError::WrongProgramKey { built_for, .. }) if built_for == own.pubkey()
        ));

        fs::write(&beside, "[1, 2, 3]")?;
        assert!(matches!(
            Identity::find(&folder, "registry", own.pubkey()),
            Err(LoaderError::BadKeyFile { path, .. }) if path == beside
        ));
        Ok(())
    }

    #[test]
    fn a_program_built_for_another_address_has_no_key_until_one_is_given(
    ) -> Result<(), Box<dyn Error>> {
        let project = tempfile::tempdir()?;
        let elsewhere = Keypair::new().pubkey();
        let found = Identity::find(project.path(), "registry", elsewhere)?;
        assert_eq!((found.id, &found.origin), (elsewhere, &Origin::None));
        assert!(found.keypair.is_none());
        Ok(())
    }
}
