//! Draws the code of a pack, as its printer does.

use std::fmt;
use std::io::Cursor;
use std::panic::{catch_unwind, AssertUnwindSafe};

use image::{GrayImage, ImageFormat, Luma};
use rxing::common::BitMatrix;
use rxing::datamatrix::DataMatrixWriter;
use rxing::{BarcodeFormat, EncodeHints, Writer};

/// Pixels of a module.
const SCALE: u32 = 6;
/// White modules around the symbol. GS1 asks for one at least (General Specifications 5.6.3.2).
const MARGIN: u32 = 4;

/// Why a code is not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawError {
    /// It has more characters than a symbol, or others.
    DoesNotFit,
    /// What was drawn is not read as what was to be drawn.
    Misread,
}

impl DrawError {
    /// The stable name, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DoesNotFit => "does_not_fit",
            Self::Misread => "misread",
        }
    }
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::DoesNotFit => "The code does not fit into a DataMatrix: leave elements out that the pack does not need.",
            Self::Misread => "The symbol that was drawn is not read as this code, so it is not given out.",
        })
    }
}

impl std::error::Error for DrawError {}

/// A GS1 DataMatrix as a PNG, from an element string with FNC1 as the character 0x1D, none in front. It has been read again
/// before it is given out.
///
/// # Errors
/// Each [`DrawError`].
pub fn draw(element_string: &str) -> Result<Vec<u8>, DrawError> {
    let hints = EncodeHints {
        Gs1Format: Some(true),
        DataMatrixCompact: Some(true),
        ..EncodeHints::default()
    };
    // A text can bring the library to an arithmetic panic; that is a text without a symbol.
    let symbol = catch_unwind(AssertUnwindSafe(|| {
        let format = BarcodeFormat::DATA_MATRIX;
        DataMatrixWriter.encode_with_hints(element_string, &format, 0, 0, &hints)
    }));
    let symbol = symbol
        .ok()
        .and_then(Result::ok)
        .ok_or(DrawError::DoesNotFit)?;
    let mut picture = Cursor::new(Vec::new());
    printed(&symbol)
        .write_to(&mut picture, ImageFormat::Png)
        .map_err(|_| DrawError::DoesNotFit)?;
    let picture = picture.into_inner();
    if crate::scan(&picture) == Ok(format!("]d2{element_string}")) {
        Ok(picture)
    } else {
        Err(DrawError::Misread)
    }
}

fn printed(symbol: &BitMatrix) -> GrayImage {
    let (width, height) = (symbol.getWidth(), symbol.getHeight());
    let side = |modules: u32| (modules + 2 * MARGIN) * SCALE;
    GrayImage::from_fn(side(width), side(height), |x, y| {
        let module =
            |at: u32, count: u32| (at / SCALE).checked_sub(MARGIN).filter(|at| *at < count);
        let is_dark = module(x, width)
            .zip(module(y, height))
            .is_some_and(|(x, y)| symbol.get(x, y));
        Luma([if is_dark { 0 } else { 255 }])
    })
}
