//! The cases. None of them is inlined into another: a frame of the virtual machine has 4,096 bytes.

use crate::digest::{Digest, Random};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt::Write;

/// How many cases there are.
pub const COUNT: u8 = 11;

/// Runs a case, 0 to [`COUNT`] - 1; greater numbers run the last.
pub fn run(case: u8, seed: u64) -> u64 {
    let (mut random, mut digest) = (Random::new(seed), Digest::new());
    let (r, d) = (&mut random, &mut digest);
    match case {
        0 => wide_unsigned(r, d),
        1 => wide_signed_and_narrow(r, d),
        2 => collections(r, d),
        3 => formatting(r, d),
        4 => sorting_and_searching(r, d),
        5 => calls_with_many_arguments(r, d),
        6 => traits_and_closures(r, d, seed),
        7 => results_and_large_frames(r, d),
        8 => bits_and_bytes(r, d),
        9 => copies_of_memory(r, d),
        _ => floats(r, d),
    }
    digest.finish()
}

#[inline(never)]
fn wide_unsigned(r: &mut Random, d: &mut Digest) {
    for _ in 0..40 {
        let a = r.wide();
        let b = r.wide() >> (r.next() % 127);
        d.add_wide(a.wrapping_mul(b));
        d.add_wide(a / b.max(1));
        d.add_wide(a % b.max(1));
        d.add_wide(a.checked_mul(b).unwrap_or(5));
        d.add_wide(a.checked_add(b).unwrap_or(6));
        d.add_wide(a >> (b as u32 % 128));
        d.add_wide(a << (b as u32 % 128));
        d.add(u64::from(a > b));
        d.add(u64::from(a.leading_zeros()));
    }
}

#[inline(never)]
fn wide_signed_and_narrow(r: &mut Random, d: &mut Digest) {
    for _ in 0..40 {
        let a = r.wide() as i128;
        let b = (r.wide() as i128) >> (r.next() % 127);
        let b = if b == 0 { 1 } else { b };
        d.add_wide(a.wrapping_div(b) as u128);
        d.add_wide(a.wrapping_rem(b) as u128);
        d.add_wide(a.wrapping_mul(b) as u128);
        let x = r.next() as i64;
        let y = (r.next() as i64) >> (r.next() % 63);
        let y = if y == 0 { 7 } else { y };
        d.add(x.wrapping_div(y) as u64);
        d.add(x.wrapping_rem(y) as u64);
        d.add((x as i32).wrapping_div((y as i32) | 1) as u64);
        d.add((i64::from(x as i16) ^ i64::from(x as i8)) as u64);
        d.add(x.checked_rem_euclid(y).unwrap_or(3) as u64);
        d.add((x as i32 >> (y as u32 % 31)) as u64);
    }
}

#[inline(never)]
fn collections(r: &mut Random, d: &mut Digest) {
    ordered_map(r, d);
    hash_map(r, d);
    set_and_queue(r, d);
}

#[inline(never)]
fn ordered_map(r: &mut Random, d: &mut Digest) {
    let mut map = BTreeMap::new();
    for _ in 0..60 {
        let key = r.next() % 37;
        *map.entry(key).or_insert(0u64) += r.next() % 1000;
    }
    for (key, value) in &map {
        d.add(*key);
        d.add(*value);
    }
    map.remove(&5);
    d.add(map.range(10..).count() as u64);
}

#[inline(never)]
fn hash_map(r: &mut Random, d: &mut Digest) {
    let mut map = HashMap::new();
    for _ in 0..60 {
        let key = r.next() % 37;
        *map.entry(format!("k{key}")).or_insert(0u64) += 1;
    }
    let mut entries: Vec<(String, u64)> = map.into_iter().collect();
    entries.sort_unstable();
    for (key, value) in entries {
        d.add_text(&key);
        d.add(value);
    }
}

#[inline(never)]
fn set_and_queue(r: &mut Random, d: &mut Digest) {
    let mut set = HashSet::new();
    let mut queue = VecDeque::new();
    for _ in 0..60 {
        let key = r.next() % 37;
        set.insert(key as u8);
        queue.push_front(key);
        if queue.len() > 9 {
            queue.pop_back();
        }
    }
    let mut members: Vec<u8> = set.into_iter().collect();
    members.sort_unstable_by(|a, b| b.cmp(a));
    members
        .into_iter()
        .for_each(|member| d.add(u64::from(member)));
    queue.into_iter().for_each(|key| d.add(key));
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Empty,
    Pair(u8, u64),
    Named { name: String, parts: Vec<u16> },
}

