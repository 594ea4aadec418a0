//! Letters as PDF: paragraphs and rows set in Helvetica on as many pages as they need.
//!
//! Helvetica is one of the fonts that every reader of PDF has, so none is embedded. Its encoding has the letters of Western
//! Europe; a text with others is refused by name rather than printed wrong.

pub mod metrics;

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use self::metrics::{encode, Font};
use crate::error::{CliError, Result};

/// US Letter, in points.
const PAGE: (f32, f32) = (612.0, 792.0);
const MARGIN: f32 = 64.0;
const SIZE: f32 = 10.0;
const TITLE_SIZE: f32 = 15.0;
const HEADING_SIZE: f32 = 11.0;
const FOOT_SIZE: f32 = 8.0;
/// From one line to the next, as a multiple of the size.
const LEADING: f32 = 1.4;

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// What it is about.
    Title(String),
    /// What the next part is about.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A name and its value, the values in a column.
    Fact(String, String),
    /// Space.
    Gap,
}

/// A line that was set.
struct Set {
    font: Font,
    size: f32,
    /// From the left margin.
    indent: f32,
    bytes: Vec<u8>,
    /// How far the next line goes down; nothing where it goes beside this one.
    advance: f32,
    /// Whether the next line must be on the same page.
    keep: bool,
}

/// The bytes of a PDF of these parts; `title` is its name, `foot` stands on each page beside its number.
///
/// # Errors
/// `letter_character` for a character that the font does not have.
pub fn pdf(title: &str, foot: &str, blocks: &[Block]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for block in blocks {
        set(block, &mut lines)?;
    }
    let pages = paginate(lines);
    let count = pages.len();
    let mut pdf = Pdf::new();
    let (catalog, tree, regular, bold, info) = (
        Ref::new(1),
        Ref::new(2),
        Ref::new(3),
        Ref::new(4),
        Ref::new(5),
    );
    let id = |index: usize, part: i32| {
        let index = i32::try_from(index).unwrap_or(i32::MAX / 4);
        Ref::new(
            index
                .saturating_mul(2)
                .saturating_add(6)
                .saturating_add(part),
        )
    };
    pdf.catalog(catalog).pages(tree).lang(TextStr("en-US"));
    pdf.document_info(info)
        .title(TextStr(title))
        .creator(TextStr("galen"));
    pdf.pages(tree)
        .kids((0..count).map(|index| id(index, 0)))
        .count(i32::try_from(count).unwrap_or(i32::MAX));
    for (font, name) in [(regular, "Helvetica"), (bold, "Helvetica-Bold")] {
        pdf.type1_font(font)
            .base_font(Name(name.as_bytes()))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for (index, lines) in pages.iter().enumerate() {
        let mut page = pdf.page(id(index, 0));
        page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1))
            .parent(tree)
            .contents(id(index, 1));
        let mut resources = page.resources();
        let mut fonts = resources.fonts();
        fonts
            .pair(name(Font::Regular), regular)
            .pair(name(Font::Bold), bold);
        fonts.finish();
        resources.finish();
        page.finish();
        let mut content = Content::new();
        let mut y = PAGE.1 - MARGIN;
        for line in lines {
            show(
                &mut content,
                line.font,
                line.size,
                MARGIN + line.indent,
                y - line.size,
                &line.bytes,
            );
            y -= line.advance;
        }
        let foot = format!("{foot}, page {} of {count}", index.saturating_add(1));
        show(
            &mut content,
            Font::Regular,
            FOOT_SIZE,
            MARGIN,
            MARGIN / 2.0,
            &encoded(&foot)?,
        );
        pdf.stream(id(index, 1), &content.finish());
    }
    Ok(pdf.finish())
}

fn name(font: Font) -> Name<'static> {
    match font {
        Font::Regular => Name(b"R"),
        Font::Bold => Name(b"B"),
    }
}

fn show(content: &mut Content, font: Font, size: f32, x: f32, y: f32, bytes: &[u8]) {
    content
        .begin_text()
        .set_font(name(font), size)
        .next_line(x, y)
        .show(Str(bytes))
        .end_text();
}

fn encoded(text: &str) -> Result<Vec<u8>> {
    encode(text).ok_or_else(|| {
        let unknown = text.chars().find(|letter| encode(&letter.to_string()).is_none()).unwrap_or_default();
        CliError::new(
            "letter_character",
            format!("A letter is set in a font that has the characters of Western Europe; \"{text}\" has {unknown:?}, which it lacks."),
        )
    })
}

