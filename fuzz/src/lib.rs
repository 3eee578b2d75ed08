//! What the targets share.
//!
//! A target is one function of `tailwater::fuzzing` and nothing else. What it says must hold in the
//! memory that a server can spare for one input, which the allocator here sees to.

use std::alloc::{GlobalAlloc, Layout, System};

pub use libfuzzer_sys::fuzz_target;

/// The most that may be asked for at once, in bytes. Inputs are a few KiB.
const LARGEST: usize = 256 << 20;

/// The system's memory, but not in pieces that no input of ours is worth.
struct Frugal;

#[global_allocator]
static MEMORY: Frugal = Frugal;

fn check(bytes: usize) {
    if bytes > LARGEST {
        // Not a panic: that could be caught.
        eprintln!("{bytes} bytes at once");
        std::process::abort();
    }
}

// SAFETY: every call is handed on as it is.
unsafe impl GlobalAlloc for Frugal {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        check(size);
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}
