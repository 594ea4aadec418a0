//! The next step from what the cluster holds to what was built.
//!
//! A deployment is this function called again and again until nothing is left to do. It looks at the
//! cluster alone, so a run that was killed anywhere is continued by starting another.
use std::ops::Range;

use solana_pubkey::Pubkey;

use super::{
    artifact::{Artifact, MAX_PROGRAM_BYTES},
    state::Snapshot,
    LoaderError,
};

/// The least by which a program may be extended (SIMD-0431), unless that would pass the maximum.
const MIN_EXTENSION: usize = 10_240;

/// One step of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing to do: what is deployed is what was built.
    Done,
    /// Close a left-over buffer whose size does not fit; its rent comes back.
    CloseBuffer,
    /// Make the buffer, as long as the program.
    CreateBuffer,
    /// Write these ranges of the program, which differ in the buffer.
    Write(Vec<Range<usize>>),
    /// Create the program from the complete buffer.
    Deploy,
    /// Lengthen the program data by this many bytes, so that the new program fits.
    Extend(u32),
    /// Replace the program by the complete buffer.
    Upgrade,
}

/// The next step towards `artifact` being what `snapshot` shows, by `authority`, with at most
/// `chunk` bytes in a write.
///
/// # Errors
/// The program or the buffer is not `authority`'s, or the program is final.
pub fn next(
    snapshot: &Snapshot,
    artifact: &Artifact,
    program: &Pubkey,
    authority: &Pubkey,
    chunk: usize,
) -> Result<Step, LoaderError> {
    if let Some(deployment) = &snapshot.deployment {
        if artifact.is(&deployment.code) {
            return Ok(Step::Done);
        }
        match deployment.authority {
            None => return Err(LoaderError::ProgramFinal(*program)),
            Some(current) if current != *authority => {
                return Err(LoaderError::WrongAuthority {
                    program: *program,
                    current,
                    given: *authority,
                })
            }
            Some(_) => {}
        }
    }
    let Some(buffer) = &snapshot.buffer else {
        return Ok(Step::CreateBuffer);
    };
    if buffer.authority != Some(*authority) {
        return Err(LoaderError::BufferGivenAway {
            program: *program,
            authority: buffer.authority,
        });
    }
    if buffer.content.len() != artifact.bytes.len() {
        return Ok(Step::CloseBuffer);
    }
    let missing = differing(&buffer.content, &artifact.bytes, chunk);
    if !missing.is_empty() {
        return Ok(Step::Write(missing));
    }
    let Some(deployment) = &snapshot.deployment else {
        return Ok(Step::Deploy);
    };
    let capacity = deployment.code.len();
    if capacity < artifact.bytes.len() {
        return extension(capacity, artifact.bytes.len()).map(Step::Extend);
    }
    Ok(Step::Upgrade)
}

/// By how much to extend `capacity` bytes to hold `wanted`: no less than the loader allows, no more
/// than an account can hold.
fn extension(capacity: usize, wanted: usize) -> Result<u32, LoaderError> {
    let room = MAX_PROGRAM_BYTES.saturating_sub(capacity);
    let bytes = wanted.saturating_sub(capacity).max(MIN_EXTENSION).min(room);
    u32::try_from(bytes).map_err(|_| LoaderError::Arithmetic)
}

/// The chunks of `wanted` that `present` does not hold.
fn differing(present: &[u8], wanted: &[u8], chunk: usize) -> Vec<Range<usize>> {
    let chunk = chunk.max(1);
    wanted
        .chunks(chunk)
        .zip(present.chunks(chunk))
        .enumerate()
        .filter(|(_, (wanted, present))| wanted != present)
        .map(|(index, (wanted, _))| {
            let start = index.saturating_mul(chunk);
            start..start.saturating_add(wanted.len())
        })
        .collect()
}

#[cfg(test)]
#[allow(
    clippy::single_range_in_vec_init,
    reason = "one chunk to write is a list of one range"
)]
mod tests {
    use super::*;
    use crate::loader::{
        artifact::hash,
        state::{Buffer, Deployment},
    };

    const PROGRAM: Pubkey = Pubkey::new_from_array([1; 32]);
    const AUTHORITY: Pubkey = Pubkey::new_from_array([2; 32]);
    const STRANGER: Pubkey = Pubkey::new_from_array([3; 32]);

    fn artifact(bytes: &[u8]) -> Artifact {
        Artifact {
            name: "registry".to_owned(),
            bytes: bytes.to_vec(),
            sha256: hash(bytes),
        }
    }

    fn deployment(code: &[u8]) -> Option<Deployment> {
        Some(Deployment {
            slot: 5,
            authority: Some(AUTHORITY),
            code: code.to_vec(),
            lamports: 1,
        })
    }

