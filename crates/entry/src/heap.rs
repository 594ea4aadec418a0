//! The programs' heap.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::null_mut;

/// Where the machine's heap begins.
const START: usize = 0x3_0000_0000;

/// How long it is where a transaction asks for all that there is; unasked it has 32 KiB, and the machine stops a program that
/// reaches beyond what was asked for.
const LENGTH: usize = 256 * 1_024;

/// What is given begins and ends at a multiple of this, so that it is aligned for all but the rarest types without being
/// looked at.
const ALIGN: usize = 8;

/// The machine's heap.
const HEAP: Stretch = Stretch { start: START };

/// A stretch of memory that is given away from its beginning on, [`LENGTH`] bytes of it. Its first eight bytes say where the
/// first free one is.
#[derive(Clone, Copy)]
struct Stretch {
    start: usize,
}

/// A heap that only grows: nothing is given back, and everything is zero when it is given. What was given last grows in
/// place.
pub struct Heap;

impl Heap {
    /// Makes the heap ready, so that no request has to ask whether it is the first: the entry point's first step.
    ///
    /// # Safety
    /// Once, before anything is asked for, in a program that the machine runs.
    #[inline(always)]
    pub unsafe fn begin() {
        HEAP.begin();
    }
}

impl Stretch {
    #[inline(always)]
    fn top(self) -> *mut usize {
        self.start as *mut usize
    }

    /// # Safety
    /// The stretch is this program's, and nothing has been given yet.
    #[inline(always)]
    unsafe fn begin(self) {
        // After the place where the first free byte is written down.
        self.top().write(self.start + size_of::<usize>());
    }

    /// Gives `size` bytes from `start` on, where there is room.
    ///
    /// # Safety
    /// The bytes from `start` on are free, and the stretch is this program's.
    #[inline(always)]
    unsafe fn give(self, start: usize, size: usize) -> *mut u8 {
        // Wraps nowhere: a layout has at most isize::MAX bytes, and the machine's addresses are far below.
        let end = start.wrapping_add(whole(size));
        if end > self.start + LENGTH {
            return null_mut();
        }
        self.top().write(end);
        start as *mut u8
    }

    /// # Safety
    /// As [`Stretch::give`]; it has begun.
    #[inline(always)]
    unsafe fn alloc(self, layout: Layout) -> *mut u8 {
        let top = self.top().read();
        if layout.align() <= ALIGN {
            return self.give(top, layout.size());
        }
        let mask = layout.align().wrapping_sub(1);
        self.give(top.wrapping_add(mask) & !mask, layout.size())
    }

    /// # Safety
    /// As [`Stretch::give`]; `old` was given for `layout`.
    #[inline(always)]
    unsafe fn realloc(self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= whole(layout.size()) {
            return old;
        }
        if old.addr().wrapping_add(whole(layout.size())) == self.top().read() {
            return self.give(old.addr(), size);
        }
        let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !new.is_null() {
            std::ptr::copy_nonoverlapping(old, new, layout.size());
        }
        new
    }
}

/// How many bytes are given where so many are asked for.
#[inline(always)]
const fn whole(size: usize) -> usize {
    size.wrapping_add(ALIGN - 1) & !(ALIGN - 1)
}

// SAFETY: the machine runs one thread and hands over the heap zeroed; the entry point that defines this allocator has begun
// it before anything else; each byte is given once.
unsafe impl GlobalAlloc for Heap {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HEAP.alloc(layout)
    }

    #[inline(always)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        HEAP.alloc(layout)
    }

    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    #[inline]
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HEAP.realloc(old, layout, size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stretch of this test's own, zeroed as the machine's is; it lasts as long as the test.
    fn stretch() -> (Vec<u64>, Stretch) {
        let mut memory = vec![0_u64; LENGTH / 8];
        let heap = Stretch {
            start: memory.as_mut_ptr().expose_provenance(),
        };
        // SAFETY: nothing of it has been given.
        unsafe { heap.begin() };
        (memory, heap)
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).expect("a layout")
    }

    #[test]
    fn what_is_given_is_aligned_zero_and_given_once() {
        let (_memory, heap) = stretch();
        let mut end = heap.start + 8;
        for size in 1..100 {
            for align in [1, 2, 4, 8, 16, 64] {
                // SAFETY: the stretch is this test's.
                let given = unsafe { heap.alloc(layout(size, align)) };
                let apart = align.max(ALIGN);
                if given.is_null() {
                    let start = end.next_multiple_of(apart);
                    assert!(start + size.next_multiple_of(ALIGN) > heap.start + LENGTH);
                    return;
                }
                assert_eq!(given.addr() % apart, 0);
                assert!(given.addr() >= end, "given twice");
                assert!(given.addr() - end < apart, "wasted");
                end = given.addr() + size;
                // SAFETY: just given.
                let bytes = unsafe { std::slice::from_raw_parts_mut(given, size) };
                assert!(bytes.iter().all(|byte| *byte == 0));
                bytes.fill(0xff);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_takes_nothing() {
        let (_memory, heap) = stretch();
        // SAFETY: the stretch is this test's.
        unsafe {
            assert!(heap.alloc(layout(LENGTH, 1)).is_null());
            assert!(heap.alloc(layout(LENGTH - 7, 1)).is_null());
            let whole = heap.alloc(layout(LENGTH - 8, 8));
            assert_eq!(whole.addr(), heap.start + 8);
            assert!(heap.alloc(layout(1, 1)).is_null());
            assert!(heap
                .realloc(whole, layout(LENGTH - 8, 8), LENGTH - 7)
                .is_null());
            assert!(heap.alloc(layout(isize::MAX as usize - 7, 8)).is_null());
            // What was there is untouched by refusals, and nothing is given still.
            assert_eq!(heap.top().read(), heap.start + LENGTH);
        }
    }

    #[test]
    fn the_last_grows_in_place_and_others_move_with_what_they_hold() {
        let (_memory, heap) = stretch();
        // SAFETY: the stretch is this test's, and each size was given.
        unsafe {
            let first = heap.alloc(layout(3, 1));
            first.copy_from(b"abc".as_ptr(), 3);
            let grown = heap.realloc(first, layout(3, 1), 10);
            assert_eq!(grown, first, "nothing lies behind it");
            let second = heap.alloc(layout(4, 4));
            assert!(second.addr() >= grown.addr() + 10);
            second.copy_from(b"wxyz".as_ptr(), 4);
            // There is room up to the next multiple.
            assert_eq!(heap.realloc(grown, layout(10, 1), 16), grown);
            let moved = heap.realloc(grown, layout(10, 1), 17);
            assert_ne!(moved, grown, "the second lies behind it");
            let held = std::slice::from_raw_parts(moved, 17);
            assert_eq!(held, b"abc\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
            assert_eq!(std::slice::from_raw_parts(second, 4), b"wxyz");
            // Smaller, or as large: it stays where it is.
            for size in [0, 5, 17] {
                assert_eq!(heap.realloc(moved, layout(17, 1), size), moved);
            }
        }
    }
}