#[inline(never)]
fn formatting(r: &mut Random, d: &mut Digest) {
    let mut text = String::new();
    for _ in 0..8 {
        let a = r.next();
        let signed = a as i64;
        let written = write!(
            text,
            "{a} {:>20} {:08x} {:?} {:.3?} {signed:+} ",
            a % 999,
            a as u32,
            Some(a as u8),
            "q\"x"
        );
        d.add(u64::from(written.is_ok()));
    }
    let named = Shape::Named {
        name: "h\u{e9}\n".into(),
        parts: vec![1, 2, 3],
    };
    let written = write!(text, "{named:?}{:#?}", Shape::Pair(1, r.next()));
    d.add(u64::from(written.is_ok()));
    d.add_text(&text);
    let first = text.split_whitespace().next().unwrap_or_default();
    d.add(first.parse::<u64>().unwrap_or(1));
    d.add(u64::from("12x".parse::<u64>().is_err()));
    for (place, c) in text.chars().rev().enumerate().take(20) {
        d.add(u64::from(c) + place as u64);
    }
}

#[inline(never)]
fn sorting_and_searching(r: &mut Random, d: &mut Digest) {
    let mut numbers: Vec<u64> = (0..80).map(|_| r.next() % 1000).collect();
    numbers.sort_unstable();
    numbers.iter().for_each(|number| d.add(*number));
    let mut rows: Vec<(u8, u64, String)> = (0..30)
        .map(|_| {
            (
                (r.next() % 5) as u8,
                r.next(),
                format!("{}", r.next() % 100),
            )
        })
        .collect();
    rows.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.2.cmp(&a.2)).then(a.1.cmp(&b.1)));
    for (small, large, text) in &rows {
        d.add(u64::from(*small));
        d.add(*large);
        d.add_text(text);
    }
    numbers.dedup();
    numbers.retain(|number| number % 2 == 0);
    d.add(numbers.len() as u64);
    let middle = numbers.get(numbers.len() / 2).copied().unwrap_or_default();
    d.add(
        numbers
            .binary_search(&middle)
            .map_or(u64::MAX, |place| place as u64),
    );
    for chunk in numbers.chunks(7) {
        d.add(chunk.iter().max().copied().unwrap_or_default());
    }
    for window in numbers.windows(2) {
        d.add(window[1] - window[0]);
    }
}

/// More arguments than there are registers, of all sizes, and a result that is returned through memory.
#[allow(clippy::too_many_arguments)]
#[inline(never)]
fn many_arguments(
    a: u64,
    b: u32,
    c: u16,
    e: u8,
    f: i64,
    text: &str,
    five: [u64; 5],
    maybe: Option<u64>,
    bytes: &[u8],
    wide: u128,
) -> (u64, u128, Option<String>) {
    let sum = a
        .wrapping_add(u64::from(b))
        .wrapping_add(u64::from(c))
        .wrapping_mul(3)
        .wrapping_add(u64::from(e))
        .wrapping_sub(f as u64)
        .wrapping_add(text.len() as u64)
        .wrapping_add(
            five.iter()
                .fold(0u64, |sum, x| sum.wrapping_mul(31).wrapping_add(*x)),
        )
        .wrapping_add(maybe.unwrap_or(77))
        .wrapping_add(bytes.iter().map(|byte| u64::from(*byte)).sum());
    let named = (sum & 1 == 0).then(|| format!("{text}-{sum:x}"));
    (sum, wide.wrapping_mul(u128::from(sum)), named)
}

#[inline(never)]
fn calls_with_many_arguments(r: &mut Random, d: &mut Digest) {
    for _ in 0..10 {
        let five = [r.next(), r.next(), r.next(), r.next(), r.next()];
        let maybe = if r.next() & 1 == 0 {
            Some(r.next())
        } else {
            None
        };
        let bytes = r.next().to_le_bytes();
        let (sum, product, named) = many_arguments(
            r.next(),
            r.next() as u32,
            r.next() as u16,
            r.next() as u8,
            r.next() as i64,
            "abcdefghij",
            five,
            maybe,
            &bytes,
            r.wide(),
        );
        d.add(sum);
        d.add_wide(product);
        if let Some(named) = named {
            d.add_text(&named);
        }
    }
}

trait Area {
    fn area(&self, factor: u64) -> u64;
    fn name(&self) -> String;
}

struct Square(u64);
struct Rectangle(u64, u64);

impl Area for Square {
    #[inline(never)]
    fn area(&self, factor: u64) -> u64 {
        self.0.wrapping_mul(factor)
    }

    fn name(&self) -> String {
        "square".into()
    }
}

impl Area for Rectangle {
    #[inline(never)]
    fn area(&self, factor: u64) -> u64 {
        self.0.wrapping_mul(self.1).wrapping_add(factor)
    }

