//! Memory for one call. Compiled for WebAssembly only.
//!
//! The host makes a fresh instance for every call and throws its memory away after it, so little is worth giving back: what is
//! asked for lies behind what was asked for last. Only the last piece grows and shrinks where it lies, and is taken back, which is
//! how lists are made and short texts come and go. The limit is the host's, on the memory of a call.
//!
//! One thing is worth it: a large piece that is given back, such as the list that a call's arguments came in, is filled anew before
//! more memory is touched. A page that was never touched costs its first writer more than all that is written there.

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
/// The smallest piece that is worth filling anew.
const LARGE: usize = 16 << 10;

/// Free memory: where it begins, and ends. Atomic for the sake of `Sync` alone: an instance has one thread.
struct Room {
    next: AtomicUsize,
    end: AtomicUsize,
}

struct Heap {
    /// A large piece that was given back, as far as it is not filled again.
    again: Room,
    /// Behind everything else.
    fresh: Room,
}

#[global_allocator]
static HEAP: Heap = Heap { again: Room::none(), fresh: Room::none() };

impl Room {
    const fn none() -> Self {
        Self { next: AtomicUsize::new(0), end: AtomicUsize::new(0) }
    }

    fn set(&self, next: usize, end: usize) {
        self.next.store(next, Relaxed);
        self.end.store(end, Relaxed);
    }

    fn left(&self) -> usize {
        self.end.load(Relaxed).saturating_sub(self.next.load(Relaxed))
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

    /// Whether it begins where this piece ends, as it does after the last piece that was placed here.
    #[inline]
    fn follows(&self, start: *mut u8, layout: Layout) -> bool {
        start as usize + layout.size() == self.next.load(Relaxed)
    }

    /// Lets the piece before it have this size.
    #[inline]
    fn yields(&self, start: *mut u8, size: usize) -> bool {
        let behind = (start as usize).checked_add(size).filter(|behind| *behind <= self.end.load(Relaxed));
        behind.inspect(|behind| self.next.store(*behind, Relaxed)).is_some()
    }
}

impl Heap {
    /// A piece for which nothing is left of what was given back. Not inlined: allocations are everywhere.
    #[inline(never)]
    fn pass(&self, layout: Layout) -> *mut u8 {
        self.fresh.place(layout).unwrap_or_else(|| self.grow(layout))
    }

    /// Takes back a piece that is not the last one.
    #[cold]
    fn reuse(&self, start: *mut u8, size: usize) {
        if size > self.again.left() {
            self.again.set(start as usize, start as usize + size);
        }
    }

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
        let next = if begin == self.fresh.end.load(Relaxed) { self.fresh.next.load(Relaxed) } else { begin };
        self.fresh.set(next, begin.saturating_add(pages.saturating_mul(PAGE)));
        self.fresh.place(layout).unwrap_or(null_mut())
    }
}

// SAFETY: the two rooms are apart from each other and from every piece in use, and so they stay. A piece that is handed out begins at
// a multiple of its alignment and ends within the room it is taken from, which begins behind it from then on. A room takes in memory
// that was grown for this heap and is nobody else's, and pieces that their owners give back or shrink: the one that ends where the
// room begins, or, instead of all that it had, a whole one.
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.again.place(layout).unwrap_or_else(|| self.pass(layout))
    }

    #[inline]
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if self.again.follows(start, layout) {
            self.again.next.store(start as usize, Relaxed);
        } else if self.fresh.follows(start, layout) {
            self.fresh.next.store(start as usize, Relaxed);
        } else if layout.size() >= LARGE {
            self.reuse(start, layout.size());
        }
    }

    #[inline(never)]
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if [&self.again, &self.fresh].into_iter().any(|room| room.follows(start, layout) && room.yields(start, size)) {
            return start;
        }
        if size <= layout.size() {
            return start;
        }
        // SAFETY: the caller vouches for size and alignment together.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both are valid for the shorter length, and a new piece overlaps no other. The old one is the caller's no more.
            unsafe {
                moved.copy_from_nonoverlapping(start, layout.size());
                self.dealloc(start, layout);
            }
        }
        moved
    }
}
