//! How wide the letters of the two fonts are, in thousandths of their size: Adobe's metrics of Helvetica and Helvetica-Bold,
//! which every reader of PDF brings along. Printable ASCII and the upper half of Latin-1, where WinAnsi encoding has the same
//! bytes.

/// The first printable character of either half.
const LOW: u32 = 0x20;
const HIGH: u32 = 0xa0;

/// A font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Font {
    /// Helvetica.
    Regular,
    /// Helvetica-Bold.
    Bold,
}

impl Font {
    /// The width of a text in thousandths of its size; none where a character is not in the font's encoding.
    pub fn width(self, text: &str) -> Option<u32> {
        text.chars().try_fold(0_u32, |sum, letter| {
            Some(sum.saturating_add(self.letter(letter)?.into()))
        })
    }

    fn letter(self, letter: char) -> Option<u16> {
        let (low, high) = match self {
            Self::Regular => (&REGULAR_LOW, &REGULAR_HIGH),
            Self::Bold => (&BOLD_LOW, &BOLD_HIGH),
        };
        let code = u32::from(letter);
        let within = |table: &[u16], first: u32| {
            let index = usize::try_from(code.checked_sub(first)?).ok()?;
            table.get(index).copied()
        };
        within(low, LOW).or_else(|| within(high, HIGH))
    }
}

/// A text in WinAnsi encoding; none where a character is not in it.
pub fn encode(text: &str) -> Option<Vec<u8>> {
    let known = text.chars().map(|letter| {
        Font::Regular.letter(letter)?;
        u8::try_from(u32::from(letter)).ok()
    });
    known.collect()
}

const REGULAR_LOW: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

const REGULAR_HIGH: [u16; 96] = [
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333, 400, 584, 333,
    333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611, 667, 667, 667, 667, 667, 667,
    1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778, 778, 584, 778,
    722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556,
    278, 278, 278, 278, 556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556,
    500,
];

const BOLD_LOW: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667,
    611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556,
    278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];

const BOLD_HIGH: [u16; 96] = [
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333, 400, 584, 333,
    333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611, 722, 722, 722, 722, 722, 722,
    1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778, 778, 778, 778, 584, 778,
    722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556,
    278, 278, 278, 278, 611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611,
    556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_wide_as_their_letters() {
        assert_eq!(Font::Regular.width("Wi."), Some(944 + 222 + 278));
        assert_eq!(Font::Bold.width("Wi."), Some(944 + 278 + 278));
        assert_eq!(Font::Regular.width("\u{e9}"), Some(556));
        for unknown in ["\u{7f}", "\u{9f}", "\n", "\u{100}", "\u{4e2d}"] {
            assert_eq!(
                (Font::Regular.width(unknown), encode(unknown)),
                (None, None),
                "{unknown:?}"
            );
        }
        assert_eq!(encode("A\u{e9}"), Some(vec![0x41, 0xe9]));
    }
}