    fn name(&self) -> String {
        format!("rectangle {:?}", (self.0 % 10, self.1 % 10))
    }
}

#[inline(never)]
fn traits_and_closures(r: &mut Random, d: &mut Digest, seed: u64) {
    let shapes: Vec<Box<dyn Area>> = (0..10)
        .map(|number| match number % 2 {
            0 => Box::new(Square(r.next())) as Box<dyn Area>,
            _ => Box::new(Rectangle(r.next(), r.next())),
        })
        .collect();
    for shape in &shapes {
        d.add(shape.area(r.next()));
        d.add_text(&shape.name());
    }
    let functions: [&dyn Fn(u64) -> u64; 3] =
        [&|x| x.wrapping_add(seed), &|x| x.swap_bytes(), &|x| {
            u64::from(x.count_ones())
        }];
    for function in functions.iter().cycle().take(9) {
        d.add(function(r.next()));
    }
    let pair = Shape::Pair(1, r.next() % 2);
    d.add(u64::from(pair == Shape::Pair(1, 1)));
    d.add(u64::from(pair == Shape::Empty));
}

#[inline(never)]
fn third(number: u64) -> Result<u64, String> {
    match number % 3 {
        0 => Err(format!("bad {number}")),
        _ => Ok(number / 3),
    }
}

/// More than half of the frame that the virtual machine allows.
#[inline(never)]
fn large_frame(seed: u64) -> u64 {
    let mut numbers = [0u64; 300];
    for (place, number) in (1u64..).zip(numbers.iter_mut()) {
        *number = seed.wrapping_mul(place) ^ (seed >> (place % 60));
    }
    numbers
        .iter()
        .rev()
        .fold(0, |sum, number| sum.rotate_left(5) ^ number)
}

#[inline(never)]
fn results_and_large_frames(r: &mut Random, d: &mut Digest) {
    for _ in 0..20 {
        match third(r.next()) {
            Ok(number) => d.add(number),
            Err(text) => d.add_text(&text),
        }
        d.add(large_frame(r.next()));
    }
}

#[inline(never)]
fn bits_and_bytes(r: &mut Random, d: &mut Digest) {
    for _ in 0..20 {
        let a = r.next();
        let b = r.next();
        let [_, one, two, three, four, ..] = a.to_le_bytes();
        d.add(u64::from_be_bytes(a.to_be_bytes()));
        d.add(u64::from(u32::from_be_bytes([one, two, three, four])));
        d.add(u64::from(u16::from_be(a as u16)));
        d.add(a.swap_bytes());
        d.add(a.reverse_bits());
        d.add(u64::from(a.trailing_zeros()));
        d.add(u64::from((a as u32).leading_zeros()));
        d.add(a.checked_mul(b >> 40).unwrap_or(1));
        d.add(a.saturating_sub(b));
        d.add((a as i64).saturating_add(b as i64) as u64);
        d.add(a.isqrt());
        d.add(a.abs_diff(b));
        d.add((a % 50).pow(5));
        d.add(u64::from(a.overflowing_add(b).1));
        d.add(a / ((b >> 33) | 1));
        d.add(a % ((b >> 33) | 1));
    }
}

#[inline(never)]
fn copies_of_memory(r: &mut Random, d: &mut Digest) {
    let mut first = [0u8; 700];
    first
        .iter_mut()
        .for_each(|byte| *byte = (r.next() >> 8) as u8);
    let mut second = first;
    second.rotate_left(33);
    second[10..300].copy_from_slice(&first[200..490]);
    second.copy_within(5..600, 50);
    d.add(u64::from(first[..] == second[..]));
    d.add(u64::from(first[..] < second[..]));
    second[350..].fill(7);
    let both = [&first[..], &second[..]].concat();
    for bytes in both.chunks_exact(8) {
        d.add(
            bytes
                .iter()
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
        );
    }
    let zeros: Vec<u8> = vec![0; 900];
    d.add(zeros.iter().map(|zero| u64::from(*zero)).sum());
    let mut text = String::from_utf8_lossy(&first[..40]).to_string();
    text.push('\u{e9}');
    d.add(text.len() as u64);
    d.add(u64::from(std::str::from_utf8(&first[..9]).is_ok()));
}

#[inline(never)]
fn floats(r: &mut Random, d: &mut Digest) {
    for _ in 0..20 {
        let x = (r.next() % 1000) as f64 + 0.5;
        let y = x * 3.25 / 7.0 - 2.0;
        d.add(y as u64);
        d.add(u64::from(y > 100.0));
        d.add(y.to_bits());
    }
}