/// Sets a part in lines.
fn set(block: &Block, lines: &mut Vec<Set>) -> Result<()> {
    /// Where the values of facts begin.
    const COLUMN: f32 = 150.0;
    let width = PAGE.0 - 2.0 * MARGIN;
    match block {
        Block::Title(text) => wrap(text, Font::Bold, TITLE_SIZE, 0.0, width, true, lines),
        Block::Heading(text) => {
            gap(HEADING_SIZE * 0.6, lines);
            wrap(text, Font::Bold, HEADING_SIZE, 0.0, width, true, lines)
        }
        Block::Text(text) => {
            wrap(text, Font::Regular, SIZE, 0.0, width, false, lines)?;
            gap(SIZE * 0.4, lines);
            Ok(())
        }
        Block::Fact(name, value) => {
            lines.push(Set {
                font: Font::Bold,
                size: SIZE,
                indent: 0.0,
                bytes: encoded(name)?,
                advance: 0.0,
                keep: true,
            });
            wrap(
                value,
                Font::Regular,
                SIZE,
                COLUMN,
                width - COLUMN,
                false,
                lines,
            )
        }
        Block::Gap => {
            gap(SIZE, lines);
            Ok(())
        }
    }
}

fn gap(height: f32, lines: &mut Vec<Set>) {
    lines.push(Set {
        font: Font::Regular,
        size: SIZE,
        indent: 0.0,
        bytes: Vec::new(),
        advance: height,
        keep: false,
    });
}

/// Breaks a text between words; a word that is longer than a line is broken where the line ends.
fn wrap(
    text: &str,
    font: Font,
    size: f32,
    indent: f32,
    width: f32,
    keep: bool,
    lines: &mut Vec<Set>,
) -> Result<()> {
    encoded(text)?;
    let fits = |text: &str| {
        let thousandths = font
            .width(text)
            .and_then(|width| u16::try_from(width / 10).ok());
        thousandths.is_some_and(|hundredths| f32::from(hundredths) / 100.0 * size <= width)
    };
    let mut done = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            done.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if !fits(&line) {
                line.pop();
                done.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    done.push(line);
    for text in done {
        lines.push(Set {
            font,
            size,
            indent,
            bytes: encoded(&text)?,
            advance: size * LEADING,
            keep,
        });
    }
    Ok(())
}

/// The lines of each page; a heading stays with what it is over.
fn paginate(lines: Vec<Set>) -> Vec<Vec<Set>> {
    let room = PAGE.1 - 2.0 * MARGIN;
    let mut pages = vec![Vec::new()];
    let mut used = 0.0_f32;
    for group in groups(lines) {
        let height: f32 = group.iter().map(|line| line.advance).sum();
        if used + height > room && used > 0.0 {
            pages.push(Vec::new());
            used = 0.0;
        }
        used += height;
        if let Some(page) = pages.last_mut() {
            page.extend(group);
        }
    }
    pages
}

/// Lines that stay together.
fn groups(lines: Vec<Set>) -> Vec<Vec<Set>> {
    let mut groups: Vec<Vec<Set>> = Vec::new();
    let mut open = false;
    for line in lines {
        let keep = line.keep;
        match groups.last_mut().filter(|_| open) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
        open = keep;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages_of(blocks: &[Block]) -> usize {
        let bytes = pdf("A letter", "Claim 1", blocks).expect("written");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.matches("/Type /Page\n").count()
    }

    #[test]
    fn long_letters_take_more_pages_and_headings_stay_with_their_text() {
        let text = Block::Text("word ".repeat(60));
        assert_eq!(
            pages_of(&[Block::Title("Short".to_owned()), text.clone()]),
            1
        );
        let long: Vec<Block> = (0..40)
            .flat_map(|_| [Block::Heading("Over".to_owned()), text.clone()])
            .collect();
        assert!(pages_of(&long) > 3);
        let mut lines = Vec::new();
        for block in &long {
            set(block, &mut lines).expect("set");
        }
        for page in paginate(lines) {
            let last = page
                .iter()
                .rev()
                .find(|line| !line.bytes.is_empty())
                .expect("a line");
            assert_eq!(last.font, Font::Regular);
            let height: f32 = page.iter().map(|line| line.advance).sum();
            assert!(height <= PAGE.1 - 2.0 * MARGIN);
        }
    }

    #[test]
    fn words_without_end_are_broken_and_strange_ones_refused() {
        let mut lines = Vec::new();
        set(&Block::Text("x".repeat(1_000)), &mut lines).expect("set");
        assert!(lines.len() > 5);
        let letters: usize = lines.iter().map(|line| line.bytes.len()).sum();
        assert_eq!(letters, 1_000);
        let refused = |text: &str| {
            pdf("A letter", "Claim 1", &[Block::Text(text.to_owned())])
                .expect_err("refused")
                .code
        };
        assert_eq!(refused("\u{4e2d}\u{6587}"), "letter_character");
        assert_eq!(refused("a\u{7}"), "letter_character");
        assert!(pdf(
            "A letter",
            "Claim 1",
            &[Block::Text("Caf\u{e9} (50%) \\ ok".to_owned())]
        )
        .is_ok());
    }
}
