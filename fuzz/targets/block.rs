#![no_main]

use std::panic;

use tailwater_fuzz::fuzz_target;

fuzz_target!(
    // The reader of blocks catches panics of the parquet crate, which the fuzzer would end the
    // process for. One that is not caught still ends it.
    init: panic::set_hook(Box::new(|panic| CAUSE.set(panic.to_string()))),
    |input: &[u8]| {
        if panic::catch_unwind(|| tailwater::fuzzing::block(input)).is_err() {
            eprintln!("{}", CAUSE.take());
            std::process::abort();
        }
    }
);

std::thread_local! {
    /// What the last panic said.
    static CAUSE: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}