    fn buffer(content: &[u8]) -> Option<Buffer> {
        Some(Buffer {
            authority: Some(AUTHORITY),
            content: content.to_vec(),
            lamports: 1,
        })
    }

    fn step(snapshot: &Snapshot, built: &[u8]) -> Result<Step, LoaderError> {
        next(snapshot, &artifact(built), &PROGRAM, &AUTHORITY, 4)
    }

    #[test]
    fn a_first_deployment_goes_buffer_writes_deploy() -> Result<(), LoaderError> {
        let mut snapshot = Snapshot::default();
        assert_eq!(step(&snapshot, b"0123456789")?, Step::CreateBuffer);
        snapshot.buffer = buffer(&[0; 10]);
        assert_eq!(
            step(&snapshot, b"0123456789")?,
            Step::Write(vec![0..4, 4..8, 8..10])
        );
        snapshot.buffer = buffer(b"0123\0\0\0\089");
        assert_eq!(step(&snapshot, b"0123456789")?, Step::Write(vec![4..8]));
        snapshot.buffer = buffer(b"0123456789");
        assert_eq!(step(&snapshot, b"0123456789")?, Step::Deploy);
        snapshot.buffer = None;
        snapshot.deployment = deployment(b"0123456789");
        assert_eq!(step(&snapshot, b"0123456789")?, Step::Done);
        Ok(())
    }

    #[test]
    fn an_upgrade_extends_only_when_the_buffer_is_complete_and_the_room_too_small(
    ) -> Result<(), LoaderError> {
        let mut snapshot = Snapshot {
            deployment: deployment(b"old"),
            ..Snapshot::default()
        };
        assert_eq!(step(&snapshot, b"longer")?, Step::CreateBuffer);
        snapshot.buffer = buffer(b"longe\0");
        assert_eq!(step(&snapshot, b"longer")?, Step::Write(vec![4..6]));
        snapshot.buffer = buffer(b"longer");
        assert_eq!(step(&snapshot, b"longer")?, Step::Extend(10_240));
        snapshot.deployment = deployment(b"old\0\0\0\0\0");
        assert_eq!(step(&snapshot, b"longer")?, Step::Upgrade);
        snapshot.buffer = buffer(b"new");
        assert_eq!(step(&snapshot, b"new")?, Step::Upgrade);
        Ok(())
    }

    #[test]
    fn a_buffer_of_another_size_is_closed_and_never_written_to() -> Result<(), LoaderError> {
        for left_over in [&b"012345678"[..], b"01234567890"] {
            let snapshot = Snapshot {
                buffer: buffer(left_over),
                ..Snapshot::default()
            };
            assert_eq!(step(&snapshot, b"0123456789")?, Step::CloseBuffer);
        }
        Ok(())
    }

    #[test]
    fn a_program_already_there_needs_nothing_whoever_asks() -> Result<(), LoaderError> {
        let mut snapshot = Snapshot {
            deployment: deployment(b"same\0\0"),
            buffer: buffer(b"other"),
            ..Snapshot::default()
        };
        if let Some(deployment) = &mut snapshot.deployment {
            deployment.authority = Some(STRANGER);
        }
        assert_eq!(step(&snapshot, b"same")?, Step::Done);
        Ok(())
    }

    #[test]
    fn what_is_not_ours_is_refused_before_anything_is_paid() {
        let mut snapshot = Snapshot {
            deployment: deployment(b"old"),
            ..Snapshot::default()
        };
        if let Some(deployment) = &mut snapshot.deployment {
            deployment.authority = Some(STRANGER);
        }
        assert!(matches!(
            step(&snapshot, b"new"),
            Err(LoaderError::WrongAuthority { current, given, .. }) if current == STRANGER && given == AUTHORITY
        ));
        if let Some(deployment) = &mut snapshot.deployment {
            deployment.authority = None;
        }
        assert!(
            matches!(step(&snapshot, b"new"), Err(LoaderError::ProgramFinal(id)) if id == PROGRAM)
        );

        let mut snapshot = Snapshot {
            buffer: buffer(b"new"),
            ..Snapshot::default()
        };
        if let Some(buffer) = &mut snapshot.buffer {
            buffer.authority = Some(STRANGER);
        }
        assert!(matches!(
            step(&snapshot, b"new"),
            Err(LoaderError::BufferGivenAway { authority: Some(key), .. }) if key == STRANGER
        ));
    }

    #[test]
    fn extensions_keep_to_the_loaders_minimum_and_maximum() -> Result<(), LoaderError> {
        assert_eq!(extension(100, 101)?, 10_240);
        assert_eq!(extension(100, 20_000)?, 19_900);
        assert_eq!(extension(MAX_PROGRAM_BYTES - 5, MAX_PROGRAM_BYTES - 1)?, 5);
        Ok(())
    }
}
