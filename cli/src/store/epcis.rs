//! EPCIS events that were captured, the transactions they became, and the SSCCs of cases and pallets. A cache: the ledger has the
//! receipts, the events are their owner's documents.

use rusqlite::{params, OptionalExtension};

use super::{damaged, Store};
use crate::error::Result;

/// A captured event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedEvent {
    /// `ni:///sha-256;…?ver=CBV2.0`.
    pub hash: String,
    /// The `@context` of its document, as JSON.
    pub context: String,
    /// As it stood there, as JSON.
    pub event: String,
}

impl Store {
    /// Notes an event before anything is sent for it.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_event(&self, cluster: &str, event: &CapturedEvent) -> Result<()> {
        self.connection
            .execute(
                "INSERT OR IGNORE INTO epcis_events VALUES (?1, ?2, ?3, ?4, 0)",
                params![cluster, event.hash, event.context, event.event],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// Notes that all of an event is on the ledger.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_event_done(&self, cluster: &str, hash: &str) -> Result<()> {
        self.connection
            .execute(
                "UPDATE epcis_events SET done = 1 WHERE cluster = ?1 AND hash = ?2",
                params![cluster, hash],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// Whether all of an event is on the ledger.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn is_event_done(&self, cluster: &str, hash: &str) -> Result<bool> {
        self.connection
            .query_row(
                "SELECT done FROM epcis_events WHERE cluster = ?1 AND hash = ?2",
                params![cluster, hash],
                |row| row.get::<_, i64>(0),
            )
            .optional()
            .map(|done| done == Some(1))
            .map_err(damaged)
    }

    /// Notes a transaction that an event became.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_event_transaction(&self, cluster: &str, signature: &str, hash: &str) -> Result<()> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO epcis_transactions VALUES (?1, ?2, ?3)",
                params![cluster, signature, hash],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// The transactions that an event became, in their order.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn transactions_of_event(&self, cluster: &str, hash: &str) -> Result<Vec<String>> {
        let mut statement = self
            .connection
            .prepare("SELECT signature FROM epcis_transactions WHERE cluster = ?1 AND hash = ?2 ORDER BY rowid")
            .map_err(damaged)?;
        let rows = statement
            .query_map(params![cluster, hash], |row| row.get(0))
            .map_err(damaged)?;
        rows.collect::<rusqlite::Result<_>>().map_err(damaged)
    }

    /// The event that became a transaction.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn event_of(&self, cluster: &str, signature: &str) -> Result<Option<CapturedEvent>> {
        self.connection
            .query_row(
                "SELECT hash, context, event FROM epcis_transactions JOIN epcis_events USING (cluster, hash) WHERE cluster = ?1 AND signature = ?2",
                params![cluster, signature],
                |row| {
                    Ok(CapturedEvent {
                        hash: row.get(0)?,
                        context: row.get(1)?,
                        event: row.get(2)?,
                    })
                },
            )
            .optional()
            .map_err(damaged)
    }

    /// Notes which place of a batch an SSCC stands on. Noted again, it stays as old as it was.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn note_container(
        &self,
        cluster: &str,
        sscc: &str,
        batch: &str,
        place: &str,
    ) -> Result<()> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO epcis_containers SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (
                    SELECT 1 FROM epcis_containers WHERE cluster = ?1 AND sscc = ?2 AND batch = ?3 AND place = ?4)",
                params![cluster, sscc, batch, place],
            )
            .map(|_| ())
            .map_err(damaged)
    }

    /// The SSCCs that are known of a batch, each with its place; the one that was noted last comes last.
    ///
    /// # Errors
    /// `store_damaged`.
    pub fn containers(&self, cluster: &str, batch: &str) -> Result<Vec<(String, String)>> {
        let mut statement = self
            .connection
            .prepare("SELECT sscc, place FROM epcis_containers WHERE cluster = ?1 AND batch = ?2 ORDER BY rowid")
            .map_err(damaged)?;
        let rows = statement
            .query_map(params![cluster, batch], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(damaged)?;
        rows.collect::<rusqlite::Result<_>>().map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_found_by_its_transactions_on_its_cluster() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("opened");
        let event = CapturedEvent {
            hash: "ni:///sha-256;00?ver=CBV2.0".to_owned(),
            context: "[]".to_owned(),
            event: "{}".to_owned(),
        };
        store.note_event("here", &event).expect("noted");
        store
            .note_event_transaction("here", "signature", &event.hash)
            .expect("noted");
        assert_eq!(store.event_of("here", "signature"), Ok(Some(event.clone())));
        assert_eq!(store.event_of("there", "signature"), Ok(None));
        store
            .note_event_transaction("here", "another", &event.hash)
            .expect("noted");
        assert_eq!(
            store.transactions_of_event("here", &event.hash),
            Ok(vec!["signature".to_owned(), "another".to_owned()])
        );
        assert_eq!(store.is_event_done("here", &event.hash), Ok(false));
        store.note_event_done("here", &event.hash).expect("noted");
        // Noted again, it stays done.
        store.note_event("here", &event).expect("noted");
        assert_eq!(store.is_event_done("here", &event.hash), Ok(true));
        store
            .note_container("here", "095240001234567894", "batch", "case:1")
            .expect("noted");
        assert_eq!(
            store.containers("here", "batch"),
            Ok(vec![("095240001234567894".to_owned(), "case:1".to_owned())])
        );
        // Repacked: the new one comes last, whatever its number, and however often the old one is told again.
        for sscc in ["095240000000000019", "095240001234567894"] {
            store
                .note_container("here", sscc, "batch", "case:1")
                .expect("noted");
        }
        let last = store.containers("here", "batch").expect("read").pop();
        assert_eq!(
            last,
            Some(("095240000000000019".to_owned(), "case:1".to_owned()))
        );
    }
}
