//! Attacks on arguments.

use solana_instruction::Instruction;

use super::idl::{self, Idl, Kind};
use super::{Cell, Verdict};

/// Most trailing bytes that are tried.
const TRAILING: usize = 64;

/// Every attack on the arguments of `instruction`.
pub fn cells(idl: &Idl, definition: &idl::Instruction, instruction: &Instruction) -> Vec<Cell> {
    let data = &instruction.data;
    let mut cells = Vec::new();
    let mut push = |target: &str, attack: String, data: Vec<u8>, verdict| {
        cells.push(Cell {
            target: target.to_owned(),
            attack,
            prepare: None,
            instruction: Instruction {
                data,
                ..instruction.clone()
            },
            verdict,
        });
    };
    for length in 0..data.len() {
        let attack = format!("cut to {length} bytes");
        push(
            "arguments",
            attack,
            data[..length].to_vec(),
            Verdict::Refused,
        );
    }
    for extra in 1..=TRAILING {
        for byte in [0, 0xff] {
            let mut longer = data.clone();
            longer.resize(data.len() + extra, byte);
            let attack = format!("{extra} bytes of {byte:#x} appended");
            push("arguments", attack, longer, Verdict::RefusedOrWithoutEffect);
        }
    }
    for (byte, place) in [(0, "first"), (7, "last")] {
        let mut other = data.clone();
        other[byte] ^= 0xff;
        let attack = format!("{place} byte of the discriminator flipped");
        push("arguments", attack, other, Verdict::Refused);
    }
    for span in idl.spans(definition, data) {
        for (attack, bytes, verdict) in bent(span.kind) {
            let mut other = data.clone();
            let place = &mut other[span.offset..span.offset + bytes.len()];
            if place == bytes.as_slice() {
                continue;
            }
            place.copy_from_slice(&bytes);
            push(&span.path, attack, other, verdict);
        }
    }
    cells
}

/// What is written in place of a value.
fn bent(kind: Kind) -> Vec<(String, Vec<u8>, Verdict)> {
    match kind {
        Kind::Tag(count) => [count, u8::MAX]
            .into_iter()
            .map(|tag| (format!("tag {tag}"), vec![tag], Verdict::Refused))
            .collect(),
        Kind::Length => vec![(
            "length 4294967295".to_owned(),
            u32::MAX.to_le_bytes().to_vec(),
            Verdict::Refused,
        )],
        Kind::Unsigned(bytes) => {
            let max = u128::MAX >> (128 - 8 * bytes);
            [0, 1, max - 1, max]
                .into_iter()
                .map(|value| {
                    let value_bytes = value.to_le_bytes()[..bytes].to_vec();
                    (format!("{value}"), value_bytes, Verdict::RefusedOrDone)
                })
                .collect()
        }
        Kind::Signed(bytes) => {
            let max = i128::MAX >> (128 - 8 * bytes);
            [-max - 1, -1, 0, max]
                .into_iter()
                .map(|value| {
                    let value_bytes = value.to_le_bytes()[..bytes].to_vec();
                    (format!("{value}"), value_bytes, Verdict::RefusedOrDone)
                })
                .collect()
        }
    }
}
