//! The programs' heap.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::null_mut;

/// Where the machine's heap begins.
const START: usize = 0x3_0000_0000;

/// How long it is, unless a transaction asks for more.
const LENGTH: usize = 32 * 1_024;

/// Where the first free byte is written down; 0 = nothing has been given yet.
const TOP: *mut usize = START as *mut usize;

/// A heap that only grows: nothing is given back, and everything is zero when it is given. What was given last grows in
/// place.
pub struct Heap;

impl Heap {
    /// Gives `size` bytes from `start` on, where there is room.
    ///
    /// # Safety
    /// The bytes from `start` on are free.
    #[inline(always)]
    unsafe fn give(start: usize, size: usize) -> *mut u8 {
        let end = start.saturating_add(size);
        if end > START + LENGTH {
            return null_mut();
        }
        TOP.write(end);
        start as *mut u8
    }
}

// SAFETY: the machine runs one thread and hands over the heap zeroed; each byte is given once.
unsafe impl GlobalAlloc for Heap {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // After the place where the first free byte is written down.
        let top = match TOP.read() {
            0 => START + size_of::<usize>(),
            top => top,
        };
        let mask = layout.align().wrapping_sub(1);
        Self::give(top.wrapping_add(mask) & !mask, layout.size())
    }

    #[inline(always)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.alloc(layout)
    }

    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    #[inline]
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return old;
        }
        if old.addr().wrapping_add(layout.size()) == TOP.read() {
            return Self::give(old.addr(), size);
        }
        let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !new.is_null() {
            std::ptr::copy_nonoverlapping(old, new, layout.size());
        }
        new
    }
}
