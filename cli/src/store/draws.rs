//! The secrets by which claims are drawn for review: one for a pool and a calendar year, from which the links of all days follow.

use rusqlite::{params, OptionalExtension};
use sha2::{Digest, Sha256};

use super::{damaged, random, Store};
use crate::error::Result;

/// The link of a year's last day. Whoever has it knows which claims of the year will be drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DrawSecret(pub [u8; 32]);

impl DrawSecret {
    /// The link of `day` of a chain whose last day is `last`, both in days since 1970-01-01: the secret, hashed once for each
    /// day between them.
    pub fn link(&self, day: i32, last: i32) -> [u8; 32] {
        (day..last).fold(self.0, |link, _| Sha256::digest(link).into())
    }
}

impl Store {
    /// The secret of a pool's year, made at the first time of asking. It is on disk before this returns.
    ///
    /// # Errors
    /// `store_damaged`, `no_randomness`.
    pub fn draw_secret(&self, pool: &str, year: u16) -> Result<DrawSecret> {
        // Another galen may have been quicker: its secret then counts, and is read back.
        self.connection
            .execute(
                "INSERT OR IGNORE INTO draw_secrets VALUES (?1, ?2, ?3)",
                params![pool, year, random()?],
            )
            .map_err(damaged)?;
        self.known_draw_secret(pool, year)?
            .ok_or_else(|| damaged(rusqlite::Error::QueryReturnedNoRows))
    }

    /// The secret of a pool's year, if this store has it.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn known_draw_secret(&self, pool: &str, year: u16) -> Result<Option<DrawSecret>> {
        self.connection
            .query_row(
                "SELECT secret FROM draw_secrets WHERE pool = ?1 AND year = ?2",
                params![pool, year],
                |row| row.get(0).map(DrawSecret),
            )
            .optional()
            .map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use claims::state::DrawChain;
    use solana_pubkey::Pubkey;

    use super::*;

    #[test]
    fn a_secret_is_made_once_for_each_pool_and_year() {
        let folder = tempfile::tempdir().expect("a folder");
        let made = {
            let store = Store::open(folder.path()).expect("opened");
            assert!(store
                .known_draw_secret("pool", 2027)
                .expect("read")
                .is_none());
            let made = store.draw_secret("pool", 2027).expect("made");
            for (pool, year) in [("pool", 2028), ("other", 2027)] {
                assert!(store.draw_secret(pool, year).expect("made") != made);
            }
            made
        };
        let store = Store::open(folder.path()).expect("opened again");
        assert!(store.draw_secret("pool", 2027).expect("read") == made);
    }

    /// 2026-12-29, three days before the year is over.
    const FROM: i32 = 20_816;
    const LAST: i32 = FROM + 2;

    #[test]
    fn the_program_takes_the_links_as_they_are_worked_out_here() {
        let secret = DrawSecret([7; 32]);
        let committed = secret.link(FROM - 1, LAST);
        let mut chain = DrawChain::commit(255, 2026, Pubkey::default(), committed, FROM, FROM - 1)
            .expect("committed");
        assert_eq!(chain.to, LAST);
        for day in FROM..=LAST {
            chain
                .reveal(day, secret.link(day, LAST), day + 1)
                .expect("revealed");
        }
        assert_eq!(chain.link_of(LAST), Some(secret.0));
    }
}
