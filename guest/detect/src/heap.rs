//! Memory for one call. Compiled for WebAssembly only.
//!
//! The host makes a fresh instance for every call and throws its memory away after it, so nothing is worth giving back: what is
//! asked for lies behind what was asked for last. Only the last piece grows and shrinks where it lies, and is taken back, which is
//! how lists are made and short texts come and go. The limit is the host's, on the memory of a call.

use std::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::memory_grow,
    ptr::null_mut,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Bytes of a page of linear memory.
const PAGE: usize = 65_536;
/// Pages that are asked for at once: asking is a call out of the sandbox.
const STRIDE: usize = 16;

/// Where the free memory begins, and ends. Atomic for the sake of `Sync` alone: an instance has one thread.
struct Heap {
    next: AtomicUsize,
    end: AtomicUsize,
}

#[global_allocator]
static HEAP: Heap = Heap { next: AtomicUsize::new(0), end: AtomicUsize::new(0) };

impl Heap {
    /// A piece behind new pages.
    #[cold]
    fn grow(&self, layout: Layout) -> *mut u8 {
        let pages = layout.size().saturating_add(layout.align()).div_ceil(PAGE).max(STRIDE);
        let begin = memory_grow::<0>(pages);
        if begin == usize::MAX {
            return null_mut();
        }
        let begin = begin.saturating_mul(PAGE);
        // The first time, and if anybody else ever grew the memory: theirs is passed over.
        if begin != self.end.load(Relaxed) {
            self.next.store(begin, Relaxed);
        }
        self.end.store(begin.saturating_add(pages.saturating_mul(PAGE)), Relaxed);
        self.place(layout).unwrap_or(null_mut())
    }

    #[inline]
    fn place(&self, layout: Layout) -> Option<*mut u8> {
        let start = self.next.load(Relaxed).checked_next_multiple_of(layout.align())?;
        let behind = start.checked_add(layout.size())?;
        if behind > self.end.load(Relaxed) {
            return None;
        }
        self.next.store(behind, Relaxed);
        Some(start as *mut u8)
    }

    #[inline]
    fn is_last(&self, start: *mut u8, layout: Layout) -> bool {
        start as usize + layout.size() == self.next.load(Relaxed)
    }
}

// SAFETY: a piece that is handed out begins at a multiple of its alignment and ends within memory that was grown for this heap and
// is nobody else's: `place` moves `next` behind it and `next` never exceeds `end`. `next` is moved back only to the beginning or
// into the last piece, whose owner gives it back or shrinks it just then; so no two pieces in use overlap.
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.place(layout).unwrap_or_else(|| self.grow(layout))
    }

    #[inline]
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if self.is_last(start, layout) {
            self.next.store(start as usize, Relaxed);
        }
    }

    #[inline]
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if self.is_last(start, layout)
            && let Some(behind) = (start as usize).checked_add(size)
            && behind <= self.end.load(Relaxed)
        {
            self.next.store(behind, Relaxed);
            return start;
        }
        if size <= layout.size() {
            return start;
        }
        // SAFETY: the caller vouches for size and alignment together.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both are valid for the shorter length, and a new piece overlaps no other.
            unsafe { moved.copy_from_nonoverlapping(start, layout.size()) };
        }
        moved
    }
}
