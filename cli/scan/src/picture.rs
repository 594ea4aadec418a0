//! Pictures as greys.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, Luma};

use crate::ScanError;

/// Enough for any camera; a picture of this size takes 100 MB.
const MOST_PIXELS: u64 = 100_000_000;

/// Decodes a PNG or JPEG into greys. What is transparent is white: codes are printed on paper.
pub fn decode(bytes: &[u8]) -> Result<GrayImage, ScanError> {
    let unreadable = |error: &dyn std::fmt::Display| ScanError::NotAPicture(error.to_string());
    let open = || {
        ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| unreadable(&error))
    };
    let reader = open()?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(ScanError::NotAPicture("unknown format".to_owned()));
    }
    let (width, height) = reader
        .into_dimensions()
        .map_err(|error| unreadable(&error))?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        return Err(ScanError::TooLarge {
            pixels,
            most: MOST_PIXELS,
        });
    }
    let picture = open()?.decode().map_err(|error| unreadable(&error))?;
    Ok(on_white(&picture))
}

fn on_white(picture: &DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.to_luma8();
    }
    let picture = picture.to_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [grey, alpha] = picture.get_pixel(x, y).0.map(u32::from);
        let mixed = (grey * alpha + 255 * (255 - alpha)) / 255;
        Luma([u8::try_from(mixed).unwrap_or(u8::MAX)])
    })
}
