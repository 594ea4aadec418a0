//! What the page's JavaScript sees: memory to write a request into, and calls that take it and give an answer. An
//! answer is four bytes of length, little-endian, and then the text; whoever called gives both back with `release`.
//!
//! By hand rather than with wasm-bindgen, whose command line would have to be compiled by everybody who builds the app
//! (docs/decisions/0022).

use std::cell::RefCell;

use crate::Library;

thread_local! {
    static LIBRARY: RefCell<Library> = RefCell::default();
}

/// Gives `length` bytes of memory, all zeros.
#[no_mangle]
extern "C" fn reserve(length: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; length].into_boxed_slice()).cast()
}

/// Takes memory back.
///
/// # Safety
/// `start` and `length` are those of memory that [`reserve`] or an answer gave and that was not taken back yet.
#[no_mangle]
unsafe extern "C" fn release(start: *mut u8, length: usize) {
    // SAFETY: what the caller promises.
    drop(unsafe { owned(start, length) });
}

/// Answers the request in the memory, and takes that back.
///
/// # Safety
/// As [`release`].
#[no_mangle]
unsafe extern "C" fn call(start: *mut u8, length: usize) -> *mut u8 {
    // SAFETY: what the caller promises.
    let request = unsafe { owned(start, length) };
    LIBRARY.with_borrow_mut(|library| told(crate::call(&request, library)))
}

/// Opens the leaf file in the memory, and keeps that.
///
/// # Safety
/// As [`release`].
#[no_mangle]
unsafe extern "C" fn open_leaves(start: *mut u8, length: usize) -> *mut u8 {
    // SAFETY: what the caller promises.
    let file = unsafe { owned(start, length) };
    LIBRARY.with_borrow_mut(|library| told(crate::open(file, library)))
}

/// # Safety
/// As [`release`].
unsafe fn owned(start: *mut u8, length: usize) -> Vec<u8> {
    // SAFETY: all memory that is given out is a boxed slice of exactly this length.
    unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(start, length)) }.into_vec()
}

fn told(text: Vec<u8>) -> *mut u8 {
    // A text of four gigabytes would not have fitted beside its request.
    let length = u32::try_from(text.len()).unwrap_or_default();
    let answer: Vec<u8> = [&length.to_le_bytes()[..], &text].concat();
    Box::into_raw(answer.into_boxed_slice()).cast()
}
